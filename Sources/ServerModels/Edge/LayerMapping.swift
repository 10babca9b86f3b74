import Vocabulary

/// One way to run one layer, and what it takes.
package struct PlacementOption: Hashable, Sendable {
    /// Where activations are.
    package enum Side: Int, Hashable, Sendable {
        case array, macros
        /// As an input: at both.
        case both
    }

    package let place: LayerPlace
    package let needs: Side
    package let leaves: Side
    /// How long each part is busy, without bringing the input there.
    package let arraySeconds: Double
    package let macroSeconds: Double
    package let seconds: Double
    package let joules: Double
    /// Tiles that its weights hold for good.
    package let tiles: Int
    /// Whether weights are written into a tile that nothing holds.
    package let isWritten: Bool

    package init(
        place: LayerPlace, needs: Side, leaves: Side, arraySeconds: Double, macroSeconds: Double,
        seconds: Double, joules: Double, tiles: Int, isWritten: Bool
    ) {
        self.place = place
        self.needs = needs
        self.leaves = leaves
        self.arraySeconds = arraySeconds
        self.macroSeconds = macroSeconds
        self.seconds = seconds
        self.joules = joules
        self.tiles = tiles
        self.isWritten = isWritten
    }
}

/// Which layers run where: exact for chains.
///
/// A chain's cost is a sum over its layers and over the moves between them. The macros hold so many tiles for
/// good; layers whose weights are written as they run need `tilesToWrite` of them free. Dynamic programming
/// over (layer, side of the activations, tiles held), once with and once without layers that write:
/// O(layers x options x tiles). Activations start and end at the array.
package struct LayerMapping {
    /// Weights of what is minimised: a sum, so that the programming is exact.
    package struct Objective: Hashable, Sendable {
        package var seconds: Double
        package var joules: Double
        /// Of how long each part is busy.
        package var arraySeconds: Double
        package var macroSeconds: Double

        package init(
            seconds: Double = 0, joules: Double = 0, arraySeconds: Double = 0, macroSeconds: Double = 0
        ) {
            self.seconds = seconds
            self.joules = joules
            self.arraySeconds = arraySeconds
            self.macroSeconds = macroSeconds
        }

        package static let latency = Objective(seconds: 1)
        package static let energy = Objective(joules: 1)
    }

    /// The ways to run each layer, and what it takes to move its input to the other side.
    package let options: [[PlacementOption]]
    package let moves: [(seconds: Double, joules: Double)]
    /// To move the last output back.
    package let lastMove: (seconds: Double, joules: Double)
    package let tiles: Int
    package let tilesToWrite: Int

    /// - Precondition: every layer has an option that needs nothing of the macros.
    package init(
        options: [[PlacementOption]], moves: [(seconds: Double, joules: Double)],
        lastMove: (seconds: Double, joules: Double), tiles: Int, tilesToWrite: Int
    ) {
        precondition(options.count == moves.count, "one move for each layer")
        precondition(
            options.allSatisfy { $0.contains { $0.needs == .array && $0.tiles == 0 && !$0.isWritten } },
            "the array can run every layer")
        self.options = options
        self.moves = moves
        self.lastMove = lastMove
        self.tiles = tiles
        self.tilesToWrite = tilesToWrite
    }

    /// The option of each layer at the least objective.
    package func best(_ objective: Objective) -> [Int] {
        let held = search(objective, capacity: tiles, allowsWriting: false)
        guard tilesToWrite <= tiles else { return held.choice }
        let written = search(objective, capacity: tiles - tilesToWrite, allowsWriting: true)
        return written.cost < held.cost ? written.choice : held.choice
    }

    /// Everything that a choice takes; nil where it does not fit.
    package func totals(
        _ choice: [Int]
    ) -> (seconds: Double, joules: Double, arraySeconds: Double, macroSeconds: Double)? {
        var sum = (seconds: 0.0, joules: 0.0, arraySeconds: 0.0, macroSeconds: 0.0)
        var side = PlacementOption.Side.array
        var (used, writes) = (0, false)
        for (layer, index) in choice.enumerated() {
            let option = options[layer][index]
            let moved = option.needs == .both || option.needs != side
            if moved {
                sum.seconds += moves[layer].seconds
                sum.joules += moves[layer].joules
                sum.macroSeconds += moves[layer].seconds
            }
            sum.seconds += option.seconds
            sum.joules += option.joules
            sum.arraySeconds += option.arraySeconds
            sum.macroSeconds += option.macroSeconds
            used += option.tiles
            writes = writes || option.isWritten
            side = option.leaves
        }
        if side == .macros {
            sum.seconds += lastMove.seconds
            sum.joules += lastMove.joules
            sum.macroSeconds += lastMove.seconds
        }
        return used + (writes ? tilesToWrite : 0) <= tiles ? sum : nil
    }

    private func value(_ option: PlacementOption, _ objective: Objective) -> Double {
        option.seconds * objective.seconds + option.joules * objective.joules
            + option.arraySeconds * objective.arraySeconds + option.macroSeconds * objective.macroSeconds
    }

    private func value(_ move: (seconds: Double, joules: Double), _ objective: Objective) -> Double {
        move.seconds * (objective.seconds + objective.macroSeconds) + move.joules * objective.joules
    }

    /// State (side, tiles held) as side * (capacity + 1) + tiles.
    private func search(
        _ objective: Objective, capacity: Int, allowsWriting: Bool
    ) -> (cost: Double, choice: [Int]) {
        // More tiles than all layers ask for make no difference.
        let asked = options.reduce(0) { sum, layer in
            sum + min(capacity, layer.map(\.tiles).max() ?? 0)
        }
        let width = min(capacity, asked) + 1
        let unreached = Double.infinity
        var costs = [Double](repeating: unreached, count: 2 * width)
        costs[0] = 0
        var steps: [[Int32]] = []
        for (layer, choices) in options.enumerated() {
            var next = [Double](repeating: unreached, count: 2 * width)
            var from = [Int32](repeating: -1, count: 2 * width)
            let move = value(moves[layer], objective)
            for (index, option) in choices.enumerated() where allowsWriting || !option.isWritten {
                guard option.tiles < width else { continue }
                let own = value(option, objective)
                let target = option.leaves == .macros ? width : 0
                for side in 0..<2 {
                    let isThere = option.needs.rawValue == side
                    let step = own + (isThere ? 0 : move)
                    for used in 0..<(width - option.tiles) {
                        let before = side * width + used
                        let cost = costs[before] + step
                        let state = target + used + option.tiles
                        if cost < next[state] {
                            next[state] = cost
                            from[state] = Int32(index * 2 * width + before)
                        }
                    }
                }
            }
            costs = next
            steps.append(from)
        }
        var state = 0
        var cost = unreached
        for (index, known) in costs.enumerated() {
            let whole = known + (index >= width ? value(lastMove, objective) : 0)
            if whole < cost { (cost, state) = (whole, index) }
        }
        var choice: [Int] = []
        for step in steps.reversed() {
            let packed = Int(step[state])
            choice.append(packed / (2 * width))
            state = packed % (2 * width)
        }
        return (cost, choice.reversed())
    }
}
