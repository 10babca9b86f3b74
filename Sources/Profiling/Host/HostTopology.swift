import Quantities

/// The processors of this machine and the memory nodes they are near to, as the kernel numbers them.
public struct HostTopology: Hashable, Sendable {
    /// Processors that share a memory node.
    public struct Node: Hashable, Sendable {
        /// The kernel's number.
        public let number: Int
        /// Ascending.
        public let cores: [Int]

        public init(number: Int, cores: [Int]) {
            self.number = number
            self.cores = cores
        }
    }

    /// By number; only nodes with processors that this process may use.
    public let nodes: [Node]

    public init(nodes: [Node]) { self.nodes = nodes.filter { !$0.cores.isEmpty } }

    /// All processors, node by node.
    public var cores: [Int] { nodes.flatMap(\.cores) }

    /// Reads the nodes of sysfs; a kernel without them has one node with everything.
    ///
    /// Hyper-threads count as processors of their own, but stand after the first thread of every core of
    /// their node, so that a placement uses whole cores first.
    /// - Parameters:
    ///   - root: the directory that holds `sys`.
    ///   - allowed: the processors this process may use.
    public init(root: String = "/", allowed: [Int]) {
        let files = SystemFiles(root: root)
        let directory = "sys/devices/system/node"
        let usable = Set(allowed)
        var nodes: [Node] = []
        for name in files.names(in: directory) where name.hasPrefix("node") {
            guard let number = Int(name.dropFirst("node".count)),
                let list = files.text("\(directory)/\(name)/cpulist")
            else { continue }
            let cores = Self.numbers(in: list).filter(usable.contains)
            nodes.append(Node(number: number, cores: Self.wholeCoresFirst(cores, files)))
        }
        nodes.sort { $0.number < $1.number }
        let known = Set(nodes.flatMap(\.cores))
        let rest = allowed.filter { !known.contains($0) }.sorted()
        if !rest.isEmpty {
            if nodes.isEmpty {
                nodes = [Node(number: 0, cores: Self.wholeCoresFirst(rest, files))]
            } else {
                nodes[0] = Node(number: nodes[0].number, cores: nodes[0].cores + rest)
            }
        }
        self.init(nodes: nodes)
    }

    /// The kernel's lists: `0-3,8,10-11`.
    static func numbers(in list: String) -> [Int] {
        list.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            switch ends.count {
            case 1: return [ends[0]]
            case 2 where ends[0] <= ends[1]: return Array(ends[0]...ends[1])
            default: return []
            }
        }
    }

    private static func wholeCoresFirst(_ cores: [Int], _ files: SystemFiles) -> [Int] {
        func siblingRank(_ core: Int) -> Int {
            let list = files.text("sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list") ?? ""
            return numbers(in: list).sorted().firstIndex(of: core) ?? 0
        }
        return cores.sorted { (siblingRank($0), $0) < (siblingRank($1), $1) }
    }
}
