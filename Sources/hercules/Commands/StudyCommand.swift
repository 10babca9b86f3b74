import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Vary any keys of a scenario, and map where which policy pays.",
        discussion: """
            A study names a scenario and axes: keys with several values each. Every combination is a cell, \
            in which all policies are compared at equal service. Cells are computed on all processors; \
            several processes may work on one study in one database. Each cell is stored when it is done, \
            and what is stored is not computed again. Machines each take a part, and `hercules db merge` \
            joins them.

            Example: hercules study Workloads/studies/when-it-pays.yaml --output study.html
            Example: hercules study Workloads/studies/when-it-pays.yaml --dry-run
            Example: hercules study Workloads/studies/when-it-pays.yaml --part 3/8 --database part3.sqlite

            Exit codes: 0 done, 1 failed or cells could not be computed, 64 wrong usage, or a study with \
            faults. An interrupted study gives its cells back and ends by the signal.
            """)

    @OptionGroup var options: SharedOptions

    @Argument(help: ArgumentHelp("A study's file.", valueName: "study"))
    var path: String

    @Flag(help: "List the cells, and compute nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Take only every COUNT-th cell, from the NUMBER-th on, as one of COUNT machines.",
            valueName: "number/count"), transform: StudyPartText.part)
    var part: StudyPart?

    @Option(
        help: "How many cells are computed at once; one on each processor unless given.",
        transform: NumberText.whole(from: 1, to: 1_024))
    var workers: Int?

    @Flag(help: "Try cells again that could not be computed.")
    var retryFailed = false

    @Option(
        help: "Begin no cell after this many minutes.",
        transform: DurationText.duration(in: .minutes, from: 0, to: 1_000_000))
    var timeBudgetMinutes: Nanoseconds?

    @Option(
        help: """
            A cell is free again when its process has not been heard of for so long; 30 seconds unless given.
            """, transform: DurationText.duration(in: .seconds, from: 1, to: 86_400))
    var leaseSeconds: Nanoseconds?

    @Option(
        help: ArgumentHelp(
            "Where to write the HTML report; nothing is written without it.", valueName: "file"),
        transform: NameText.file)
    var output: String?

    func run() throws {
        if let output { try ReportStage.requireWritable(output, database: options.database) }
        let plan = try StudyPlan(path: path, seed: options.seed)
        if dryRun { return emit(StudyView.dryRun(plan, as: options.format.rendering)) }
        var values = StudyOptions()
        values.part = part ?? .whole
        values.workers = workers
        values.retriesFailed = retryFailed
        values.timeBudget = timeBudgetMinutes
        values.lease = leaseSeconds ?? values.lease
        let run = try StudyStage(
            plan, databasePath: options.database, options: values, progress: options.progress
        ).run()
        let view = StudyView(run)
        emit(try view.text(as: options.format.rendering))
        if let output {
            let path = try view.writeHTML(to: output, database: options.database)
            if options.format == .text { emit("\nreport: \(path)\n") }
        }
        if run.failed > 0 { throw ExitCode.failure }
    }
}

/// `3/8` for the third of eight parts.
enum StudyPartText {
    static func part(_ text: String) throws -> StudyPart {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let count = numbers[1],
            (1...10_000).contains(count), (1...count).contains(number)
        else {
            throw ValidationError("found '\(text)', expected NUMBER/COUNT, for example 3/8")
        }
        return StudyPart(number: number, count: count)
    }
}
