import Controlling
import Foundation
import Logging
import Quantities
import Testing

@testable import hercules_controller

/// The interface over a sample, asked without a socket.
struct ApiFixture {
    let api: ControllerApi
    let controller: SampleController
    let clock: SimulatedClock

    init(
        vault: TokenVault? = nil, address: ListenAddress = ListenAddress(),
        pushed: PushedCounters? = nil, _ change: (inout SampleController.State) -> Void = { _ in }
    ) {
        controller = SampleController(change)
        clock = SimulatedClock(wall: Sample.start)
        api = ControllerApi(
            controller: controller, gate: ApiGate(address: address, vault: vault), clock: clock,
            requests: PrometheusRequestCounts(), pushed: pushed, logger: Logger(label: "test"))
    }

    /// Asks once.
    func ask(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: String = "",
        address: String = "127.0.0.1"
    ) async -> ApiResponse {
        var all = ["host": ["127.0.0.1:8640"]]
        for (name, value) in headers { all[name] = [value] }
        do {
            return await api.answer(
                try ApiRequest(
                    method: method, target: target, headers: all, body: Array(body.utf8), address: address))
        } catch {
            return error.response
        }
    }

    /// Asks with a token and JSON.
    func ask(
        _ method: String, _ target: String, token: String, ifMatch: String? = nil, body: String = ""
    ) async -> ApiResponse {
        var headers = ["authorization": "Bearer \(token)", "content-type": "application/json"]
        headers["if-match"] = ifMatch
        return await ask(method, target, headers, body: body)
    }
}

extension ApiResponse {
    /// The body as text; empty for a stream.
    var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension ApiRoute {
    /// A path of the route with something in its braces.
    var samplePath: String {
        "/"
            + segments.map {
                $0 == "{id}" ? "2" : $0 == "{model}" ? "rm1" : $0 == "{serverType}" ? "cpu-t2" : $0
            }
            .joined(separator: "/")
    }

    /// A body that the route takes.
    var sampleBody: String {
        switch operation {
        case .setMode: #"{"mode":"observe"}"#
        case .override: #"{"min":1,"max":3,"until":"2027-01-01T00:00:00Z","reason":"drill"}"#
        case .rollback: #"{"decision":1}"#
        case .acknowledge:
            #"{"decision":2,"applied":[{"model":"rm1","serverType":"cpu-t2","servers":20}]}"#
        default: ""
        }
    }
}
