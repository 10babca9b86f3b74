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
            CatalogCommand.self, LanguageModelCommand.self, ArchitectureCommand.self, DatabaseCommand.self,
            ControllerCommand.self, DoctorCommand.self, CompletionsCommand.self, ManualCommand.self,
        ])

    static func main() {
        StandardStreams.occupy()
        let words = VerbWords(Array(CommandLine.arguments.dropFirst()))
        do {
            try words.requireKnownVerb()
            var command = try parseAsRoot(words.arguments)
            do {
                try command.run()
                try OpenSession.end(.finished)
            } catch {
                // The first error is the one to report, whatever becomes of the note. A demand that cannot be
                // served is an outcome.
                try? OpenSession.end(error as? ExitCode == ExitStatus.infeasible ? .finished : .failed)
                guard let refusal = UsageRefusal(error, of: type(of: command)) else { throw error }
                say(ErrorReport(refusal.reason, refusal.text, cause: error, code: .validationFailure), words)
            }
            // Work that went into a file that is no longer there is not done.
            try OpenDatabases.leave()
            end(.success)
        } catch {
            let (text, code) = (fullMessage(for: error), exitCode(for: error))
            // Help that was asked for is a result; everything else is an error.
            if code == .success {
                if !text.isEmpty { emit(text + "\n") }
                end(code)
            }
            // An outcome that a verb has told already has no text.
            if text.isEmpty { end(code) }
            say(ErrorReport(message(for: error), text + "\n", cause: error, code: code), words)
        }
    }

    /// Says what went wrong in the form that was asked for, and ends the process.
    private static func say(_ report: ErrorReport, _ words: VerbWords) -> Never {
        StandardStreams.complain(words.asksForJSON ? report.json : report.text)
        end(report.code)
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

extension ParsableCommand {
    /// Does work whose floors or limits may be out of reach: that is an outcome like a demand that cannot be
    /// served.
    func tellingOutOfReach<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as PipelineError {
            switch error {
            case .floorOutOfReach(let reason), .targetOutOfReach(let reason):
                StandardStreams.complain("Error: \(reason)\n")
                throw ExitStatus.infeasible
            default: throw error
            }
        }
    }

    /// Refuses what a scenario with pipelines has no answer to.
    /// - Parameter asked: options that were given.
    func refuseBesidePipelines(_ asked: [String]) throws {
        guard !asked.isEmpty else { return }
        throw ValidationError(
            "the scenario has pipelines, whose plans share boxes and minimise provisioned power alone: leave "
                + "out " + asked.joined(separator: ", "))
    }

    /// Refuses what a scenario with tasks has no answer to.
    /// - Parameter asked: options that were given.
    func refuseBesideTasks(_ asked: [String]) throws {
        guard !asked.isEmpty else { return }
        throw ValidationError(
            "the scenario has tasks, of which plans choose variants: leave out "
                + asked.joined(separator: ", ")
        )
    }
}
