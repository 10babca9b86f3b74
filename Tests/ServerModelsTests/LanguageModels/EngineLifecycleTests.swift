import Catalog
import Foundation
import Quantities
import Reporting
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Engines that boot, fail and drain, from the shipped cluster to its figures.
@Suite struct EngineLifecycleTests {
    private let cluster: ServingCluster

    init() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/failures.yaml")
    }

    private func outcome(_ cluster: ServingCluster) throws -> ServingOutcome {
        try ServingSimulation(cluster).outcome(try #require(cluster.workload), seed: cluster.seed)
    }

    @Test func requestsOfFailingEnginesAreServedElsewhere() throws {
        let found = try outcome(cluster)
        let failures = try #require(found.failures)
        #expect(failures.lost == 0 && failures.restarted > 0 && failures.tokensLost > 0)
        #expect(found.arrived == 4000 && found.unfinished == 0 && found.rejected == 0)
        for engine in found.engines {
            let life = try #require(engine.life)
            #expect(abs(life.upSeconds + life.bootSeconds + life.downSeconds - found.seconds) < 1e-3)
            #expect(engine.busyShare * found.seconds <= life.upSeconds + 1e-3)
        }
        // 16 GB of weights at 2 GB/s, after 25 s.
        let first = try #require(found.engines[0].life)
        let boots = Double(first.failures + 1)
        #expect(first.failures > 0 && first.bootSeconds <= boots * (25 + 8.1))
        #expect(first.bootSeconds > (boots - 1) * (25 + 7.9))
        // The last engine drains after 300 s, and ends what it has.
        let last = try #require(found.engines[3].life)
        #expect(last.upSeconds >= 300 && last.upSeconds < 360 && last.failures == 0)

        var lossy = cluster
        lossy.pools[0].onFailure = .lose
        let lost = try outcome(lossy)
        let count = try #require(lost.failures).lost
        #expect(count > 0 && lost.arrived == 4000 && lost.unfinished == 0)
    }

    @Test func energyCountsBootingAndNothingWhileDown() throws {
        var engine = cluster.pools[0].engines[0]
        (engine.idleWatts, engine.busyWatts, engine.power) = (Watts(100), Watts(300), nil)
        engine.lifecycle?.bootWatts = Watts(150)
        let life = ServingOutcome.EngineLife(upSeconds: 5, bootSeconds: 2, downSeconds: 3, failures: 1)
        // 5 s of idle power, 2 s of it above for steps, and 2 s of booting, over 10 s.
        let watts = engine.meanWatts(over: 10, reading: 1, generating: [0, 1], life: life)
        #expect(watts == Watts((500 + 400 + 300) / 10))
        engine.lifecycle?.bootWatts = nil
        #expect(engine.meanWatts(over: 10, reading: 1, generating: [0, 1], life: life) == Watts(110))
        #expect(engine.meanWatts(over: 10, reading: 1, generating: [0, 1]) == Watts(140))
    }

    @Test func theReportSaysWhatFailuresCost() throws {
        let found = try outcome(cluster)
        let report = ServingReport(cluster: cluster, outcome: found)
        let text = "\(try #require(report.sections.first { $0.heading == "Availability" }))"
        #expect(text.contains("were begun anew") && text.contains("far more failures than a fleet has"))
        let json = try JSONSerialization.jsonObject(
            with: Data(ServingJSON(cluster: cluster, outcome: found).text.utf8))
        let failures = try #require((json as? [String: Any])?["failures"] as? [String: Any])
        #expect(failures["restartedRequests"] as? Int == found.failures?.restarted)
        #expect((failures["engines"] as? [[String: Any]])?.count == 4)
        var calm = cluster
        for index in calm.pools[0].engines.indices { calm.pools[0].engines[index].lifecycle = nil }
        #expect(!ServingJSON(cluster: calm, outcome: try outcome(calm)).text.contains("lostRequests"))
    }
}
