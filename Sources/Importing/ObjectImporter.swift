import Files
import Foundation
import Vocabulary

/// An importer of JSON objects with one figure each.
protocol ObjectImporter: Importer {
    /// Paths without which an object is not of this format.
    var keys: [String] { get }
    /// Paths that are read where they are there. Lists of single requests are never among them.
    var optionalKeys: [String] { get }
    /// The key of the list in which the objects stand, where the format wraps them in one.
    var list: String? { get }

    /// - Parameter object: for what paths cannot say.
    func figure(
        _ cells: ImportCells, _ object: [String: Any], _ input: ImportInput
    ) throws(RowRefusal) -> ImportedFigure
}

extension ObjectImporter {
    var list: String? { nil }
    var mappedColumns: [String] { keys + optionalKeys }

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try requireKnownNames(of: input)
        let said = OwnColumns.said(by: input.mapping, beside: mappedColumns)
        let names = mappedColumns + said
        var paths: [(name: String, path: JSONPath)] = []
        for name in names {
            guard let file = input.mapping.columns[name] ?? (said.contains(name) ? nil : name) else {
                continue
            }
            guard let path = JSONPath(file) else {
                throw FileError.invalidValue(
                    Place(file: input.path, line: nil, key: "mapping.columns.\(name)"), found: "'\(file)'",
                    expected: JSONPath.expected)
            }
            paths.append((name, path))
        }
        try JSONObjects.read(input.path, list: list) { object, number in
            var columns: [String: Int] = [:]
            var fields: [String] = []
            for (name, path) in paths where input.mapping.constants[name] == nil {
                let found = path.values(in: object, root: object).compactMap(JSONPath.scalarText)
                guard found.count == 1 else { continue }
                columns[name] = fields.count
                fields.append(found[0])
            }
            if let missing = keys.first(where: { columns[$0] == nil && input.mapping.constants[$0] == nil }) {
                throw FileError.malformed(
                    file: input.path, line: nil,
                    found: "an object without '\(input.mapping.columns[missing] ?? missing)' "
                        + "(number \(number))",
                    expected: "the keys \(keys.joined(separator: ", "))")
            }
            for name in input.mapping.columns.keys.sorted()
            where columns[name] == nil && input.mapping.constants[name] == nil {
                throw FileError.malformed(
                    file: input.path, line: nil,
                    found: "no single value at '\(input.mapping.columns[name] ?? name)' (object \(number))",
                    expected: "the mapping's \(name)")
            }
            var cells = ImportCells(columns: columns, mapping: input.mapping)
            cells.fields = fields
            cells.line = number
            try take(
                input.row(line: number) { () throws(RowRefusal) in
                    var figure = try figure(cells, object, input)
                    try OwnColumns.read(said, of: cells, into: &figure)
                    return .figure(figure)
                })
        }
    }
}
