/// A directed network with capacities, and the most that flows through it.
struct FlowNetwork {
    private struct Edge {
        let to: Int
        var left: Double
        /// The place of the edge in the other direction among those of `to`.
        let back: Int
    }

    private var edges: [[Edge]]

    init(nodes: Int) { edges = Array(repeating: [], count: nodes) }

    mutating func connect(_ from: Int, _ to: Int, capacity: Double) {
        guard capacity > 0 else { return }
        edges[from].append(Edge(to: to, left: capacity, back: edges[to].count))
        edges[to].append(Edge(to: from, left: 0, back: edges[from].count - 1))
    }

    /// The maximum flow, by shortest augmenting paths (Edmonds and Karp, 1972). O(nodes x edges^2).
    /// Changes the capacities that are left.
    mutating func maximumFlow(from source: Int, to sink: Int) -> Double {
        var flow = 0.0
        while let path = shortestPath(from: source, to: sink) {
            let amount = path.map { edges[$0.node][$0.edge].left }.min() ?? 0
            guard amount.isFinite else { return .infinity }
            for step in path {
                edges[step.node][step.edge].left -= amount
                let edge = edges[step.node][step.edge]
                edges[edge.to][edge.back].left += amount
            }
            flow += amount
        }
        return flow
    }

    private func shortestPath(from source: Int, to sink: Int) -> [(node: Int, edge: Int)]? {
        var reached = [(node: Int, edge: Int)?](repeating: nil, count: edges.count)
        var queue = [source]
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            for (place, edge) in edges[node].enumerated()
            where edge.left > 0 && edge.to != source && reached[edge.to] == nil {
                reached[edge.to] = (node, place)
                if edge.to == sink { return path(to: sink, reached, from: source) }
                queue.append(edge.to)
            }
        }
        return nil
    }

    private func path(
        to sink: Int, _ reached: [(node: Int, edge: Int)?], from source: Int
    ) -> [(node: Int, edge: Int)] {
        var path: [(node: Int, edge: Int)] = []
        var node = sink
        while node != source, let step = reached[node] {
            path.append(step)
            node = step.node
        }
        return path
    }
}
