import Controlling
import Quantities
import Vocabulary

extension ControllerApi {
    /// Answers what changes nothing.
    func read(_ call: ApiCall) async throws -> ApiResponse {
        switch call.route.operation {
        case .health:
            return ApiResponse(status: 200, type: "text/plain; charset=utf-8", bytes: Array("ok\n".utf8))
        case .readiness: return try await readiness()
        case .metrics: return await metrics()
        case .dashboard: return DashboardPage.html
        case .dashboardScript: return DashboardPage.script
        case .dashboardStyle: return DashboardPage.style
        case .plotly: return try DashboardPage.plotly()
        case .openAPI:
            return ApiResponse(
                status: 200, type: "application/json", bytes: try JSONText.bytes(OpenAPIDocument.value))
        case .events: return try await events(call)
        case .plan: return try await plan(call)
        case .allocation: return try await allocation(call)
        case .decisions, .decision, .audit, .history: return try await list(call)
        default: return try await picture(call)
        }
    }

    /// A part of how things stand.
    private func picture(_ call: ApiCall) async throws -> ApiResponse {
        if call.route.operation == .scorecard { return try .json(await controller.scorecard()) }
        let snapshot = await controller.snapshot()
        let tag = [("ETag", "\"\(snapshot.revision)\"")]
        switch call.route.operation {
        case .fleet:
            return try .json(
                FleetDocument(
                    at: snapshot.now, available: snapshot.available, wattsMax: snapshot.wattsMax,
                    pairs: snapshot.pairs), headers: tag)
        case .forecast: return try .json(ForecastDocument(at: snapshot.now, models: snapshot.models))
        case .savings: return try .json(snapshot.savings)
        default: return try .json(snapshot, headers: tag)
        }
    }

    private func list(_ call: ApiCall) async throws -> ApiResponse {
        let request = call.request
        let limit = Int(try request.wholeNumber("limit", upTo: 1_000) ?? 100)
        switch call.route.operation {
        case .decision:
            let id = try call.identity("id")
            guard let decision = try await controller.decision(id) else {
                throw ApiProblem(.notFound, "there is no decision \(id)")
            }
            return try .json(decision)
        case .audit:
            return try .json(await controller.audit(after: request.wholeNumber("after") ?? 0, limit: limit))
        case .history:
            let last = try request.wholeNumber("last", upTo: 1_440) ?? 360
            return try .json(await controller.history(last: Int(last)))
        default:
            var query = DecisionQuery(limit: limit)
            query.after = try request.wholeNumber("after")
            query.before = try request.wholeNumber("before")
            query.model = try request.parameter("model").map { ModelID($0) }
            if let word = try request.parameter("reason") {
                guard let reason = DecisionReason(rawValue: word) else {
                    let known = DecisionReason.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ApiProblem(.invalidField, "reason: expected \(known)")
                }
                query.reason = reason
            }
            return try .json(await controller.decisions(query))
        }
    }

    /// Ready means that ticks happen and can be written down. A hold is a decision, not a failure.
    private func readiness() async throws -> ApiResponse {
        let snapshot = await controller.snapshot()
        var faults: [String] = []
        if !snapshot.canWrite { faults.append("the database cannot be written") }
        if let age = snapshot.secondsSinceTick, age > 3 * snapshot.intervalSeconds {
            faults.append("the last tick is more than three intervals ago")
        }
        if snapshot.secondsSinceTick == nil { faults.append("no tick has happened yet") }
        if snapshot.leader == nil { faults.append("nobody holds the lease") }
        let document = ReadinessDocument(
            ready: faults.isEmpty, faults: faults, holding: snapshot.fleetHold,
            isLeader: snapshot.isLeader)
        return try .json(document, status: faults.isEmpty ? 200 : 503)
    }

    private func metrics() async -> ApiResponse {
        let page = MetricsPage(await controller.snapshot(), requests: requests)
        return ApiResponse(
            status: 200, type: "text/plain; version=0.0.4; charset=utf-8", bytes: Array(page.text.utf8),
            headers: [("Cache-Control", "no-store")])
    }

    /// The plan in force, or a wait for the next one.
    private func plan(_ call: ApiCall) async throws -> ApiResponse {
        let after = try call.request.wholeNumber("after")
        let wait = try call.request.wholeNumber("wait", upTo: 60) ?? 0
        guard let after else { return try .json(PlanDocument(await controller.snapshot())) }
        guard let slot = waiters.take() else {
            throw ApiProblem(.busy, "too many are waiting for plans", retryAfter: 5)
        }
        defer { withExtendedLifetime(slot) {} }
        let end = clock.now().monotonic + Nanoseconds(seconds: Double(wait))
        var event = try await latestEvent()
        // Each round ends with an event or with the time; a bound on rounds guards against events alone.
        for _ in 0..<10_000 {
            let snapshot = await controller.snapshot()
            if let decision = snapshot.decision, decision.id > after {
                return try .json(PlanDocument(snapshot))
            }
            let left = (end - clock.now().monotonic).seconds
            guard left > 0, !Task.isCancelled else { break }
            await controller.waitForEvent(after: event, seconds: min(left, 5))
            if let last = try await controller.events(after: event, limit: 1_000).last { event = last.id }
        }
        return .noContent
    }

    /// The servers of one pair, for who scales it. Never 0 for want of knowledge: 503 instead.
    private func allocation(_ call: ApiCall) async throws -> ApiResponse {
        let snapshot = await controller.snapshot()
        let model = ModelID(call.values["model"] ?? "")
        let type = ServerTypeID(call.values["serverType"] ?? "")
        guard let pair = snapshot.pairs.first(where: { $0.model == model && $0.serverType == type }) else {
            throw ApiProblem(.notFound, "\(model) on \(type) is no pair of this controller")
        }
        guard snapshot.mode.acts else {
            throw ApiProblem(
                .advisesOnly, "the mode is \(snapshot.mode.rawValue): /v1/plan shows what is advised")
        }
        guard !snapshot.isPaused else { throw ApiProblem(.paused, "an operator has paused the controller") }
        guard let plan = PlanDocument.trusted(snapshot) else {
            throw ApiProblem(.noTrustedPlan, snapshot.fleetHold ?? "no plan was made on trusted loads lately")
        }
        return try .json(
            AllocationDocument(
                servers: pair.target, decision: plan.decision, trusted: true, validUntil: plan.validUntil))
    }
}
