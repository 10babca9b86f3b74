import Foundation
import Profiling
import Quantities
import TestServers
import Testing
import Vocabulary

/// Servers whose certificate is verified, and that ask who is there.
@Suite(
    "HTTPS", .serialized,
    .enabled(if: HTTPSServer.missing == nil, "these tests need openssl and python3"))
struct HTTPSTests {
    private static let secret = "sk-a-secret-of-this-test-42"

    private static let model = Model(
        id: "chat", title: "", source: "",
        kind: .endpoint(
            ServedModel(
                servedName: "tiny",
                payload: .text(prompt: .fixed(6), output: .uniform(lower: 2, upper: 5)))),
        latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 2)),
        querySizes: .fixed(1))

    private static func settings(
        _ url: String, caFile: String? = nil, token: TokenSource? = nil, headers: [String]? = nil
    ) -> EngineSettings {
        var settings = EngineSettings(name: "openai", url: url, timeout: Nanoseconds(seconds: 20))
        settings.caFile = caFile
        settings.token = token
        settings.headers = headers
        return settings
    }

    private static func refusal(_ settings: EngineSettings) -> String {
        let error = #expect(throws: ProfilingError.self) { try OpenAIEngine(settings: settings, seed: 1) }
        return error?.description ?? ""
    }

    @Test("A certificate is refused unless its authority is known, and a CA file makes it known")
    func certificates() throws {
        let server = try HTTPSServer()
        let unknown = Self.refusal(Self.settings(server.url))
        #expect(
            unknown.hasPrefix("\(server.url)/version: found a certificate that is not accepted ("),
            "\(unknown)")
        #expect(unknown.contains("self-signed") && unknown.contains("ca_file"), "\(unknown)")
        let engine = try OpenAIEngine(settings: Self.settings(server.url, caFile: server.caFile), seed: 1)
        #expect(engine.version == "tls-test 1")
        let prepared = try engine.prepare(Self.model, threads: 1, workers: 1, batches: [1])
        for _ in 0..<3 { try prepared.workers[0].infer(items: 1) }
        let figures = prepared.takeTokenFigures(from: .zero, to: Nanoseconds(Int64.max))
        #expect(figures?.requests == 3 && figures?.areTokensReported == true)
        // One for the version and one that the three requests share.
        #expect(server.log.count { $0 == "connection" } == 2)
        #expect(server.log.last == "POST /v1/completions -")
    }

    @Test("A certificate for another host is refused, trusted or not")
    func hosts() throws {
        let server = try HTTPSServer(names: "DNS:other.example")
        let words = Self.refusal(Self.settings(server.url, caFile: server.caFile))
        #expect(words.contains("alternative certificate subject name"), "\(words)")
    }

    @Test("CA files that are none are named")
    func caFiles() throws {
        let server = try HTTPSServer()
        let missing = Self.refusal(Self.settings(server.url, caFile: "/nowhere/ca.pem"))
        #expect(
            missing == "engine openai: ca_file: found no readable file '/nowhere/ca.pem', expected a file of "
                + "certificate authorities in PEM form")
        let empty = Self.refusal(Self.settings(server.url, caFile: "/dev/null"))
        #expect(empty.contains("ca_file") && empty.contains("PEM"), "\(empty)")
    }

    @Test("A server without encryption is told from one whose certificate is wrong")
    func plainServer() throws {
        let server = try SmallServer { _ in SmallServer.json("{}") }
        defer { server.close() }
        let words = Self.refusal(Self.settings("https://127.0.0.1:\(server.port)"))
        #expect(server.requests.first?.line == "TLS")
        #expect(words.contains("found no TLS connection"), "\(words)")
    }

    @Test("A bearer token comes from a file or a variable, arrives, and is in no message")
    func tokens() throws {
        let server = try HTTPSServer(token: Self.secret)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "token-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ text: String) throws -> TokenSource {
            let path = folder.appendingPathComponent(UUID().uuidString).path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return .file(path: path)
        }
        func worker(_ token: TokenSource?) throws -> any InferenceWorker {
            let engine = try OpenAIEngine(
                settings: Self.settings(server.url, caFile: server.caFile, token: token), seed: 1)
            #expect(!"\(engine)".contains(Self.secret))
            var dumped = ""
            dump(engine, to: &dumped)
            #expect(!dumped.contains(Self.secret) && dumped.contains("ca"))
            return try engine.prepare(Self.model, threads: 1, workers: 1, batches: [1]).workers[0]
        }
        try worker(file(" \(Self.secret)\n")).infer(items: 1)
        #expect(server.log.last == "POST /v1/completions Bearer \(Self.secret)")
        setenv("HERCULES_TEST_TOKEN_42", Self.secret, 1)
        defer { unsetenv("HERCULES_TEST_TOKEN_42") }
        try worker(.environment(variable: "HERCULES_TEST_TOKEN_42")).infer(items: 1)

        // The server repeats what it was sent.
        let wrong = try worker(file("sk-another-secret"))
        let error = #expect(throws: ProfilingError.self) { try wrong.infer(items: 1) }
        let words = error?.description ?? ""
        #expect(words.contains("status 401: Incorrect API key provided: (token)"), "\(words)")
        #expect(!words.contains("sk-another-secret") && words.contains("token_file"), "\(words)")
        let none = try worker(nil)
        #expect(throws: ProfilingError.self) { try none.infer(items: 1) }
    }

    @Test("Tokens that cannot be read or sent are refused without being shown")
    func badTokens() throws {
        let url = "https://127.0.0.1:1"
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for text in ["", " \n", "two words", "line\r\nX-Injected: 1", String(repeating: "x", count: 70_000)] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let words = Self.refusal(Self.settings(url, token: .file(path: path)))
            #expect(words.hasPrefix("engine openai: token_file: found "), "\(words)")
            #expect(!words.contains("two words") && !words.contains("Injected"))
        }
        let unset = Self.refusal(Self.settings(url, token: .environment(variable: "HERCULES_NO_SUCH")))
        #expect(
            unset == "engine openai: token_environment: found nothing to read in the environment variable "
                + "'HERCULES_NO_SUCH', expected a bearer token")
    }

    @Test("Headers of the user's choice arrive and replace the client's own")
    func headers() throws {
        let server = try SmallServer { _ in SmallServer.json("{}") }
        defer { server.close() }
        _ = try OpenAIEngine(
            settings: Self.settings(server.url, headers: ["X-Variant: 7b", "accept: */*"]), seed: 1)
        let sent = try #require(server.requests.first?.headers)
        #expect(sent.contains("X-Variant: 7b") && sent.contains("accept: */*"))
        #expect(!sent.contains { $0.hasPrefix("Accept:") })
        let secret = Self.refusal(
            Self.settings(server.url, headers: ["Authorization: Bearer \(Self.secret)"]))
        #expect(
            secret.contains("headers: found the header 'Authorization', expected a header without a secret"))
        #expect(!secret.contains(Self.secret))
    }
}
