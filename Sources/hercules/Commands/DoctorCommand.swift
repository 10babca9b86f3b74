import ArgumentParser
import Pipeline
import Reporting
import Vocabulary

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what the tool needs and say how to get what is missing.",
        discussion: """
            Looks for the inference engine, the solver, the model generator and the plotting library, says \
            what this machine is and whether its power can be metered. Exits with 1 when something is missing.

            Example: hercules doctor
            """,
        aliases: ["setup-check"])

    @OptionGroup var options: SharedOptions

    func run() throws {
        let diagnosis = Diagnosis.ofThisMachine(database: options.database)
        emit(DiagnosisDocument(diagnosis).text(as: options.format.rendering))
        if !diagnosis.isHealthy { throw ExitCode.failure }
    }
}
