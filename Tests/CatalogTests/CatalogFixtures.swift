import Catalog
import Files
import TestSupport
import Traces
import Vocabulary

extension WorkingCopy {
    var catalog: Catalog { get throws { try Catalog(directory: path) } }
}

extension Catalog {
    /// A scenario whose traces are read as every layout says.
    func scenario(
        at path: String, host: DetectedHost? = nil, known: KnownNames = KnownNames()
    ) throws(FileError) -> ResolvedScenario {
        try scenario(at: path, host: host, known: known) { (path, options) throws(FileError) in
            try TraceImporter(options: options).read(path: path)
        }
    }
}
