import ArgumentParser
import Foundation
import Pipeline
import Reporting
import Vocabulary

/// How results are written to the standard output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, csv
}

/// What every verb understands.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The SQLite database of all results.", valueName: "file"))
    var database = "hercules.sqlite"

    @Option(help: "The form of the output: text, json or csv.")
    var format: OutputFormat = .text

    @Option(help: "The seed of every random stream; the scenario's own unless given.")
    var seed: UInt64?

    @Flag(help: "Say nothing on the standard error but errors.")
    var quiet = false

    var progress: any ProgressListener { quiet ? SilentProgress() : TerminalProgress() }
}

/// The scenario a verb works on.
struct ScenarioArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A scenario file; without one, the scenario last used with the database.", valueName: "scenario"))
    var path: String?
}

extension OutputFormat {
    /// The renderer that the format asks for.
    var rendering: Rendering {
        switch self {
        case .text: .text
        case .json: .json
        case .csv: .csv
        }
    }
}

extension Workbench {
    /// Opens what the options of a verb name.
    static func open(
        _ scenario: ScenarioArgument, _ options: SharedOptions, changes: ScenarioChanges = ScenarioChanges()
    ) throws -> Workbench {
        var changes = changes
        changes.seed = options.seed
        return try open(
            scenarioPath: scenario.path, databasePath: options.database, changes: changes,
            progress: options.progress)
    }
}

/// Writes to the standard output as it is, without buffering surprises at exit.
func emit(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}
