import Catalog
import Foundation
import Importing
import Testing
import Vocabulary

/// A small foreign file, written for one test.
struct ImportedFile {
    let path: String

    init(_ text: String, name: String = "file") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "import-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        path = file.path
    }

    func rows(_ kind: String, _ mapping: ImportMapping = ImportMapping()) throws -> [ImportedRow] {
        var rows: [ImportedRow] = []
        let importer = try #require(Importers.named(kind))
        try importer.read(ImportInput(path: path, mapping: mapping)) { rows.append($0) }
        return rows
    }

    func figures(_ kind: String, _ mapping: ImportMapping = ImportMapping()) throws -> [ImportedFigure] {
        try rows(kind, mapping).compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
    }

    func refusals(_ kind: String, _ mapping: ImportMapping = ImportMapping()) throws -> [String] {
        try rows(kind, mapping).compactMap {
            if case .refused(let line, let reason) = $0 { "\(line): \(reason)" } else { nil }
        }
    }
}
