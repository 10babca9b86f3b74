import Vocabulary

/// Maps networks onto a device: each layer to the array, to macros or to both.
public struct EdgeMapper: Sendable {
    /// What a mapping is chosen for.
    public enum Goal: String, CaseIterable, Hashable, Sendable {
        /// The least time from first layer to last.
        case latency
        /// The least energy, what the parts draw all the time included.
        case energy
        /// The least time of the busier part, as batches that overlap come no faster.
        case throughput
    }

    public let device: EdgeDevice

    public init(_ device: EdgeDevice) { self.device = device }

    /// The best mapping of a batch. Exact for latency and energy; for throughput the best of mappings at
    /// prices of the two parts' time, found by bisection.
    public func mapping(of network: NetworkShape, items: Int = 1, for goal: Goal = .latency) -> EdgeMapping {
        let costs = LayerCosts(device, running: network, items: items)
        let problem = problem(network, costs)
        return mapping(choice(problem, for: goal), of: problem, network, items: items)
    }

    private func choice(_ problem: LayerMapping, for goal: Goal) -> [Int] {
        switch goal {
        case .latency: problem.best(.latency)
        case .energy: problem.best(LayerMapping.Objective(seconds: device.staticWatts, joules: 1))
        case .throughput: balanced(problem)
        }
    }

    /// What batches of each size up to the one that the network is mapped for take, all by that one mapping:
    /// how long array and macros are busy, the time from first layer to last, and dynamic joules.
    func totals(
        of network: NetworkShape, itemsMax: Int, for goal: Goal
    ) -> [(seconds: Double, joules: Double, arraySeconds: Double, macroSeconds: Double)] {
        let chosen = choice(
            problem(network, LayerCosts(device, running: network, items: itemsMax)), for: goal)
        return (1...itemsMax).compactMap { items in
            problem(network, LayerCosts(device, running: network, items: items)).totals(chosen)
        }
    }

    private func problem(_ network: NetworkShape, _ costs: LayerCosts) -> LayerMapping {
        let tiles = device.macros?.tiles ?? 0
        return LayerMapping(
            options: network.layers.map { layer in
                costs.options(layer).filter { $0.tiles <= tiles }
            }, moves: network.layers.map { costs.move($0.inputBytes) },
            lastMove: costs.move(network.layers.last?.outputBytes ?? 0), tiles: tiles,
            tilesToWrite: device.macros?.count ?? 1)
    }

    /// The mapping whose busier part is busy least, among those that are best at some price between the two
    /// parts' time.
    private func balanced(_ problem: LayerMapping) -> [Int] {
        var (low, high) = (0.0, 1.0)
        var best: (busiest: Double, choice: [Int])?
        for _ in 0..<24 {
            let price = (low + high) / 2
            let choice = problem.best(
                LayerMapping.Objective(arraySeconds: price, macroSeconds: 1 - price))
            guard let totals = problem.totals(choice) else { break }
            let busiest = max(totals.arraySeconds, totals.macroSeconds)
            if best.map({ busiest < $0.busiest }) ?? true { best = (busiest, choice) }
            if totals.arraySeconds > totals.macroSeconds { low = price } else { high = price }
        }
        let alone = problem.best(.latency)
        guard let best, let plain = problem.totals(alone) else { return alone }
        return max(plain.arraySeconds, plain.macroSeconds) < best.busiest ? alone : best.choice
    }

    private func mapping(
        _ choice: [Int], of problem: LayerMapping, _ network: NetworkShape, items: Int
    ) -> EdgeMapping {
        guard let totals = problem.totals(choice) else { preconditionFailure("a mapping found fits") }
        var side = PlacementOption.Side.array
        var layers: [EdgeMapping.Layer] = []
        var held = 0
        for (index, layer) in network.layers.enumerated() {
            let option = problem.options[index][choice[index]]
            let isMoved = option.needs == .both || option.needs != side
            let move = isMoved ? problem.moves[index] : (seconds: 0, joules: 0)
            layers.append(
                EdgeMapping.Layer(
                    name: layer.name, kind: layer.kind, macs: layer.macs * Double(items), place: option.place,
                    seconds: option.seconds + move.seconds, joules: option.joules + move.joules))
            side = option.leaves
            held += option.tiles
        }
        return EdgeMapping(
            items: items, layers: layers, seconds: totals.seconds, joules: totals.joules,
            arraySeconds: totals.arraySeconds, macroSeconds: totals.macroSeconds, tilesHeld: held)
    }
}
