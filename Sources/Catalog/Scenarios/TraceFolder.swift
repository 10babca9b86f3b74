import Files
import Vocabulary

/// Reads the trace in a file: what the catalogue is given, as it knows no layouts of traces itself.
public typealias TraceReading =
    @Sendable (_ path: String, _ options: TraceImportOptions) throws(FileError) ->
    (trace: Trace, summary: TraceImportSummary)

/// Where the traces and tariffs lie that a scenario names, and how to read them.
struct TraceFolder: Sendable {
    let path: String
    let read: TraceReading

    /// The path of a file that a scenario names: its own where absolute, else one of this folder.
    func path(of file: String) -> String { file.hasPrefix("/") ? file : "\(path)/\(file)" }
}
