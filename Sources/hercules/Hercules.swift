import ArgumentParser
import Pipeline
import Store

/// The command: parses, calls the pipeline, prints, exits.
@main
struct Hercules: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hercules",
        abstract: "Decides which servers run which models, how, and when.",
        discussion: """
            Profiles inference models on this machine, searches the best schedule for every model on every \
            server type, plans a fleet with an integer program, and replays load traces under several \
            policies.

            Example: hercules run Workloads/scenarios/quickstart.yaml

            Exit codes: 0 done, 1 failed, 2 demand that cannot be served, 64 wrong usage.
            """,
        version: Recorder.toolVersion,
        subcommands: [
            InitCommand.self, RunCommand.self, ProfileCommand.self, ProfileCompareCommand.self,
            ProfileStatusCommand.self,
            ImportCommand.self, FitCommand.self, SearchCommand.self,
            PlanCommand.self, ReplayCommand.self, StudyCommand.self,
            ForecastCommand.self, ReportCommand.self, ExportCommand.self, TraceCommand.self,
            CatalogCommand.self, DatabaseCommand.self,
            DoctorCommand.self,
        ])

    /// Commands of two words. `profile` takes a file, and a command cannot have both an argument and
    /// subcommands, so the two words are read as one name.
    private static let twoWordNames = [
        ProfileCompareCommand.configuration.commandName, ProfileStatusCommand.configuration.commandName,
    ]

    static func main() {
        StandardStreams.occupy()
        var arguments = Array(CommandLine.arguments.dropFirst())
        let name = arguments.prefix(2).joined(separator: " ")
        if twoWordNames.contains(name) { arguments.replaceSubrange(..<2, with: [name]) }
        do {
            var command = try parseAsRoot(arguments)
            do {
                try command.run()
                try OpenSession.end(.finished)
            } catch {
                // The first error is the one to report, whatever becomes of the note. A demand that cannot be
                // served is an outcome.
                try? OpenSession.end(error as? ExitCode == ExitStatus.infeasible ? .finished : .failed)
                UsageRefusal(error, of: type(of: command))?.exit()
                throw error
            }
            // Work that went into a file that is no longer there is not done.
            try OpenDatabases.leave()
            end(.success)
        } catch {
            let (text, code) = (fullMessage(for: error), exitCode(for: error))
            if !text.isEmpty {
                // Help that was asked for is a result; everything else is an error.
                if code == .success { emit(text + "\n") } else { StandardStreams.complain(text + "\n") }
            }
            end(code)
        }
    }

    /// Ends the process. A result that did not reach the standard output is none.
    private static func end(_ code: ExitCode) -> Never {
        guard let failure = StandardStreams.outputFailure else { exit(withError: code) }
        StandardStreams.complain("Error: \(failure)\n")
        exit(withError: ExitCode.failure)
    }
}

/// Exit codes that scripts rely on.
enum ExitStatus {
    /// The demand cannot be served, or a target is missed.
    static let infeasible = ExitCode(2)
}
