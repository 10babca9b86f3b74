import Files
import Foundation

/// One object of a file of requests, with errors that say where it stands.
struct LogRow {
    static let tokensMax = 100_000_000.0

    let path: String
    let line: Int
    let object: [String: Any]
    /// Keys that lead to the object within its line.
    var prefix = ""

    func number(_ key: String, from lower: Double, to upper: Double) throws(FileError) -> Double {
        guard let value = object[key], !(value is NSNull) else { throw .missingKey(place(key)) }
        guard let number = (value as? NSNumber)?.doubleValue, (lower...upper).contains(number) else {
            throw refusal(
                key, expected: "a number from \(NumberRange.text(lower)) to \(NumberRange.text(upper))")
        }
        return number
    }

    /// nil where the key is not there, or null.
    func optionalNumber(_ key: String, from lower: Double, to upper: Double) throws(FileError) -> Double? {
        guard let value = object[key], !(value is NSNull) else { return nil }
        return try number(key, from: lower, to: upper)
    }

    /// A whole number of tokens.
    func tokens(_ key: String, from lower: Double = 1) throws(FileError) -> Int {
        let number = try number(key, from: lower, to: Self.tokensMax)
        guard number == number.rounded() else { throw refusal(key, expected: "a whole number") }
        return Int(number)
    }

    /// The object under a key.
    func inner(_ key: String) throws(FileError) -> LogRow {
        guard let value = object[key], !(value is NSNull) else { throw .missingKey(place(key)) }
        guard let inner = value as? [String: Any] else { throw refusal(key, expected: "an object") }
        return LogRow(path: path, line: line, object: inner, prefix: "\(prefix)\(key).")
    }

    func has(_ key: String) -> Bool { object[key].map { !($0 is NSNull) } ?? false }

    func refusal(_ key: String, expected: String) -> FileError {
        .invalidValue(place(key), found: object[key].map { "\($0)".short } ?? "nothing", expected: expected)
    }

    func place(_ key: String) -> Place { Place(file: path, line: line, key: "\(prefix)\(key)") }
}

extension String {
    /// Its beginning: a value of a foreign file may be a megabyte.
    fileprivate var short: String { count > 60 ? "\(prefix(60))..." : self }
}
