import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Jobs as people write them, and what is said where they do not hold together.
@Suite struct ProfileJobTests {
    private static let text = """
        id: small
        title: A small job
        seed: 18446744073709551615
        models:
          - ncf
          - model: rm1
            table_rows_max: 1_000
        engines:
          - "null"
          - name: openai
            url: http://127.0.0.1:8080/v1/completions
            concurrency: [1, 4]
        hosts:
          - name: "old-*"
            server: cpu-t1
          - name: "*"
            server: this-host
        schedules:
          - threads: 2
            batch: 64
          - threads: 1
            workers: 2
            batch: 16
        loads:
          - saturation_fraction: 0.5
          - queries_per_second: 1_000
          - closed
        repetitions: 3
        cell_seconds: 0.25
        time_budget_minutes: 1.5
        attempts_max: 2

        """

    private func read(_ text: String, known: KnownNames = KnownNames()) throws -> ResolvedProfileJob {
        let copy = try WorkingCopy(ofWorkloads: true)
        let path = try copy.write(text, to: "jobs/small.yaml")
        return try Catalog(forScenarioAt: path).profileJob(at: path, known: known)
    }

    private func refusal(
        replacing old: String, with new: String, known: KnownNames = KnownNames()
    ) throws -> String? {
        let text = Self.text.replacingOccurrences(of: old, with: new)
        try #require(text != Self.text)
        return message { _ = try read(text, known: known) }
    }

    @Test func everythingAJobSaysIsRead() throws {
        let resolved = try read(Self.text)
        let job = resolved.job
        #expect(job.id == "small" && job.seed == .max && job.repetitions == 3)
        #expect(job.models.map(\.id) == ["ncf", "rm1-1k-rows"])
        #expect(job.engines.map(\.name) == ["null", "openai"])
        #expect(job.engines[1].concurrency == [1, 4])
        #expect(
            job.schedules
                == .list([
                    Schedule(partition: .whole, threads: 2, workers: 1, batch: 64),
                    Schedule(partition: .whole, threads: 1, workers: 2, batch: 16),
                ]))
        #expect(job.schedules.batches == [16, 64])
        #expect(
            job.loads == [.saturationFraction(Fraction(0.5)), .rate(QueriesPerSecond(1000)), .closed])
        #expect(job.cellDuration == Nanoseconds(milliseconds: 250))
        #expect(resolved.limits == JobLimits(timeBudget: Nanoseconds(seconds: 90), attemptsMax: 2))
        #expect(job.serverType(ofHost: "Old-17.example.org") == "cpu-t1")
        #expect(job.serverType(ofHost: "new-3") == "this-host")
        let json = try JSONEncoder().encode(job)
        #expect(try JSONDecoder().decode(ProfileJob.self, from: json) == job)
    }

    @Test func limitsAreNoPartOfWhatIsMeasured() throws {
        let longer = Self.text.replacingOccurrences(of: "minutes: 1.5", with: "minutes: 90")
            .replacingOccurrences(of: "attempts_max: 2\n", with: "")
        #expect(try read(longer).job == read(Self.text).job)
        #expect(try read(longer).limits.attemptsMax == 3)
    }

    @Test(arguments: [
        ("- closed", "- open", "loads[2]: found open, expected closed, saturation_fraction: ... or "),
        ("saturation_fraction: 0.5", "saturation_fraction: 1.5", "strictly between 0 and 1"),
        ("queries_per_second: 1_000", "queries_per_second: -1", "a number above 0"),
        ("- closed", "- queries_per_second: 1000", "a second time, expected every load once"),
        ("    workers: 2\n    batch: 16", "    workers: 0\n    batch: 16", "at least 1"),
        ("  - ncf\n", "  - nfc\n", "found 'nfc', expected a model: one of "),
        ("server: cpu-t1", "server: cpu-t9", "found 'cpu-t9', expected a server type"),
        ("hosts:", "server: this-host\nhosts:", "found both server and hosts, expected one of them"),
        ("repetitions: 3", "repetitions: 0", "repetitions: found 0"),
        ("id: small", "id: tiny", "small"),
        ("  - name: openai", "  - name: \"null\"\n  - name: openai", "found null a second time"),
    ])
    func mistakesAreNamed(old: String, new: String, part: String) throws {
        let message = try #require(try refusal(replacing: old, with: new))
        #expect(message.contains(part), "\(message)")
        #expect(message.contains("jobs/small.yaml"))
    }

    @Test func enginesAreCheckedAgainstThoseThereAre() throws {
        let message = try refusal(
            replacing: "\"null\"", with: "nulll", known: KnownNames(engines: ["null", "openai"]))
        #expect(message?.contains("did you mean 'null'?") == true)
    }

    @Test func jobsAndScenariosAreToldApartByTheirKeys() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        #expect(try WorkFileKind.of(path: "\(copy.path)/jobs/rack.yaml") == .job)
        #expect(try WorkFileKind.of(path: "\(copy.path)/jobs/harness.yaml") == .job)
        #expect(try WorkFileKind.of(path: "\(copy.path)/scenarios/quickstart.yaml") == .scenario)
        let both = try copy.write("id: x\nfleet: mixed\nloads: [closed]\n", to: "both.yaml")
        let mixed = message { _ = try WorkFileKind.of(path: both) }
        #expect(mixed?.contains("keys of a scenario (fleet) beside keys of a profile job (loads)") == true)
        let neither = try copy.write("id: x\nmodels: [ncf]\n", to: "neither.yaml")
        let unclear = message { _ = try WorkFileKind.of(path: neither) }
        #expect(unclear?.contains("expected a scenario (with fleet") == true)
        #expect(message { _ = try WorkFileKind.of(path: copy.path + "/none.yaml") } != nil)
    }

    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("node-*", "node-7", true), ("node-*", "node", false),
        ("*-gpu", "a-b-gpu", true), ("*-gpu", "a-gpu-b", false), ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false), ("NODE", "node", true), ("", "", true), ("", "x", false),
        ("a**b", "ab", true),
    ])
    func patternsOfHostNames(pattern: String, name: String, isMatch: Bool) {
        #expect(HostRule(pattern: pattern, serverType: "x").matches(name) == isMatch)
    }
}
