/// A part of a query that one inference thread runs at once.
struct Piece {
    /// The number of its query.
    var query: Int32
    var items: Int32

    /// How many pieces a query is split into.
    static func count(size: Int, batch: Int) -> Int { (size + batch - 1) / batch }

    /// Calls `body` for each piece of a query: full batches, then the remainder.
    static func split(query: Int, size: Int, batch: Int, _ body: (Piece) -> Void) {
        var left = size
        while left > 0 {
            let items = min(left, batch)
            body(Piece(query: Int32(query), items: Int32(items)))
            left -= items
        }
    }
}
