import Foundation

/// The verbs and options of the live controller, as its sources declare them.
///
/// Its executable is built only for whoever asks for it, so that its help pages may not be there.
enum ControllerWords {
    /// For example `run`.
    static func verbs() throws -> Set<String> {
        let declared = try sources().flatMap { text in
            text.matches(of: #/commandName: "([a-z]+)"/#).map { String($0.output.1) }
        }
        // The parser adds this one by itself.
        return Set(declared).union(["help"])
    }

    /// For example `--scale-command`.
    static func options() throws -> Set<String> {
        let declaration = #/@(?:Option|Flag)\b[\s\S]*?\bvar (\w+)/#
        return Set(
            try sources().flatMap { text in
                text.matches(of: declaration).map { "--\(dashed(String($0.output.1)))" }
            })
    }

    private static func sources() throws -> [String] {
        try SourceTree.files(under: "Sources/hercules-controller/Commands", endings: ["swift"])
            .map(SourceTree.text)
    }

    /// `caFile` is `ca-file` on the command line.
    private static func dashed(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
    }
}
