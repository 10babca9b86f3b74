import Foundation
import Quantities
import Store
import Testing
import Vocabulary

/// Disks that are full or may not be written to. They are mounted for the test, which needs the right to do
/// so.
@Suite(.enabled(if: MemoryDisk.isAllowed, "mounting needs privileges")) struct JobDiskTests {
    private let workloads: SmallWorkloads
    private let disk: MemoryDisk

    init() throws {
        workloads = try SmallWorkloads()
        disk = try MemoryDisk(at: workloads.folder.appendingPathComponent("disk"), size: "3200k")
    }

    private func profile() throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(
            ["profile", "Workloads/jobs/small.yaml", "--database", "disk/job.sqlite"], in: workloads.folder)
    }

    @Test func aFullDiskEndsTheJobAndLosesNothing() throws {
        try workloads.writeJob(rates: [20_000, 30_000, 40_000], repetitions: 20, seconds: 0.05)
        let full = try profile()
        #expect(full.status == 1)
        #expect(full.errors.contains("disk/job.sqlite: no space left to write"), "\(full.errors)")
        #expect(try disk.remount("size=64m"))
        let store = try Store(path: disk.path + "/job.sqlite")
        #expect(try store.integrityProblems() == [])
        let before = try store.measurements().count
        let done = try store.cells(of: #require(store.jobs().first).id).count { $0.state == .done }
        #expect(before == done && before > 0 && before < 60)
        let rest = try profile()
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try store.measurements().count == 60)
        #expect(try store.cells(of: #require(store.jobs().first).id).allSatisfy { $0.state == .done })
        try store.close()
    }

    @Test func aDiskThatMayOnlyBeReadIsRefused() throws {
        try workloads.writeJob(rates: [500])
        #expect(try disk.remount("ro"))
        let fresh = try profile()
        #expect(fresh.status == 1)
        #expect(fresh.errors.contains("disk/job.sqlite: cannot be opened as a database"), "\(fresh.errors)")
        #expect(try disk.remount("rw"))
        #expect(try profile().status == 0)
        try workloads.writeJob(rates: [600])
        #expect(try disk.remount("ro"))
        let existing = try profile()
        #expect(existing.status == 1)
        #expect(existing.errors.contains("disk/job.sqlite: cannot be"), "\(existing.errors)")
        #expect(try disk.remount("rw"))
        #expect(try Store(path: disk.path + "/job.sqlite").measurements().count == 1)
    }
}

/// A small file system in memory, unmounted with the value.
final class MemoryDisk {
    struct Failure: Error {}

    let path: String

    static let isAllowed: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "disk-\(UUID().uuidString)")
        guard (try? MemoryDisk(at: folder, size: "64k")) != nil else { return false }
        try? FileManager.default.removeItem(at: folder)
        return true
    }()

    init(at folder: URL, size: String) throws {
        path = folder.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard try Self.run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(size)", "none", path]) else {
            throw Failure()
        }
    }

    // Lazily, as something may still have a file of it open.
    deinit { _ = try? Self.run("/bin/umount", ["-l", path]) }

    func remount(_ option: String) throws -> Bool {
        try Self.run("/bin/mount", ["-o", "remount,\(option)", path])
    }

    private static func run(_ tool: String, _ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
