import Files
import Vocabulary

/// What can go wrong between a database file and the values it holds.
///
/// Every message names the file, or the table and row, with what was found and what was expected.
public enum StoreError: UsageFault, Hashable, Sendable {
    /// There is no file, and the caller asked for one that exists.
    case missing(path: String)
    /// The file cannot be opened, read or written: a directory, a missing folder, a lack of permission.
    case inaccessible(path: String, reason: String)
    /// The file is not an SQLite database. It has been left as it was.
    case notADatabase(path: String, found: String)
    /// The file is an SQLite database of some other program. It has been left as it was.
    case foreignDatabase(path: String, found: String)
    /// A newer version of this tool has changed the schema. The file has been left as it was.
    case newerDatabase(path: String, unknownMigrations: [String], newestKnown: String)
    /// A file was to be merged into itself.
    case sameFile(path: String)
    /// A file to be merged has a model that behaves otherwise than the one of that name here.
    case conflictingModels(name: String, path: String, found: String, into: String, expected: String)
    /// The file was renamed, deleted or replaced while it was open.
    case displaced(path: String)
    /// A copy could not be written.
    case notWritten(OutputRefusal)
    /// Another process held the database for longer than the busy timeout.
    case busy(path: String, seconds: Double, message: String)
    /// The disk, or a limit set on the file, is full. Everything committed before is still there.
    case diskFull(path: String, message: String)
    /// A value breaks a rule of the schema: a check, a foreign key, a missing value.
    case valueRefused(path: String, message: String)
    /// SQLite found its own file format broken.
    case damaged(path: String, message: String)
    /// A stored value cannot be what its column says.
    case unreadableValue(table: String, row: String, column: String, found: String, expected: String)
    /// A record is not what was saved.
    case altered(table: String, id: Int64)
    /// The values to be saved contradict one another.
    case inconsistent(what: String, found: String, expected: String)
    /// A value has no JSON form: it holds a number that is not finite.
    case notEncodable(type: String, reason: String)
    /// There is no such table or view.
    case unknownTable(name: String, known: [String])
    /// Nothing was imported from a source or file of this name.
    case unknownImport(name: String, known: [String])
    /// There is no column of this name in a table or view.
    case unknownColumn(name: String, table: String, known: [String])
    /// There is no record of this number.
    case unknownRecord(table: String, id: Int64)
    /// Any other error of SQLite's.
    case sqlite(path: String, message: String)

    /// Whether a name was typed that the database does not hold, or a file twice.
    public var isUsage: Bool {
        switch self {
        case .unknownTable, .unknownColumn, .unknownImport, .sameFile: true
        case .notWritten(let refusal): refusal.isUsage
        case .missing, .inaccessible, .notADatabase, .foreignDatabase, .newerDatabase, .conflictingModels,
            .displaced, .busy, .diskFull, .valueRefused, .damaged, .unreadableValue, .altered, .inconsistent,
            .notEncodable,
            .unknownRecord, .sqlite:
            false
        }
    }

    /// What happened, to which file or cell, found and expected.
    public var description: String {
        switch self {
        case .missing(let path):
            "\(path): no such database; expected a file that a profile, search or run has written"
        case .inaccessible(let path, let reason):
            "\(path): cannot be opened as a database: \(reason)"
        case .notADatabase(let path, let found):
            """
            \(path): not an SQLite database: starts with \(found), expected \"SQLite format 3\"; left \
            untouched
            """
        case .foreignDatabase(let path, let found):
            """
            \(path): not a Hercules database: found \(found), expected application_id 0x4852434C; left \
            untouched
            """
        case .newerDatabase(let path, let unknown, let newestKnown):
            "\(path): written by a newer version of this tool: found the migration"
                + "\(unknown.count == 1 ? "" : "s") \(unknown.joined(separator: ", ")), expected none after"
                + " \(newestKnown); left untouched. Use the newer version, or another database file"
        case .sameFile(let path):
            "\(path): is the database that is merged into, expected another file"
        case .conflictingModels(let name, let path, let found, let into, let expected):
            "model \(name) is defined in two ways, and measurements of one say nothing of the other:"
                + "\n  \(path): found \(found)\n  \(into): expected \(expected)"
                + "\nnothing of \(path) was merged; rename one of the models, or ask the merge to keep both"
        case .displaced(let path):
            "\(path): found another file or none, expected the database that was opened: it was renamed,"
                + " deleted or replaced meanwhile; what had been saved went with it, and what stands there"
                + " now was not touched"
        case .notWritten(let refusal): "\(refusal)"
        case .busy(let path, let seconds, let message):
            "\(path): held by another process for more than \(seconds) s (\(message))"
        case .diskFull(let path, let message):
            "\(path): no space left to write (\(message)); everything saved before is intact"
        case .valueRefused(let path, let message):
            "\(path): a value breaks a rule of the schema (\(message))"
        case .damaged(let path, let message):
            "\(path): the database file is damaged (\(message)); restore a copy, or salvage it with"
                + " `sqlite3 FILE .recover`"
        case .unreadableValue(let table, let row, let column, let found, let expected):
            "table \(table), row \(row), column \(column): found \(found), expected \(expected)"
        case .altered(let table, let id):
            "table \(table), row \(id): found other values than were saved, in it or in a row that belongs"
                + " to it: a disk, a copy or another program has changed them; restore a copy, or make the"
                + " record anew in another database"
        case .inconsistent(let what, let found, let expected):
            "\(what): found \(found), expected \(expected)"
        case .notEncodable(let type, let reason):
            "a value of type \(type) has no JSON form: \(reason)"
        case .unknownTable(let name, let known):
            "no table or view \"\(name)\"; expected \(NameSuggestion.oneOf(known, insteadOf: name))"
        case .unknownImport(let name, let known):
            "found nothing imported from '\(name)', expected "
                + (known.isEmpty
                    ? "an import: there is none" : NameSuggestion.oneOf(known, insteadOf: name))
        case .unknownColumn(let name, let table, let known):
            "no column '\(name)' in \(table); expected \(NameSuggestion.oneOf(known, insteadOf: name))"
        case .unknownRecord(let table, let id):
            "table \(table): no row \(id)"
        case .sqlite(let path, let message):
            "\(path): \(message)"
        }
    }
}
