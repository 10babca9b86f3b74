import DatabaseSchema
import Foundation
import Testing

@Suite struct HousekeepingTests {
    private static let topLevel: Set<String> = [
        "Package.swift", "README.md", "LICENSE", "CHANGELOG.md", "Sources", "Tests", "Workloads", "Database",
        "Scripts",
    ]

    @Test func migrationsListedAreTheMigrationsInTheFolder() {
        let files = SourceTree.files(under: "Database/Migrations", endings: ["sql"]).map {
            URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent
        }
        #expect(DatabaseSchema.migrations.map(\.name) == files)
        #expect(!files.isEmpty)
    }

    @Test func theTopLevelHoldsNothingElse() throws {
        guard let tracked = try SourceTree.tracked() else { return }
        let names = Set(tracked.compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(names.filter { !$0.hasPrefix(".") }.isSubset(of: Self.topLevel))
    }

    @Test func scriptsAreExecutable() throws {
        let folder = SourceTree.root.appendingPathComponent("Scripts")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where !name.hasPrefix("_") && !name.hasSuffix(".md") {
            let path = folder.appendingPathComponent(name).path
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            #expect(isFolder.boolValue || FileManager.default.isExecutableFile(atPath: path), "\(path)")
        }
    }

    @Test func noFileIsAJunkDrawer() throws {
        for folder in ["Sources", "Tests", "Database"] {
            for file in SourceTree.files(under: folder, endings: ["swift"]) {
                let name = URL(fileURLWithPath: file).lastPathComponent
                for vague in ["Util", "Manager", "Helper", "Misc", "Common"] {
                    #expect(!name.contains(vague), "\(file): name the duty instead")
                }
                let lines = try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false)
                    .count
                #expect(lines <= 500, "\(file) has \(lines) lines: does it still have one duty?")
            }
        }
    }
}
