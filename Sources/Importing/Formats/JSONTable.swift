import Files
import Foundation
import Vocabulary

/// Any JSON document or JSON lines through a mapping: `rows` says where the rows stand, `columns` at which
/// path of a row, or with `$` of the whole document, each of our columns stands.
///
/// A path to several numbers needs one of `sum(...)`, `mean(...)`, `max(...)` and `count(...)` around it.
struct JSONTable: Importer {
    static let word = "json"
    let kind = JSONTable.word
    let title = "any JSON through a mapping file with paths (rows, columns)"

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try requireKnownNames(of: input)
        let mapping = input.mapping
        var cellPaths: [(column: String, cell: CellPath)] = []
        for (column, text) in mapping.columns.sorted(by: { $0.key < $1.key }) {
            guard let cell = CellPath(text) else {
                throw Self.badPath(input.path, "columns.\(column)", text)
            }
            cellPaths.append((column, cell))
        }
        for column in OwnColumns.required
        where mapping.columns[column] == nil && mapping.constants[column] == nil {
            throw FileError.missingKey(
                Place(file: input.path, line: nil, key: "mapping.columns.\(column)"))
        }
        var rowsPath: JSONPath?
        if let text = mapping.rows {
            guard let path = JSONPath(text) else { throw Self.badPath(input.path, "rows", text) }
            rowsPath = path
        }
        var number = 0
        var documents = 0
        try JSONObjects.read(input.path) { root, _ in
            documents += 1
            let rows = rowsPath?.values(in: root, root: root) ?? [root]
            for row in rows {
                number += 1
                let line = number
                try take(
                    input.row(line: line) { () throws(RowRefusal) in
                        .figure(try Self.figure(row, root, cellPaths, mapping, line: line))
                    })
            }
        }
        guard number > 0 else {
            throw FileError.malformed(
                file: input.path, line: nil, found: "nothing at '\(mapping.rows ?? "")'",
                expected: "at least one row")
        }
    }

    private static func badPath(_ file: String, _ key: String, _ text: String) -> FileError {
        .invalidValue(
            Place(file: file, line: nil, key: "mapping.\(key)"), found: "'\(text)'",
            expected: JSONPath.expected)
    }

    private static func figure(
        _ row: Any, _ root: Any, _ cellPaths: [(column: String, cell: CellPath)], _ mapping: ImportMapping,
        line: Int
    ) throws(RowRefusal) -> ImportedFigure {
        var columns: [String: Int] = [:]
        var fields: [String] = []
        for (column, cell) in cellPaths where mapping.constants[column] == nil {
            guard let text = try cell.text(in: row, root: root, column: column) else { continue }
            columns[column] = fields.count
            fields.append(text)
        }
        var cells = ImportCells(columns: columns, mapping: mapping)
        cells.fields = fields
        cells.line = line
        var figure = ImportedFigure(
            line: line, model: try cells.requiredText("model"), server: try cells.requiredText("server"))
        figure.throughput = try cells.requiredNumber("throughput")
        try OwnColumns.read(cells.given, of: cells, into: &figure)
        return figure
    }
}

/// A path, alone or within a function over all numbers it leads to.
private struct CellPath {
    private enum Function: String, CaseIterable {
        case sum, mean, max, count
    }

    private let path: JSONPath
    private let function: Function?

    init?(_ text: String) {
        let function = Function.allCases.first { text.hasPrefix("\($0.rawValue)(") && text.hasSuffix(")") }
        self.function = function
        let inner = function.map { String(text.dropFirst($0.rawValue.count + 1).dropLast()) } ?? text
        guard let path = JSONPath(inner) else { return nil }
        self.path = path
    }

    /// What a cell says; nil where the path leads nowhere or to null.
    func text(in row: Any, root: Any, column: String) throws(RowRefusal) -> String? {
        let values = path.values(in: row, root: root)
        guard let function else {
            guard values.count <= 1 else {
                throw RowRefusal(
                    "\(column): found \(values.count) values at \(path.text), "
                        + "expected one, or sum(...), mean(...), max(...), count(...)")
            }
            guard let value = values.first, !(value is NSNull) else { return nil }
            guard let text = JSONPath.scalarText(value) else {
                throw RowRefusal(
                    "\(column): found a list or an object at \(path.text), expected a text or a number")
            }
            return text
        }
        if function == .count { return values.isEmpty ? nil : "\(values.count)" }
        // A sum with a missing part is unknown.
        let numbers = values.compactMap { JSONPath.scalarText($0).flatMap { DecimalNumber.value(of: $0) } }
        guard !numbers.isEmpty, numbers.count == values.count else { return nil }
        let sum = numbers.reduce(0, +)
        switch function {
        case .sum: return "\(sum)"
        case .mean: return "\(sum / Double(numbers.count))"
        case .max, .count: return numbers.max().map { "\($0)" }
        }
    }
}
