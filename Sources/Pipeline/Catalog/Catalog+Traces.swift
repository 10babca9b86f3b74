import Catalog
import Files
import Foundation
import Traces
import Vocabulary

extension Catalog {
    /// A scenario with everything it refers to; its traces are read as every layout says.
    /// - Parameters:
    ///   - path: the scenario's file; it need not lie in this catalogue.
    ///   - host: what `detect` in the type of this machine stands for.
    ///   - known: policies and search methods to check the scenario's names against.
    public func scenario(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames()
    ) throws(FileError) -> ResolvedScenario {
        try scenario(at: path, host: host, known: known) { (path, options) throws(FileError) in
            try TraceImporter(options: options).read(path: path)
        }
    }

    /// A live controller with the scenario of its fleet.
    /// - Parameters: as of a scenario.
    public func controller(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames()
    ) throws(FileError) -> (document: ControllerDocument, scenario: ResolvedScenario) {
        try controller(at: path, host: host, known: known) { (path, options) throws(FileError) in
            try TraceImporter(options: options).read(path: path)
        }
    }

    /// A study with the scenario whose keys it varies. Of a file that several cells read in the same way, all
    /// but the first get what was read before.
    /// - Parameters: as of a scenario.
    public func study(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames()
    ) throws(FileError) -> ResolvedStudy {
        let read = TracesRead()
        return try study(at: path, host: host, known: known) { (path, options) throws(FileError) in
            if let found = read[path, options] { return found }
            let trace = try TraceImporter(options: options).read(path: path)
            read[path, options] = trace
            return trace
        }
    }
}

/// Traces by where they lie and how they were read, for the time that one study is resolved.
private final class TracesRead: @unchecked Sendable {
    // Unchecked: guarded by the lock.
    private struct Key: Hashable {
        let path: String
        let options: TraceImportOptions
    }

    private let lock = NSLock()
    private var found: [Key: (trace: Trace, summary: TraceImportSummary)] = [:]

    subscript(path: String, options: TraceImportOptions) -> (trace: Trace, summary: TraceImportSummary)? {
        get { lock.withLock { found[Key(path: path, options: options)] } }
        set { lock.withLock { found[Key(path: path, options: options)] = newValue } }
    }
}
