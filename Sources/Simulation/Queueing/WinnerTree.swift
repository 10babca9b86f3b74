/// The least of a fixed number of keys that change one at a time: a tournament in which each change replays
/// only the matches on the way to the top.
///
/// Changing a key is O(log n), the winner O(1). Equal keys are won by the lower place.
struct WinnerTree: Sendable {
    private var keys: [Double]
    /// The winners of all matches; the leaves from `leaves` on are the places themselves.
    private var winners: [Int32]
    private let leaves: Int

    /// A tournament in which every place stands out: its key is infinite.
    init(count: Int) {
        var leaves = 1
        while leaves < count { leaves *= 2 }
        self.leaves = leaves
        keys = Array(repeating: .infinity, count: leaves)
        winners = Array(repeating: 0, count: 2 * leaves)
        for place in 0..<leaves { winners[leaves + place] = Int32(place) }
        for match in stride(from: leaves - 1, to: 0, by: -1) { winners[match] = winners[2 * match] }
    }

    /// The place with the least key.
    var winner: Int { Int(winners[1]) }

    subscript(place: Int) -> Double {
        get { keys[place] }
        set {
            keys[place] = newValue
            var match = (leaves + place) >> 1
            while match > 0 {
                let (left, right) = (winners[2 * match], winners[2 * match + 1])
                winners[match] = keys[Int(right)] < keys[Int(left)] ? right : left
                match >>= 1
            }
        }
    }
}
