import ArgumentParser
import Foundation
import Pipeline
import Reporting
import Store
import Vocabulary

/// How results are written to the standard output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, csv

    /// The renderer that the format asks for.
    var rendering: Rendering {
        switch self {
        case .text: .lines(OutputTerminal.style)
        case .json: .json
        case .csv: .csv
        }
    }
}

/// Where results are kept.
struct DatabaseOption: ParsableArguments {
    /// The file that is meant where none is named.
    static let standard = "hercules.sqlite"

    @Option(
        helpWithDefault: ArgumentHelp("The SQLite database of all results.", valueName: "file"),
        completion: .file(), transform: NameText.file)
    var database = Self.standard
}

/// How results are shown.
struct FormatOption: ParsableArguments {
    @Option(help: "The form of the output: text, json or csv.")
    var format: OutputFormat = .text

    var rendering: Rendering { format.rendering }
}

/// Where random streams begin.
struct SeedOption: ParsableArguments {
    @Option(help: "The seed of every random stream; the scenario's own unless given.")
    var seed: UInt64?
}

/// What every verb understands.
struct SharedOptions: ParsableArguments {
    @OptionGroup private var databaseOption: DatabaseOption
    @OptionGroup private var formatOption: FormatOption
    @OptionGroup private var seedOption: SeedOption

    @Flag(help: "Say nothing on the standard error but errors.")
    var quiet = false

    var database: String { databaseOption.database }
    var format: OutputFormat { formatOption.format }
    var seed: UInt64? { seedOption.seed }
    var progress: any ProgressListener { quiet ? SilentProgress() : TerminalProgress() }
}

/// The scenario a verb works on.
struct ScenarioArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A scenario file; without one, the scenario last used with the database.", valueName: "scenario"),
        completion: .file())
    var path: String?
}

/// The session of the verb that this process runs.
enum OpenSession {
    private static let lock = NSLock()
    // Unchecked: guarded by the lock.
    nonisolated(unsafe) private static var session: Session?

    static func begin(_ session: Session) { lock.withLock { self.session = session } }

    /// Notes how the verb ended, and lets its database go.
    static func end(_ status: StoredRun.Status) throws {
        let session = lock.withLock {
            defer { self.session = nil }
            return self.session
        }
        try session?.end(status)
    }
}

extension Session {
    /// Opens what the options of a verb name.
    /// - Parameter check: looks at names that only the scenario can judge; nothing is opened where it throws.
    static func open(
        _ scenario: ScenarioArgument, _ options: SharedOptions, changes: ScenarioChanges = ScenarioChanges(),
        check: (Scenario) throws -> Void = { _ in }
    ) throws -> Session {
        var changes = changes
        changes.seed = options.seed
        let session = try open(
            scenarioPath: scenario.path, databasePath: options.database, changes: changes,
            progress: options.progress, check: check)
        OpenSession.begin(session)
        return session
    }
}
