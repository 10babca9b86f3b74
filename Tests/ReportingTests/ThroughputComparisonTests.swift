import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct ThroughputComparisonTests {
    private func comparison(
        _ model: ModelID, threads: Int = 2, live: Double, profiled: Double, plain: Double,
        stored: Double? = nil
    ) -> ThroughputComparison {
        ThroughputComparison(
            model: model, serverType: "this-host",
            host: Host(
                name: "node1", processor: "Example CPU", cores: 4, memory: Bytes(16e9),
                operatingSystem: "Debian 12"),
            engine: "null", engineVersion: "1",
            schedule: Schedule(partition: .whole, threads: threads, workers: 1, batch: 64),
            target: Fixtures.target, liveMet: QueriesPerSecond(live * 0.99),
            liveMissed: QueriesPerSecond(live * 1.01), live: QueriesPerSecond(live),
            profiled: QueriesPerSecond(profiled), plain: QueriesPerSecond(plain),
            stored: stored.map { QueriesPerSecond($0) }, rates: 6, doubtfulRates: 1, provenance: .measured,
            seed: 1, comparedAtUnixSeconds: 0, toolVersion: "0.1.0")
    }

    @Test func everyComparisonHasARowAndTheMediansStandBelow() {
        // Differences of 5 % and -10 %; without load effects 25 % and 50 %; from the profile 12.5 % once.
        let document = ThroughputComparisonDocument([
            comparison("ncf", live: 200, profiled: 210, plain: 250, stored: 225),
            comparison("rm1", live: 100, profiled: 90, plain: 150),
        ])
        #expect(
            document.table.columns.map(\.title) == [
                "model", "partition", "M", "O", "D", "limit", "tail", "live, met", "live, missed",
                "simulated",
                "difference", "without load effects", "from the profile", "rates", "disturbed", "source",
            ])
        #expect(
            document.text(as: .csv) == """
                model,partition,threads,workers,batch,limitMilliseconds,quantile,liveMetQps,\
                liveMissedQps,profiledQps,difference,plainDifference,storedDifference,rates,\
                doubtfulRates,provenance
                ncf,whole,2,1,64,25,p95,198,202,210,0.05,0.25,0.125,6,1,measured
                rm1,whole,2,1,64,25,p95,99,101,90,-0.1,0.5,,6,1,measured

                """)
        #expect(
            document.remarks
                == "\nMedian size of the difference: 7.5 %; without load effects 37.5 %; from the "
                + "cells of the profile 12.5 %\n")
        #expect(document.text(as: .text).hasSuffix(document.remarks))
        #expect(document.count == 2 && document.modelCount == 2)
    }

    @Test func ofOneScheduleTheLatestComparisonCounts() {
        let document = ThroughputComparisonDocument(latestOf: [
            comparison("ncf", live: 200, profiled: 300, plain: 200),
            comparison("rm1", live: 100, profiled: 90, plain: 150),
            comparison("ncf", live: 200, profiled: 210, plain: 200),
            comparison("ncf", threads: 1, live: 50, profiled: 50, plain: 50),
        ])
        #expect(document.count == 3 && document.modelCount == 2)
        #expect(document.table.rows.map { $0[9] } == [.number(210), .number(90), .number(50)])
        #expect(ThroughputComparisonDocument([]).remarks.isEmpty)
    }
}
