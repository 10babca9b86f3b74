import Controlling
import Provisioning
import Quantities
import Store
import Vocabulary

/// What a controller has learnt and decided, made again from what it has written down. Nothing is planned
/// for: the planner's answers are on record.
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

    /// Drives an engine through the past.
    /// - Returns: the inputs of the last tick; nil where there is no past.
    package func run(_ engine: inout ControlEngine, until end: Int = .max) throws -> ControlInputs? {
        guard let last = try store.lastControllerTick() else { return nil }
        var next = max(0, min(last.tick, end) - Self.ticksMax)
        var inputs: ControlInputs?
        while true {
            let rows = try ControllerBooks.past(in: store, from: next, limit: Self.batch)
            for row in rows {
                guard row.inputs.tick <= end else { return inputs }
                if let answers = row.answers {
                    _ = try engine.decide(row.inputs, mode: setup.mode, expecting: answers)
                } else {
                    try engine.pass(row.inputs)
                }
                inputs = row.inputs
            }
            guard let reached = rows.last?.inputs.tick, rows.count == Self.batch else { return inputs }
            next = reached + 1
        }
    }
}
