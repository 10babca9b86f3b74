import Files
import Quantities
import Vocabulary

/// The cells of one row by the names of their columns. An empty cell is nil.
struct ImportCells {
    private let columns: ColumnLookup
    /// The file's names of columns by ours, where a mapping has them.
    private let fileNames: [String: String]
    private let groupsThousands: Bool
    /// Reads numbers whose decimal sign only the whole file tells; nil where commas separate fields, so that
    /// it is a point.
    private let numbers: FileNumbers?
    /// Every column that has a cell or a constant, in order.
    let given: [String]
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    var line = 0

    /// - Parameters:
    ///   - columns: names with the positions of their cells.
    ///   - mapping: values of columns that the file does not have, and what numbers are multiplied by.
    ///   - groupsThousands: whether commas group the digits of numbers.
    ///   - separator: of the file's fields.
    init(
        columns: [String: Int], mapping: ImportMapping = ImportMapping(), groupsThousands: Bool = false,
        separator: UInt8 = UInt8(ascii: ",")
    ) {
        numbers = separator == UInt8(ascii: ",") ? nil : FileNumbers(separator: separator)
        self.groupsThousands = groupsThousands
        self.columns = ColumnLookup(
            positions: columns, constants: mapping.constants, factors: mapping.factors)
        fileNames = mapping.columns
        given = Set(columns.keys).union(mapping.constants.keys).sorted()
    }

    /// The texts of all cells.
    var fields: [String] {
        get { ends.indices.map { String(decoding: bytes[range($0)], as: UTF8.self) } }
        set {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            for field in newValue {
                bytes.append(contentsOf: field.utf8)
                ends.append(bytes.count)
            }
        }
    }

    /// Takes over the current row of a table.
    /// - Returns: whether it is UTF-8.
    mutating func read(_ reader: borrowing CSVReader) -> Bool {
        line = reader.line
        return reader.copyRow(into: &bytes, ends: &ends)
    }

    private func range(_ position: Int) -> Range<Int> {
        (position == 0 ? 0 : ends[position - 1])..<ends[position]
    }

    /// The bytes of a cell of the file without spaces around them; nil where there are none.
    private func trimmed(_ position: Int) -> ArraySlice<UInt8>? {
        var range = range(position)
        while let first = range.first, bytes[first] == 0x20 { range.removeFirst() }
        while let last = range.last, bytes[last] == 0x20 { range.removeLast() }
        return range.isEmpty ? nil : bytes[range]
    }

    /// Why a cell cannot be read: with what stands in the file, under the name that it has there.
    func refusal(_ column: String, expected: String) -> RowRefusal {
        let found = text(column).map { "'\($0.prefix(40))'" } ?? "nothing"
        return RowRefusal("\(label(column)): found \(found), expected \(expected)")
    }

    private func label(_ column: String) -> String {
        switch columns.source(of: column).place {
        case .cell: break
        case .constant: return "\(column) (a constant of the mapping)"
        case .nowhere: return column
        }
        guard let name = fileNames[column], name != column else { return column }
        return "\(name) (read as \(column))"
    }

    func text(_ column: String) -> String? {
        switch columns.source(of: column).place {
        case .cell(let position): trimmed(position).map { String(decoding: $0, as: UTF8.self) }
        case .constant(let text): text
        case .nowhere: nil
        }
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
        let source = columns.source(of: column)
        let found: Double?
        switch source.place {
        case .cell(let position):
            guard let bytes = trimmed(position) else { return nil }
            if let numbers {
                let text = String(decoding: bytes, as: UTF8.self)
                found = numbers.value(of: text)
                guard found != nil || !SpreadsheetNumber.isNumberOtherwise(text) else {
                    throw refusal(column, expected: SpreadsheetNumber.expected)
                }
            } else {
                found =
                    groupsThousands
                    ? DecimalNumber.value(of: bytes.filter { $0 != UInt8(ascii: ",") }[...])
                    : DecimalNumber.value(of: bytes)
            }
        case .constant(let text): found = DecimalNumber.value(of: text)
        case .nowhere: return nil
        }
        guard let number = found, number >= 0, number <= 1e15 else {
            throw refusal(column, expected: "a number from 0 to 1e15")
        }
        return number * source.factor
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

/// The decimal sign of a file, which rows learn from one another.
private final class FileNumbers {
    private var reading: SpreadsheetNumber

    init(separator: UInt8) { reading = SpreadsheetNumber(separator: separator) }

    func value(of text: String) -> Double? { reading.value(of: text) }
}

/// Where columns are found. An importer asks for the same columns in the same order in every row, so that
/// the next one is nearly always the one after the last.
private final class ColumnLookup {
    /// Where the cells of a column are.
    enum Place {
        case cell(Int)
        case constant(String)
        case nowhere
    }

    struct Source {
        let name: String
        let place: Place
        let factor: Double
    }

    private let positions: [String: Int]
    private let constants: [String: String]
    private let factors: [String: Double]
    /// In the order in which they were first asked for.
    private var known: [Source] = []
    private var next = 0

    init(positions: [String: Int], constants: [String: String], factors: [String: Double]) {
        self.positions = positions
        self.constants = constants
        self.factors = factors
    }

    /// O(1) where columns are asked for in the order of the row before, else O(columns).
    func source(of column: String) -> Source {
        if next < known.count, known[next].name == column {
            next += 1
            return known[next - 1]
        }
        if let index = known.firstIndex(where: { $0.name == column }) {
            next = index + 1
            return known[index]
        }
        let place: Place =
            positions[column].map { .cell($0) } ?? constants[column].map { .constant($0) } ?? .nowhere
        let source = Source(name: column, place: place, factor: factors[column] ?? 1)
        known.append(source)
        next = known.count
        return source
    }
}
