import GRDB

extension Database {
    /// Inserts one row, each value beside the name of its column. The statement is compiled once per
    /// connection.
    func insert(into table: String, _ values: [(String, (any DatabaseValueConvertible)?)]) throws {
        let columns = values.map { "\"\($0.0)\"" }.joined(separator: ", ")
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        let statement = try cachedStatement(sql: "INSERT INTO \(table) (\(columns)) VALUES (\(marks))")
        try statement.execute(arguments: StatementArguments(values.map(\.1)))
    }
}
