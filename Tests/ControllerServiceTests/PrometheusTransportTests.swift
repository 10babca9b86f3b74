import Foundation
import TestServers
import Testing

@testable import hercules_controller

/// The client against servers that misbehave.
@Suite struct PrometheusTransportTests {
    /// Sends one question and says what kind of failure came of it.
    private func failure(
        _ settings: ExchangeSettings, within seconds: Double = 60
    ) async throws -> ExchangeFailure? {
        let transport = try HTTPPrometheusTransport(settings)
        var failure: ExchangeFailure?
        do throws(ExchangeFailure) {
            let reply = try await transport.send(
                path: "/api/v1/query", form: [("query", "a{b=\"c d\"}[8s]"), ("time", "1.500")],
                within: seconds)
            _ = try PrometheusAnswer(status: reply.status, type: reply.type, body: reply.body)
        } catch { failure = error }
        await transport.shutdown()
        return failure
    }

    @Test func `a question is escaped, and headers are sent with it`() async throws {
        let server = try FakePrometheus([FakePrometheus.json(FakePrometheus.matrix)])
        defer { server.close() }
        var settings = ExchangeSettings(url: server.url + "/prefix/")
        settings.headers = ["X-Scope-OrgID": "team"]
        #expect(try await failure(settings) == nil)
        let request = try #require(server.received.first)
        #expect(
            request.hasPrefix(
                "GET /prefix/api/v1/query?query=a%7Bb%3D%22c%20d%22%7D%5B8s%5D&time=1.500 HTTP/1.1"))
        #expect(request.lowercased().contains("x-scope-orgid: team"))
    }

    @Test func `a bearer file is read for every request, and what it held is in no failure`() async throws {
        let server = try FakePrometheus([FakePrometheus.json("{}", status: "401 Unauthorized")])
        defer { server.close() }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("bearer-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        var settings = ExchangeSettings(url: server.url)
        settings.bearerFile = file
        #expect(try await failure(settings)?.kind == .denied)
        #expect(server.received.isEmpty)
        for token in ["first-secret", "second-secret"] {
            try token.write(toFile: file, atomically: true, encoding: .utf8)
            let failure = try #require(try await failure(settings))
            #expect(failure.kind == .denied && !failure.description.contains("secret"))
        }
        #expect(server.received.count == 2)
        #expect(server.received[0].contains("Bearer first-secret"))
        #expect(server.received[1].contains("Bearer second-secret"))
    }

    @Test func `a redirect is not followed, and the token goes nowhere else`() async throws {
        let elsewhere = try FakePrometheus([FakePrometheus.json(FakePrometheus.matrix)])
        let server = try FakePrometheus([
            .bytes("HTTP/1.1 302 Found\r\nLocation: \(elsewhere.url)/x\r\nContent-Length: 0\r\n\r\n")
        ])
        defer { server.close(); elsewhere.close() }
        #expect(try await failure(ExchangeSettings(url: server.url))?.kind == .redirect)
        #expect(elsewhere.received.isEmpty && server.received.count == 1)
    }

    @Test func `a body without end is cut off, and so is one that says how long it is`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        let piece = String(repeating: " ", count: 1 << 16)
        let endless = try FakePrometheus([
            .flood(head: head + "Connection: close\r\n\r\n", piece: piece, pieces: 1_000)
        ])
        let long = try FakePrometheus([.bytes(head + "Content-Length: 10000000000\r\n\r\n")])
        defer { endless.close(); long.close() }
        // Four megabytes take their time where hundreds of other tests run.
        #expect(try await failure(ExchangeSettings(url: endless.url), within: 120)?.kind == .size)
        #expect(try await failure(ExchangeSettings(url: long.url), within: 120)?.kind == .size)
    }

    @Test func `a trickle and a silence end with the time`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        let slow = try FakePrometheus([.trickle(head: head, millisecondsBetween: 100, bytes: 40)])
        let mute = try FakePrometheus([.silence(milliseconds: 3_000)])
        defer { slow.close(); mute.close() }
        #expect(try await failure(ExchangeSettings(url: slow.url), within: 0.5)?.kind == .deadline)
        #expect(try await failure(ExchangeSettings(url: mute.url), within: 0.5)?.kind == .deadline)
        #expect(try await failure(ExchangeSettings(url: mute.url), within: 0)?.kind == .deadline)
    }

    @Test func `an answer that breaks off, or none, is no answer`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        let cut = try FakePrometheus([.bytes(head + "Content-Length: 100\r\n\r\n{\"status\":\"succ")])
        let garbage = try FakePrometheus([.bytes("SSH-2.0-x\r\n")])
        let nothing = try FakePrometheus([.bytes("")])
        let gone = try FakePrometheus([.bytes("")])
        gone.close()
        defer { cut.close(); garbage.close(); nothing.close() }
        for server in [cut, garbage, nothing, gone] {
            let failure = try #require(try await failure(ExchangeSettings(url: server.url)))
            #expect([.connection, .cut, .shape].contains(failure.kind), "\(failure)")
        }
        #expect(try await failure(ExchangeSettings(url: "no url"))?.kind == .connection)
    }

    @Test func `packed answers are not unpacked`() async throws {
        let server = try FakePrometheus([
            FakePrometheus.json(FakePrometheus.matrix, headers: "Content-Encoding: gzip\r\n")
        ])
        defer { server.close() }
        #expect(try await failure(ExchangeSettings(url: server.url))?.kind == .shape)
    }

    @Test(.enabled(if: HTTPSServer.missing == nil))
    func `a certificate is checked against the file that is named`() async throws {
        let server = try HTTPSServer()
        var settings = ExchangeSettings(url: server.url)
        #expect(try await failure(settings)?.kind == .connection)
        #expect(!server.log.contains { $0.contains("/api/v1") })
        settings.caFile = server.caFile
        // It speaks another protocol, but it does speak.
        #expect(try await failure(settings).map { $0.kind != .connection } == true)
    }

    @Test func `the date of an answer is read`() {
        #expect(BoundedExchange.unixSeconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(BoundedExchange.unixSeconds("yesterday") == nil)
        #expect(BoundedExchange.unixSeconds("Sun, 99 Nov 1994 08:49:37 GMT") == nil)
    }
}
