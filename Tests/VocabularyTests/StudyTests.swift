import Quantities
import Testing
import Vocabulary

@Suite struct StudyTests {
    private let study = Study(
        id: "s", title: "S", scenario: "small",
        axes: [
            StudyAxis(name: "load", labels: ["1", "2", "3"]),
            StudyAxis(name: "fleet", labels: ["few", "many"]),
        ])

    @Test func everyCombinationIsOneCellAndTheLastAxisMovesFastest() {
        #expect(study.cellCount == 6)
        let names = (0..<6).map(study.name)
        #expect(Set(names).count == 6)
        #expect(names.prefix(3) == ["load 1, fleet few", "load 1, fleet many", "load 2, fleet few"])
        #expect(study.coordinates(of: 5) == [2, 1])
    }

    @Test func moreCellsThanCanBeCountedAreManyAndNoCrash() {
        let labels = (0..<1000).map { "\($0)" }
        let axes = (0..<8).map { StudyAxis(name: "a\($0)", labels: labels) }
        #expect(Study(id: "s", title: "S", scenario: "x", axes: axes).cellCount == .max)
    }

    @Test func partsTakeEveryCellOnce() {
        for count in 1...4 {
            let parts = (1...count).map { StudyPart(number: $0, count: count) }
            for cell in 0..<11 { #expect(parts.count { $0.contains(cell) } == 1) }
        }
    }

    private static func entry(_ model: ModelID, _ type: ServerTypeID, _ rate: Double, _ watts: Double)
        -> EfficiencyEntry
    {
        EfficiencyEntry(
            model: model, serverType: type,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .metered,
            provenance: .measured, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    /// 1, 4 and 16 queries/J have the mean 4; the pair that serves nothing stays so.
    @Test func aSpreadMovesEfficienciesAboutTheirMeanAndLeavesWatts() throws {
        let table = EfficiencyTable([
            Self.entry("a", "x", 100, 100), Self.entry("a", "y", 800, 200), Self.entry("a", "z", 800, 50),
            Self.entry("a", "none", 0, 80), Self.entry("b", "x", 7, 10),
        ])
        #expect(table.spread(by: 1) == table)
        for (factor, expected) in [(0, [4.0, 4, 4]), (0.5, [2, 4, 8]), (2, [0.25, 4, 64])] {
            let spread = table.spread(by: factor)
            for (type, value) in zip(["x", "y", "z"], expected) {
                let entry = try #require(spread["a", ServerTypeID(type)])
                #expect(abs(entry.queriesPerJoule / value - 1) < 1e-12)
                #expect(entry.power == table["a", ServerTypeID(type)]?.power)
                #expect(entry.provenance == .modelled, "an assumption is not a measurement")
            }
            #expect(spread["a", "none"] == table["a", "none"])
            let alone = try #require(spread["b", "x"])
            #expect(abs(alone.throughput.value - 7) < 1e-12, "one type alone has no distance to itself")
        }
    }
}
