import Vocabulary

/// The files that an export wrote.
public struct ExportListing {
    private let files: [WrittenFile]
    private let folder: String

    public init(_ files: [WrittenFile], in folder: String) {
        self.files = files
        self.folder = folder
    }

    /// One row for each file.
    public var table: Table {
        Table(
            caption: "Written to \(folder)",
            columns: [Table.Column("file", "file", .text), Table.Column("bytes", "bytes", .count)],
            rows: files.map { [.text($0.path), .integer($0.bytes)] })
    }

    /// The listing in one of its forms. People read one line for all Kubernetes manifests, of which there
    /// may be hundreds.
    public func text(as rendering: Rendering) -> String {
        guard rendering == .text else { return rendering.render(table) }
        let sets = files.filter { $0.path.hasPrefix("kubernetes/") && $0.path.hasSuffix(".yaml") }
        let paths = Set(sets.map(\.path))
        let lines = files.filter { !paths.contains($0.path) }.map { "  \($0.path)  \($0.bytes) bytes" }
        return (["Written to \(folder):"] + lines).joined(separator: "\n")
            + "\n  kubernetes/*.yaml  \(sets.count) sets, \(sets.reduce(0) { $0 + $1.bytes }) bytes\n"
    }
}
