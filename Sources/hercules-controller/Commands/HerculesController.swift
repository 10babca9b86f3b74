import ArgumentParser
import Foundation
import Pipeline
import Vocabulary

/// The live controller: a service beside the command, with the packages that a server needs.
@main
struct HerculesController: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hercules controller",
        abstract: "Drives a fleet from live loads: advice first, every decision explained.",
        discussion: """
            Exit codes: 0 done, 1 failed, 2 nothing that can be trusted, 64 wrong usage.
            """,
        version: Recorder.toolVersion,
        subcommands: [
            RunCommand.self, StatusCommand.self, DecisionsCommand.self, ExplainCommand.self,
            SavingsCommand.self, VerifyCommand.self, RecordCommand.self, RehearseCommand.self,
            ScaledObjectsCommand.self, LintCommand.self, TokenCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let fault as any UsageFault where fault.isUsage {
            exit(withError: ValidationError(fault.description))
        } catch {
            exit(withError: error)
        }
    }
}
