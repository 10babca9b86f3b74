import Files
import Foundation
import Vocabulary

/// An importer of JSON objects with one figure each.
protocol ObjectImporter: Importer {
    /// Keys without which an object is not of this format.
    var keys: [String] { get }
    /// The key of the list in which the objects stand, where the format wraps them in one.
    var list: String? { get }

    func figure(_ cells: ImportCells, _ input: ImportInput) throws(RowRefusal) -> ImportedFigure
}

extension ObjectImporter {
    var list: String? { nil }

    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try JSONObjects.read(input.path, list: list) { object, number in
            if let missing = keys.first(where: { object[$0] == nil && input.mapping.constants[$0] == nil }) {
                throw FileError.malformed(
                    file: input.path, line: nil, found: "an object without '\(missing)' (number \(number))",
                    expected: "the keys \(keys.joined(separator: ", "))")
            }
            var columns: [String: Int] = [:]
            var fields: [String] = []
            for (key, value) in object {
                // Lists and objects within hold single requests, which nothing is read from.
                let text: String? =
                    switch value {
                    case let text as String: text
                    case let number as NSNumber: "\(number)"
                    default: nil
                    }
                guard let text else { continue }
                columns[key] = fields.count
                fields.append(text)
            }
            var cells = ImportCells(
                columns: columns, constants: input.mapping.constants, factors: input.mapping.factors)
            cells.fields = fields
            cells.line = number
            try take(input.row(line: number) { () throws(RowRefusal) in .figure(try figure(cells, input)) })
        }
    }
}
