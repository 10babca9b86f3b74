/// What one failure takes of a cover, at its worst.
package enum CoverFailure: Hashable, Sendable {
    /// One of the racks that each kind's items stand in, spread evenly over so many.
    case rack(perKind: [Int])
    /// So many items of one kind.
    case itemsOfOneKind(Int)
    /// So many items of any kinds: the heaviest.
    case items(Int)

    /// What the worst failure takes of items of some kinds, in the unit of their weights.
    /// O(kinds), for items of any kinds O(kinds log kinds).
    package func worstLoss(
        kinds: Int, count: (Int) -> Int, weight: (Int) -> Double
    ) -> Double {
        switch self {
        case .rack(let racks):
            (0..<kinds).reduce(0) { worst, kind in
                max(worst, Double((count(kind) + racks[kind] - 1) / racks[kind]) * weight(kind))
            }
        case .itemsOfOneKind(let lost):
            (0..<kinds).reduce(0) { max($0, Double(min(lost, count($1))) * weight($1)) }
        case .items(let lost):
            heaviest(lost, kinds: kinds, count: count, weight: weight)
        }
    }

    private func heaviest(
        _ lost: Int, kinds: Int, count: (Int) -> Int, weight: (Int) -> Double
    ) -> Double {
        var left = lost
        var loss = 0.0
        for kind in (0..<kinds).filter({ count($0) > 0 }).sorted(by: { weight($0) > weight($1) }) {
            let taken = min(left, count(kind))
            loss += Double(taken) * weight(kind)
            left -= taken
        }
        return loss
    }

    /// How many items of a kind may be used where so many are without any failure.
    package func useful(_ count: Int, ofKind kind: Int) -> Int {
        switch self {
        case .rack(let racks):
            // Alone, the kind also makes up for a rack of its own.
            racks[kind] > 1 ? (count * racks[kind] + racks[kind] - 2) / (racks[kind] - 1) + 1 : count
        case .itemsOfOneKind(let lost), .items(let lost): count + min(lost, Int.max - count)
        }
    }
}
