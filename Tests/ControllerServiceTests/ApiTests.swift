import Controlling
import Foundation
import Quantities
import Testing
import Vocabulary

@testable import hercules_controller

@Suite struct ApiTests {
    @Test func `status carries the revision that writes need`() async throws {
        let response = await ApiFixture().ask("GET", "/v1/status")
        #expect(response.status == 200 && response.header("ETag") == "\"17\"")
        let snapshot = try JSONDecoder().decode(ControllerSnapshot.self, from: Data(response.text.utf8))
        #expect(snapshot == Sample.snapshot())
    }

    @Test(arguments: [
        "/v1/fleet", "/v1/forecast", "/v1/savings", "/v1/scorecard", "/v1/decisions?limit=5",
        "/v1/decisions/2",
        "/v1/audit", "/v1/history?last=10", "/v1/openapi.json", "/v1/plan", "/healthz", "/readyz", "/metrics",
        "/", "/dashboard.js", "/dashboard.css",
    ])
    func `a picture is answered to whoever is on this machine`(path: String) async {
        let response = await ApiFixture().ask("GET", path)
        #expect(response.status == 200 && !response.text.isEmpty)
        #expect(response.header("Content-Security-Policy")?.hasPrefix("default-src 'self'") == true)
        #expect(response.header("X-Content-Type-Options") == "nosniff")
    }

    @Test(arguments: [
        ("/v1/decisions?limit=1001", "invalid-field"), ("/v1/decisions?limit=-1", "invalid-field"),
        ("/v1/decisions?nonsense=1", "unknown-field"), ("/v1/decisions?after=1&after=2", "invalid-field"),
        ("/v1/decisions?reason=whim", "invalid-field"), ("/v1/decisions/99", "not-found"),
        ("/v1/decisions/x", "not-found"), ("/v1/nothing", "not-found"), ("/v1/../metrics", "bad-request"),
        ("/v1/%2e%2e/metrics", "bad-request"), ("/v1/%2Fstatus", "bad-request"), ("/%zz", "bad-request"),
        ("/v1/status?x=%", "bad-request"), ("/v1/status%00", "bad-request"),
        ("/" + String(repeating: "a", count: 3_000), "too-long"),
        ("/v1/plan?after=1&wait=61", "invalid-field"),
    ])
    func `what cannot be answered is a problem of a stable type`(target: String, type: String) async throws {
        let response = await ApiFixture().ask("GET", target)
        #expect((400...499).contains(response.status))
        #expect(response.header("Content-Type") == "application/problem+json")
        #expect(response.text.contains("\"type\":\"urn:hercules:problem:\(type)\""), "\(response.text)")
    }

    @Test func `another method is refused with those that are allowed`() async {
        let response = await ApiFixture().ask("DELETE", "/v1/mode")
        #expect(response.status == 405 && response.header("Allow") == "PUT")
        #expect(await ApiFixture().ask("HEAD", "/v1/status").status == 200)
    }

    @Test func `readiness fails without ticks, not for a hold`() async {
        let held = ApiFixture { $0.snapshot.fleetHold = "Prometheus is unreachable" }
        let response = await held.ask("GET", "/readyz")
        #expect(response.status == 200 && response.text.contains("unreachable"))
        for change: (inout ControllerSnapshot) -> Void in [
            { $0.secondsSinceTick = 181 }, { $0.secondsSinceTick = nil }, { $0.canWrite = false },
            { $0.leader = nil },
        ] {
            let fixture = ApiFixture { change(&$0.snapshot) }
            #expect(await fixture.ask("GET", "/readyz").status == 503)
        }
    }

    @Test func `a scaler gets servers, or 503, and never 0 for want of knowledge`() async {
        let path = "/v1/allocations/rm1/cpu-t2"
        let acting = ApiFixture { $0.snapshot.mode = .active }
        let response = await acting.ask("GET", path)
        #expect(response.status == 200)
        #expect(response.text.contains("\"servers\":20") && response.text.contains("\"decision\":2"))
        let refusals: [(String, (inout ControllerSnapshot) -> Void)] = [
            ("advises-only", { _ in }), ("no-trusted-plan", { $0.hasTrustedPlan = false }),
            ("no-trusted-plan", { $0.decision = nil }), ("no-trusted-plan", { $0.secondsSinceTick = 200 }),
            ("no-trusted-plan", { $0.secondsSinceTick = nil }), ("paused", { $0.isPaused = true }),
        ]
        for (index, (type, change)) in refusals.enumerated() {
            let fixture = ApiFixture {
                if index > 0 { $0.snapshot.mode = .active }
                change(&$0.snapshot)
            }
            let response = await fixture.ask("GET", path)
            #expect(response.status == 503 && response.text.contains(type), "\(index)")
            #expect(!response.text.contains("\"servers\""))
        }
        #expect(await acting.ask("GET", "/v1/allocations/rm9/cpu-t2").status == 404)
    }

    @Test func `a plan is waited for, and 204 says that none came`() async throws {
        let fixture = ApiFixture()
        #expect(await fixture.ask("GET", "/v1/plan?after=1").status == 200)
        #expect(await fixture.ask("GET", "/v1/plan?after=2&wait=0").status == 204)
        async let waiting = fixture.ask("GET", "/v1/plan?after=2&wait=30")
        try await Task.sleep(for: .milliseconds(50))
        fixture.controller.state.withLock { state in
            state.snapshot.decision = Sample.decision(id: 3)
            state.events.append(
                ControllerEvent(id: 8, at: Sample.start, kind: .decision, text: "", decision: 3))
        }
        let response = await waiting
        #expect(response.status == 200 && response.text.contains("\"decision\":3"))
    }

    @Test func `events begin where a listener left off`() async throws {
        let fixture = ApiFixture()
        let response = await fixture.ask("GET", "/v1/events", ["last-event-id": "5"])
        guard case .stream(let next) = response.body else { throw CancellationError() }
        #expect(response.header("Content-Type") == "text/event-stream")
        let first = String(decoding: await next() ?? [], as: UTF8.self)
        let second = String(decoding: await next() ?? [], as: UTF8.self)
        #expect(first == "retry: 2000\n\n")
        #expect(second.hasPrefix("id: 6\nevent: decision\ndata: {") && second.contains("id: 7\nevent: tick"))
        #expect(try await fixture.api.latestEvent() == 7)
        #expect(await fixture.ask("GET", "/v1/events", ["last-event-id": "x"]).status == 400)
    }

    @Test func `more listeners than there is room for are turned away, and make room again`() async {
        let fixture = ApiFixture()
        var held: [ApiResponse] = []
        for _ in 0..<64 { held.append(await fixture.ask("GET", "/v1/events")) }
        #expect(held.allSatisfy { $0.status == 200 })
        #expect(await fixture.ask("GET", "/v1/events").status == 503)
        held.removeAll()
        #expect(await fixture.ask("GET", "/v1/events").status == 200)
    }

    @Test func `the OpenAPI document names every route, its role and its body`() throws {
        let text = String(decoding: try JSONText.bytes(OpenAPIDocument.value), as: UTF8.self)
        for route in ApiRoute.all {
            #expect(text.contains("\"operationId\":\"\(route.operation.rawValue)\""))
        }
        #expect(Set(ApiRoute.all.map(\.operation)) == Set(ApiOperation.allCases))
        #expect(text.contains("\"additionalProperties\":false") && text.contains("\"x-role\":\"operator\""))
    }
}
