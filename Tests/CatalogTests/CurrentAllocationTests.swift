import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// What a scenario says of what runs today.
@Suite struct CurrentAllocationTests {
    private func settings(_ section: String, file: String? = nil) throws -> ReplaySettings {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace(
            "policies: [static,", with: "policies: [current, static,", in: "scenarios/modelled.yaml")
        try copy.replace("  gap_fraction", with: section + "\n  gap_fraction", in: "scenarios/modelled.yaml")
        if let file {
            try file.write(toFile: "\(copy.path)/traces/ran.csv", atomically: true, encoding: .utf8)
        }
        return try copy.catalog.scenario(at: "\(copy.path)/scenarios/modelled.yaml").scenario.replay
    }

    private func refusal(_ section: String, file: String? = nil) -> String {
        do {
            _ = try settings(section, file: file)
            return ""
        } catch { return "\(error)" }
    }

    @Test func aFixedAllocationIsRead() throws {
        let current = try #require(
            try settings("  current: {allocation: {rm1: {cpu-t1: 20}, ncf: {cpu-t2: 3}}}").current)
        let allocation = current.allocation(at: Nanoseconds(seconds: 1e6), traceStart: 5)
        #expect(allocation["rm1", "cpu-t1"] == 20 && allocation["ncf", "cpu-t2"] == 3)
        #expect(allocation.serverCount == 23)
    }

    @Test func hoursOfTheDayRepeatAndBeginWithTheLastOfTheDayBefore() throws {
        let current = try #require(
            try settings(
                """
                  current:
                    daily:
                      - {from: 8, allocation: {rm1: {cpu-t1: 20}}}
                      - {from: 20.5, allocation: {rm1: {cpu-t1: 5}}}
                """
            ).current)
        func servers(_ hour: Double) -> Int {
            current.allocation(at: Nanoseconds(seconds: hour * 3600), traceStart: 86_400 * 3).serverCount
        }
        #expect(servers(0) == 5 && servers(8) == 20 && servers(20.4) == 20 && servers(20.5) == 5)
        #expect(servers(24 + 9) == 20)
    }

    @Test func aRecordOfWhatRanIsReadByColumn() throws {
        let current = try #require(
            try settings(
                """
                  current:
                    file: ran.csv
                    columns: {rm1: {cpu-t1: old, cpu-t2: new}}
                """,
                file: """
                    time,old,new
                    2024-06-03T00:00:00Z,10,2
                    2024-06-03T00:15:00Z,10,2
                    2024-06-03T00:30:00Z,12,2
                    """
            ).current)
        #expect(current.steps.count == 2, "a step where something changes")
        let start: Int64 = 1_717_372_800
        #expect(current.allocation(at: Nanoseconds(seconds: 1799), traceStart: start).serverCount == 12)
        #expect(current.allocation(at: Nanoseconds(seconds: 1800), traceStart: start).serverCount == 14)
    }

    @Test func whatCannotBeIsNamed() {
        let beyond = refusal("  current: {allocation: {rm1: {cpu-t1: 101, cpu-t2: 999}, ncf: {cpu-t1: 1}}}")
        #expect(beyond.contains("102 of cpu-t1, 999 of cpu-t2"))
        #expect(beyond.contains("100 of cpu-t1, 70 of cpu-t2"))
        #expect(refusal("  current: {allocation: {rm9: {cpu-t1: 1}}}").contains("rm9"))
        #expect(refusal("  current: {allocation: {rm1: {cpu-t9: 1}}}").contains("cpu-t9"))
        #expect(refusal("  current: {time_zone: UTC}").contains("none of them"))
        #expect(refusal("").contains("replay.current"))
        #expect(
            refusal(
                "  current: {daily: [{from: 9, allocation: {rm1: {cpu-t1: 1}}}, "
                    + "{from: 9, allocation: {rm1: {cpu-t1: 2}}}]}"
            )
            .contains("later hour"))
        let halves = refusal(
            "  current: {file: ran.csv, columns: {rm1: {cpu-t1: old}}}",
            file: "time,old\n0,1.5\n900,1\n1800,2\n")
        #expect(halves.contains("'old' has 1.5"))
    }

    @Test func anAllocationWithoutItsPolicyIsRefused() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace(
            "  gap_fraction", with: "  current: {allocation: {rm1: {cpu-t1: 1}}}\n  gap_fraction",
            in: "scenarios/modelled.yaml")
        #expect(throws: FileError.self) {
            try copy.catalog.scenario(at: "\(copy.path)/scenarios/modelled.yaml")
        }
    }

    @Test(arguments: ["money", "carbon"]) func whatNothingPricesIsNotMinimised(_ cost: String) throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace("objective: drawn", with: "objective: \(cost)", in: "scenarios/modelled.yaml")
        do {
            _ = try copy.catalog.scenario(at: "\(copy.path)/scenarios/modelled.yaml")
            Issue.record("\(cost) without a price was taken")
        } catch let error as FileError {
            #expect("\(error)".contains("replay.objective") && "\(error)".contains("replay.tariff"))
        }
        let priced = try WorkingCopy(ofWorkloads: true)
        try priced.replace("objective: drawn", with: "objective: \(cost)", in: "scenarios/operated.yaml")
        let scenario = try priced.catalog.scenario(at: "\(priced.path)/scenarios/operated.yaml").scenario
        #expect(scenario.replay.objective?.rawValue == cost)
    }
}
