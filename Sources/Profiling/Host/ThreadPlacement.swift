import CNative
import Vocabulary

/// Which processors each thread of a load run is held to.
///
/// Inference threads stay on processors of one memory node each, near their buffers. The generator and the
/// thread that watches stay off all of them where there are enough processors, and where there are not, that
/// is said: their interruptions are then part of what is measured.
public struct ThreadPlacement: Hashable, Sendable {
    /// For each inference thread, the processors it may use.
    public let inference: [[Int]]
    /// For the generator and the watching thread; empty where they share the inference threads' processors.
    public let generator: [Int]
    /// What to write beside a measurement.
    public let note: String

    /// Whether the generator has a processor of its own.
    public var isGeneratorApart: Bool { !generator.isEmpty }

    /// Places M threads of O workers each.
    ///
    /// Fills node after node, a thread never across two nodes if a node has room for its O workers. Threads
    /// with one worker get one processor each. Those with more share all processors of the schedule, because
    /// the engine hands its operator workers from one thread to another. Where the schedule leaves no
    /// processor over, threads are only held to their node: a thread held to one processor would wait there
    /// whenever the generator or the system runs on it, while another idles.
    public init(threads: Int, workers: Int, on topology: HostTopology) {
        self.init(groups: [ThreadSchedule.ThreadGroup(threads: threads, workers: workers)], on: topology)
    }

    /// Places the threads of several groups, group after group.
    public init(groups schedule: [ThreadSchedule.ThreadGroup], on topology: HostTopology) {
        let all = topology.cores
        var free = topology.nodes
        var groups: [(node: Int, cores: [Int])] = []
        // Of each thread, its O.
        let workersOf = schedule.flatMap { Array(repeating: $0.workers, count: $0.threads) }
        for workers in workersOf {
            let home = free.firstIndex { $0.cores.count >= workers } ?? free.firstIndex { !$0.cores.isEmpty }
            guard let home else { break }
            let node = free[home]
            groups.append((node.number, Array(node.cores.prefix(workers))))
            free[home] = HostTopology.Node(
                number: node.number, cores: Array(node.cores.dropFirst(workers)))
            if workers > node.cores.count {
                // No node has room: the thread reaches over into what is left elsewhere.
                var missing = workers - node.cores.count
                for other in free.indices where missing > 0 {
                    let taken = free[other].cores.prefix(missing)
                    groups[groups.count - 1].cores += taken
                    missing -= taken.count
                    free[other] = HostTopology.Node(
                        number: free[other].number, cores: Array(free[other].cores.dropFirst(taken.count)))
                }
            }
        }
        let used = Set(groups.flatMap(\.cores))
        let spare = all.filter { !used.contains($0) }
        let nodes = Set(groups.map(\.node)).sorted()
        let place =
            "\(Self.list(used.sorted())) of node\(nodes.count == 1 ? "" : "s") "
            + nodes.map(String.init).joined(separator: ", ")
        if groups.count < workersOf.count || all.isEmpty {
            inference = Array(repeating: [], count: workersOf.count)
            generator = []
            let asked = schedule.map { "\($0.threads) x \($0.workers)" }.joined(separator: " and ")
            note = "threads not held: \(asked) exceed the \(all.count) processors of this process"
        } else if spare.isEmpty {
            // A node's own threads share it.
            inference = zip(groups, workersOf).map { group, workers in
                workers == 1 && topology.nodes.count > 1
                    ? topology.nodes.first { $0.number == group.node }?.cores ?? [] : []
            }
            generator = []
            note =
                "inference on all \(all.count) processors; the generator shares them, because "
                + "none is left over"
        } else {
            // A group's operator workers move between its own threads only: each group is a model of its own.
            var (places, first): ([[Int]], Int) = ([], 0)
            for group in schedule {
                let own = groups[first..<(first + group.threads)].map(\.cores)
                places += group.workers == 1 ? own : own.map { _ in own.joined().sorted() }
                first += group.threads
            }
            inference = places
            generator = spare
            note = "inference on \(place); generator on \(Self.list(spare.sorted()))"
        }
    }

    /// `cores 0-2, 5`.
    private static func list(_ cores: [Int]) -> String {
        var parts: [String] = []
        var index = 0
        while index < cores.count {
            var end = index
            while end + 1 < cores.count, cores[end + 1] == cores[end] + 1 { end += 1 }
            parts.append(index == end ? "\(cores[index])" : "\(cores[index])-\(cores[end])")
            index = end + 1
        }
        return (cores.count == 1 ? "core " : "cores ") + parts.joined(separator: ", ")
    }

    /// The processors the calling thread may run on.
    static var allowedCores: [Int] {
        var cores = [Int32](repeating: 0, count: 4096)
        let count = cnative_thread_allowed_cores(&cores, Int32(cores.count))
        return cores.prefix(Int(count)).map(Int.init)
    }

    /// Holds the calling thread to some processors; an empty list changes nothing.
    static func hold(to cores: [Int]) {
        guard !cores.isEmpty else { return }
        let numbers = cores.map(Int32.init)
        _ = cnative_thread_cores(numbers, Int32(numbers.count))
    }
}
