import Pipeline
import Quantities
import Testing
import Vocabulary

@testable import hercules

/// Engines, profiles, jobs and searches, as they are asked for on the command line.
@Suite struct MeasuringOptionsTests {
    @Test func anEngineIsReadWithHowItIsReached() throws {
        let settings = try EngineOptions.parse([
            "--engine", "openai", "--endpoint", "http://127.0.0.1:8000", "--concurrency", "1,4",
            "--engine-timeout", "5",
        ]).settings
        #expect(
            settings
                == EngineSettings(
                    name: "openai", url: "http://127.0.0.1:8000", command: nil, concurrency: [1, 4],
                    timeout: Nanoseconds(seconds: 5)))
        let program = try EngineOptions.parse([
            "--engine", "command", "--engine-command", "./session  --fast",
        ])
        #expect(program.settings?.command == ["./session", "--fast"])
        #expect(try EngineOptions.parse(["--engine", "null"]).settings == EngineSettings(name: "null"))
        #expect(try EngineOptions.parse([]).settings == nil)
    }

    @Test(arguments: [
        (["--engine", "magic"], "unknown engine 'magic': expected one of openvino, onnxruntime"),
        (["--endpoint", "http://a:1"], "need --engine"), (["--concurrency", "1,2"], "need --engine"),
        (["--engine-command", "a"], "need --engine"), (["--engine-timeout", "1"], "need --engine"),
        (["--engine", "openai"], "--engine openai needs --endpoint"),
        (["--engine", "kserve"], "--engine kserve needs --endpoint"),
        (["--engine", "command"], "--engine command needs --engine-command"),
        (["--engine", "null", "--endpoint", "http://a:1"], "have no effect on --engine null"),
        (["--engine", "openvino", "--engine-timeout", "1"], "have no effect on --engine openvino"),
        (
            ["--engine", "openai", "--endpoint", "http://a:1", "--engine-command", "a"],
            "--engine-command have no effect on --engine openai"
        ),
        (
            ["--engine", "command", "--engine-command", "a", "--concurrency", "1"],
            "have no effect on --engine command"
        ),
        (["--engine", "openai", "--endpoint", "localhost"], "expected an address such as http://"),
        (["--engine", "openai", "--endpoint", "ftp://a"], "expected an address such as http://"),
        (["--engine", "openai", "--endpoint", "http://"], "expected an address such as http://"),
        (["--engine", "command", "--engine-command", " "], "expected a program and its first arguments"),
        (["--engine-timeout", "0"], "expected seconds from 0.001 to 86400"),
        (["--concurrency", "4,2"], "expected ascending whole numbers from 1 to 4096"),
    ])
    func whatIsWrongWithAnEngineIsSaid(words: [String], expected: String) {
        Refusal.expect(words, by: EngineOptions.self, says: expected)
    }

    @Test func aProfileChangesTheScenario() throws {
        var changes = ScenarioChanges()
        try ProfileOptions.parse([
            "--cell-seconds", "0.5", "--confirmation-seconds", "2", "--share-host", "--engine", "null",
        ]).apply(to: &changes)
        #expect(changes.cellDuration == Nanoseconds(seconds: 0.5))
        #expect(changes.confirmationDuration == Nanoseconds(seconds: 2))
        #expect(changes.sharesHost && changes.engine?.name == "null")
        for option in ["--cell-seconds", "--confirmation-seconds"] {
            Refusal.expect(
                [option, "0.01"], by: ProfileOptions.self, says: "expected seconds from 0.05 to 86400")
        }
    }

    @Test func aJobHasOptionsOfItsOwn() throws {
        let words = ["--retry-failed", "--time-budget-minutes", "2", "--lease-seconds", "5"]
        let job = try JobCommandOptions.parse(words).values(ProfileOptions.parse(["--share-host"]))
        #expect(job.retriesFailed && job.sharesHost)
        #expect(job.timeBudget == Nanoseconds(seconds: 120) && job.lease == Nanoseconds(seconds: 5))
        #expect(try JobCommandOptions.parse([]).values(ProfileOptions.parse([])).lease.seconds == 30)
        for words in [["--cell-seconds", "1"], ["--confirmation-seconds", "1"], ["--engine", "null"]] {
            let message = Refusal.message {
                try JobCommandOptions.parse([]).values(ProfileOptions.parse(words))
            }
            #expect(message?.contains("leave out --cell-seconds") == true, "\(words)")
        }
    }

    @Test(arguments: [
        ["--dry-run"], ["--host-name", "a"], ["--retry-failed"], ["--time-budget-minutes", "1"],
        ["--lease-seconds", "5"],
    ])
    func aScenarioHasNoOptionsOfAJob(words: [String]) throws {
        let options = try JobCommandOptions.parse(words)
        #expect(Refusal.message { try options.requireNone() }?.contains("this is a scenario") == true)
    }

    @Test(arguments: [
        ("--lease-seconds", "0", "expected seconds from 1 to 86400"),
        ("--time-budget-minutes", "-1", "expected minutes from 0 to 1000000"),
        ("--host-name", " ", "expected the name of a host"),
    ])
    func wrongOptionsOfAJobAreRefused(option: String, value: String, expected: String) {
        Refusal.expect(["\(option)=\(value)"], by: JobCommandOptions.self, says: expected)
    }

    @Test func aSearchIsAskedForTargetsBudgetsAndLimits() throws {
        let request = try SearchRequestOptions.parse([
            "--evaluations", "20", "--seconds", "1.5", "--targets", "20ms,p99:50ms", "--power-budgets",
            "250,300",
        ]).request { true }
        #expect(request.evaluations == 20 && request.time == Nanoseconds(seconds: 1.5))
        #expect(request.targets.map(\.limit.milliseconds) == [20, 50])
        #expect(request.powerBudgets == [Watts(250), Watts(300)] && request.isInterrupted())
        #expect(try SearchRequestOptions.parse([]).request { false }.isPlain)
        for (option, value, expected) in [
            ("--evaluations", "0", "of at least 1"), ("--seconds", "0", "expected seconds above 0"),
            ("--targets", "20ms,soon", "'soon': expected a time such as 20ms"),
            ("--power-budgets", "250,much", "'much': expected watts above 0"),
        ] {
            Refusal.expect([option, value], by: SearchRequestOptions.self, says: expected)
        }
    }

    @Test func aLiveSearchHasNoUseForTargets() {
        for words in [["--confirm"], ["--rank"], ["--targets", "1ms"], ["--power-budgets", "5"]] {
            Refusal.expect(["--live"] + words, by: SearchCommand.self, says: "leave out \(words[0])")
        }
        Refusal.expect(["--method", "luck"], by: SearchCommand.self, says: "unknown search method 'luck'")
    }

    @Test func aComparisonIsBounded() throws {
        let compare = try ProfileCompareCommand.parse([
            "--models", "ncf,rm1", "--schedules", "2", "--rate-seconds", "0.5", "--limit-over-idle", "0",
        ])
        #expect(compare.models == ["ncf", "rm1"] && compare.schedules == 2 && compare.limitOverIdle == 0)
        #expect(compare.rateSeconds == Nanoseconds(seconds: 0.5))
        for (option, value) in [
            ("--schedules", "0"), ("--rate-seconds", "0.1"), ("--limit-over-idle", "101"),
            ("--validity", "strict"), ("--models", ""),
        ] {
            Refusal.expect(
                [option, value], by: ProfileCompareCommand.self, says: "is invalid for '\(option)")
        }
    }
}
