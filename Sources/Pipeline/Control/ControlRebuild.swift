import Controlling
import Provisioning
import Quantities
import Store
import Vocabulary

/// What a controller has learnt and decided, made again from what it has written down. Nothing is planned
/// for: the planner's answers are on record. O(ticks since the engine itself was written down).
package struct ControlRebuild {
    /// Ticks that are gone through: what is older has been forgotten by forecasters too.
    static let ticksMax = 44_640
    private static let batch = 2_000

    let setup: ControlSetup
    let store: Store

    package init(_ setup: ControlSetup, store: Store) {
        self.setup = setup
        self.store = store
    }

    /// What the last decision on record ordered; nil where there is none.
    private func lastOrdered(until tick: Int) throws -> Allocation? {
        guard let text = try store.lastControllerDecision(until: tick) else { return nil }
        return try ControlCoding.value(ControllerDecision.self, of: text).allocation
    }

    /// What an engine was driven through.
    package struct Past {
        /// Of the last tick.
        package let inputs: ControlInputs
        /// How many ticks had to be gone through.
        package let ticks: Int
    }

    /// Drives an engine through the past, from where it was last written down.
    ///
    /// - Parameters:
    ///   - after: the last tick that the engine has gone through already; nil for none.
    ///   - remembers: whether to start from there; else all ticks are gone through.
    /// - Returns: nil where there is no past.
    package func run(
        _ engine: inout ControlEngine, after: Int? = nil, until end: Int = .max, remembers: Bool = true
    ) throws -> Past? {
        guard let last = try store.lastControllerTick() else { return nil }
        let end = min(last.tick, end)
        let kept =
            remembers && after == nil ? try ControlMemory.load(of: setup, in: store, until: end) : nil
        if let kept { engine.memory = kept.0 }
        var next = after.map { $0 + 1 } ?? kept?.tick ?? max(0, end - Self.ticksMax)
        var (inputs, ticks): (ControlInputs?, Int) = (nil, 0)
        reading: while true {
            let rows = try ControllerBooks.past(in: store, from: next, limit: Self.batch)
            for row in rows {
                guard row.inputs.tick <= end else { break reading }
                inputs = row.inputs
                if row.inputs.tick == kept?.tick { continue }
                ticks += 1
                if let answers = row.answers {
                    _ = try engine.decide(row.inputs, mode: setup.mode, expecting: answers)
                } else {
                    try engine.pass(row.inputs)
                }
            }
            guard let reached = rows.last?.inputs.tick, rows.count == Self.batch else { break }
            next = reached + 1
        }
        if let inputs, let ordered = try lastOrdered(until: inputs.tick) { engine.takeOver(ordered) }
        return inputs.map { Past(inputs: $0, ticks: ticks) }
    }
}
