import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Mistakes across files: what is referred to is not there, or does not fit.
@Suite struct ScenarioErrorTests {
    private func refusal(
        in file: String = "scenarios/quickstart.yaml", replacing old: String, with new: String,
        known: KnownNames = KnownNames(), host: DetectedHost? = DetectedHost(cores: 4, memory: Bytes(8e9))
    ) throws -> String? {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace(old, with: new, in: file)
        return message(without: copy.path) {
            _ = try copy.catalog.scenario(
                at: "\(copy.path)/scenarios/quickstart.yaml", host: host, known: known)
        }
    }

    @Test(arguments: [
        (
            "- model: rm1\n", "- model: rm9\n",
            """
            scenarios/quickstart.yaml:8: models[0].model: found 'rm9', expected a model: one of 33 names; \
            did you mean 'rm1'?
            """
        ),
        (
            "  - ncf\n", "  - rm1\n",
            "scenarios/quickstart.yaml:14: models[3]: found rm1 a second time, expected every model once"
        ),
        (
            "fleet: mixed", "fleet: mixd",
            """
            scenarios/quickstart.yaml:16: fleet: found 'mixd', expected a fleet: one of accelerated, \
            chat-fleet, mixed, modelled, paper-cluster, published, single; did you mean 'mixed'?
            """
        ),
        (
            "file: week.csv", "file: decade.csv",
            """
            scenarios/quickstart.yaml:20: trace.file: found 'decade.csv', expected a trace: one of \
            month.csv, week.csv
            """
        ),
        (
            "file: week.csv", "file: week.yaml",
            """
            scenarios/quickstart.yaml:20: trace.file: found week.yaml, expected a CSV file; a recipe has \
            to be made into one first
            """
        ),
        (
            "rm1: feed", "rm1: feeds",
            """
            traces/week.csv:1: found 'feeds', expected a column: one of time, ads, feed, news, search, \
            shop, video; did you mean 'feed'?
            """
        ),
        (
            "    rm1: feed\n", "",
            "scenarios/quickstart.yaml:22: trace.columns.rm1: found nothing, expected this key"
        ),
        (
            "    ncf: search\n", "    ncf: search\n    din: news\n",
            """
            scenarios/quickstart.yaml:27: trace.columns.din: found 'din', expected one of this \
            scenario's models: one of rm1, rm3, wnd, ncf
            """
        ),
        (
            "    wnd: 130_000\n", "",
            """
            scenarios/quickstart.yaml:27: trace.peak_queries_per_second.wnd: found nothing, expected \
            this key
            """
        ),
        (
            "wnd: 130_000", "wnd: 0",
            """
            scenarios/quickstart.yaml:30: trace.peak_queries_per_second.wnd: found 0, expected a number \
            above 0
            """
        ),
        (
            "time_column: time", "time_column: time\n  gap_fill: guess",
            """
            scenarios/quickstart.yaml:22: trace.gap_fill: found guess, expected one of interpolate, \
            hold, zero, refuse
            """
        ),
        (
            "batches: [16, 64, 256, 1024]", "batches: [16, 64, 64, 1024]",
            """
            scenarios/quickstart.yaml:34: profile.batches[2]: found 64, expected a whole number above \
            64, as batches ascend
            """
        ),
        (
            "load_fraction: 0.7", "load_fraction: 1",
            """
            scenarios/quickstart.yaml:36: profile.load_fraction: found 1, expected a number strictly \
            between 0 and 1
            """
        ),
        (
            "load_fraction: 0.7", "load_fraction: 0.7\n  partitions: [whole, accelerator]",
            """
            scenarios/quickstart.yaml:37: profile.partitions[1]: found 'accelerator', expected a \
            partition that this machine can be measured with: one of whole, sparseDense
            """
        ),
        (
            "load_fraction: 0.7", "load_fraction: 0.7\n  partitions: [sparseDense, sparseDense]",
            """
            scenarios/quickstart.yaml:37: profile.partitions[1]: found sparseDense a second time, \
            expected every partition once
            """
        ),
        (
            "subject: hercules", "subject: hercule",
            """
            scenarios/quickstart.yaml:46: replay.subject: found 'hercule', expected one of this \
            scenario's policies: one of static, oblivious, greedy, priority, hercules; did you mean \
            'hercules'?
            """
        ),
        (
            "baseline: static", "baseline: oracle",
            """
            scenarios/quickstart.yaml:47: replay.baseline: found 'oracle', expected one of this \
            scenario's policies: one of static, oblivious, greedy, priority, hercules
            """
        ),
        (
            "greedy, priority", "greedy, greedy",
            """
            scenarios/quickstart.yaml:45: replay.policies[3]: found greedy a second time, expected every \
            policy once
            """
        ),
        (
            "seed: 1", "seed: -1",
            """
            scenarios/quickstart.yaml:5: seed: found -1, expected a whole number from 0 to \
            18446744073709551615
            """
        ),
        (
            "quantile: 0.99", "quantile: 1",
            """
            scenarios/quickstart.yaml:53: replay.over_provision.quantile: found 1, expected a number \
            strictly between 0 and 1
            """
        ),
        (
            "objective: drawn", "objective: moneys",
            """
            scenarios/quickstart.yaml:49: replay.objective: found 'moneys', expected an objective of a \
            replay: one of watts, drawn, servers, money, carbon; did you mean 'money'?
            """
        ),
        (
            "rule: risk", "rule: rsk",
            """
            scenarios/quickstart.yaml:51: replay.over_provision.rule: found 'rsk', expected a rule of \
            headroom: one of quantile, risk; did you mean 'risk'?
            """
        ),
    ])
    func scenariosNameWhatIsWrong(old: String, new: String, expected: String) throws {
        let message = try refusal(replacing: old, with: new)
        #expect(message == expected)
    }

    @Test func namesOfOtherModulesAreCheckedWhereTheyAreKnown() throws {
        let known = KnownNames(
            policies: ["static", "oblivious", "greedy", "hercules"],
            searchMethods: ["exhaustive", "gradient"])
        #expect(
            try refusal(replacing: "gap_fraction: 0.001", with: "gap_fraction: 0.002", known: known)
                == """
                scenarios/quickstart.yaml:45: replay.policies[3]: found 'priority', expected a policy: \
                one of static,
                """
                + " oblivious, greedy, hercules")
        // With the method, all that is wrong is said.
        var policies = known
        policies.policies = nil
        #expect(
            try refusal(replacing: "method: gradient", with: "method: gradent", known: policies)
                == """
                scenarios/quickstart.yaml:40: search.method: found 'gradent', expected a search method: \
                one of
                """
                + " exhaustive, gradient; did you mean 'gradient'?")
    }

    @Test(arguments: [
        (
            "fleets/mixed.yaml", "cpu-t1: 100", "cpu-t4: 100",
            """
            fleets/mixed.yaml:5: servers.cpu-t4: found 'cpu-t4', expected a server type: one of 42 \
            names; did you
            """
                + " mean 'cpu-t1'?"
        ),
        (
            "fleets/mixed.yaml", "cpu-t1: 100", "cpu-t1: 0",
            "fleets/mixed.yaml:5: servers.cpu-t1: found 0, expected a whole number of at least 1"
        ),
        (
            "servers/cpu-t1.yaml", "xeon-e5-2630-v4", "xeon-e5-2630-v5",
            "servers/cpu-t1.yaml:4: processor.device: found 'xeon-e5-2630-v5', expected a processor: one of "
                + "27 names; did you mean 'xeon-e5-2630-v4'?"
        ),
        (
            "servers/cpu-t1.yaml", "sockets: 2", "sockets: 2\n  cores: 20",
            """
            servers/cpu-t1.yaml:6: processor.cores: found cores beside device, expected either a device \
            or the figures
            """
                + " themselves"
        ),
        (
            "servers/cpu-t1.yaml", "peak_watts: 282", "peak_watts: 82",
            """
            servers/cpu-t1.yaml:12: power.peak_watts: found 82, expected no less power than when idle \
            (102.0 W in all)
            """
        ),
        (
            "servers/cpu-t1.yaml", "peak_watts: 282", "peak_watts: 282\n  peak_watts_per_core: 9",
            """
            servers/cpu-t1.yaml:13: power.peak_watts_per_core: found both peak_watts and \
            peak_watts_per_core, expected one
            """
                + " of them"
        ),
        (
            "servers/cpu-t1.yaml", "  peak_watts: 282\n", "",
            """
            servers/cpu-t1.yaml:10: power: found neither peak_watts nor peak_watts_per_core, expected \
            one of them
            """
        ),
    ])
    func fleetsAndServersNameWhatIsWrong(file: String, old: String, new: String, expected: String) throws {
        let message = try refusal(in: file, replacing: old, with: new)
        #expect(message == expected)
    }

    @Test func detectionIsForThisHostOnly() throws {
        let expected = "expected a number (detect works under this_host: true, on the machine itself)"
        #expect(
            try refusal(in: "servers/this-host.yaml", replacing: "this_host: true", with: "this_host: false")
                == "servers/this-host.yaml:8: processor.cores: found detect, \(expected)")
        #expect(
            try refusal(replacing: "seed: 1", with: "seed: 2", host: nil)
                == "servers/this-host.yaml:8: processor.cores: found detect, \(expected)")
        #expect(
            try refusal(
                in: "servers/this-host.yaml", replacing: "cores: detect", with: "cores: 16", host: nil)
                == "servers/this-host.yaml:12: memory.capacity_gib: found detect, \(expected)")
    }

    @Test func aMistakeInOneFileLeavesTheOthersUsable() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.write("nonsense: [", to: "models/broken.yaml")
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        #expect(
            try copy.catalog.scenario(at: "\(copy.path)/scenarios/quickstart.yaml", host: host).scenario
                .models.count == 4)
    }

    @Test func aColumnOfZerosCannotBeScaled() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let rows = (0..<4).map { "\($0 * 900),1,0,1,1\n" }.joined()
        try copy.write("time,feed,ads,shop,search\n" + rows, to: "traces/week.csv")
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        #expect(
            message(without: copy.path) {
                _ = try copy.catalog.scenario(at: "\(copy.path)/scenarios/quickstart.yaml", host: host)
            }
                == """
                scenarios/quickstart.yaml:22: trace.columns: found the column 'ads' of week.csv, which \
                is zero throughout,
                """
                + " expected loads above zero to scale to a peak")
    }

    @Test func aScenarioMayReadItsTraceItsOwnWay() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let rows = [0, 1, 2, 4, 5, 6, 7].map { "\($0 * 60),\($0 + 1),1,1,1\n" }.joined()
        try copy.write("t,feed,ads,shop,search\n" + rows, to: "other/trace.csv")
        try copy.replace(
            "  file: week.csv\n  time_column: time\n",
            with: """
                  file: \(copy.path)/other/trace.csv
                  time_column: t
                  time_format: relative_seconds
                  load_kind: count
                  interval_seconds: 120
                  gap_fill: zero
                  gap_rows_max: 1

                """, in: "scenarios/quickstart.yaml")
        let host = DetectedHost(cores: 4, memory: Bytes(8e9))
        let resolved = try copy.catalog.scenario(at: "\(copy.path)/scenarios/quickstart.yaml", host: host)
        let loads = (resolved.scenario.trace?.loads["rm1-200k-rows"] ?? []).map(\.value)
        #expect(
            zip(loads, [3, 3, 11, 15]).allSatisfy { abs($0 / 400_000 - $1 / 15) < 1e-12 } && loads.count == 4)
        #expect(resolved.traceSummary?.gapsFilled == 1)
    }

    @Test(arguments: [
        ("a/b/scenarios/s.yaml", "a/b"), ("/a/scenarios/s.yaml", "/a"), ("scenarios/s.yaml", "."),
        ("s.yaml", ".."),
        ("./s.yaml", "./.."), ("../s.yaml", "../.."), ("/s.yaml", "/.."),
    ])
    func theCatalogueLiesAboveTheScenariosFolder(scenario: String, expected: String) throws {
        // Folders that do not exist show in the message; the others in the value.
        do {
            #expect(try Catalog(forScenarioAt: scenario).directory == expected)
        } catch {
            #expect("\(error)".hasPrefix("\(expected): found no such folder"))
        }
    }
}
