import AsyncHTTPClient
import Controlling
import Foundation
import Logging
import NIOCore
import Quantities
import ServiceLifecycle
import Testing

@testable import hercules_controller

/// The interface over real sockets.
@Suite struct ServerTests {
    /// Runs a server while a test asks it.
    private func serving(
        _ fixture: ApiFixture, _ ask: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws {
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try ControllerServer(api: fixture.api, logger: quiet).service {
            continuation.yield($0)
        }
        var configuration = ServiceGroupConfiguration(services: [.init(service: server)], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await ask("http://127.0.0.1:\(port)")
            await group.triggerGracefulShutdown()
            try? await tasks.waitForAll()
        }
    }

    private func get(_ url: String, _ headers: [(String, String)] = []) async throws -> (Int, String) {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 8 << 20)
        return (Int(response.status.code), String(buffer: body))
    }

    @Test func `answers go over the wire as they are`() async throws {
        try await serving(ApiFixture(address: ListenAddress(port: 0))) { url in
            #expect(try await get(url + "/healthz") == (200, "ok\n"))
            let status = try await get(url + "/v1/status")
            #expect(status.0 == 200 && status.1.contains("\"revision\":17"))
            #expect(try await get(url + "/v1/plan?after=2&wait=0") == (204, ""))
            #expect(try await get(url + "/v1/status", [("Host", "evil.example")]).0 == 421)
            #expect(try await get(url + "/dashboard.js").1.contains("EventSource"))
        }
    }

    @Test func `a body that is too large is refused`() async throws {
        try await serving(ApiFixture(address: ListenAddress(port: 0))) { url in
            var request = HTTPClientRequest(url: url + "/v1/mode")
            request.method = .PUT
            request.body = .bytes(ByteBuffer(repeating: 0x20, count: ApiRequest.Limit.bodyBytes + 1))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            #expect(response.status.code == 413)
        }
    }

    @Test func `events arrive as they happen`() async throws {
        let fixture = ApiFixture(address: ListenAddress(port: 0))
        try await serving(fixture) { url in
            var request = HTTPClientRequest(url: url + "/v1/events?after=6")
            request.headers.add(name: "Accept", value: "text/event-stream")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
            var text = ""
            for try await piece in response.body {
                text += String(buffer: piece)
                if text.contains("id: 7\n"), !text.contains("id: 8\n") {
                    fixture.controller.state.withLock { state in
                        guard state.events.last?.id == 7 else { return }
                        state.events.append(
                            ControllerEvent(id: 8, at: Sample.start, kind: .hold, text: "thin"))
                    }
                }
                if text.contains("id: 8\nevent: hold\n") { break }
            }
            #expect(text.contains("\"text\":\"thin\""))
        }
    }

    /// Shows the sample on a port for a while, to be looked at in a browser.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HERCULES_SHOW_DASHBOARD"] != nil))
    func `the dashboard can be looked at`() async throws {
        let port = Int(ProcessInfo.processInfo.environment["HERCULES_SHOW_DASHBOARD"] ?? "") ?? 8641
        try await serving(ApiFixture(address: ListenAddress(port: port))) { _ in
            try await Task.sleep(for: .seconds(60))
        }
    }
}
