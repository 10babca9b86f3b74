import Foundation
import Testing

/// One wrong value for every option of every verb: exit code 64, the verb's own usage, and no database.
///
/// The options are those that the command itself lists, so that a new one cannot escape.
@Suite struct WrongUsageTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    /// A verb as the command describes it.
    struct Verb: Sendable, CustomTestStringConvertible {
        /// For example `db merge`.
        let name: String
        /// Without dashes.
        let options: [String]
        var testDescription: String { name }
    }

    /// A value that an option takes nowhere, by its name. What else it does not take, `OptionsTests` say.
    private static let wrongValues = [
        "adaptation": "1", "backend": " ", "baseline": "magic",
        "ca-file": " ", "carbon-intensity": "-1", "cell-seconds": "0",
        "blocks": "0", "cluster": " ",
        "concurrency": "2,1", "confirmation-seconds": "0", "constants-from": "0", "database": " ",
        "days": "1e300",
        "derating": "2", "devices": "0", "dimension": "x=0",
        "dispatch": "magic", "embodied-carbon": "x", "endpoint": "nowhere", "energy-price": "-1",
        "device": " ", "engine": "magic", "engine-command": " ", "engine-timeout": "0", "evaluations": "0",
        "figures": "=x", "first-token-ms": "0", "folder": " ", "forecasters": "magic", "format": "pdf",
        "gap": "1", "gap-rows-max": "-1",
        "goal": "beauty",
        "gaps": "magic", "growth": "-1", "header": "Authorization: sk-other", "headroom": "11",
        "horizon": "0",
        "host-name": " ", "image": " ",
        "interval-seconds": "0", "kind": "fleet", "latency-target": "soon", "layout": "magic",
        "lease-seconds": "0",
        "least-servers": "x", "licence": " ", "limit": "-1", "limit-over-idle": "-1", "link-gb-per-s": "0",
        "load": "x=-1",
        "load-column": "=x", "load-kind": "magic", "load-scale": "-1", "long-season-hours": "0",
        "mapping": " ", "max-types": "0", "method": "luck", "min-servers": "x=1.5", "model": " ",
        "model-column": " ",
        "models": ",", "most-types": "0", "namespace": "Bad", "network": " ",
        "node-label": "a/b/c", "objective": "foo",
        "onnx": " ",
        "output": " ", "output-token-ms": "0", "part": "3/2", "peak": "x=-1", "pin": "x:y=0",
        "policies": "static,magic",
        "policy": "magic", "power-budgets": "much", "power-cap": "0", "price": "x=-1", "priority": "x=1.5",
        "precision": " ",
        "pue": "0.5", "purchase": "x", "query-items": "0", "rate": "0", "rate-seconds": "0", "rates": "4,2",
        "request-level": "2x@peak", "requests": "0",
        "resale": "2",
        "reserve": "x=1", "schedules": "0", "season-hours": "0", "seconds": "0", "seed": "-1",
        "sequences-max": "0",
        "served-name": " ", "server": " ", "shift": "x", "sort": " ", "source": " ", "survive": "rack",
        "table": " ",
        "targets": "soon", "time-budget-minutes": "-1", "time-column": " ", "time-format": "magic",
        "time-zone": "Mars/Olympus", "token-environment": " ", "token-file": " ", "trace": " ",
        "validity": "strict", "value-column": " ", "violations": "1",
        "token-budget": "0", "tp": "0", "warm-up-hours": "-1", "watts": "x", "weights": "0", "where": "=5",
        "window": "0",
        "workers": "0",
        "workloads": " ", "years": "0",
    ]

    /// Words without which a verb says that they are missing, before it looks at any option.
    private static let needed: [String: [String]] = [
        "llm measure": [
            "none.yaml", "--endpoint", "http://127.0.0.1:9", "--served-name", "x", "--output", "none.jsonl",
        ],
        "llm simulate": ["none.yaml"], "llm compare": ["none.jsonl", "--cluster", "none.yaml"],
        "llm calibrate": ["none.jsonl", "--cluster", "none.yaml"],
        "llm laws": ["none.csv"], "llm routers": ["none.yaml"], "import": ["csv", "none.csv"],
        "trace generate": ["none.yaml"], "catalog show": ["h100"],
        "catalog check": ["none.yaml"], "db merge": ["none.sqlite"], "db backup": ["copy.sqlite"],
        "db forget": ["nobody"], "fit value": ["watts-over-throughput", "1"],
        "fit rates": ["--first-token-ms", "1", "--output-token-ms", "1"], "study": ["none.yaml"],
        "nas map": ["tiny-resnet8", "edge-npu"],
        "nas search": ["none.yaml", "--server", "edge-npu"],
    ]

    @Test func everyOptionHasAWrongValueAndEveryValueAnOption() throws {
        let options = Set(try Self.verbs().flatMap(\.options))
        #expect(options.count > 80)
        #expect(options.subtracting(Self.wrongValues.keys) == [], "no wrong value is known for these")
        #expect(Set(Self.wrongValues.keys).subtracting(options) == [], "no verb has these any more")
        let verbs = Set(try Self.verbs().map(\.name))
        #expect(Set(Self.needed.keys).subtracting(verbs) == [])
        #expect(verbs.isSuperset(of: ["run", "plan", "profile-compare", "db merge", "fit value"]))
    }

    @Test(arguments: try Self.verbs())
    func aWrongValueIsWrongUsageOfTheVerb(verb: Verb) throws {
        for option in verb.options {
            let value = try #require(Self.wrongValues[option], "\(option)")
            let words = (Self.needed[verb.name] ?? []) + ["--\(option)=\(value)"]
            let errors = try expectUsage(of: verb.name, words)
            if option == "header" {
                // What it holds may be a secret.
                #expect(
                    errors.contains("Error: --header: found") && !errors.contains("sk-other"), "\(errors)")
            } else {
                #expect(
                    errors.contains("Error: The value '\(value)' is invalid for '--\(option)"), "\(errors)")
            }
        }
    }

    @Test(arguments: try Self.verbs())
    func anUnknownOptionAndAMissingValueAreWrongUsageOfTheVerb(verb: Verb) throws {
        let words = Self.needed[verb.name] ?? []
        try expectUsage(of: verb.name, words + ["--no-such-option"])
        if let option = verb.options.first { try expectUsage(of: verb.name, words + ["--\(option)"]) }
    }

    /// Names and values that only the scenario, the catalogue or a trace can judge.
    @Test(arguments: [
        ("plan", ["SCENARIO", "--load", "bert=5"], "unknown model 'bert': expected one of wnd-1k-rows"),
        ("plan", ["SCENARIO", "--pin", "bert:cpu-t1=1"], "unknown model 'bert'"),
        ("plan", ["SCENARIO", "--pin", "ncf:gpu=1"], "unknown server type 'gpu': expected one of cpu-t1"),
        ("plan", ["SCENARIO", "--reserve", "ncf:gpu=1"], "unknown server type 'gpu'"),
        ("plan", ["SCENARIO", "--price", "gpu=1"], "unknown server type 'gpu'"),
        ("plan", ["SCENARIO", "--embodied-carbon", "gpu=1"], "unknown server type 'gpu'"),
        ("plan", ["SCENARIO", "--min-servers", "bert=1"], "unknown model 'bert'"),
        ("plan", ["SCENARIO", "--priority", "bert=1"], "unknown model 'bert'"),
        ("plan", ["SCENARIO", "--sizing", "--purchase", "gpu=1"], "unknown server type 'gpu'"),
        ("plan", ["SCENARIO", "--sizing"], "found 'no price of a kilowatt hour'"),
        (
            "plan", ["SCENARIO", "--sizing", "--energy-price", "1", "--price", "cpu-t1=1"],
            "found no price an hour of cpu-t2, cpu-t2-v100"
        ),
        ("plan", ["SCENARIO", "--load", "ncf=1", "--load", "ncf-1k-rows=2"], "expected each model once"),
        ("replay", ["SCENARIO", "--trace", "TRACE", "--shift", "bert=1"], "unknown model 'bert'"),
        ("replay", ["SCENARIO", "--trace", "TRACE", "--load-column", "bert=shop"], "unknown model 'bert'"),
        ("replay", ["SCENARIO", "--trace", "TRACE", "--time-column", "day"], "'day': expected one of time"),
        (
            "export", ["SCENARIO", "--policies", "static", "--policy", "greedy"],
            "unknown policy of the replay"
        ),
        ("search", ["SCENARIO", "--live"], "live search: found 'a fleet without this machine'"),
        ("profile-compare", ["SCENARIO", "--models", "bert"], "unknown model 'bert'"),
        ("profile", ["SCENARIO", "--dry-run"], "this is a scenario"),
        ("profile", ["SCENARIO", "--lease-seconds", "5"], "this is a scenario"),
        (
            "forecast", ["--trace", "TRACE", "--horizon", "100000"],
            "horizon: found '100000', expected a whole"
        ),
        ("forecast", ["--trace", "TRACE", "--load-column", "x"], "'x': expected one of time"),
        ("trace inspect", ["--trace", "TRACE", "--time-column", "x"], "'x': expected one of time"),
        ("trace inspect", ["--trace", "TRACE", "--load-column", "x"], "'x': expected one of time"),
        (
            "trace inspect", ["--trace", "TRACE", "--load-kind", "arrivals", "--load-column", "a=x"],
            "'x': expected one of arrivals, time"
        ),
        (
            "replay", ["SCENARIO", "--trace", "TRACE", "--load-kind", "arrivals"],
            "one series of loads for"
        ),
        ("catalog show", ["h100"], "expected the name of an entry of the catalogue"),
        ("catalog list", ["--sort", "beauty"], "unknown column to sort by 'beauty'"),
        ("import", ["magic", "none.csv"], "unknown kind of import 'magic'"),
        ("fit value", ["magic", "1"], "unknown curve 'magic'"),
        ("fit value", ["watts-over-throughput", "much"], "expected a number of at least 0"),
    ])
    func aNameThatOnlyAFileCanJudgeIsWrongUsageToo(verb: String, words: [String], reason: String) throws {
        let words = words.map {
            $0 == "SCENARIO"
                ? "Workloads/scenarios/small.yaml" : $0 == "TRACE" ? "Workloads/traces/week.csv" : $0
        }
        let errors = try expectUsage(of: verb, words)
        #expect(errors.contains(reason), "\(errors)")
    }

    @Test func aWrongObjectiveIsSaidBeforeAnythingIsMissed() throws {
        let errors = try expectUsage(of: "plan", ["--objective", "foo"])
        #expect(errors.contains("unknown objective 'foo': expected one of watts, drawn, servers"))
        #expect(!errors.contains("hercules search"))
    }

    /// Names that only the database can judge leave it as it was.
    @Test func aNameThatOnlyTheDatabaseCanJudgeIsWrongUsageToo() throws {
        let figures = "model,server,throughput,throughput_unit\na,box,10,queries\n"
        try Data(figures.utf8).write(to: workloads.folder.appendingPathComponent("f.csv"))
        let made = try HerculesCommand.run(["import", "csv", "f.csv", "--quiet"], in: workloads.folder)
        #expect(made.status == 0, "\(made.errors)")
        for (verb, words, reason) in [
            ("db export", ["--table", "magic"], "no table or view \"magic\""),
            ("db figures", ["--where", "magic=1"], "no column 'magic'"),
            ("db figures", ["--sort", "magic"], "no column 'magic'"),
            ("db forget", ["nobody"], "found nothing imported from 'nobody'"),
            ("db merge", ["hercules.sqlite"], "is the database that is merged into"),
            ("fit value", ["watts-over-throughput", "1", "--model", "b"], "unknown imported model 'b'"),
            ("fit value", ["watts-over-throughput", "1", "--server", "b"], "unknown imported server 'b'"),
            (
                "fit rates", ["--first-token-ms", "1", "--output-token-ms", "1", "--model", "b"],
                "unknown imported model 'b'"
            ),
        ] {
            let run = try HerculesCommand.run(
                verb.split(separator: " ").map(String.init) + words, in: workloads.folder)
            #expect(run.status == 64 && run.errors.contains(reason), "\(verb): \(run.errors)")
            #expect(run.errors.contains("\nUsage: hercules \(verb) "), "\(run.errors)")
        }
    }

    /// Runs a verb with words it does not take.
    /// - Returns: what it said.
    @discardableResult
    private func expectUsage(of verb: String, _ words: [String]) throws -> String {
        let run = try HerculesCommand.run(
            verb.split(separator: " ").map(String.init) + words, in: workloads.folder)
        let said = "hercules \(verb) \(words.joined(separator: " ")): \(run.errors)"
        #expect(run.status == 64, "\(said)")
        // A verb without options and arguments ends its usage with its name.
        #expect("\(run.errors) ".replacing("\n", with: " ").contains(" Usage: hercules \(verb) "), "\(said)")
        #expect(run.output.isEmpty, "\(said)")
        let names = try FileManager.default.contentsOfDirectory(atPath: workloads.folder.path)
        #expect(!names.contains { $0.contains("sqlite") }, "\(said): \(names)")
        return run.errors
    }

    private struct Description: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        struct Argument: Decodable {
            let kind: String
            let names: [Name]?
        }

        struct Command: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Command]?
        }

        let command: Command
    }

    /// The verbs that do something, with the options that take a value; flags take none.
    ///
    /// `controller` is left out: it hands all words on to an executable of its own.
    private static func verbs() throws -> [Verb] {
        let folder = FileManager.default.temporaryDirectory
        let text = try HerculesCommand.run(["--experimental-dump-help"], in: folder).output
        let root = try JSONDecoder().decode(Description.self, from: Data(text.utf8)).command
        func verbs(_ command: Description.Command, _ path: [String]) -> [Verb] {
            let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" }
            guard subcommands.isEmpty else {
                return subcommands.flatMap { verbs($0, path + [$0.commandName]) }
            }
            guard path != ["controller"] else { return [] }
            let options = (command.arguments ?? []).filter { $0.kind == "option" }
                .compactMap { $0.names?.first { $0.kind == "long" }?.name }
            return [Verb(name: path.joined(separator: " "), options: options)]
        }
        return verbs(root, [])
    }
}
