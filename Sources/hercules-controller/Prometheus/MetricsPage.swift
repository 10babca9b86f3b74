import Controlling
import Pipeline
import Vocabulary

/// The controller's own metrics. What is not known is left out; nothing of the targets is shown once ticks
/// have stopped, so that nobody scales by a number that nobody stands for.
struct MetricsPage: Sendable {
    private let snapshot: ControllerSnapshot
    private let requests: PrometheusRequestCounts.Values

    init(_ snapshot: ControllerSnapshot, requests: PrometheusRequestCounts) {
        self.snapshot = snapshot
        self.requests = requests.values
    }

    /// Whether the last tick is recent enough for its figures to be shown.
    private var isAlive: Bool {
        snapshot.secondsSinceTick.map { $0 <= 3 * snapshot.intervalSeconds } ?? false
    }

    var text: String {
        var text = MetricsText()
        addController(&text)
        if isAlive {
            addPlan(&text)
            addModels(&text)
            addFleet(&text)
        }
        addCounters(&text)
        addPrometheus(&text)
        return text.text
    }

    private func addController(_ text: inout MetricsText) {
        text.add(
            "hercules_controller_build_info", .gauge, "Version and scenario; always 1.",
            [
                (
                    labels: [
                        ("version", Recorder.toolVersion), ("scenario_digest", snapshot.scenarioDigest),
                    ], value: 1
                )
            ])
        text.add(
            "hercules_controller_mode", .gauge, "1 for the mode in force.",
            ControllerMode.allCases.map {
                (labels: [("mode", $0.rawValue)], value: $0 == snapshot.mode ? 1 : 0)
            })
        text.add(
            "hercules_controller_leader", .gauge, "1 where this process holds the lease.",
            snapshot.isLeader ? 1 : 0)
        text.add(
            "hercules_controller_paused", .gauge, "1 while an operator holds the fleet as it is.",
            snapshot.isPaused ? 1 : 0)
        text.add(
            "hercules_controller_lease_generation", .gauge, "Number of the lease that orders carry.",
            Double(snapshot.generation))
        text.add(
            "hercules_controller_tick_timestamp_seconds", .gauge, "Unix time of the last tick.",
            snapshot.lastTickAt?.unixSeconds)
        text.add(
            "hercules_controller_interval_seconds", .gauge, "Time between ticks.", snapshot.intervalSeconds)
        text.add(
            "hercules_controller_writable", .gauge, "1 where decisions can be written down.",
            snapshot.canWrite ? 1 : 0)
    }

    private func addPlan(_ text: inout MetricsText) {
        let decision = snapshot.decision
        text.add(
            "hercules_controller_plan_objective_watts", .gauge, "Provisioned power of the plan in force.",
            decision?.objectiveWatts)
        text.add(
            "hercules_controller_plan_bound_watts", .gauge, "What every plan takes at least.",
            decision?.boundWatts)
        text.add(
            "hercules_controller_plan_gap_ratio", .gauge, "Distance of the plan from its bound.",
            decision?.gap)
        text.add(
            "hercules_controller_plan_infeasible", .gauge, "1 where the fleet cannot serve what is needed.",
            decision.map { $0.status == .infeasible ? 1 : 0 })
        text.add(
            "hercules_controller_plan_trusted", .gauge, "1 where the plan was made on trusted loads.",
            snapshot.hasTrustedPlan ? 1 : 0)
        text.add(
            "hercules_counterfactual_power_watts", .gauge,
            "Provisioned power that another policy would take now.",
            (decision?.instead ?? [:]).sorted { $0.key < $1.key }.map {
                (labels: [("policy", $0.key)], value: $0.value.watts)
            })
    }

    private func addModels(_ text: inout MetricsText) {
        let figures: [(String, String, KeyPath<ControllerSnapshot.ModelStatus, Double?>)] = [
            ("hercules_model_load_queries_per_second", "Load that is acted on.", \.load),
            ("hercules_model_forecast_queries_per_second", "Load that is expected.", \.forecast),
            ("hercules_model_needed_queries_per_second", "Load that is planned for.", \.needed),
            ("hercules_model_capacity_queries_per_second", "Load that serving servers hold.", \.capacity),
            ("hercules_model_headroom_ratio", "Share planned beyond the forecast.", \.headroom),
        ]
        for (name, help, path) in figures {
            text.add(
                name, .gauge, help,
                snapshot.models.map { (labels: [("model", $0.model.name)], value: $0[keyPath: path]) })
        }
        text.add(
            "hercules_input_age_seconds", .gauge, "Age of the last sample of the load.",
            snapshot.models.map { (labels: [("model", $0.model.name)], value: $0.trust.ageSeconds) })
        text.add(
            "hercules_input_trusted", .gauge, "1 where the load is believed.",
            snapshot.models.map { (labels: [("model", $0.model.name)], value: $0.trust.isTrusted ? 1 : 0) })
    }

    private func addFleet(_ text: inout MetricsText) {
        let figures: [(String, String, KeyPath<ControllerSnapshot.PairStatus, Int>)] = [
            ("hercules_servers_observed", "Servers that take queries.", \.serving),
            ("hercules_servers_starting", "Servers that start.", \.starting),
            ("hercules_servers_draining", "Servers that finish their work.", \.draining),
            ("hercules_controller_applied_lag_servers", "Servers wanted and overdue.", \.lag),
        ]
        if snapshot.hasTrustedPlan {
            text.add(
                "hercules_servers_target", .gauge, "Servers that are wanted.", pairs { Double($0.target) })
        }
        for (name, help, path) in figures {
            text.add(name, .gauge, help, pairs { Double($0[keyPath: path]) })
        }
    }

    private func pairs(
        _ value: (ControllerSnapshot.PairStatus) -> Double
    ) -> [(labels: [(String, String)], value: Double?)] {
        snapshot.pairs.map {
            (labels: [("model", $0.model.name), ("server_type", $0.serverType.name)], value: value($0))
        }
    }

    private func addCounters(_ text: inout MetricsText) {
        let counters = snapshot.counters
        text.add(
            "hercules_controller_ticks_total", .counter, "Ticks by what came of them.",
            Self.counts(counters.ticks, "outcome"))
        text.add(
            "hercules_orders_total", .counter, "Orders by kind and result.",
            counters.orders.sorted { $0.key < $1.key }.map { key, count in
                let kind = String(key.prefix { $0 != "/" })
                let labels = [("kind", kind), ("result", String(key.dropFirst(kind.count + 1)))]
                return (labels: labels, value: Double(count))
            })
        text.add(
            "hercules_input_rejections_total", .counter, "Readings that were not believed.",
            counters.rejections.sorted { $0.key < $1.key }.flatMap { model, causes in
                causes.sorted { $0.key < $1.key }.map {
                    (labels: [("model", model.name), ("cause", $0.key)], value: Double($0.value))
                }
            })
        text.add(
            "hercules_holds_total", .counter, "Holds that began.", Self.counts(counters.holds, "cause"))
        text.add(
            "hercules_hold_seconds_total", .counter, "Time that some model was held.", counters.holdSeconds)
        // May fall where another policy would have drawn less: a gauge, though it adds up.
        text.add(
            "hercules_saved_joules", .gauge, "Energy that another policy would have drawn beyond ours.",
            counters.savedJoules.sorted { $0.key < $1.key }.map {
                (labels: [("against", $0.key)], value: $0.value)
            })
        text.add(
            histogram: "hercules_controller_plan_duration_seconds", "Time that plans took.",
            bounds: ControllerCounters.planBounds, counts: counters.planSeconds.map { Int($0) },
            sum: counters.planSecondsSum)
        text.add(
            "hercules_audit_rows_total", .counter, "Rows written to the audit.", Double(counters.auditRows))
    }

    private static func counts(
        _ counts: [String: Int], _ label: String
    ) -> [(labels: [(String, String)], value: Double?)] {
        counts.sorted { $0.key < $1.key }.map { (labels: [(label, $0.key)], value: Double($0.value)) }
    }

    private func addPrometheus(_ text: inout MetricsText) {
        text.add(
            histogram: "hercules_prometheus_request_duration_seconds",
            "Time that requests to Prometheus took.",
            bounds: PrometheusRequestCounts.bounds, counts: requests.counts, sum: requests.secondsSum)
        text.add(
            "hercules_prometheus_errors_total", .counter, "Requests to Prometheus without a usable answer.",
            ExchangeFailure.Kind.allCases.map {
                (labels: [("kind", $0.rawValue)], value: Double(requests.errors[$0] ?? 0))
            })
    }
}
