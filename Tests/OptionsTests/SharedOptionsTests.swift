import ArgumentParser
import Files
import Pipeline
import Store
import Testing
import Vocabulary

@testable import hercules

/// What every verb understands, and what is said of words that only a scenario or a database can judge.
@Suite struct SharedOptionsTests {
    @Test func everyVerbHasADatabaseASeedAndAFormat() throws {
        let options = try SharedOptions.parse(["--database", "a.sqlite", "--seed", "7", "--format", "csv"])
        #expect(options.database == "a.sqlite" && options.seed == 7 && options.format == .csv)
        #expect(!options.quiet)
        let plain = try SharedOptions.parse([])
        #expect(plain.database == "hercules.sqlite" && plain.seed == nil && plain.format == .text)
        Refusal.expect(["--database", ""], by: SharedOptions.self, says: "expected the name of a file")
        Refusal.expect(["--seed=-1"], by: SharedOptions.self, says: "is invalid for '--seed <seed>'")
        Refusal.expect(
            ["--format", "pdf"], by: SharedOptions.self, says: "is invalid for '--format <format>'")
    }

    @Test func helpNamesDefaults() {
        let help = Hercules.helpMessage(for: DatabaseRunsCommand.self, columns: 200)
        #expect(help.contains("The SQLite database of all results. (default: hercules.sqlite)"))
        #expect(help.contains("0 for all. (default: 40)"))
    }

    @Test func theCatalogueIsListedByKindAndColumn() throws {
        let list = try CatalogListCommand.parse(["--kind", "device", "--sort", "launchYear", "--descending"])
        #expect(list.options.kind == .device && list.sort == "launchYear" && list.descending)
        #expect(list.options.workloads == nil)
        Refusal.expect(["--descending"], by: CatalogListCommand.self, says: "--descending needs --sort")
        Refusal.expect(["--kind", "fleet"], by: CatalogListCommand.self, says: "is invalid for '--kind")
        Refusal.expect(["--workloads", ""], by: CatalogListCommand.self, says: "the name of a folder")
        Refusal.expect(["--sort", ""], by: CatalogListCommand.self, says: "the name of a column")
    }

    @Test func fitsAreAskedForLimitsAndPlaces() throws {
        let rates = try FitRatesCommand.parse(["--first-token-ms", "1000", "--output-token-ms", "25"])
        #expect(rates.firstTokenMs.seconds == 1 && rates.outputTokenMs.milliseconds == 25)
        let value = try FitValueCommand.parse(["watts-over-throughput", "24", "--model", "bert-99"])
        #expect(value.curve == .wattsOverThroughput && value.place == 24)
        #expect(value.modelOption.model == "bert-99")
        Refusal.expect(
            ["--first-token-ms", "0", "--output-token-ms", "1"], by: FitRatesCommand.self,
            says: "expected milliseconds above 0")
        Refusal.expect(["watts", "1"], by: FitValueCommand.self, says: "unknown curve 'watts'")
        Refusal.expect(
            ["watts-over-throughput", "--", "-1"], by: FitValueCommand.self,
            says: "expected a number of at least 0")
    }

    @Test func importsAreOfAKind() throws {
        #expect(try ImportCommand.parse(["csv", "a.csv"]).kind == "csv")
        Refusal.expect(
            ["magic", "a.csv"], by: ImportCommand.self,
            says: "unknown kind of import 'magic': expected one of csv,")
        for option in ["--mapping", "--source", "--licence"] {
            Refusal.expect(
                ["csv", "a.csv", option, ""], by: ImportCommand.self, says: "expected the name of")
        }
    }

    @Test(arguments: [
        PipelineError.unknownName(kind: "model", found: "bert", known: ["ncf"]) as any Error,
        PipelineError.notInCatalogue(what: "a model", found: "bert", nearest: nil),
        PipelineError.badValue(name: "horizon", found: "9", expected: "less"),
        PipelineError.noJob(name: "x", database: "d", known: []),
        StoreError.unknownTable(name: "x", known: []),
        StoreError.unknownColumn(name: "x", table: "t", known: []),
        StoreError.unknownImport(name: "x", known: []), StoreError.sameFile(path: "d"),
        PipelineError.notWritten(OutputRefusal(path: "p", found: "f", expected: "e", isUsage: true)),
        ValidationError("wrong"),
    ])
    func wordsThatOthersJudgeAreWrongUsageOfTheVerb(error: any Error) throws {
        let text = try #require(UsageRefusal(error, of: ProfileCompareCommand.self)).text
        let reason = (error as? ValidationError)?.message ?? "\(error)"
        #expect(text.hasPrefix("Error: \(reason)\nUsage: hercules profile-compare [<options>]"))
        #expect(text.hasSuffix("\n  See 'hercules profile-compare --help' for more information.\n"))
    }

    @Test(arguments: [
        PipelineError.noTrace(scenario: "s") as any Error, PipelineError.noScenario(database: "d"),
        PipelineError.noJob(name: nil, database: "d", known: []), StoreError.missing(path: "d"),
        PipelineError.hostNotInJob(job: "j", host: "h", patterns: []),
        PipelineError.notWritten(OutputRefusal(path: "p", found: "f", expected: "e", isUsage: false)),
        ExitCode.failure,
    ])
    func filesMachinesAndStatesAreNot(error: any Error) {
        #expect(UsageRefusal(error, of: PlanCommand.self) == nil)
    }

    @Test func theVerbOfAUsageEndsWhereItsArgumentsBegin() throws {
        let text = try #require(UsageRefusal(ValidationError("x"), of: DatabaseForgetCommand.self)).text
        #expect(text.contains("\nUsage: hercules db forget [--database <file>]"))
        #expect(text.contains("See 'hercules db forget --help'"))
    }
}
