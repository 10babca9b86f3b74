import Files
import Quantities
import Vocabulary

/// The cells of one row by the names of their columns. An empty cell is nil.
struct ImportCells {
    private let positions: [String: Int]
    private let constants: [String: String]
    private let factors: [String: Double]
    var fields: [String] = []
    var line = 0

    /// - Parameters:
    ///   - columns: names with the positions of their cells.
    ///   - constants: values of columns that the file does not have.
    ///   - factors: what numbers are multiplied by.
    init(columns: [String: Int], constants: [String: String] = [:], factors: [String: Double] = [:]) {
        positions = columns
        self.constants = constants
        self.factors = factors
    }

    func text(_ column: String) -> String? {
        guard let position = positions[column] else { return constants[column] }
        let field = fields[position]
        guard let first = field.utf8.first, let last = field.utf8.last else { return nil }
        if first != 0x20, last != 0x20 { return field }
        let trimmed = field.drop { $0 == " " }
        let end = trimmed.lastIndex { $0 != " " }
        return end.map { String(trimmed[...$0]) }
    }

    func requiredText(_ column: String) throws(RowRefusal) -> String {
        guard let text = text(column) else { throw RowRefusal("\(column): found nothing, expected a text") }
        return text
    }

    /// A name that the format may leave out: from the first of several columns, or from the mapping's
    /// constants.
    func name(_ column: String, under columns: [String] = []) throws(RowRefusal) -> String {
        guard let text = (columns + [column]).lazy.compactMap(text).first else {
            throw RowRefusal(
                "\(column): found nothing, expected it in a mapping: `constants: {\(column): NAME}`")
        }
        return text
    }

    /// A number of at least 0 and at most 1e15, which keeps all arithmetic after it finite.
    func number(_ column: String) throws(RowRefusal) -> Double? {
        guard let text = text(column) else { return nil }
        guard let number = DecimalNumber.value(of: text), number >= 0, number <= 1e15 else {
            throw RowRefusal(column: column, found: text, expected: "a number from 0 to 1e15")
        }
        return number * (factors[column] ?? 1)
    }

    func requiredNumber(_ column: String) throws(RowRefusal) -> Double {
        guard let number = try number(column) else {
            throw RowRefusal("\(column): found nothing, expected a number from 0 to 1e15")
        }
        return number
    }

    /// A number above 0.
    func positiveNumber(_ column: String) throws(RowRefusal) -> Double? {
        guard let number = try number(column) else { return nil }
        guard number > 0 else {
            throw RowRefusal(column: column, found: text(column) ?? "", expected: "a number above 0")
        }
        return number
    }

    /// A whole number from 1 to 1e9; `8.0` is one.
    func count(_ column: String) throws(RowRefusal) -> Int? {
        guard let number = try number(column) else { return nil }
        guard number >= 1, number <= 1e9, number == number.rounded() else {
            throw RowRefusal(
                column: column, found: text(column) ?? "", expected: "a whole number from 1 to 1e9")
        }
        return Int(number)
    }

    /// A time in a unit of so many seconds, at most 1e9 s.
    func time(_ column: String, unitSeconds: Double) throws(RowRefusal) -> Nanoseconds? {
        guard let number = try number(column) else { return nil }
        guard number * unitSeconds <= 1e9 else {
            throw RowRefusal(column: column, found: text(column) ?? "", expected: "a time of at most 1e9 s")
        }
        return Nanoseconds(seconds: number * unitSeconds)
    }

    func milliseconds(_ column: String) throws(RowRefusal) -> Nanoseconds? {
        try time(column, unitSeconds: 1e-3)
    }
}
