import Files
import Quantities
import Vocabulary

/// The cells of one row by the names of their columns. An empty cell is nil.
struct ImportCells {
    private let positions: [String: Int]
    private let constants: [String: String]
    private let factors: [String: Double]
    /// The file's names of columns by ours, where a mapping has them.
    private let fileNames: [String: String]
    private let groupsThousands: Bool
    /// Every column that has a cell or a constant, in order.
    let given: [String]
    var fields: [String] = []
    var line = 0

    /// - Parameters:
    ///   - columns: names with the positions of their cells.
    ///   - mapping: values of columns that the file does not have, and what numbers are multiplied by.
    ///   - groupsThousands: whether commas group the digits of numbers.
    init(
        columns: [String: Int], mapping: ImportMapping = ImportMapping(), groupsThousands: Bool = false
    ) {
        self.groupsThousands = groupsThousands
        positions = columns
        constants = mapping.constants
        factors = mapping.factors
        fileNames = mapping.columns
        given = Set(columns.keys).union(mapping.constants.keys).sorted()
    }

    /// Why a cell cannot be read: with what stands in the file, under the name that it has there.
    func refusal(_ column: String, expected: String) -> RowRefusal {
        let found = text(column).map { "'\($0.prefix(40))'" } ?? "nothing"
        return RowRefusal("\(label(column)): found \(found), expected \(expected)")
    }

    private func label(_ column: String) -> String {
        guard positions[column] != nil else {
            return constants[column] == nil ? column : "\(column) (a constant of the mapping)"
        }
        guard let name = fileNames[column], name != column else { return column }
        return "\(name) (read as \(column))"
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
        guard let text = text(column) else { throw refusal(column, expected: "a text") }
        return text
    }

    /// A name that the format may leave out: from the first of several columns, or from the mapping's
    /// constants.
    func name(_ column: String, under columns: [String] = []) throws(RowRefusal) -> String {
        guard let text = (columns + [column]).lazy.compactMap(text).first else {
            throw RowRefusal(
                "\(column): found nothing, expected it on the command line, or in a mapping: "
                    + "`constants: {\(column): NAME}`")
        }
        return text
    }

    /// A number of at least 0 and at most 1e15, which keeps all arithmetic after it finite.
    func number(_ column: String) throws(RowRefusal) -> Double? {
        guard let text = text(column) else { return nil }
        let digits = groupsThousands ? text.filter { $0 != "," } : text
        guard let number = DecimalNumber.value(of: digits), number >= 0, number <= 1e15 else {
            throw refusal(column, expected: "a number from 0 to 1e15")
        }
        return number * (factors[column] ?? 1)
    }

    func requiredNumber(_ column: String) throws(RowRefusal) -> Double {
        guard let number = try number(column) else {
            throw refusal(column, expected: "a number from 0 to 1e15")
        }
        return number
    }

    /// A number above 0.
    func positiveNumber(_ column: String) throws(RowRefusal) -> Double? {
        guard let number = try number(column) else { return nil }
        guard number > 0 else {
            throw refusal(column, expected: "a number above 0")
        }
        return number
    }

    /// A whole number from 1 to 1e9; `8.0` is one.
    func count(_ column: String) throws(RowRefusal) -> Int? {
        guard let number = try number(column) else { return nil }
        guard number >= 1, number <= 1e9, number == number.rounded() else {
            throw refusal(column, expected: "a whole number from 1 to 1e9")
        }
        return Int(number)
    }

    /// A time in a unit of so many seconds, at most 1e9 s.
    func time(_ column: String, unitSeconds: Double) throws(RowRefusal) -> Nanoseconds? {
        guard let number = try number(column) else { return nil }
        guard number * unitSeconds <= 1e9 else {
            throw refusal(column, expected: "a time of at most 1e9 s")
        }
        return Nanoseconds(seconds: number * unitSeconds)
    }

    func milliseconds(_ column: String) throws(RowRefusal) -> Nanoseconds? {
        try time(column, unitSeconds: 1e-3)
    }

    /// The time in the first of several columns that has one.
    func firstTime(of columns: [String], unitSeconds: Double) throws(RowRefusal) -> Nanoseconds? {
        for column in columns {
            if let time = try time(column, unitSeconds: unitSeconds) { return time }
        }
        return nil
    }

    /// The number in the first of several columns that has one.
    func firstNumber(of columns: [String]) throws(RowRefusal) -> Double? {
        for column in columns {
            if let number = try number(column) { return number }
        }
        return nil
    }
}
