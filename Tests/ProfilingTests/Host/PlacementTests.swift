import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Placement of threads")
struct PlacementTests {
    private let root: TemporaryDirectory

    init() throws { root = try TemporaryDirectory() }

    /// Two nodes of four cores with two hyper-threads each, numbered as the kernel usually does.
    private func twoNodes() throws {
        try root.write("0-3,8-11\n", to: "sys/devices/system/node/node0/cpulist")
        try root.write("4-7,12-15\n", to: "sys/devices/system/node/node1/cpulist")
        try root.write("0-1\n", to: "sys/devices/system/node/online")
        for core in 0..<16 {
            try root.write(
                "\(core % 8),\(core % 8 + 8)\n",
                to: "sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list")
        }
    }

    private func topology(allowed: [Int] = Array(0..<16)) -> HostTopology {
        HostTopology(root: root.path, allowed: allowed)
    }

    @Test("Nodes and processors are read, whole cores before second threads")
    func nodes() throws {
        try twoNodes()
        #expect(topology().nodes.map(\.number) == [0, 1])
        #expect(
            topology().nodes.map(\.cores) == [[0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]])
        // A process held to some processors sees only those, and no node without any.
        #expect(topology(allowed: [5, 6]).nodes == [HostTopology.Node(number: 1, cores: [5, 6])])
    }

    @Test("Without nodes in sysfs all processors are one")
    func noNodes() {
        #expect(topology(allowed: [0, 1]).nodes == [HostTopology.Node(number: 0, cores: [0, 1])])
    }

    @Test("Each thread has a processor of its own, and the generator stays off them")
    func oneWorker() throws {
        try twoNodes()
        let placement = ThreadPlacement(threads: 3, workers: 1, on: topology())
        #expect(placement.inference == [[0], [1], [2]])
        #expect(Set(placement.generator).isDisjoint(with: [0, 1, 2]))
        #expect(placement.isGeneratorApart)
        #expect(placement.note == "inference on cores 0-2 of node 0; generator on cores 3-15")
    }

    @Test("Threads of several workers stay on one node as long as it has room")
    func severalWorkers() throws {
        try twoNodes()
        let placement = ThreadPlacement(threads: 2, workers: 6, on: topology())
        // Six fit on each node; the engine moves its operator workers between threads, so they share the
        // twelve.
        let expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13]
        #expect(placement.inference == [expected, expected])
        #expect(placement.generator == [10, 11, 14, 15])
        #expect(placement.note.contains("nodes 0, 1"))
        // Five on each: a third thread has no node to itself and takes what is left of both.
        let three = ThreadPlacement(threads: 3, workers: 5, on: topology())
        #expect(Set(three.inference[0]).count == 15)
        #expect(three.generator.count == 1)
    }

    @Test("Where no processor is left over, the generator shares them, and that is said")
    func full() throws {
        try twoNodes()
        let placement = ThreadPlacement(threads: 16, workers: 1, on: topology())
        #expect(!placement.isGeneratorApart)
        #expect(placement.note.contains("the generator shares them"))
        // Each thread stays on its node, but not on one processor.
        #expect(placement.inference[0] == [0, 1, 2, 3, 8, 9, 10, 11])
        #expect(placement.inference[15] == [4, 5, 6, 7, 12, 13, 14, 15])
        let one = ThreadPlacement(threads: 2, workers: 1, on: topology(allowed: [0, 1]))
        #expect(one.inference == [[], []])
        #expect(one.note.contains("none is left over"))
    }

    @Test("More threads than processors are left to the system, and that is said")
    func tooMany() {
        let placement = ThreadPlacement(threads: 3, workers: 1, on: topology(allowed: [0, 1]))
        #expect(placement.inference == [[], [], []])
        #expect(placement.note.contains("exceed the 2 processors"))
    }

    @Test("A run on this machine says where its threads were")
    func measured() throws {
        let profiler = try HostProfiler(engine: NullEngine(), toolVersion: "1")
        let schedule = Schedule(partition: .whole, threads: 1, workers: 1, batch: 8)
        let settings = ProfileSettings(
            batches: [8], cellDuration: Nanoseconds(milliseconds: 50), loadFraction: Fraction(0.1),
            confirmationDuration: Nanoseconds(milliseconds: 50))
        let measurement = try profiler.confirm(
            model: Samples.model(sizes: .fixed(1)), serverType: Samples.serverType, schedule: schedule,
            rate: QueriesPerSecond(1000), settings: settings, seed: 1)
        #expect(measurement.placement == profiler.placement(of: schedule)?.note)
        #expect(measurement.placement?.contains("generator") == true)
    }
}
