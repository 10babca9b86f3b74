import Catalog
import Controlling
import Foundation
import Logging
import Testing

@testable import hercules_controller

/// Alarms that somebody else is told of.
@Suite struct AlarmHookTests {
    private static let fine = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"

    private static func status(_ code: Int) -> String {
        "HTTP/1.1 \(code) Whatever\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    }

    private func event(_ id: Int64, _ kind: ControllerEvent.Kind) -> ControllerEvent {
        ControllerEvent(id: id, at: Sample.start, kind: kind, text: "event \(id)")
    }

    /// What a hook sends of these events until it has sent so many requests, or ten seconds have gone by.
    private func sent(
        _ events: [ControllerEvent], _ answers: [FakePrometheus.Conduct], requests: Int, after: Int64 = 0
    ) async throws -> [String] {
        let server = try FakePrometheus(answers)
        defer { server.close() }
        let controller = SampleController { $0.events = events }
        let hook = try AlarmHook(
            .init(webhook: "\(server.url)/hook"), controller: controller, after: after,
            logger: Logger(label: "test"))
        let task = Task { try await hook.run() }
        for _ in 0..<200 where server.received.count < requests {
            try await Task.sleep(for: .milliseconds(50))
        }
        // Nothing more may come.
        try await Task.sleep(for: .milliseconds(300))
        task.cancel()
        _ = await task.result
        return server.received
    }

    @Test func `alarms alone are told, from where it begins`() async throws {
        let found = try await sent(
            [event(1, .alarm), event(2, .decision), event(3, .alarm), event(4, .hold), event(5, .alarm)],
            [.bytes(Self.fine)], requests: 2, after: 1)
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.hasPrefix("POST /hook HTTP/1.1\r\n") })
        #expect(found.allSatisfy { $0.lowercased().contains("content-type: application/json") })
    }

    @Test func `a server in trouble is asked again, one that refuses is not`() async throws {
        let troubled = try await sent(
            [event(1, .alarm)], [.bytes(Self.status(503)), .bytes(Self.fine)], requests: 2)
        #expect(troubled.count == 2)
        let refused = try await sent(
            [event(1, .alarm), event(2, .alarm)], [.bytes(Self.status(404)), .bytes(Self.fine)], requests: 2)
        #expect(refused.count == 2, "each once")
    }
}
