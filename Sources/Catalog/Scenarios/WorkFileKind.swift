import Files

/// What a file that `hercules profile` is given describes.
public enum WorkFileKind: Hashable, Sendable {
    case scenario
    case job

    /// Keys that only a scenario has.
    private static let scenarioKeys = ["fleet", "trace", "profile", "search", "replay"]
    /// Keys that only a job has.
    private static let jobKeys = ["engines", "server", "hosts", "schedules", "loads"]

    /// Tells the two apart by the keys at the top of the file, so that a misspelt key elsewhere is reported
    /// by the reader that the file was meant for.
    /// - Throws: `FileError` where the file is not YAML, or has keys of both kinds or of neither.
    public static func of(path: String) throws(FileError) -> WorkFileKind {
        let document = try YAMLValue(path: path)
        let keys = try document.entries().map(\.name)
        let ofScenario = keys.filter(scenarioKeys.contains)
        let ofJob = keys.filter(jobKeys.contains)
        switch (ofScenario.isEmpty, ofJob.isEmpty) {
        case (false, true): return .scenario
        case (true, false): return .job
        case (true, true):
            throw .invalidValue(
                document.place, found: "the keys \(keys.joined(separator: ", "))",
                expected: "a scenario (with \(scenarioKeys.joined(separator: ", "))) or a profile job (with "
                    + "\(jobKeys.joined(separator: ", ")))")
        case (false, false):
            throw .invalidValue(
                document.place,
                found: "keys of a scenario (\(ofScenario.joined(separator: ", "))) beside keys of a profile "
                    + "job (\(ofJob.joined(separator: ", ")))",
                expected: "one or the other")
        }
    }
}
