import Foundation
import Testing

/// The layer table of `Sources/README.md` is the rule; the import lines must follow it.
///
/// SwiftPM lets an import of a transitive target through, so the build alone does not enforce the layers.
@Suite struct LayeringTests {
    private struct Row {
        let layer: Int
        let target: String
        let mayImport: Set<String>
    }

    private static let system: Set<String> = [
        "Foundation", "Glibc", "Musl", "Darwin", "Synchronization", "Dispatch",
    ]

    private func table() throws -> [Row] {
        try SourceTree.text("Sources/README.md").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 6, let layer = Int(cells[1]) else { return nil }
            let names = cells[4].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return Row(
                layer: layer, target: cells[2].replacingOccurrences(of: "`", with: ""),
                mayImport: Set(names.filter { $0 != "nothing" }))
        }
    }

    private func folder(of target: String) -> String {
        target == "DatabaseSchema" ? "Database" : "Sources/\(target)"
    }

    @Test func everyTargetHasARow() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appendingPathComponent("Sources").path
        ).filter { !$0.hasSuffix(".md") }
        #expect(Set(try table().map(\.target)) == Set(folders).union(["DatabaseSchema"]))
    }

    @Test func importLinesFollowTheTable() throws {
        let rows = try table()
        let layers = Dictionary(uniqueKeysWithValues: rows.map { ($0.target, $0.layer) })
        for row in rows {
            for file in SourceTree.files(under: folder(of: row.target), endings: ["swift"]) {
                for module in try SourceTree.imports(of: file) where !Self.system.contains(module) {
                    #expect(
                        row.mayImport.contains(module),
                        "\(file) imports \(module), which its row does not list")
                    if let layer = layers[module] {
                        #expect(
                            layer < row.layer,
                            "\(file) imports \(module) of layer \(layer) from layer \(row.layer)")
                    }
                }
            }
        }
    }
}
