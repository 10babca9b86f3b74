extension Table {
    /// The same table with its rows ordered by a column, equal ones as they stand; what is not known comes
    /// last either way. nil where there is no such column. O(rows log rows).
    /// - Parameter key: the column's name for programs.
    public func sorted(by key: String, descending: Bool = false) -> Table? {
        guard let index = columns.firstIndex(where: { $0.key == key }) else { return nil }
        let known = rows.filter { $0[index] != .missing }
        let unknown = rows.filter { $0[index] == .missing }
        let ordered = known.enumerated().sorted { left, right in
            let (first, second) = (left.element[index], right.element[index])
            if first == second { return left.offset < right.offset }
            return descending ? Self.precedes(second, first) : Self.precedes(first, second)
        }
        return Table(
            caption: caption, columns: columns, keyColumnCount: keyColumnCount,
            rows: ordered.map(\.element) + unknown)
    }

    private static func precedes(_ left: Cell, _ right: Cell) -> Bool {
        switch (left, right) {
        case (.text(let first), .text(let second)): first < second
        default: left.number ?? .infinity < right.number ?? .infinity
        }
    }
}

extension Table.Cell {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text, .missing: nil
        }
    }
}
