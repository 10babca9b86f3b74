import GRDB
import GRDBSQLite

/// Hands the values of one row after the other to a compiled statement, without a list of arguments in
/// between.
///
/// For imports of millions of rows; everything else goes through GRDB's own arguments.
struct RowBinding {
    private let statement: OpaquePointer
    private var next: CInt = 1
    /// Tells SQLite to make a copy of a text.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Begins a row: nothing is bound.
    init(_ statement: Statement) {
        self.statement = statement.sqliteStatement
        sqlite3_reset(self.statement)
        sqlite3_clear_bindings(self.statement)
    }

    mutating func bind(_ number: Int64?) {
        if let number { sqlite3_bind_int64(statement, next, number) }
        next += 1
    }

    mutating func bind(_ number: Int?) { bind(number.map { Int64($0) }) }

    mutating func bind(_ truth: Bool) { bind(Int64(truth ? 1 : 0)) }

    mutating func bind(_ truth: Bool?) { bind(truth.map { Int64($0 ? 1 : 0) }) }

    mutating func bind(_ number: Double?) {
        if let number { sqlite3_bind_double(statement, next, number) }
        next += 1
    }

    mutating func bind(_ text: String?) {
        if var text {
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // A text of no bytes may have no address, which would make it NULL.
                    if let address = characters.baseAddress {
                        _ = sqlite3_bind_text(
                            statement, next, address, CInt(characters.count), Self.transient)
                    } else {
                        _ = sqlite3_bind_text(statement, next, "", 0, Self.transient)
                    }
                }
            }
        }
        next += 1
    }

    /// Lets go of what a statement holds, so that the schema may change.
    static func end(_ statement: Statement) { sqlite3_reset(statement.sqliteStatement) }

    /// Writes the row.
    /// - Throws: `DatabaseError`, as GRDB would.
    func execute(in database: Database) throws {
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE else {
            let message = database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
            sqlite3_reset(statement)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }
}
