import ArgumentParser
import Pipeline

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of a scenario from what the database holds.",
        discussion: """
            Shows how far the scenario has come: measurements, schedules, plan, replay. Where it was not \
            replayed as it stands, its last replay is shown, such as one of some days only.

            Example: hercules report --output report.html
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument

    @Option(
        help: ArgumentHelp(
            "Where to write the HTML report; nothing is written without it.", valueName: "file"),
        completion: .file(), transform: NameText.file)
    var output: String?

    func run() throws {
        if let output { try ReportStage.requireWritable(output, database: options.database) }
        let reports = try ReportStage.ofLatest(Session.open(scenario, options))
        if let output {
            let path = try reports.writeHTML(to: output)
            emit("report: \(path)\n")
        } else {
            emit(try reports.scenario(as: options.format.rendering))
        }
    }
}
