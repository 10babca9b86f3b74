import Catalog
import Controlling
import Pipeline
import Vocabulary

/// Where the loads of a run come from, made from its file.
struct LoadInputs: Sendable {
    let source: any LoadSource
    /// nil where no model is read from what is pushed.
    let pushed: PushedCounters?
    let counts: PrometheusRequestCounts
    private let transport: HTTPPrometheusTransport?

    /// - Parameter before: of the same process, whose file is read again.
    /// - Throws: what is wrong with a query or a certificate.
    init(
        _ setup: ControlSetup, clock: any ControllerClock, comparesClocks: Bool,
        after before: LoadInputs? = nil
    ) throws {
        // Counts never fall.
        counts = before?.counts ?? PrometheusRequestCounts()
        let models = setup.document.models
        switch setup.document.input {
        case .trace:
            guard let trace = setup.scenario.trace else {
                throw LoadInputRefusal(description: "input: found trace, expected a scenario that has one")
            }
            (pushed, transport) = (nil, nil)
            source = TraceLoadSource(trace, interval: setup.document.interval)
        case .push:
            var selectors: [ModelID: PushedSelector] = [:]
            for (model, input) in models {
                guard let text = input.counter, let selector = PushedSelector(text) else {
                    throw LoadInputRefusal(
                        description:
                            "models.\(model): found no counter with labels that are equal to something, "
                            + "expected one, as loads are pushed")
                }
                selectors[model] = selector
            }
            let window = models.values.map(\.windowSeconds).max() ?? 60
            let counters = try Self.counters(selectors, windowSeconds: window, after: before)
            (pushed, transport, source) = (counters, nil, counters)
        case .prometheus(let prometheus):
            var settings = ExchangeSettings(url: prometheus.url)
            settings.deadlineSeconds = min(prometheus.deadlineSeconds, setup.intervalSeconds / 2)
            settings.bearerFile = prometheus.bearerFile
            settings.basicUser = prometheus.basicUser
            settings.basicPasswordFile = prometheus.basicPasswordFile
            settings.caFile = prometheus.caFile
            settings.certificate = prometheus.certificate
            settings.key = prometheus.key
            settings.headers = prometheus.headers
            settings.comparesClocks = comparesClocks
            let transport = try HTTPPrometheusTransport(settings)
            self.transport = transport
            pushed = nil
            source = PrometheusSource(
                transport: transport, inputs: try Self.queries(models), settings: settings, clock: clock,
                counts: counts)
        }
    }

    /// What is pushed goes to the counters that the interface was started with.
    private static func counters(
        _ selectors: [ModelID: PushedSelector], windowSeconds: Double, after before: LoadInputs?
    ) throws -> PushedCounters {
        guard let before else { return PushedCounters(selectors: selectors, windowSeconds: windowSeconds) }
        guard let same = before.pushed, same.reads(selectors, windowSeconds: windowSeconds) else {
            throw LoadInputRefusal(
                description: "models: found other pushed counters than before, which takes a restart")
        }
        return same
    }

    private static func queries(
        _ models: [ModelID: ControllerDocument.ModelInput]
    ) throws -> [ModelID: PrometheusSource.Input] {
        var inputs: [ModelID: PrometheusSource.Input] = [:]
        for (model, input) in models {
            let query = try LoadQuery(
                counter: input.counter, expression: input.expression, companion: input.companion,
                trustsAnyway: input.trustsAnyway, model: model)
            inputs[model] = .init(
                query: query, windowSeconds: input.windowSeconds, delaySeconds: input.delaySeconds)
        }
        return inputs
    }

    /// Ends connections; nothing may be read any more.
    func shutdown() async { await transport?.shutdown() }
}

/// Why loads cannot be read as a file says.
struct LoadInputRefusal: UsageFault {
    let description: String
    var isUsage: Bool { true }
}

extension LoadQueryError: UsageFault {
    var isUsage: Bool { true }
}

extension ControlSetup {
    /// Time between decisions.
    var intervalSeconds: Double { document.interval.seconds }
}
