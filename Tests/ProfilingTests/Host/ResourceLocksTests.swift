import Foundation
import Profiling
import Testing

@Suite("Locks on what is measured with")
struct ResourceLocksTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test("Overlapping cores exclude one another, and the holder is named")
    func overlap() throws {
        let first = ResourceLocks(directory: folder.path, cores: [0, 1, 2, 5])
        let second = ResourceLocks(directory: folder.path, cores: [2, 3])
        #expect(first.resources == "cores 0-2,5")
        #expect(try first.tryAcquire(for: "job a") == [])
        let holders = try second.tryAcquire(for: "job b")
        #expect(holders.map(\.processID) == [Int(getpid())])
        #expect(holders.map(\.activity) == ["job a"])
        #expect(holders.map(\.resources) == ["cores 0-2,5"])
        first.release()
        #expect(try second.tryAcquire(for: "job b") == [])
        #expect(try first.tryAcquire(for: "job a").count == 1, "all or none: core 0 is free, core 2 is not")
        second.release()
        #expect(try first.tryAcquire(for: "job a") == [])
    }

    @Test("Disjoint cores and other servers do not meet")
    func disjoint() throws {
        let locks = [
            ResourceLocks(directory: folder.path, cores: [0]),
            ResourceLocks(directory: folder.path, cores: [1]),
            ResourceLocks(directory: folder.path, endpoint: "http://a:1/v1"),
            ResourceLocks(directory: folder.path, endpoint: "http://b:1/v1"),
        ]
        for lock in locks { #expect(try lock.tryAcquire(for: "x") == []) }
        let same = ResourceLocks(directory: folder.path, endpoint: "http://a:1/v1")
        #expect(try same.tryAcquire(for: "y").count == 1)
        // They would be given back with the values that hold them.
        withExtendedLifetime(locks) {}
    }

    @Test("A folder that is not there is reported")
    func missing() {
        let locks = ResourceLocks(directory: folder.path + "/none", cores: [0])
        #expect(throws: ResourceLocks.Failure.self) { try locks.tryAcquire(for: "x") }
    }

    @Test("The kernel's list of cores is read")
    func cores() throws {
        try folder.write("Name:\tx\nCpus_allowed_list:\t0-2,7\nMems:\t0\n", to: "proc/self/status")
        #expect(ResourceLocks.usableCores(root: folder.path) == [0, 1, 2, 7])
        #expect(ResourceLocks.usableCores(root: folder.path + "/none") == [0])
        #expect(!ResourceLocks.usableCores().isEmpty)
    }

    @Test("A process is told from its successors by when it began")
    func processes() throws {
        let own = ProcessIdentity.current
        let start = try #require(own.start)
        #expect(own.machine != nil)
        #expect(ProcessIdentity.isAlive(number: own.number, start: start))
        #expect(!ProcessIdentity.isAlive(number: own.number, start: start + 1))
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/true")
        try child.run()
        child.waitUntilExit()
        #expect(!ProcessIdentity.isAlive(number: Int(child.processIdentifier), start: start))
    }
}
