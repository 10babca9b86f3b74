import ArgumentParser
import Files
import Reporting

/// What went wrong, for people and for programs.
struct ErrorReport {
    /// What people read, ending with a line break.
    let text: String
    let code: ExitCode
    private let message: String
    private let faults: [FileError.Fault]

    /// - Parameters:
    ///   - message: without a verb's usage.
    ///   - text: what people read.
    ///   - cause: the error, whose places in files are told one by one.
    init(_ message: String, _ text: String, cause: any Error, code: ExitCode) {
        (self.message, self.text, self.code) = (message, text, code)
        faults = (cause as? FileError)?.faults ?? []
    }

    /// One object on one line. What is not known of a fault is null; without a file to blame there are no
    /// faults.
    var json: String {
        let members: [String: JSONValue] = [
            "error": [
                "exitCode": .integer(Int(code.rawValue)), "message": .string(message),
                "faults": .array(faults.map(Self.value)),
            ]
        ]
        return JSONValue.object(StableJSON.versioned(members)).compactText + "\n"
    }

    private static func value(of fault: FileError.Fault) -> JSONValue {
        func text(_ words: String?) -> JSONValue { words.map(JSONValue.string) ?? .null }
        return [
            "message": .string(fault.message), "file": text(fault.place?.file),
            "line": fault.place?.line.map(JSONValue.integer) ?? .null,
            "key": text(fault.place.flatMap { $0.key.isEmpty ? nil : $0.key }),
        ]
    }
}
