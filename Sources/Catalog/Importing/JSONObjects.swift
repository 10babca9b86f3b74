import Foundation
import Vocabulary

/// The objects of a JSON file: one object, a list of them, or one a line.
enum JSONObjects {
    /// A file is read whole; a larger one is refused.
    private static let bytesMax = 256 << 20

    static func read(
        _ path: String, take: (_ object: [String: Any], _ number: Int) throws -> Void
    ) throws {
        let bytes = try FileContents.bytes(of: path, expected: "a JSON file", max: bytesMax)
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else {
            throw CatalogError.malformed(
                file: path, line: nil, found: "an empty file", expected: "a JSON object, or a list of them")
        }
        if let whole = try? JSONSerialization.jsonObject(with: Data(bytes)) {
            if let object = whole as? [String: Any] { return try take(object, 1) }
            guard let list = whole as? [Any], !list.isEmpty else {
                throw CatalogError.malformed(
                    file: path, line: nil, found: "JSON that is neither an object nor a list of them",
                    expected: "a JSON object, or a list of them")
            }
            for (index, element) in list.enumerated() {
                guard let object = element as? [String: Any] else {
                    throw CatalogError.malformed(
                        file: path, line: nil, found: "item \(index + 1) of the list that is no object",
                        expected: "objects")
                }
                try take(object, index + 1)
            }
            return
        }
        var line = 0
        for text in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            guard text.contains(where: { $0 > 0x20 }) else { continue }
            guard let object = (try? JSONSerialization.jsonObject(with: Data(text))) as? [String: Any] else {
                throw CatalogError.malformed(
                    file: path, line: line, found: "text that is not a JSON object",
                    expected: "one JSON object a line, or one JSON document")
            }
            try take(object, line)
        }
    }
}

/// An importer of JSON objects with one figure each.
protocol ObjectImporter: Importer {
    /// Keys without which an object is not of this format.
    var keys: [String] { get }

    func figure(_ cells: ImportCells, _ input: ImportInput) throws(RowRefusal) -> ImportedFigure
}

extension ObjectImporter {
    func read(_ input: ImportInput, take: (ImportedRow) throws -> Void) throws {
        try JSONObjects.read(input.path) { object, number in
            if let missing = keys.first(where: { object[$0] == nil && input.mapping.constants[$0] == nil }) {
                throw CatalogError.malformed(
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
