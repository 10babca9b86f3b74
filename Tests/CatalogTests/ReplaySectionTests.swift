import Catalog
import Quantities
import TestSupport
import Testing
import Vocabulary

/// What a replay has to survive, what changes cost, and how headroom is bought.
@Suite struct ReplaySectionTests {
    private let copy: WorkingCopy

    init() throws { copy = try WorkingCopy() }

    private func settings(_ replay: String) throws -> ReplaySettings {
        let path = try copy.write(
            "models: [ncf]\nfleet: {cpu-t1: 3}\nreplay: {\(replay)}\n", to: "own/mine.yaml")
        return try Catalog(forScenarioAt: path, shipped: Repository.workloads).scenario(at: path).scenario
            .replay
    }

    private func refusal(_ replay: String) -> String? {
        message(without: copy.path) { _ = try settings(replay) }
    }

    @Test func replaysSurviveWhatPlansDo() throws {
        #expect(try settings("gap_fraction: 0.01").survives == nil)
        #expect(try settings("survives_loss_of: server").survives == .anyServer)
        #expect(try settings("survives_loss_of: type").survives == .anyType)
        #expect(
            try settings("survives_loss_of: rack, rack_servers: 20").survives == .anyRack(servers: 20))
        #expect(try settings("survives_loss_of: servers, lost_servers: 2").survives == .anyServers(2))
        #expect(
            try settings("survives_loss_of: servers_of_one_type, lost_servers: 3").survives
                == .anyServersOfOneType(3))
        #expect(refusal("survives_loss_of: servers")?.contains("replay.lost_servers: found nothing") == true)
        #expect(
            refusal("survives_loss_of: type, lost_servers: 2")?.contains(
                "replay.lost_servers: found 2, expected nothing") == true)
        #expect(refusal("survives_loss_of: rack")?.contains("replay.rack_servers: found nothing") == true)
        #expect(
            refusal("survives_loss_of: type, rack_servers: 9")?.contains(
                "replay.rack_servers: found 9, expected nothing") == true)
    }

    @Test func changesHaveAPrice() throws {
        #expect(try settings("gap_fraction: 0.01").changePrice == ReplaySettings.usualChangePrice)
        #expect(try settings("dynamics: {boot_seconds: 60}").changePrice == nil)
        #expect(try settings("change_price_fraction: 0").changePrice == .zero)
        #expect(
            refusal("change_price_fraction: -1")?.contains("replay.change_price_fraction: found -1") == true)
        #expect(
            try settings("change_price_fraction: 0.1, dynamics: {boot_seconds: 60}").changePrice
                == Fraction(0.1))
        #expect(try settings("keep_within_fraction: 0.02").keepWithin == Fraction(0.02))
        #expect(
            refusal("keep_within_fraction: 2")?.contains("replay.keep_within_fraction: found 2") == true)
        #expect(try settings("scale_down_intervals: 4").scaleDownIntervals == 4)
        #expect(
            refusal("scale_down_intervals: 0")?.contains("replay.scale_down_intervals: found 0") == true)
        #expect(try settings("changes_per_day: 24").changesPerDay == 24)
        #expect(try settings("gap_fraction: 0.01").changesPerDay == nil)
        #expect(refusal("changes_per_day: 0")?.contains("replay.changes_per_day: found 0") == true)
    }

    @Test func headroomIsBoughtByRiskUnlessSaidOtherwise() throws {
        #expect(try settings("over_provision: {quantile: 0.9}").headroomRule == .risk)
        #expect(try settings("over_provision: {rule: quantile}").headroomRule == .quantile)
    }
}
