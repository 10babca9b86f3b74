import Controlling
import Vocabulary

extension ControllerApi {
    /// Answers what changes something.
    func write(_ call: ApiCall) async throws -> ApiResponse {
        switch call.route.operation {
        case .login:
            let token = try call.body().text("token") ?? ""
            var response = ApiResponse.noContent
            response.headers.append(
                ("Set-Cookie", try gate.login(token, from: call.request, at: clock.now())))
            return response
        case .logout:
            if let secret = call.request.cookie(ApiGate.cookie) { gate.sessions.end(secret) }
            var response = ApiResponse.noContent
            response.headers.append(("Set-Cookie", ApiGate.cookieHeader("", seconds: 0)))
            return response
        case .push: return try push(call)
        default:
            try await controller.perform(command(call), by: call.actor)
            let snapshot = await controller.snapshot()
            return try .json(
                RevisionDocument(
                    revision: snapshot.revision, mode: snapshot.mode, isPaused: snapshot.isPaused),
                headers: [("ETag", "\"\(snapshot.revision)\"")])
        }
    }

    /// The command that a request asks for.
    private func command(_ call: ApiCall) throws(ApiProblem) -> ControllerCommand {
        let revision = try call.revision()
        let body = try call.body()
        switch call.route.operation {
        case .setMode:
            guard let mode = ControllerMode(rawValue: body.text("mode") ?? "") else {
                let known = ControllerMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw ApiProblem(.invalidField, "mode: expected \(known)")
            }
            return .setMode(mode, revision: revision)
        case .pause: return .pause(revision: revision)
        case .resume: return .resume(revision: revision)
        case .override: return .override(try override(call, body), revision: revision)
        case .rollback:
            return .rollback(decision: Int64(body.wholeNumber("decision") ?? 0), revision: revision)
        case .reload:
            let confirm = try call.request.wholeNumber("confirm", upTo: 1) ?? 0
            return .reload(confirms: confirm == 1, revision: revision)
        case .approve: return .approve(proposal: try call.identity("id"))
        case .reject: return .reject(proposal: try call.identity("id"))
        case .acknowledge:
            return .acknowledge(
                decision: Int64(body.wholeNumber("decision") ?? 0), applied: try body.allocations("applied"))
        default: throw ApiProblem(.notFound, "this path takes no command")
        }
    }

    private func override(_ call: ApiCall, _ body: ApiBody) throws(ApiProblem) -> PairOverride {
        let (min, max) = (body.wholeNumber("min"), body.wholeNumber("max"))
        guard min != nil || max != nil else {
            throw ApiProblem(.invalidField, "expected min, max or both")
        }
        guard (min ?? 0) <= (max ?? .max) else {
            throw ApiProblem(.invalidField, "min: found more than max")
        }
        guard let until = body.time("until"), until > clock.now().wall else {
            throw ApiProblem(.invalidField, "until: expected a time to come")
        }
        return PairOverride(
            model: ModelID(call.values["model"] ?? ""),
            serverType: ServerTypeID(call.values["serverType"] ?? ""),
            min: min, max: max, until: until, reason: body.text("reason") ?? "")
    }

    /// Takes counters that somebody sends.
    private func push(_ call: ApiCall) throws -> ApiResponse {
        guard let pushed else {
            throw ApiProblem(.conflict, "no model of this controller is read from what is pushed")
        }
        let type = (call.request.header("content-type") ?? "").lowercased().split(separator: ";").first
        let isOpenMetrics = type == "application/openmetrics-text"
        guard isOpenMetrics || type == "text/plain" else {
            throw ApiProblem(.mediaType, "expected Content-Type: application/openmetrics-text")
        }
        do {
            let count = try pushed.take(
                call.request.body, isOpenMetrics: isOpenMetrics, from: call.principal.name, at: clock.now())
            return try .json(PushDocument(samples: count))
        } catch let error as OpenMetricsError {
            throw ApiProblem(.badRequest, error.description)
        }
    }
}

struct RevisionDocument: Encodable, Sendable {
    let revision: Int64
    let mode: ControllerMode
    let isPaused: Bool
}

struct PushDocument: Encodable, Sendable {
    /// That were of a counter which some model is read from.
    let samples: Int
}
