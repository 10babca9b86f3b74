import Files
import Vocabulary

/// Reads the trace in a file: what the catalogue is given, as it knows no layouts of traces itself.
public typealias TraceReading =
    @Sendable (_ path: String, _ options: TraceImportOptions) throws(FileError) ->
    (trace: Trace, summary: TraceImportSummary)

/// Where the traces and tariffs lie that a scenario names, and how to read them.
struct TraceFolder: Sendable {
    /// The folders of the catalogue that hold traces, the nearest first.
    let folders: [String]
    let read: TraceReading

    /// The path of a file that a scenario names. A name without a folder is one of the catalogue's traces;
    /// any other relative path starts at the folder of the file that says it.
    /// - Throws: where nothing of that name is in either place.
    func path(of value: YAMLValue) throws(FileError) -> String {
        let file = try value.text()
        if file.hasPrefix("/") { return file }
        let beside = try value.path()
        let named = folders.map { "\($0)/\(file)" }
        let places = file.contains("/") ? [beside] + named : named + [beside]
        if let found = places.first(where: FileContents.exists) { return found }
        guard !file.contains("/") else { return beside }
        var known: [String] = []
        for folder in folders where FileContents.isDirectory(folder) {
            known += try FileContents.names(in: folder, suffix: ".csv").map { $0 + ".csv" }
        }
        throw .unknownName(value.place, kind: "a trace", found: file, known: known)
    }
}
