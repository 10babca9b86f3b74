import Pipeline
import Quantities
import Store
import Testing
import Vocabulary

@testable import hercules

/// Latency targets, windows of a trace, objectives and rows, as they are typed.
@Suite struct RequestTextTests {
    @Test(arguments: [
        ("20ms", nil, 0.02), ("0.1s", nil, 0.1), ("500us", nil, 0.0005), ("p99:20ms", 0.99, 0.02),
        ("p99.9:1s", 0.999, 1), ("p50:1s", 0.5, 1),
    ])
    func latencyTargetsAreRead(text: String, quantile: Double?, seconds: Double) throws {
        let target = try LatencyTargetText.target(text)
        #expect(target.quantile == quantile.map { Quantile($0) })
        #expect(target.limit == Nanoseconds(seconds: seconds))
    }

    @Test(arguments: [
        "", "soon", "20", "20 m", "-20ms", "0ms", "NaNms", "infs", "86400s", "p30:20ms", "p99.95:20ms",
        "99:20ms", "p99:", ":20ms", "p99:20ms:x", "p99",
    ])
    func whatIsNoLatencyTargetIsRefused(text: String) {
        #expect(
            Refusal.message { try LatencyTargetText.target(text) }
                == "expected a time such as 20ms, or with a quantile from p50 to p99.9 such as p99:20ms")
    }

    @Test(arguments: [
        ("2h@peak", 7200.0, TraceWindow.Start.peak), ("90s", 90, .peak), ("90s@worst", 90, .worst),
        ("10m@36h", 600, .offset(Nanoseconds(seconds: 129_600))), ("1d@0s", 86_400, .offset(.zero)),
    ])
    func windowsAreRead(text: String, seconds: Double, start: TraceWindow.Start) throws {
        #expect(
            try TraceWindowText.window(text)
                == TraceWindow(duration: Nanoseconds(seconds: seconds), start: start))
    }

    @Test(arguments: [
        "", "2x@peak", "10s@", "-3s", "0s", "10s@noon", "@peak", "10", "NaNs", "1e10s", "1s@2s@3s", "1s@-2s",
    ])
    func whatIsNoWindowIsRefused(text: String) {
        let message = Refusal.message { try TraceWindowText.window(text) }
        #expect(message?.hasPrefix("expected a duration and a start, like 2h@peak") == true)
    }

    @Test func objectivesAreWeightsOfCosts() throws {
        #expect(try PlanGoalText.weights("money") == [.money: 1])
        #expect(try PlanGoalText.weights("watts=1,servers=50") == [.watts: 1, .servers: 50])
        #expect(Refusal.message { try PlanGoalText.weights("money,money=2") } == "expected each cost once")
        #expect(
            Refusal.message { try PlanGoalText.weights("watts,beauty") }
                == "unknown objective 'beauty': expected one of watts, drawn, servers, money, carbon")
        for weight in ["0", "-1", "", "NaN", "much"] {
            #expect(
                Refusal.message { try PlanGoalText.weights("money=\(weight)") }
                    == "expected a weight above 0, for example money=1", "\(weight)")
        }
        #expect(Refusal.message { try PlanGoalText.weights("") } == "expected words separated by commas")
    }

    @Test func whatIsToBeSurvivedIsAServerATypeOrARack() throws {
        #expect(try PlanGoalText.survival("type") == .anyType)
        #expect(try PlanGoalText.survival("server") == .anyServer)
        #expect(try PlanGoalText.survival("rack:20") == .anyRack(servers: 20))
        #expect(try PlanGoalText.survival("servers:2") == .anyServers(2))
        #expect(try PlanGoalText.survival("servers-of-one-type:3") == .anyServersOfOneType(3))
        #expect(throws: (any Error).self) { try PlanGoalText.survival("servers:0") }
        for text in ["", "rack", "rack:", "rack:0", "rack:-1", "rack:1.5", "room:2", "type:2", "rack:2:3"] {
            #expect(
                Refusal.message { try PlanGoalText.survival(text) }
                    == "expected `server`, `type`, `rack:SERVERS`, `servers:NUMBER` or "
                    + "`servers-of-one-type:NUMBER`, for example rack:20 or servers:2", "\(text)")
        }
    }

    @Test func conditionsAndOrdersOfRowsAreRead() throws {
        let rows = try RowOptions.parse(["--limit", "0", "--where", "watts>=5", "--sort=-watts"])
        #expect(rows.limitOrAll == nil)
        #expect(rows.selection.conditions == [.init(column: "watts", .greaterOrEqual, value: "5")])
        #expect(rows.selection.order == "watts" && rows.selection.isDescending)
        let plain = try RowOptions.parse(["--sort", "watts"])
        #expect(plain.limitOrAll == 40 && plain.selection.conditions.isEmpty)
        #expect(plain.selection.order == "watts" && !plain.selection.isDescending)
        #expect(try RowOptions.parse([]).selection == RowSelection())
        Refusal.expect(["--limit=-1"], by: RowOptions.self, says: "expected a whole number of at least 0")
        Refusal.expect(["--where", "watts"], by: RowOptions.self, says: "expected column=value")
        Refusal.expect(["--where", "=5"], by: RowOptions.self, says: "expected column=value")
        Refusal.expect(["--sort=-"], by: RowOptions.self, says: "expected the name of a column")
    }
}
