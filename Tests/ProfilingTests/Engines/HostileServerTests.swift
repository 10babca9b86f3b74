import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// Servers that never come to an end, or say what cannot be. A request ends by its deadline or its limits.
@Suite("Hostile servers", .serialized)
struct HostileServerTests {
    private static let chat = Model(
        id: "chat", title: "", source: "",
        kind: .endpoint(ServedModel(servedName: "m", payload: .text(prompt: .fixed(3), output: .fixed(4)))),
        latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 2)),
        querySizes: .fixed(1))

    /// Repeats a text until the client has gone, at most so often.
    private static func server(
        _ head: String, repeating part: String, times: Int = 10_000_000, pause: useconds_t = 0
    ) throws -> SmallServer {
        try SmallServer(writing: { request, connection in
            if request.line.hasPrefix("GET") {
                return SmallServer.json(#"{"name":"small"}"#).allSatisfy(connection.send)
            }
            guard connection.send(head) else { return false }
            for _ in 0..<times {
                guard connection.send(part) else { return false }
                if pause > 0 { usleep(pause) }
            }
            return false
        })
    }

    private static func failure(_ server: SmallServer, timeout: Double = 20) throws -> String {
        defer { server.close() }
        let settings = EngineSettings(
            name: "openai", url: server.url, timeout: Nanoseconds(seconds: timeout))
        let engine = try OpenAIEngine(settings: settings, seed: 3)
        let prepared = try engine.prepare(chat, threads: 1, workers: 1, batches: [1])
        let error = #expect(throws: ProfilingError.self) { try prepared.workers[0].infer(items: 1) }
        return error?.description ?? ""
    }

    private static let stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    @Test("A stream that goes on after all its tokens is ended")
    func endlessStream() throws {
        let event = "data: {\"choices\":[{\"text\":\"a\"}]}\n\n"
        let words = try Self.failure(Self.server(Self.stream, repeating: event))
        #expect(words.contains("found a stream of more than 1088 events for 4 tokens, expected its end"))
    }

    @Test("A line that never ends is ended")
    func endlessLine() throws {
        let part = String(repeating: "x", count: 100_000)
        let words = try Self.failure(Self.server(Self.stream + "data: ", repeating: part))
        #expect(words.contains("found an event of more than 4194304 bytes"))
    }

    @Test("An error answer that never ends is ended")
    func endlessError() throws {
        let head = "HTTP/1.1 503 Busy\r\n\r\n"
        let words = try Self.failure(Self.server(head, repeating: "busy busy busy "))
        #expect(words.contains("found status 503 with more than 65536 bytes that begin 'busy busy"))
    }

    @Test("Bytes that come one by one do not move the deadline")
    func trickle() throws {
        for (head, part) in [("HTTP/1.1 ", "2"), ("HTTP/1.1 200 OK\r\n", "a"), (Self.stream, ": ping\n")] {
            let words = try Self.failure(
                Self.server(head, repeating: part, times: 200, pause: 50_000), timeout: 0.4)
            #expect(words.contains("no answer in time"), "\(words)")
        }
    }

    @Test("Interim answers come to an end")
    func interim() throws {
        let words = try Self.failure(Self.server("", repeating: "HTTP/1.1 100 Continue\r\n\r\n"))
        #expect(words.contains("found more than 16 interim answers"))
    }

    @Test(
        "Token counts that cannot be are not counted",
        arguments: ["9223372036854775807", "-9223372036854775808", "-1", "1e300", "\"4\"", "null"])
    func counts(number: String) throws {
        let server = try SmallServer { request in
            request.line.hasPrefix("GET")
                ? SmallServer.json("{}")
                : SmallServer.stream([
                    #"{"choices":[{"text":"a"}]}"#, #"{"choices":[{"text":"b"}]}"#,
                    #"{"choices":[],"usage":{"prompt_tokens":\#(number),"completion_tokens":\#(number)}}"#,
                    "[DONE]",
                ])
        }
        defer { server.close() }
        let settings = EngineSettings(name: "openai", url: server.url, timeout: Nanoseconds(seconds: 5))
        let engine = try OpenAIEngine(settings: settings, seed: 3)
        let prepared = try engine.prepare(Self.chat, threads: 1, workers: 1, batches: [1])
        for _ in 0..<3 { try prepared.workers[0].infer(items: 1) }
        let figures = prepared.takeTokenFigures(from: .zero, to: Nanoseconds(Int64.max))
        #expect(figures?.outputTokens == 6 && figures?.areTokensReported == false)
        #expect(figures?.promptTokens == nil)
    }

    @Test("A program that writes without end is ended")
    func endlessProgram() throws {
        let settings = EngineSettings(
            name: "command", command: ["/bin/sh", "-c", "yes"], timeout: Nanoseconds(seconds: 60))
        let error = #expect(throws: ProfilingError.self) { try CommandEngine(settings: settings) }
        #expect(error?.description.contains("found more than 67108864 bytes of output") == true)
    }

    @Test("A pipe in the place of a secret or of authorities is refused at once")
    func pipes() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pipe-\(UUID())").path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        var (authorities, secret) = (
            EngineSettings(name: "openai", url: "http://127.0.0.1:1"),
            EngineSettings(name: "openai", url: "http://127.0.0.1:1")
        )
        authorities.caFile = path
        secret.token = .file(path: path)
        for settings in [authorities, secret] {
            let error = #expect(throws: ProfilingError.self) { try OpenAIEngine(settings: settings, seed: 1) }
            guard case .badSetting = error else {
                Issue.record("found \(String(describing: error))")
                continue
            }
        }
    }
}
