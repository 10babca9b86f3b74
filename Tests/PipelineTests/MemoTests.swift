import Pipeline
import Store
import Testing

/// Reuse: by everything that an outcome depends on, and only of outcomes that came to be.
@Suite struct MemoTests {
    private struct Inputs: Encodable {
        var seed = 1
        var edition = 1
    }

    private final class Shelf {
        var outcomes: [ContentDigest: String] = [:]
        var computed = 0
    }

    private func outcome(_ inputs: Inputs, _ shelf: Shelf) throws -> (value: String, wasStored: Bool) {
        try Memo(of: inputs, find: { shelf.outcomes[$0] }, keep: { shelf.outcomes[$1] = $0 }).outcome {
            shelf.computed += 1
            return "outcome of \(inputs.seed)"
        }
    }

    @Test func equalInputsAreComputedOnce() throws {
        let shelf = Shelf()
        let first = try outcome(Inputs(), shelf)
        let second = try outcome(Inputs(), shelf)
        #expect(first.value == "outcome of 1" && !first.wasStored)
        #expect(second.value == "outcome of 1" && second.wasStored)
        #expect(shelf.computed == 1)
    }

    @Test func anotherInputOrEditionIsComputedAnew() throws {
        let shelf = Shelf()
        _ = try outcome(Inputs(), shelf)
        #expect(try outcome(Inputs(seed: 2), shelf).wasStored == false)
        #expect(try outcome(Inputs(edition: 2), shelf).wasStored == false)
        #expect(shelf.computed == 3)
    }

    @Test func aComputationThatFailsKeepsNothing() throws {
        struct Failure: Error {}
        let shelf = Shelf()
        let memo = try Memo<ContentDigest, String>(
            of: Inputs(), find: { shelf.outcomes[$0] }, keep: { shelf.outcomes[$1] = $0 })
        #expect(throws: Failure.self) { try memo.outcome { throw Failure() } }
        let stored = try memo.stored()
        #expect(stored == nil && shelf.outcomes.isEmpty)
    }
}
