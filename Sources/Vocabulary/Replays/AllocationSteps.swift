import Quantities

/// Allocations that hold from an instant until the next, in ascending order, kept as what changes from one
/// to the next: a year of changes every few minutes takes some megabytes.
///
/// Walking through them is O(changes); finding one by its index is O(pairs + changes of 64 steps).
public struct AllocationSteps: RandomAccessCollection, Sendable {
    /// From this step on, so many servers work for a pair.
    package struct Change: Hashable, Sendable {
        package let pair: Int32
        package let servers: Int32
    }

    /// The pairs that changes name by their position.
    package private(set) var pairs: [ModelOnServer]
    private var pairPositions: [ModelOnServer: Int]
    /// When each step begins.
    package private(set) var instants: [Int64] = []
    /// Where the changes of each step end.
    private var changeEnds: [Int] = []
    private var changes: [Change] = []
    /// The servers of each pair now.
    private var current: [Int32]
    /// The servers of each pair before every 64th step.
    private var snapshots: [[Int32]] = []
    private static let stepsPerSnapshot = 64

    /// No step.
    /// - Parameter pairs: what allocations may hold; others are added as they come.
    public init(pairs: [ModelOnServer] = []) {
        self.pairs = pairs
        pairPositions = Dictionary(uniqueKeysWithValues: pairs.enumerated().map { ($1, $0) })
        current = pairs.map { _ in 0 }
    }

    /// Steps as they are listed.
    public init(_ steps: some Sequence<ServingStep>) {
        self.init()
        for step in steps { append(step.serving, at: step.at.count) }
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { instants.count }

    public subscript(index: Int) -> ServingStep {
        ServingStep(at: Nanoseconds(instants[index]), serving: allocation(counts(index)))
    }

    /// Servers of the last step by position of their pair.
    package var lastCounts: [Int32] { current }

    /// The changes of a step, in the order of pairs.
    package func changes(of step: Int) -> ArraySlice<Change> {
        changes[(step == 0 ? 0 : changeEnds[step - 1])..<changeEnds[step]]
    }

    /// Appends a step. O(shares log shares).
    package mutating func append(_ allocation: Allocation, at instant: Int64) {
        let shares = allocation.shares
        for share in shares {
            let pair = ModelOnServer(model: share.model, serverType: share.serverType)
            if pairPositions[pair] == nil {
                pairPositions[pair] = pairs.count
                pairs.append(pair)
                current.append(0)
            }
        }
        var counts = pairs.map { _ in Int32(0) }
        for share in shares {
            let pair = ModelOnServer(model: share.model, serverType: share.serverType)
            if let position = pairPositions[pair] { counts[position] = Int32(clamping: share.count) }
        }
        append(counts, at: instant)
    }

    /// Appends a step by the servers of each pair, in the order of `pairs`. O(pairs).
    package mutating func append(_ counts: [Int32], at instant: Int64) {
        if instants.count % Self.stepsPerSnapshot == 0 { snapshots.append(current) }
        for pair in counts.indices where counts[pair] != current[pair] {
            changes.append(Change(pair: Int32(pair), servers: counts[pair]))
        }
        current = counts
        instants.append(instant)
        changeEnds.append(changes.count)
    }

    /// Takes the last step away.
    /// - Precondition: there is one.
    package mutating func removeLast() {
        let last = instants.count - 1
        current = last == 0 ? pairs.map { _ in 0 } : padded(counts(last - 1))
        if last % Self.stepsPerSnapshot == 0 { snapshots.removeLast() }
        instants.removeLast()
        changeEnds.removeLast()
        changes.removeLast(changes.count - (changeEnds.last ?? 0))
    }

    private func padded(_ counts: [Int32]) -> [Int32] {
        counts + repeatElement(0, count: pairs.count - counts.count)
    }

    private func counts(_ step: Int) -> [Int32] {
        let start = step / Self.stepsPerSnapshot
        var counts = padded(snapshots[start])
        for earlier in start * Self.stepsPerSnapshot...step { apply(earlier, to: &counts) }
        return counts
    }

    private func apply(_ step: Int, to counts: inout [Int32]) {
        for change in changes(of: step) { counts[Int(change.pair)] = change.servers }
    }

    private func allocation(_ counts: [Int32]) -> Allocation {
        var allocation = Allocation()
        for (position, count) in counts.enumerated() where count > 0 {
            allocation[pairs[position].model, pairs[position].serverType] = Int(count)
        }
        return allocation
    }

    /// The step in force at an instant; nil before the first. O(log steps).
    package func step(at instant: Int64) -> Int? {
        var (low, high) = (-1, instants.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if instants[middle] <= instant { low = middle } else { high = middle }
        }
        return low < 0 ? nil : low
    }

    /// What holds at an instant; nothing before the first step.
    package func allocation(at instant: Int64) -> Allocation {
        step(at: instant).map { allocation(counts($0)) } ?? Allocation()
    }

    /// The pairs that any step has servers of, in order.
    public var usedPairs: [ModelOnServer] {
        var isUsed = pairs.map { _ in false }
        for change in changes where change.servers > 0 { isUsed[Int(change.pair)] = true }
        return pairs.indices.filter { isUsed[$0] }.map { pairs[$0] }.sorted()
    }

    /// Walks through the steps, each with the servers of every pair and until when it holds.
    /// - Parameter end: where the last step ends.
    package func forEachStretch(until end: Int64, _ body: (Range<Int64>, [Int32]) throws -> Void) rethrows {
        var counts = pairs.map { _ in Int32(0) }
        for step in instants.indices {
            apply(step, to: &counts)
            let next = step + 1 < instants.count ? instants[step + 1] : Swift.max(end, instants[step])
            try body(instants[step]..<next, counts)
        }
    }

    public struct Iterator: IteratorProtocol {
        private let steps: AllocationSteps
        private var counts: [Int32]
        private var step = 0

        fileprivate init(_ steps: AllocationSteps) {
            self.steps = steps
            counts = steps.pairs.map { _ in 0 }
        }

        public mutating func next() -> ServingStep? {
            guard step < steps.count else { return nil }
            steps.apply(step, to: &counts)
            defer { step += 1 }
            return ServingStep(at: Nanoseconds(steps.instants[step]), serving: steps.allocation(counts))
        }
    }

    public func makeIterator() -> Iterator { Iterator(self) }
}

extension AllocationSteps: Hashable {
    /// Whether the same servers work from the same instants on, whatever the numbering of pairs.
    public static func == (left: Self, right: Self) -> Bool {
        guard left.instants == right.instants else { return false }
        if left.pairs == right.pairs, left.changeEnds == right.changeEnds, left.changes == right.changes {
            return true
        }
        return zip(left, right).allSatisfy { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(instants) }
}

extension AllocationSteps: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([ServingStep].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Array(self))
    }
}
