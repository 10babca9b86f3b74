import Catalog
import Foundation
import Quantities
import Reporting
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Tiers below the devices, from the shipped cluster to its figures.
@Suite struct CacheTierOutcomeTests {
    private let cluster: ServingCluster

    init() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/cache-tiers.yaml")
    }

    private func outcome(_ cluster: ServingCluster) throws -> ServingOutcome {
        var workload = try #require(cluster.workload)
        workload.count = 250
        return try ServingSimulation(cluster).outcome(workload, seed: cluster.seed)
    }

    @Test func conversationsAreFoundBelowTheDevice() throws {
        let (with, without) = (try outcome(cluster), try outcome(cluster.withoutTiers))
        let tiers = try #require(with.tiers)
        #expect(without.tiers == nil)
        #expect(tiers.tiers.map(\.name) == ["host", "disk", "store"])
        #expect(tiers.tiers.map(\.count) == [4, 4, 1])
        let (found, missed) = (try #require(with.hitShare), try #require(without.hitShare))
        #expect(found > missed + 0.1)
        let (short, long) = (try #require(with.all.firstToken), try #require(without.all.firstToken))
        #expect(short.mean < 0.9 * long.mean)
        // What was found is the sum of its parts, and is loaded at least once.
        let parts = (tiers.deviceShare ?? 0) + tiers.tiers.reduce(0) { $0 + ($1.hitShare ?? 0) }
        #expect(abs(parts - found) < 1e-9)
        let bytesPerToken = cluster.pools[0].model.cacheBytesPerToken(tensorParallel: 1)
        for tier in tiers.tiers {
            #expect(tier.loadedBytes >= Double(tier.hitTokens) * bytesPerToken)
            #expect(tier.usedShareMost <= 1 && tier.writtenBytes > 0)
            #expect((tier.wait?.count ?? 0) == tier.loads)
        }
        #expect(tiers.tiers[2].hitTokens > 0, "another engine's turns are in the store")
    }

    @Test func aSlowTierIsLeftAloneWhereReadingIsSooner() throws {
        var slow = cluster
        for index in slow.pools[0].engines.indices { slow.pools[0].engines[index].tiers = [] }
        slow.pools[0].sharedTiers[0].bandwidth = 300e6
        let left = try outcome(slow)
        let sooner = try #require(left.all.firstToken).mean
        #expect(left.tiers?.tiers[0].loads == 0)
        for index in slow.pools[0].engines.indices { slow.pools[0].engines[index].tierLoading = .load }
        let loaded = try outcome(slow)
        #expect(try #require(loaded.tiers).tiers[0].loads > 20)
        #expect(try #require(loaded.all.firstToken).mean > sooner)
    }

    @Test func theReportSaysWhatTiersBring() throws {
        let (with, without) = (try outcome(cluster), try outcome(cluster.withoutTiers))
        let report = ServingReport(cluster: cluster, outcome: with, withoutTiers: without)
        let section = try #require(report.sections.first { $0.heading == "Tiers of the cache" })
        let text = "\(section)"
        #expect(text.contains("The tiers shorten the mean time to the first token by"))
        #expect(text.contains("store: assumed, of the 12.5 GB/s"))
        let json = try JSONSerialization.jsonObject(
            with: Data(ServingJSON(cluster: cluster, outcome: with, withoutTiers: without).text.utf8))
        let tiers = try #require((json as? [String: Any])?["cacheTiers"] as? [String: Any])
        #expect((tiers["tiers"] as? [[String: Any]])?.count == 3)
        let found = try #require((tiers["without"] as? [String: Any])?["prefixHitFraction"] as? Double)
        #expect(abs(found - (without.hitShare ?? 0)) < 1e-9)
        let bare = ServingReport(cluster: cluster.withoutTiers, outcome: without)
        #expect(!bare.sections.contains { $0.heading == "Tiers of the cache" })
        #expect(!ServingJSON(cluster: cluster, outcome: without).text.contains("cacheTiers"))
    }
}
