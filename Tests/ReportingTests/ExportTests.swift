import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary
import Yams

@Suite struct ExportTests {
    private let trace = Trace(
        name: "week", startUnixSeconds: 1_717_372_800, interval: Nanoseconds(seconds: 900),
        loads: ["rm1": Array(repeating: QueriesPerSecond(10), count: 5)])

    private static let engine = Schedule.engine(
        EngineRules(sequencesMax: 64, tokenBudget: 2048, chunkTokens: 512))

    private func entry(
        _ model: ModelID, _ type: ServerTypeID, _ schedule: Schedule
    ) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: type,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
            powerBudget: nil, schedule: schedule,
            throughput: QueriesPerSecond(10), power: Watts(100), powerProvenance: .estimated,
            provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    private func threads(_ partition: ThreadSchedule.Partition) -> Schedule {
        Schedule(partition: partition, threads: 4, workers: 2, batch: 64)
    }

    /// - Parameter accelerated: how the type with accelerators runs the model; threads where nil.
    private func schedule(_ counts: [Int], accelerated: Schedule? = nil) -> AllocationSchedule {
        let records = counts.map { count -> IntervalRecord in
            var allocation = Allocation()
            allocation["rm1", "cpu-t1"] = count
            allocation["rm1", "cpu-t2-v100"] = min(count, 1)
            return IntervalRecord(
                load: Demand([:]), capacity: Demand([:]), allocation: allocation, provisionedPower: .zero,
                drawnPower: .zero, violatedModels: [], arrivedQueries: 0, unservedQueries: 0,
                planStatus: .optimal, planGap: nil)
        }
        let timeline = Timeline(
            policy: "hercules", interval: trace.interval, records: records, decisionSeconds: 0)
        return AllocationSchedule(
            timeline, of: trace,
            table: EfficiencyTable([
                entry("rm1", "cpu-t1", threads(.whole)),
                entry("rm1", "cpu-t2-v100", accelerated ?? threads(.accelerator)),
            ]))
    }

    private func serverType(_ id: ServerTypeID, accelerators: Int) -> ServerType {
        ServerType(
            id: id, title: id.name,
            processor: Processor(cores: 20, peakPerCore: FlopsPerSecond(1e10), lastLevelCache: Bytes(1e7)),
            memory: MemorySystem(capacity: Bytes(1e11), bandwidth: BytesPerSecond(1e11)), nearMemory: nil,
            accelerator: accelerators == 0
                ? nil
                : Accelerator(
                    name: "card",
                    count: accelerators, peak: FlopsPerSecond(1e13), memory: Bytes(1e10),
                    bandwidth: BytesPerSecond(1e11), hostLink: BytesPerSecond(1e10),
                    launchOverhead: Nanoseconds(5000)),
            power: PowerCurve(
                hostIdle: Watts(50), hostPeak: Watts(150), acceleratorIdle: .zero, acceleratorPeak: .zero,
                halfLoadFactor: 0.7),
            isThisHost: false, sources: [])
    }

    private func manifests(
        _ counts: [Int], nodeLabel: String = "hercules/server-type", accelerated: Schedule? = nil,
        launch: EngineLaunch = .vllm
    ) throws -> KubernetesManifests {
        try KubernetesManifests(
            schedule(counts, accelerated: accelerated),
            serverTypes: [serverType("cpu-t1", accelerators: 0), serverType("cpu-t2-v100", accelerators: 2)],
            modelSizes: ["rm1": Bytes(1.5 * 1_048_576)],
            options: .init(
                namespace: "inference", nodeLabel: nodeLabel, image: "example/{model}:1", launch: launch))
    }

    @Test func intervalsWithoutAChangeAreOneSpan() {
        let schedule = schedule([2, 2, 3, 3, 0])
        #expect(schedule.spans.map(\.firstInterval) == [0, 2, 4])
        #expect(schedule.spans.map(\.intervalCount) == [2, 2, 1])
        let csv = CSVRenderer().render(schedule.spanTable).split(separator: "\n")
        #expect(csv.count == 6, "a head, two rows for each of two spans, one for the empty span")
        #expect(
            csv[1]
                == "hercules,0,2,0,1800,2024-06-03T00:00:00Z,rm1,cpu-t1,2,whole,4,2,64,20,200,modelled,"
                + "estimated"
        )
        #expect(csv[5] == "hercules,4,1,3600,4500,2024-06-03T01:00:00Z,,,0,,,,,,,,")
    }

    @Test func theScheduleIsJSONOfTheSameSpans() throws {
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(schedule([1, 1, 2]).json.utf8)) as? [String: Any])
        let spans = try #require(json["spans"] as? [[String: Any]])
        #expect(spans.count == 2 && spans[1]["startUtc"] as? String == "2024-06-03T00:30:00Z")
        let shares = try #require(spans[1]["allocations"] as? [[String: Any]])
        #expect(shares.map { $0["count"] as? Int } == [2, 1] && shares[0]["watts"] as? Double == 200)
    }

    @Test func manifestSetsHoldWhatChanges() throws {
        let sets = try manifests([2, 2, 3, 3, 0]).sets()
        #expect(sets.map(\.fileName) == ["000000.yaml", "000002.yaml", "000004.yaml"])
        let replicas = try sets.map { set in
            try Yams.load_all(yaml: set.yaml).map { document in
                let deployment = try #require(document as? [String: Any])
                #expect(deployment["apiVersion"] as? String == "apps/v1")
                #expect(deployment["kind"] as? String == "Deployment")
                let name = try #require((deployment["metadata"] as? [String: Any])?["name"] as? String)
                let spec = try #require(deployment["spec"] as? [String: Any])
                return "\(name)=\(spec["replicas"] as? Int ?? -1)"
            }
        }
        #expect(
            replicas == [
                ["rm1--cpu-t1=2", "rm1--cpu-t2-v100=1"], ["rm1--cpu-t1=3"],
                ["rm1--cpu-t1=0", "rm1--cpu-t2-v100=0"],
            ])
    }

    @Test func aDeploymentAsksForTheServerItWasPlannedFor() throws {
        let set = try #require(try manifests([1]).sets().first)
        let documents = try Yams.load_all(yaml: set.yaml).compactMap { $0 as? [String: Any] }
        let accelerated = try #require(documents.last?["spec"] as? [String: Any])
        let template = try #require(accelerated["template"] as? [String: Any])
        let pod = try #require(template["spec"] as? [String: Any])
        #expect(pod["nodeSelector"] as? [String: String] == ["hercules/server-type": "cpu-t2-v100"])
        let container = try #require((pod["containers"] as? [[String: Any]])?.first)
        #expect(container["image"] as? String == "example/rm1:1")
        let resources = try #require(container["resources"] as? [String: [String: String]])
        #expect(resources["requests"] == ["cpu": "8", "memory": "2Mi", "nvidia.com/gpu": "2"])
        #expect(resources["limits"] == ["nvidia.com/gpu": "2"])
        let labels = (template["metadata"] as? [String: Any])?["labels"] as? [String: String]
        #expect((accelerated["selector"] as? [String: Any])?["matchLabels"] as? [String: String] == labels)
    }

    @Test func anEngineIsExportedWithItsRules() throws {
        let csv = CSVRenderer().render(schedule([1], accelerated: Self.engine).spanTable)
        #expect(csv.contains("cpu-t2-v100,1,engine TP=1 sequences=64 tokens=2048 chunk=512,,,,10,100"))
        let json = schedule([1], accelerated: Self.engine).json
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let shares = (object["spans"] as? [[String: Any]])?.first?["allocations"] as? [[String: Any]]
        let found = try #require(shares?.map { $0["schedule"] as? [String: Any] }.last ?? nil)
        #expect(found["threads"] as? Int == 64 && found["partition"] as? String == "whole")
        #expect((found["engine"] as? [String: Any])?["chunkTokens"] as? Int == 512)
        #expect((shares?.first?["schedule"] as? [String: Any])?["engine"] == nil)

        let set = try #require(try manifests([1], accelerated: Self.engine).sets().first)
        // One of the two accelerators, and a core to drive it.
        #expect(set.yaml.contains(#""nvidia.com/gpu": "1""#) && set.yaml.contains(#""cpu": "1""#))
        // A server is filled with engines: two replicas of half of what the server does, side by side.
        let engine = try #require(
            try Yams.load_all(yaml: set.yaml).map { "\($0)" }.first { $0.contains("max-num-seqs") })
        #expect(engine.contains("--max-num-seqs=64") && engine.contains("--max-num-batched-tokens=2048"))
        #expect(engine.contains("--long-prefill-token-threshold=512"))
        let replicas = #/replicas"?\)?:? ?2/#
        #expect(engine.contains(replicas), "\(engine)")
        #expect(engine.contains("--model=$(HERCULES_MODEL)") && !engine.contains("podAntiAffinity"))
        let sglang = EngineLaunch.sglang.arguments(
            EngineRules(tensorParallel: 4, sequencesMax: 128, tokenBudget: 8192, chunkTokens: 2048))
        #expect(
            sglang == [
                "--model-path=$(HERCULES_MODEL)", "--tp-size=4", "--pp-size=1", "--max-running-requests=128",
                "--max-prefill-tokens=8192", "--chunked-prefill-size=2048",
            ])
        // A worker of Dynamo takes what vLLM takes, and has to be named.
        let rules = EngineRules(tensorParallel: 4, sequencesMax: 128, tokenBudget: 8192)
        #expect(EngineLaunch.dynamo.arguments(rules) == EngineLaunch.vllm.arguments(rules))
        #expect(EngineLaunch.vllm.command == nil && EngineLaunch.sglang.command == nil)
        let worker = try #require(
            try manifests([1], accelerated: Self.engine, launch: .dynamo).sets().first)
        #expect(worker.yaml.contains("dynamo.vllm") && !set.yaml.contains("\"command\""))
        for (name, value) in [
            ("HERCULES_SEQUENCES_MAX", "64"), ("HERCULES_TOKEN_BUDGET", "2048"),
            ("HERCULES_CHUNK_TOKENS", "512"), ("HERCULES_ROLE", "mixed"), ("HERCULES_PRECISION", "default"),
        ] {
            let documents = try Yams.load_all(yaml: set.yaml).map { "\($0)" }
            #expect(documents.contains { $0.contains(name) && $0.contains(value) }, "\(name)")
        }
    }

    @Test(arguments: ["", "Upper", "a/b/c", "-a", "a b", "a/"])
    func labelsThatKubernetesRefusesAreRefused(label: String) {
        #expect(throws: KubernetesManifests.Failure.self) { try manifests([1], nodeLabel: label) }
    }
}
