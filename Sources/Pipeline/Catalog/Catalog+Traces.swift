import Catalog
import Files
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
}
