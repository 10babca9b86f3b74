import Controlling
import Quantities
import Testing
import Vocabulary

@testable import hercules_controller

@Suite struct ApiWriteTests {
    /// Every write with a token that may and what it needs.
    @Test(arguments: ApiRoute.all.filter { $0.isWrite && $0.isAboutTheController })
    func `a write by the right role is done, and named after who did it`(route: ApiRoute) async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        guard case .role(let role) = route.access else { throw CancellationError() }
        let token = try #require(folder.tokens[role])
        let match = route.isConditional ? "\"17\"" : nil
        let response = await fixture.ask(
            route.method, route.samplePath, token: token, ifMatch: match, body: route.sampleBody)
        #expect(response.status == 200, "\(response.text)")
        let (commands, actors) = fixture.controller.state.withLock { ($0.commands, $0.actors) }
        #expect(commands.count == 1)
        #expect(actors == [.init(name: "\(role.rawValue)-1", role: role.rawValue, address: "127.0.0.1")])
    }

    @Test(arguments: ApiRoute.all.filter { $0.access != .open && $0.access != .metrics })
    func `nobody gets in without a token, with a wrong one, or with a role too low`(route: ApiRoute)
        async throws
    {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        guard case .role(let needed) = route.access else { throw CancellationError() }
        let json = ["content-type": "application/json", "if-match": "*"]
        let bare = await fixture.ask(route.method, route.samplePath, json, body: route.sampleBody)
        #expect(bare.status == 401)
        for wrong in ["Bearer \(RandomToken.make())", "Bearer", "Basic YTpi", "Bearer a b", ""] {
            let headers = json.merging(["authorization": wrong]) { $1 }
            let response = await fixture.ask(route.method, route.samplePath, headers, body: route.sampleBody)
            #expect(response.status == 401, "\(wrong)")
        }
        for role in Role.allCases where !role.covers(needed) {
            let token = try #require(folder.tokens[role])
            let response = await fixture.ask(
                route.method, route.samplePath, token: token, ifMatch: "*", body: route.sampleBody)
            #expect(response.status == 403, "\(role)")
        }
        #expect(fixture.controller.state.withLock { $0.commands.isEmpty })
    }

    @Test(arguments: ApiRoute.all.filter(\.isWrite))
    func `nobody writes where there is no file of tokens`(route: ApiRoute) async {
        let fixture = ApiFixture()
        let response = await fixture.ask(
            route.method, route.samplePath, ["content-type": "application/json", "if-match": "*"],
            body: route.operation == .login ? #"{"token":"x"}"# : route.sampleBody)
        #expect(response.status == 401)
        #expect(fixture.controller.state.withLock { $0.commands.isEmpty })
    }

    @Test(arguments: ApiRoute.all.filter { $0.isWrite })
    func `another site's page writes nothing`(route: ApiRoute) async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.operating])
        for header in [
            ["origin": "https://evil.example"], ["origin": "null"], ["sec-fetch-site": "cross-site"],
            ["sec-fetch-site": "same-site"],
        ] {
            let headers = header.merging([
                "authorization": "Bearer \(token)", "content-type": "application/json", "if-match": "*",
            ]) { $1 }
            let response = await fixture.ask(route.method, route.samplePath, headers, body: route.sampleBody)
            #expect(response.status == 403, "\(header)")
        }
        #expect(fixture.controller.state.withLock { $0.commands.isEmpty })
    }

    @Test(arguments: ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil:8640", "10.0.0.1"])
    func `a name that points here by rebinding is refused`(host: String) async {
        #expect(await ApiFixture().ask("GET", "/v1/status", ["host": host]).status == 421)
    }

    @Test func `conditional writes need the revision`() async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.operating])
        #expect(await fixture.ask("POST", "/v1/pause", token: token).status == 428)
        #expect(await fixture.ask("POST", "/v1/pause", token: token, ifMatch: "17").status == 412)
        fixture.controller.state.withLock { $0.refusal = .revision(found: 16, expected: 17) }
        #expect(await fixture.ask("POST", "/v1/pause", token: token, ifMatch: "\"16\"").status == 412)
        fixture.controller.state.withLock { $0.refusal = .cannotWrite(detail: "disk full") }
        #expect(await fixture.ask("POST", "/v1/pause", token: token, ifMatch: "*").status == 503)
    }

    @Test(arguments: [
        (#"{"mode":"observe","why":1}"#, "unknown-field"), (#"{"mode":"berserk"}"#, "invalid-field"),
        (#"{"mode":1}"#, "invalid-field"), ("{}", "invalid-field"), ("[]", "bad-request"),
        ("{", "bad-request"),
        ("", "bad-request"), (#"{"mode":null}"#, "invalid-field"), (#"{"mode":""}"#, "invalid-field"),
    ])
    func `a body with what is not known or cannot be is refused`(body: String, type: String) async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.operating])
        let response = await fixture.ask("PUT", "/v1/mode", token: token, ifMatch: "*", body: body)
        #expect(response.status == 400 && response.text.contains(":\(type)\""), "\(response.text)")
        let form = ["authorization": "Bearer \(token)", "content-type": "text/plain", "if-match": "*"]
        #expect(await fixture.ask("PUT", "/v1/mode", form, body: #"{"mode":"observe"}"#).status == 415)
    }

    @Test(arguments: [
        #"{"min":3,"max":1,"until":"2027-01-01T00:00:00Z","reason":"x"}"#,
        #"{"until":"2027-01-01T00:00:00Z","reason":"x"}"#,
        #"{"min":1,"until":"2020-01-01T00:00:00Z","reason":"x"}"#,
        #"{"min":1.5,"until":"2027-01-01T00:00:00Z","reason":"x"}"#,
        #"{"min":1,"until":"soon","reason":"x"}"#,
        #"{"min":1,"until":"2027-01-01T00:00:00Z"}"#,
        #"{"min":-1,"until":"2027-01-01T00:00:00Z","reason":"x"}"#,
        #"{"min":1e300,"until":"2027-01-01T00:00:00Z","reason":"x"}"#,
    ])
    func `bounds that cannot be are refused`(body: String) async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.operating])
        let response = await fixture.ask(
            "PUT", "/v1/overrides/rm1/cpu-t2", token: token, ifMatch: "*", body: body)
        #expect(response.status == 400)
    }

    @Test func `a login gives a cookie that reads, and writes only from this page`() async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.operating])
        let login = await fixture.ask(
            "POST", "/login", ["content-type": "application/json"], body: #"{"token":"\#(token)"}"#)
        let cookie = try #require(login.header("Set-Cookie"))
        #expect(login.status == 204)
        for word in ["HttpOnly", "Secure", "SameSite=Strict", "Max-Age=43200", "Path=/"] {
            #expect(cookie.contains(word))
        }
        #expect(!cookie.contains(token))
        let session = ["cookie": "a=b; " + cookie.prefix { $0 != ";" }, "content-type": "application/json"]
        #expect(await fixture.ask("GET", "/v1/status", session).status == 200)
        let write = session.merging(["if-match": "*"]) { $1 }
        #expect(await fixture.ask("POST", "/v1/pause", write).status == 403)
        let own = write.merging(["origin": "http://127.0.0.1:8640"]) { $1 }
        #expect(await fixture.ask("POST", "/v1/pause", own).status == 200)
        // The token is taken away: the session ends with it.
        try folder.write(without: [.operating])
        #expect(await fixture.ask("GET", "/v1/status", session).status == 401)
        try folder.write()
        #expect(await fixture.ask("GET", "/v1/status", session).status == 200)
        #expect(await fixture.ask("POST", "/logout", own).status == 204)
        #expect(await fixture.ask("GET", "/v1/status", session).status == 401)
    }

    @Test func `the sixth failed login of an address waits, even with the right token`() async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let json = ["content-type": "application/json"]
        let token = try #require(folder.tokens[.viewer])
        for _ in 0..<5 {
            #expect(await fixture.ask("POST", "/login", json, body: #"{"token":"x"}"#).status == 401)
        }
        let right = #"{"token":"\#(token)"}"#
        let response = await fixture.ask("POST", "/login", json, body: right)
        #expect(response.status == 429 && response.header("Retry-After") == "60")
        #expect(await fixture.ask("POST", "/login", json, body: right, address: "127.0.0.2").status == 204)
        fixture.clock.advance(by: Nanoseconds(seconds: 61))
        #expect(await fixture.ask("POST", "/login", json, body: right).status == 204)
    }

    @Test func `what is acknowledged arrives pair by pair`() async throws {
        let folder = try TokenFolder()
        let fixture = ApiFixture(vault: try TokenVault(path: folder.path))
        let token = try #require(folder.tokens[.scaler])
        let pair = #"{"model":"rm1","serverType":"cpu-t2","servers":20}"#
        _ = await fixture.ask(
            "POST", "/v1/acks", token: token, body: #"{"decision":2,"applied":[\#(pair)]}"#)
        var applied = Allocation()
        applied["rm1", "cpu-t2"] = 20
        #expect(
            fixture.controller.state.withLock { $0.commands } == [.acknowledge(decision: 2, applied: applied)]
        )
        for bad in ["[\(pair),\(pair)]", #"[{"model":"a"}]"#, "[1]", "{}"] {
            let response = await fixture.ask(
                "POST", "/v1/acks", token: token, body: #"{"decision":2,"applied":\#(bad)}"#)
            #expect(response.status == 400, "\(bad)")
        }
    }
}

extension ApiRoute {
    /// Whether it becomes a command of the controller.
    var isAboutTheController: Bool { operation != .login && operation != .logout && operation != .push }
}
