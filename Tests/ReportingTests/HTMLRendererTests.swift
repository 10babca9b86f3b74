import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct HTMLRendererTests {
    private let renderer = HTMLRenderer(plotlyScript: "/* the library */")
    private static let evil = "</script><img src=x onerror=alert(1)>"

    private func payload(_ html: String) throws -> [String: Any] {
        let start = try #require(html.range(of: "id=\"report-data\">"))
        let end = try #require(html.range(of: "</script>", range: start.upperBound..<html.endIndex))
        let json = String(html[start.upperBound..<end.lowerBound])
        #expect(!json.contains("<") && !json.contains(">") && !json.contains("&"))
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    /// The number of times a text occurs.
    private func count(_ needle: String, in text: String) -> Int {
        text.components(separatedBy: needle).count - 1
    }

    @Test func theFileAsksForNothingFromOutside() {
        let html = renderer.render(Fixtures.replayReport.report(seed: 1))
        for forbidden in ["http://", "https://", "src=", "@import", "url(", "//cdn"] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
        #expect(html.contains("default-src 'none'"))
        #expect(html.contains("<link rel=\"icon\" href=\"data:image/png;base64,"))
        #expect(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"))
        #expect(html.contains("prefers-color-scheme: dark"))
        #expect(html.contains("showSendToCloud: false"))
    }

    @Test func noLineOfTheProgramIsContinuedAsSwiftWould() {
        // In a raw text a backslash at the end of a line stays, and the browser refuses the whole program.
        let html = renderer.render(Fixtures.replayReport.report(seed: 1))
        #expect(html.components(separatedBy: "\n").filter { $0.hasSuffix("\\") } == [])
    }

    @Test func aHostileNameStaysText() throws {
        let model = ModelID(Self.evil)
        let entry = Fixtures.entry(model, "gpu", qps: 10, watts: 100)
        var allocation = Allocation()
        allocation[model, "gpu"] = 1
        let plan = Plan(
            status: .infeasible, allocation: allocation, objective: Watts(100), bound: nil,
            shortfalls: [Plan.Shortfall(model: model, load: QueriesPerSecond(5))])
        let content = PlanReport(
            plan: plan, demand: Demand([model: QueriesPerSecond(15)]), table: EfficiencyTable([entry]))
        let report = content.report(
            seed: nil, versions: [.init(name: Self.evil, text: Self.evil)],
            inputs: [.init(name: Self.evil, text: Self.evil)])
        let html = renderer.render(report)
        #expect(!html.contains("<img"))
        // Exactly the three script elements that the renderer writes.
        #expect(count("</script>", in: html) == 3)
        #expect(count("<script", in: html) == 3)
        #expect(html.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"))
        // In a plot, where the library reads a little markup, the name is escaped once more.
        let plots = try #require(try payload(html)["plots"] as? [[String: Any]])
        let figure = try #require((plots.first?["figures"] as? [[String: Any]])?.first)
        let trace = try #require((figure["traces"] as? [[String: Any]])?.first)
        #expect(trace["y"] as? [String] == ["&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"])
    }

    @Test(arguments: ["let a = '</script>';", "let b = '</SCRIPT >';", "let c = '<!-- <script>';"])
    func theLibraryCannotEndItsOwnElement(script: String) {
        let html = HTMLRenderer(plotlyScript: script).render(Fixtures.replayReport.report(seed: nil))
        #expect(count("</script>", in: html.lowercased()) == 3)
        #expect(!html.contains("<!--"))
        #expect(HTMLText.escapedScript("if (a<b && c</d/.e) {}") == "if (a<b && c</d/.e) {}")
    }

    @Test func plotsHoldTheNumbersOfTheReplay() throws {
        let html = renderer.render(Fixtures.replayReport.report(seed: nil))
        let plots = try #require(try payload(html)["plots"] as? [[String: Any]])
        let choices = plots.compactMap { $0["choices"] as? [String] }
        #expect(choices == [[], ["as"], ["power"], ["policy"], [], ["policy", "model"]])
        #expect(count("data-plot=", in: html) == plots.count)

        let power = try #require(plots[2]["figures"] as? [[String: Any]])
        let traces = try #require(power.first?["traces"] as? [[String: Any]])
        #expect(traces.map { $0["name"] as? String } == ["static", "hercules"])
        // The last value is repeated, to end its interval.
        #expect(traces.last?["y"] as? [Double] == [680, 1360, 1360, 680, 680])
        #expect(traces.last?["x0"] as? String == "2026-03-02 00:00")
        #expect(traces.last?["dx"] as? Double == 3_600_000)

        let rug = try #require(
            (plots[4]["figures"] as? [[String: Any]])?.first?["traces"] as? [[String: Any]])
        #expect(rug.map { $0["name"] as? String } == ["ncf", "rm1"])
        #expect(rug.map { ($0["x"] as? [String])?.count } == [0, 1])
        #expect(rug.last?["x"] as? [String] == ["2026-03-02 02:00"])

        let capacity = try #require(plots[5]["figures"] as? [[String: Any]])
        #expect(capacity.count == 4)
        let preferred = capacity.filter { $0["isPreferred"] as? Bool == true }
        #expect(preferred.allSatisfy { ($0["options"] as? [String])?.first == "hercules" })
    }

    @Test func longSeriesAreKeptOnceAndTheFileStaysModest() throws {
        let count = 672
        let trace = Trace(
            name: "week", startUnixSeconds: 0, interval: Nanoseconds(seconds: 900),
            loads: ["a": (0..<count).map { QueriesPerSecond(1000 + Double($0) / 7) }])
        let timelines = ["p", "q", "r"].map { policy in
            Timeline(
                policy: policy, interval: trace.interval,
                records: (0..<count).map { index in
                    IntervalRecord(
                        load: trace.demand(at: index), capacity: trace.demand(at: index).scaled(by: 1.1),
                        allocation: Allocation(), provisionedPower: Watts(1000 + Double(index) / 3),
                        drawnPower: Watts(900 + Double(index) / 3), violatedModels: [], arrivedQueries: 1,
                        unservedQueries: 0, planStatus: .optimal, planGap: nil)
                }, decisionSeconds: 0)
        }
        let content = ReplayReport(
            outcome: ReplayOutcome(trace: trace, subject: "q", timelines: timelines), baseline: "p",
            table: EfficiencyTable([]), includesDecisionTime: false)
        let html = renderer.render(content.report(seed: nil))
        let arrays = try #require(try payload(html)["arrays"] as? [[Any]])
        // Load, share of peak, provisioned and drawn power, capacity: the policies do not differ.
        #expect(arrays.count == 5)
        #expect(arrays.allSatisfy { $0.count == count + 1 })
        #expect(html.utf8.count < 80_000)
        #expect(html.contains("days since the start of the trace"))
    }

    @Test func tablesHaveCaptionsHeadsAndScopes() {
        let html = renderer.render(Fixtures.replayReport.report(seed: 7))
        let tables = count("<table>", in: html)
        #expect(tables == 4)
        #expect(count("<caption>", in: html) == tables)
        #expect(html.contains("<th scope=\"row\">hercules</th>"))
        #expect(html.contains("<td class=\"n\">1,360</td>"))
        #expect(html.contains("<dt>Seed</dt><dd>7</dd>"))
        #expect(html.contains("<h2 id=\"heading-1\">Savings</h2>"))
        #expect(count("<h1>", in: html) == 1)
    }

    @Test func aReportWithoutPlotsNeedsNoLibrary() {
        let report = Report(
            title: "Plain & simple", summary: [], sections: [],
            mainTable: Table(caption: "", columns: [], keyColumnCount: 0, rows: []),
            foot: Report.Foot(provenance: [], seed: nil, versions: [], inputs: []))
        let html = renderer.render(report)
        #expect(!html.contains("<script"))
        #expect(html.contains("<h1>Plain &amp; simple</h1>"))
    }

    @Test func theSameReportGivesTheSameBytes() {
        func render() -> [String] {
            let report = Fixtures.replayReport.report(seed: 3)
            let search = SearchReport(
                outcomes: [Fixtures.search("b", "y"), Fixtures.search("a", "x")], entries: Fixtures.entries
            ).report(seed: 3)
            return [report, search].flatMap {
                [
                    renderer.render($0), JSONRenderer().render($0), TextRenderer().render($0),
                    CSVRenderer().render($0),
                ]
            }
        }
        #expect(render() == render())
    }
}
