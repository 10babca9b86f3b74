import Quantities
import Reporting
import Testing
import Vocabulary

/// What searches beyond the plain one came to.
@Suite struct SearchDocumentTests {
    private func outcome(_ entry: EfficiencyEntry?) -> SearchOutcome {
        let schedule = Schedule(partition: .whole, threads: 4, workers: 2, batch: 128)
        return SearchOutcome(
            entry: entry, model: "rm1", serverType: "cpu",
            evaluations: [
                ScheduleEvaluation(
                    schedule: schedule, throughput: entry?.throughput ?? .zero, power: Watts(200),
                    provenance: .measured)
            ], path: entry == nil ? [] : [schedule])
    }

    @Test func liveChoicesAreHeldAgainstTheFirst() {
        let ours = Fixtures.entry("rm1", "cpu", qps: 120, watts: 200, provenance: .measured)
        let live = Fixtures.entry("rm1", "cpu", qps: 100, watts: 190, provenance: .measured)
        let naive = Fixtures.entry("rm1", "cpu", qps: 30, watts: 180, provenance: .measured)
        let content = LiveSearchReport([
            (
                "rm1",
                [
                    LiveChoice(method: "gradient", outcome: outcome(ours), live: live, spaceSize: 30),
                    LiveChoice(method: "naive", outcome: outcome(naive), live: naive, spaceSize: 1),
                    LiveChoice(method: "deeprecsys", outcome: outcome(nil), live: nil, spaceSize: 30),
                ]
            )
        ])
        #expect(
            content.summary == [
                .paragraph(
                    "rm1: 100.0 queries/s live with 1 measured cell of 30; 3.33x naive, deeprecsys holds no "
                        + "rate within the target.")
            ])
        #expect(
            content.mainTable.columns.map(\.title) == [
                "model", "method", "schedule", "predicted", "live", "ours over it, live", "cells measured",
                "of", "power", "target",
            ])
        #expect(
            CSVRenderer().render(content.mainTable) == """
                model,method,schedule,predictedQps,liveQps,speedUp,evaluations,spaceSize,watts,latencyTarget
                rm1,gradient,whole M=4 O=2 D=128,120,100,1,1,30,190,p95 <= 25 ms
                rm1,naive,whole M=4 O=2 D=128,30,30,3.33,1,1,180,p95 <= 25 ms
                rm1,deeprecsys,none feasible,,,,1,30,,

                """)
    }

    @Test func aFrontierHasARowForEachTargetAndBudget() {
        let entry = Fixtures.entry("rm1", "cpu", qps: 100, watts: 200)
        let tight = LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(milliseconds: 5))
        let content = FrontierReport(points: [
            FrontierPoint(
                outcome: outcome(entry), target: Fixtures.target, powerBudget: Watts(250), spaceSize: nil),
            FrontierPoint(outcome: outcome(nil), target: tight, powerBudget: nil, spaceSize: 42),
        ])
        #expect(
            content.mainTable.columns.map(\.title) == [
                "model", "server type", "latency target", "power budget", "throughput", "power", "efficiency",
                "schedule", "tried", "of", "source",
            ])
        #expect(
            CSVRenderer().render(content.mainTable) == """
                model,server,latencyTarget,powerBudgetWatts,qps,watts,queriesPerJoule,schedule,\
                evaluations,spaceSize,provenance
                rm1,cpu,p95 <= 25 ms,250,100,200,0.5,whole M=4 O=2 D=128,1,60,modelled
                rm1,cpu,p99 <= 5 ms,,,,,none feasible,1,42,

                """)
    }

    @Test func serverTypesAreRankedByEnergyServerAndPrice() {
        let content = RankReport(entries: Fixtures.entries, prices: ["cpu": 0.5])
        #expect(
            content.mainTable.columns.map(\.title) == [
                "model", "rank", "server type", "efficiency", "of the best", "per server",
                "queries per currency unit", "power", "source",
            ])
        // 100 queries/s for an hour at 0.5 an hour.
        #expect(
            CSVRenderer().render(content.mainTable) == """
                model,rank,server,queriesPerJoule,ofBest,qps,queriesPerCurrencyUnit,watts,provenance
                ncf,1,cpu,5.555555555555555,1,1000,7200000,180,measured
                rm1,1,gpu,0.8,1,400,,500,modelled
                rm1,2,cpu,0.5,0.625,100,720000,200,measured

                """)
    }

    /// 400 requests/s of 50 output tokens are 20,000 tokens/s, at 500 W 40 a joule.
    @Test func languageModelsAreRankedByTokensToo() {
        let content = RankReport(entries: Fixtures.entries, prices: [:], outputTokens: ["rm1": 50])
        let rows = CSVRenderer().render(content.mainTable).split(separator: "\n")
        #expect(rows[0].hasSuffix("provenance,outputTokensPerSecond,outputTokensPerJoule,schedule"))
        #expect(rows[1].contains(",measured,,,whole "))
        #expect(rows[2].contains(",modelled,20000,40,whole "), "\(rows[2])")
    }
}
