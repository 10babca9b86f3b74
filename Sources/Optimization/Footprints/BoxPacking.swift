/// How pieces of one box type share its boxes.
///
/// Where each size of a piece divides the next larger one and the largest divides the box, counting
/// accelerators is exact: put the pieces down from the largest to the smallest. What is free in every box is
/// then a multiple of the piece at hand, so that it fits wherever anything is free. With other sizes a count
/// is wrong (two pieces of 4 fill 8 of 12 accelerators, yet do not fit two boxes of 6 with a third of 4), so
/// every way to fill a box is listed as a pattern, and each powered box follows one of them.
struct BoxPacking {
    /// The limits that this type adds: one of accelerators, or one for each size of a piece.
    let rowCount: Int
    /// What one powered box allows on each row, for each way to fill it.
    let patterns: [[Int]]
    /// The sizes that rows stand for; empty where accelerators are counted.
    private let sizes: [Int]

    /// More ways to fill a box than this are refused.
    static let patternLimit = 2000

    var isCounted: Bool { sizes.isEmpty }

    /// - Parameter pieces: the sizes that occur, in any order.
    /// - Returns: nil where a box can be filled in too many ways.
    init?(boxSize: Int, pieces: some Sequence<Int>) {
        let ascending = Set(pieces).sorted()
        let chain = ascending + [boxSize]
        if zip(chain, chain.dropFirst()).allSatisfy({ $1 % $0 == 0 }) {
            rowCount = 1
            patterns = [[boxSize]]
            sizes = []
            return
        }
        guard let found = Self.fillings(of: boxSize, with: ascending) else { return nil }
        rowCount = ascending.count
        patterns = found
        sizes = ascending
    }

    /// The row that a piece counts on, and by how much.
    func use(of accelerators: Int) -> (row: Int, amount: Int) {
        guard let row = sizes.firstIndex(of: accelerators) else { return (0, accelerators) }
        return (row, 1)
    }

    /// The most that one box allows on a row.
    func most(on row: Int) -> Int { patterns.map { $0[row] }.max() ?? 0 }

    /// Every filling to which no piece can be added.
    private static func fillings(of size: Int, with ascending: [Int]) -> [[Int]]? {
        var found: [[Int]] = []
        var counts = [Int](repeating: 0, count: ascending.count)
        func extend(_ kind: Int, _ free: Int) -> Bool {
            guard kind >= 0 else {
                if free < ascending[0] { found.append(counts) }
                return found.count <= patternLimit
            }
            for count in stride(from: free / ascending[kind], through: 0, by: -1) {
                counts[kind] = count
                guard extend(kind - 1, free - count * ascending[kind]) else { return false }
            }
            counts[kind] = 0
            return true
        }
        return extend(ascending.count - 1, size) ? found : nil
    }
}
