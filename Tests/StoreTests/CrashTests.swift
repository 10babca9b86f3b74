import Foundation
import GRDB
import Quantities
import Randomness
import Store
import Testing
import Vocabulary

/// What happens to the database when the process, the disk or the other processes do their worst.
@Suite(.serialized) struct CrashTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Checks that everything reported is there and whole, and that nothing is half there.
    private static func expectIntact(
        _ folder: TemporaryFolder, _ saved: [ChildProcess.Saved], unreportedMax: Int, _ comment: Comment
    ) throws {
        let store = try Store(path: folder.path())
        #expect(try store.integrityProblems() == [], comment)
        let stored = try store.measurements()
        var digests: [Int64: String] = [:]
        for measurement in stored {
            digests[measurement.id.number] = try ContentDigest(of: measurement.measurement).hexadecimal
            // The verdict is saved in the same transaction, after the measurement.
            #expect(measurement.verdict.doubts == [.stolenTime, .tooFewQueries], comment)
        }
        for one in saved { #expect(digests[one.id] == one.digest, comment) }
        #expect(stored.count >= saved.count, comment)
        // A save may be committed, and the process killed before it could say so.
        #expect(stored.count <= saved.count + unreportedMax, comment)
        try store.close()
    }

    @Test func whatWasSavedSurvivesAKill() throws {
        let seed: UInt64 = 20_260_921
        var generator = SplitMix64(seed: seed)
        var saved: [ChildProcess.Saved] = []
        for round in 1...12 {
            let child = try ChildProcess(folder: folder, first: UInt64(round) * 1_000_000, count: 1_000_000)
            child.wait(forLines: Int.random(in: 1...25, using: &generator))
            usleep(UInt32.random(in: 0...5_000, using: &generator))
            child.kill()
            let outcome = try child.finish()
            #expect(outcome.status == SIGKILL, "round \(round), seed \(seed): \(outcome.errors)")
            saved += outcome.saved
            try Self.expectIntact(folder, saved, unreportedMax: round, "round \(round), seed \(seed)")
        }
        #expect(saved.count >= 12)
    }

    /// The narrow moment between the first page and the end of its journal, made by hand: the mark stands in
    /// the file, and the journal that waits beside it takes it back.
    @Test func aMarkThatItsJournalTakesBackIsMadeAgain() throws {
        let live = try TemporaryFolder()
        let connection = try rawConnection(live.path())
        try connection.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = PERSIST; PRAGMA application_id = 0x4852434C")
        }
        try FileManager.default.copyItem(atPath: live.path(), toPath: folder.path())
        // The journal of a transaction on an empty file: no pages to put back, an original size of none.
        var journal = Data([0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7])
        for word in [0, 0x1234_5678, 0, 512, 4_096] as [UInt32] {
            journal.append(contentsOf: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) })
        }
        journal.append(Data(count: 512 - journal.count))
        try journal.write(to: URL(fileURLWithPath: folder.path() + "-journal"))

        try Store.filled(at: folder.path()).close()
        #expect(try Store(path: folder.path(), access: .existing).measurements().count == 2)
    }

    /// Kills at moments from the start of a process on, when the file and its schema are being made.
    @Test func aKillWhileTheDatabaseIsMadeLeavesAUsableFile() throws {
        let seed: UInt64 = 7
        var generator = SplitMix64(seed: seed)
        for round in 1...16 {
            let folder = try TemporaryFolder()
            let child = try ChildProcess(folder: folder, first: 1, count: 1_000_000)
            usleep(UInt32.random(in: 0...30_000, using: &generator))
            child.kill()
            let outcome = try child.finish()
            #expect(outcome.status == SIGKILL, "\(outcome.errors)")
            let comment: Comment = "round \(round), seed \(seed)"
            try Self.expectIntact(folder, outcome.saved, unreportedMax: 1, comment)
            try Store.filled(at: folder.path()).close()
        }
    }

    @Test func processesWritingAtOnceLoseNothing() throws {
        let children = try (1...3).map {
            try ChildProcess(folder: folder, first: UInt64($0) * 1_000_000, count: 40)
        }
        var saved: [ChildProcess.Saved] = []
        for child in children {
            let outcome = try child.finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.saved.count == 40)
            saved += outcome.saved
        }
        #expect(Set(saved.map(\.id)).count == 120)
        try Self.expectIntact(folder, saved, unreportedMax: 0, "three processes")
    }

    @Test func threadsWritingAtOnceLoseNothing() async throws {
        let store = try Store(path: folder.path())
        let ids = try await withThrowingTaskGroup(of: [RecordID<LoadRun>].self) { group in
            for thread in 0..<8 {
                group.addTask {
                    try (0..<25).map { index in
                        var measurement = Samples.measurement
                        measurement.seed = UInt64(thread * 100 + index)
                        return try store.save(
                            measurement, verdict: Verdict(doubts: []), model: Samples.model,
                            serverType: Samples.serverType, settingsDigest: Samples.settings)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 200)
        let seeds = Set(try store.measurements().map(\.measurement.seed))
        var expected: Set<UInt64> = []
        for thread in 0..<8 {
            for index in 0..<25 { expected.insert(UInt64(thread * 100 + index)) }
        }
        #expect(seeds == expected)
    }

    @Test(arguments: 0..<20) func storesOpenedOnOneNewFileAtOnceAllWork(round: Int) async throws {
        let path = folder.path("new-\(round).sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<6 {
                group.addTask {
                    let store = try Store(path: path)
                    var measurement = Samples.measurement
                    measurement.seed = UInt64(thread)
                    try store.save(
                        measurement, verdict: Verdict(doubts: []), model: Samples.model,
                        serverType: Samples.serverType, settingsDigest: Samples.settings)
                    try store.close()
                }
            }
            try await group.waitForAll()
        }
        let store = try Store(path: path, access: .existing)
        #expect(try store.measurements().count == 6)
        #expect(try store.integrityProblems() == [])
    }

    @Test func aWriterThatHoldsTheFileTooLongIsReported() throws {
        let path = folder.path()
        let store = try Store(path: path, busyTimeoutSeconds: 0.05)
        let other = try rawConnection(path)
        try other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
            #expect {
                try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1)
            } throws: { error in
                guard case StoreError.busy(path, 0.05, _) = error else { return false }
                return true
            }
            // Readers do not wait for writers, neither open stores nor new ones.
            #expect(try store.measurements() == [])
            #expect(try Store(path: path, busyTimeoutSeconds: 0.05).measurements() == [])
            try database.execute(sql: "COMMIT")
        }
        _ = try store.beginRun(of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1)
    }

    @Test func aFullFileRefusesWithoutLosingWhatIsThere() throws {
        let store = try Store.filled(at: folder.path())
        try store.setSizeLimit(pages: 120)
        var count = try store.measurements().count
        let error = try fill(store, &count)
        guard case .diskFull(let path, let message) = error else {
            Issue.record("found \(error)")
            return
        }
        #expect(path == folder.path())
        #expect(message.contains("13"))
        try expectUsable(store, count: count)
        try store.close()
        try expectUsable(try Store(path: folder.path()), count: count)
    }

    /// A disk that really is full: a memory file system of 4 MiB.
    @Test(.enabled(if: isMountingAllowed(), "mounting needs privileges"))
    func aFullDiskRefusesWithoutLosingWhatIsThere() throws {
        let disk = folder.url.appendingPathComponent("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try #require(mountMemory(at: disk.path))
        defer { _ = run("/bin/umount", [disk.path]) }
        let path = disk.appendingPathComponent("test.sqlite").path
        let store = try Store.filled(at: path)
        var count = try store.measurements().count
        let error = try fill(store, &count)
        guard case .diskFull = error else {
            Issue.record("found \(error)")
            return
        }
        #expect(count > 10)
        try expectUsable(store, count: count)
        try store.close()
        let reopened = try Store(path: path)
        try expectUsable(reopened, count: count)
        try reopened.close()
    }

    /// Saves measurements until one is refused, and counts those that were not.
    private func fill(_ store: Store, _ count: inout Int) throws -> StoreError {
        var measurement = Samples.measurement
        measurement.latencies = Samples.histogram(from: 0, bins: 4_000)
        while count < 10_000 {
            do throws(StoreError) {
                try store.save(
                    measurement, verdict: Verdict(doubts: [.stolenTime]), model: Samples.model,
                    serverType: Samples.serverType, settingsDigest: Samples.settings)
                count += 1
            } catch {
                return error
            }
        }
        throw ChildProcess.StartFailure(description: "the database never became full")
    }

    private func expectUsable(_ store: Store, count: Int) throws {
        #expect(try store.integrityProblems() == [])
        let stored = try store.measurements()
        #expect(stored.count == count)
        #expect(stored.dropFirst(2).allSatisfy { $0.verdict.doubts == [.stolenTime] })
        #expect(try store.lastReplay()?.outcome == Samples.replay)
    }
}

private func run(_ tool: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}

/// Mounts a memory file system of 4 MiB.
private func mountMemory(at path: String) -> Bool {
    run("/bin/mount", ["-t", "tmpfs", "-o", "size=4m", "none", path])
}

/// Whether this process may mount: tried on a folder of its own.
private func isMountingAllowed() -> Bool {
    guard let folder = try? TemporaryFolder(), mountMemory(at: folder.url.path) else { return false }
    return run("/bin/umount", [folder.url.path])
}
