import ArgumentParser
import Pipeline

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of a scenario from what the database holds.",
        discussion: """
            Example: hercules report --output report.html
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument

    @Option(
        help: ArgumentHelp(
            "Where to write the HTML report; nothing is written without it.", valueName: "file"),
        transform: NameText.file)
    var output: String?

    func run() throws {
        if let output { try ReportStage.requireWritable(output, database: options.database) }
        let reports = ReportStage(try Session.open(scenario, options))
        if let output {
            let path = try reports.writeHTML(to: output)
            emit("report: \(path)\n")
        } else {
            emit(try reports.scenario(as: options.format.rendering))
        }
    }
}
