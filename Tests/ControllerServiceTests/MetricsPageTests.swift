import Controlling
import Testing

@testable import hercules_controller

@Suite struct MetricsPageTests {
    private func page(_ change: (inout ControllerSnapshot) -> Void = { _ in }) -> [String] {
        var snapshot = Sample.snapshot()
        change(&snapshot)
        let requests = PrometheusRequestCounts()
        requests.note(seconds: 0.02, failure: nil)
        requests.note(seconds: 20, failure: .deadline)
        return MetricsPage(snapshot, requests: requests).text.split(separator: "\n").map(String.init)
    }

    @Test func `figures stand under their names`() {
        let lines = page()
        let expected = [
            "hercules_controller_mode{mode=\"advisory\"} 1", "hercules_controller_mode{mode=\"active\"} 0",
            "hercules_servers_target{model=\"rm1\",server_type=\"cpu-t2\"} 20",
            "hercules_input_trusted{model=\"ncf\"} 0",
            "hercules_input_rejections_total{model=\"ncf\",cause=\"thin\"} 2",
            "hercules_orders_total{kind=\"start\",result=\"ordered\"} 12",
            "hercules_counterfactual_power_watts{policy=\"static\"} 88000",
            "hercules_prometheus_request_duration_seconds_bucket{le=\"0.025\"} 1",
            "hercules_prometheus_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "hercules_prometheus_errors_total{kind=\"deadline\"} 1",
        ]
        for line in expected { #expect(lines.contains(line), "\(line)") }
    }

    @Test func `every sample has its type and help before it, once`() {
        let lines = page()
        let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(Set(types).count == types.count && types.count > 25)
        for line in lines where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            #expect(types.contains { name.hasPrefix($0) }, "\(line)")
        }
    }

    @Test func `targets vanish once ticks have stopped, and without a trusted plan`() {
        let stopped = page { $0.secondsSinceTick = 181 }
        #expect(!stopped.contains { $0.hasPrefix("hercules_servers_") || $0.hasPrefix("hercules_model_") })
        #expect(stopped.contains { $0.hasPrefix("hercules_controller_ticks_total") })
        let untrusted = page { $0.hasTrustedPlan = false }
        #expect(!untrusted.contains { $0.hasPrefix("hercules_servers_target") })
        #expect(untrusted.contains { $0.hasPrefix("hercules_servers_observed") })
        let never = page {
            $0.secondsSinceTick = nil; $0.decision = nil
        }
        #expect(!never.contains { $0.hasPrefix("hercules_servers_target") })
    }

    @Test func `what is unknown is left out, and text is escaped`() {
        var text = MetricsText()
        text.add(
            "a", .gauge, "of \"b\"\nc\\",
            [(labels: [("l", "x\"y\\z\n")], value: 1.5), (labels: [], value: nil)])
        text.add("none", .gauge, "x", nil as Double?)
        #expect(text.text == "# HELP a of \"b\"\\nc\\\\\n# TYPE a gauge\na{l=\"x\\\"y\\\\z\\n\"} 1.5\n")
        #expect(MetricsText.number(.infinity) == "+Inf" && MetricsText.number(1e20) == "1e+20")
    }
}
