import Catalog
import Pipeline
import Quantities
import Testing
import Vocabulary

@testable import hercules

/// Traces, replays, forecasts and exports, as they are asked for on the command line.
@Suite struct TraceOptionsTests {
    @Test func everyPartOfATraceIsRead() throws {
        let change = try #require(
            try TraceOptions.parse([
                "--trace", "any.csv", "--layout", "table", "--time-column", "minute", "--load-column",
                "requests", "--load-kind", "count", "--time-format", "iso8601", "--time-zone", "+02:00",
                "--gaps", "hold", "--gap-rows-max", "9", "--interval-seconds", "60", "--scale-to-peak",
                "--shift", "ncf=6",
            ]).change())
        #expect(change.path == "any.csv" && change.scalesToPeak)
        #expect(change.shifts == ["ncf": Nanoseconds(seconds: 21_600)])
        let options = change.options
        #expect(options.layout == .table && options.timeColumn == "minute" && options.gapRowsMax == 9)
        #expect(options.loads == .columns(["requests"]) && options.loadKind == .count)
        #expect(options.timeFormat == .iso8601 && options.timeZone == LocalTimeZone("+02:00"))
        #expect(options.gapFill == .hold && options.interval == Nanoseconds(seconds: 60))
    }

    @Test func namesAndSumsAreRead() throws {
        let words = ["--trace", "f", "--model-column", "svc", "--value-column", "rps"]
        let options = try #require(try TraceOptions.parse(words).change()).options
        #expect(options.modelColumn == "svc" && options.valueColumn == "rps" && !options.sumsSeries)
        #expect(
            try TraceOptions.parse(["--trace", "f", "--sum-series"]).change()?.options.sumsSeries == true)
    }

    @Test(arguments: [
        ("azure_llm", ["--time-column", "x"]), ("azure_llm", ["--time-format", "iso8601"]),
        ("azure_llm", ["--load-kind", "rate"]), ("azure_llm", ["--gaps", "zero"]),
        ("vidur", ["--time-zone", "+02:00"]), ("burstgpt", ["--model-column", "x"]),
        ("servegen", ["--time-column", "x"]), ("servegen", ["--load-kind", "count"]),
        ("mooncake", ["--gap-rows-max", "3"]), ("mooncake", ["--sum-series"]),
        ("prometheus", ["--time-format", "unix_seconds"]), ("prometheus", ["--load-kind", "arrivals"]),
        ("table", ["--load-kind", "arrivals", "--gaps", "zero"]),
        ("table", ["--value-column", "x"]), ("table", ["--sum-series", "--model-column", "x"]),
    ])
    func whatALayoutLeavesNoChoiceInIsRefused(layout: String, words: [String]) {
        Refusal.expect(
            ["--trace", "f", "--layout", layout] + words, by: TraceOptions.self, says: "expected")
    }

    @Test func whatIsNotSaidStaysAsItIs() throws {
        let change = try #require(try TraceOptions.parse(["--trace", "any.csv"]).change())
        #expect(change.options == TraceImportOptions() && !change.scalesToPeak && change.shifts.isEmpty)
        #expect(try TraceOptions.parse([]).change() == nil)
    }

    @Test func columnsMayBelongToModels() throws {
        let words = ["--trace", "f", "--load-column", "ncf=a", "--load-column", "rm1=a=b"]
        let change = try TraceOptions.parse(words).change()
        #expect(change?.options.loads == .models(["ncf": "a", "rm1": "a=b"]))
        Refusal.expect(
            ["--trace", "f", "--load-column", "a", "--load-column", "rm1=b"], by: TraceOptions.self,
            says: "expected either columns alone or model=column throughout")
        Refusal.expect(
            ["--trace", "f", "--load-column", "m=a", "--load-column", "m=b"], by: TraceOptions.self,
            says: "--load-column: found 'm' twice")
        for column in ["", "=a", "m="] {
            Refusal.expect(
                ["--trace", "f", "--load-column", column], by: TraceOptions.self,
                says: "expected a column, or model=column")
        }
    }

    @Test(arguments: [
        ("--layout", "tabel", "unknown layout of a trace 'tabel'"),
        ("--time-column", " ", "name of a column"),
        ("--load-kind", "load", "unknown load kind 'load'"),
        ("--time-format", "unix", "unknown time format 'unix'"),
        ("--time-zone", "Mars/Olympus", "expected a name of the time zone database"),
        ("--gaps", "fill", "unknown way to fill gaps 'fill'"),
        ("--gap-rows-max", "-1", "expected a whole number of at least 0"),
        ("--interval-seconds", "0", "expected seconds above 0, up to 86400"),
        ("--shift", "ncf=late", "expected model=hours"), ("--trace", " ", "expected the name of a file"),
    ])
    func wrongPartsOfATraceAreRefused(option: String, value: String, expected: String) {
        Refusal.expect(["--trace", "f", "\(option)=\(value)"], by: TraceOptions.self, says: expected)
    }

    @Test(arguments: [
        ["--layout", "vidur"], ["--time-column", "a"], ["--load-column", "a"], ["--load-kind", "rate"],
        ["--time-format", "iso8601"], ["--time-zone", "UTC"], ["--gaps", "zero"], ["--gap-rows-max", "1"],
        ["--interval-seconds", "1"], ["--scale-to-peak"], ["--shift", "a=1"],
    ])
    func howToReadNothingIsRefused(words: [String]) {
        Refusal.expect(words, by: TraceOptions.self, says: "--trace")
    }

    @Test func someVerbsCannotDoWithoutATrace() throws {
        Refusal.expect([], by: RequiredTraceOptions.self, says: "name a file with --trace")
        #expect(try RequiredTraceOptions.parse(["--trace", "f"]).change().path == "f")
        // There is no scenario whose peaks could be kept.
        Refusal.expect(["--trace", "f", "--scale-to-peak"], by: ForecastCommand.self, says: "Unknown option")
    }

    @Test func policiesAreThoseThatAreBuiltIn() throws {
        let replay = try ReplayCommand.parse(["--policies", "static,hercules", "--baseline", "static"])
        #expect(replay.policiesOption.policies == ["static", "hercules"] && replay.baseline == "static")
        #expect(try ReplayCommand.parse([]).policiesOption.policies == nil)
        Refusal.expect(
            ["--policies", "static,magic"], by: ReplayCommand.self, says: "unknown policy 'magic'")
        Refusal.expect(["--baseline", "magic"], by: ReplayCommand.self, says: "unknown policy 'magic'")
        Refusal.expect(["--days", "0"], by: ReplayCommand.self, says: "expected days above 0")
    }

    @Test func aWindowMayNameItsDispatchRule() throws {
        let window = try RequestLevelOptions.parse(["--request-level", "10s@peak", "--dispatch", "random"])
            .window
        #expect(window?.window.duration == Nanoseconds(seconds: 10) && window?.rule == .random)
        #expect(try RequestLevelOptions.parse(["--request-level", "1s"]).window?.rule == .powerOfTwo)
        #expect(try RequestLevelOptions.parse([]).window == nil)
        Refusal.expect(
            ["--dispatch", "random"], by: RequestLevelOptions.self, says: "--dispatch needs --request-level")
        Refusal.expect(
            ["--request-level", "1s", "--dispatch", "luck"], by: RequestLevelOptions.self,
            says: "unknown dispatch rule 'luck'")
    }

    @Test func forecastersAreAskedAQuestion() throws {
        let options = try ForecastOptions.parse([
            "--forecasters", "oracle,quantile", "--horizon", "5", "--season-hours", "12",
            "--long-season-hours", "168", "--violations", "0.05", "--window", "96", "--adaptation", "0.1",
            "--warm-up-hours", "48", "--days", "7",
        ])
        let question = options.question
        #expect(question.forecasters == ["oracle", "quantile"] && question.horizonIntervals == 5)
        #expect(question.season.seconds == 43_200 && question.longSeason?.seconds == 604_800)
        #expect(question.violations == Fraction(0.05) && question.windowIntervals == 96)
        #expect(question.adaptation == Fraction(0.1) && question.warmUp?.seconds == 172_800)
        #expect(options.days?.seconds == 604_800)
        #expect(try ForecastOptions.parse([]).question.season.seconds == 86_400)
        for (option, value) in [
            ("--forecasters", "crystal"), ("--horizon", "0"), ("--season-hours", "0"),
            ("--long-season-hours", "x"), ("--violations", "0"), ("--violations", "1"),
            ("--violations", "1e-20"), ("--window", "0"), ("--adaptation", "1"), ("--warm-up-hours", "-1"),
            ("--days", "never"),
        ] {
            Refusal.expect(
                ["\(option)=\(value)"], by: ForecastOptions.self, says: "is invalid for '\(option)")
        }
    }

    @Test func anExportNamesWhatKubernetesTakes() throws {
        let values = try ExportOptions.parse(["--policy", "greedy", "--namespace", "serving"]).values
        #expect(values.policy == "greedy" && values.kubernetes.namespace == "serving")
        #expect(values.kubernetes.nodeLabel == "hercules/server-type")
        for (option, value) in [
            ("--policy", "magic"), ("--namespace", "Serving"), ("--node-label", "a/b/c"), ("--image", ""),
            ("--output", ""),
        ] {
            Refusal.expect([option, value], by: ExportOptions.self, says: "is invalid for '\(option)")
        }
    }
}
