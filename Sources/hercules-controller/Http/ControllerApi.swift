import Controlling
import Logging
import Synchronization

/// The interface of a controller: takes requests, asks the gate, and answers. Knows no sockets.
struct ControllerApi: Sendable {
    let controller: any LiveController
    let gate: ApiGate
    let clock: any ControllerClock
    /// What is exported besides the controller's own figures.
    let requests: PrometheusRequestCounts
    /// Counters that were pushed; nil where no model is read from them.
    let pushed: PushedCounters?
    let listeners = Slots(max: 64)
    let waiters = Slots(max: 1_024)
    let logger: Logger

    /// Answers a request; whatever fails becomes a problem.
    func answer(_ request: ApiRequest) async -> ApiResponse {
        var response: ApiResponse
        do {
            response = try await found(request)
        } catch let problem as ApiProblem {
            response = problem.response
        } catch let refusal as ControllerRefusal {
            response = Self.problem(of: refusal).response
        } catch {
            logger.error("request failed", metadata: ["error": "\(error)"])
            response = ApiProblem(.failed, "see the controller's log").response
        }
        response.headers += gate.protection
        return response
    }

    private func found(_ request: ApiRequest) async throws -> ApiResponse {
        try gate.requireHost(request)
        // A HEAD is answered as a GET whose body is not sent; a stream has no end to wait for.
        let method = request.method == "HEAD" ? "GET" : request.method
        var allowed: [String] = []
        for route in ApiRoute.all {
            guard let values = route.match(request.path) else { continue }
            guard route.method == method else {
                allowed.append(route.method)
                continue
            }
            let principal = try gate.admit(request, to: route, at: clock.now())
            try request.requireKnownParameters(route)
            let call = ApiCall(request: request, route: route, values: values, principal: principal)
            return try await route.isWrite ? write(call) : read(call)
        }
        guard allowed.isEmpty else {
            var response = ApiProblem(
                .methodNotAllowed, "expected \(allowed.joined(separator: " or "))"
            ).response
            response.headers.append(("Allow", allowed.joined(separator: ", ")))
            return response
        }
        throw ApiProblem(.notFound, "no route has this path; /v1/openapi.json lists them")
    }

    private static func problem(of refusal: ControllerRefusal) -> ApiProblem {
        switch refusal {
        case .unknown: ApiProblem(.notFound, refusal.description)
        case .revision: ApiProblem(.revisionChanged, refusal.description)
        case .notNow: ApiProblem(.conflict, refusal.description)
        case .invalid: ApiProblem(.invalidField, refusal.description)
        case .badFile: ApiProblem(.invalidField, refusal.description)
        case .cannotWrite: ApiProblem(.cannotWrite, refusal.description)
        }
    }
}

/// A request together with what was found out about it.
struct ApiCall: Sendable {
    let request: ApiRequest
    let route: ApiRoute
    /// Of the names in the path.
    let values: [String: String]
    let principal: Principal

    /// A number in the path.
    func identity(_ name: String) throws(ApiProblem) -> Int64 {
        guard let text = values[name], let number = Int64(text), number >= 0 else {
            throw ApiProblem(.notFound, "\(name): expected a whole number from 0")
        }
        return number
    }

    var actor: ControllerActor {
        ControllerActor(name: principal.name, role: principal.role.rawValue, address: request.address)
    }

    /// The revision that a write was decided on; nil for any.
    /// - Throws: a problem where the header is missing or is none of ours.
    func revision() throws(ApiProblem) -> Int64? {
        guard route.isConditional else { return nil }
        guard let header = request.header("if-match") else {
            throw ApiProblem(.revisionRequired, "GET /v1/status gives the ETag; * takes any")
        }
        if header == "*" { return nil }
        guard header.hasPrefix("\""), header.hasSuffix("\""), header.count >= 3,
            let revision = Int64(header.dropFirst().dropLast())
        else { throw ApiProblem(.revisionChanged, "the header If-Match holds no ETag of this server") }
        return revision
    }

    /// The fields of the body.
    func body() throws(ApiProblem) -> ApiBody {
        let fields = route.body ?? []
        if fields.isEmpty, request.body.isEmpty { return try ApiBody(Array("{}".utf8), fields: []) }
        let type = (request.header("content-type") ?? "").split(separator: ";").first.map(String.init) ?? ""
        guard type.lowercased() == "application/json" else {
            throw ApiProblem(.mediaType, "expected Content-Type: application/json")
        }
        return try ApiBody(request.body, fields: fields)
    }
}

/// A bounded number of places, for those who stay long.
final class Slots: Sendable {
    private let max: Int
    private let taken = Mutex(0)

    init(max: Int) { self.max = max }

    /// A place that is given back when nobody holds it any more; nil where all are taken.
    func take() -> Slot? {
        let isFree = taken.withLock { taken in
            guard taken < max else { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }

    fileprivate func give() { taken.withLock { $0 -= 1 } }
}

/// One place of `Slots`.
final class Slot: Sendable {
    private let slots: Slots
    fileprivate init(_ slots: Slots) { self.slots = slots }
    deinit { slots.give() }
}
