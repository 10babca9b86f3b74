import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Engines behind an address", .serialized)
struct EndpointEngineTests {
    private static let chat = Model(
        id: "chat", title: "", source: "",
        kind: .endpoint(
            ServedModel(
                servedName: "tiny \"1\"",
                payload: .text(prompt: .fixed(6), output: .uniform(lower: 2, upper: 5)))),
        latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 2)),
        querySizes: .fixed(1))

    private static func settings(_ name: String, _ url: String?, timeout: Double = 5) -> EngineSettings {
        EngineSettings(name: name, url: url, timeout: Nanoseconds(seconds: timeout))
    }

    /// Streams as many tokens as were asked for.
    private static func completions(_ request: SmallServer.Request) -> [String] {
        guard let body = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
        else {
            return SmallServer.json("{}", status: "404 Not Found")
        }
        let tokens = body["max_tokens"] as? Int ?? 0
        let isChat = request.line.contains("/chat/")
        let parts = (0..<tokens).map { index in
            isChat
                ? #"{"choices":[{"delta":{"content":"t\#(index)"},"finish_reason":null}]}"#
                : #"{"choices":[{"text":"t\#(index)","finish_reason":null}]}"#
        }
        let begin = isChat ? [#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#] : []
        let end = [
            #"{"choices":[{"text":"","delta":{},"finish_reason":"length"}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":\#(tokens)}}"#, "[DONE]",
        ]
        return SmallServer.stream(begin + parts + end)
    }

    @Test(
        "Completions and chats are streamed, and their tokens counted",
        arguments: ["", "/v1/chat/completions"])
    func tokens(path: String) throws {
        let server = try SmallServer(Self.completions)
        defer { server.close() }
        let engine = try OpenAIEngine(settings: Self.settings("openai", server.url + path), seed: 3)
        #expect(engine.version == "small")
        #expect(engine.axes == .requestsInFlight(hasBatches: false))
        let session = try ProfilingSession(
            engine: engine, model: Self.chat, threads: 3, workers: 1, batches: [1])
        let outcome = try session.offer(
            rate: QueriesPerSecond(60), batch: 1, duration: Nanoseconds(seconds: 0.5), seed: 1)
        let tokens = try #require(outcome.tokens)
        #expect(outcome.completedQueries == outcome.arrivedQueries && outcome.arrivedQueries > 5)
        // Requests count from when they were sent, queries from when they were due.
        #expect(abs(tokens.requests - outcome.arrivedQueries) <= 8)
        #expect(tokens.promptTokens == 7 * tokens.requests)
        #expect(tokens.areTokensReported)
        #expect((2 * tokens.requests...4 * tokens.requests).contains(tokens.outputTokens))
        #expect(tokens.timeToFirstToken.count == tokens.requests)
        #expect(tokens.timePerOutputToken.count == tokens.requests)
        let request = try #require(server.requests.last)
        #expect(request.line == "POST \(path.isEmpty ? "/v1/completions" : path) HTTP/1.1")
        #expect(request.body.contains(#""model":"tiny \"1\"""#))
        let prompts = Set(server.requests.map(\.body)).count
        #expect(prompts == server.requests.filter { $0.line.hasPrefix("POST") }.count + 1)
    }

    @Test(
        "Whatever a delta carries opens the window that its tokens are counted in",
        arguments: [
            #"{"content":"a"}"#, #"{"reasoning_content":"a"}"#, #"{"reasoning":"a"}"#,
            #"{"content":null,"reasoning":"a"}"#, #"{"content":"","reasoning_content":"a"}"#,
            #"{"role":"assistant","content":"","reasoning":"a"}"#, #"{"refusal":"a"}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}"#,
            #"{"function_call":{"arguments":"{"}}"#,
        ])
    func everyKindOfDelta(delta: String) throws {
        var stream = StreamedCompletion()
        func take(_ event: String, milliseconds: Double) {
            stream.take(Array(event.utf8), at: Nanoseconds(milliseconds: milliseconds))
        }
        take(#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#, milliseconds: 1)
        for index in 0..<4 {
            take(#"{"choices":[{"delta":\#(delta)}]}"#, milliseconds: 2 + 2 * Double(index))
        }
        for index in 4..<8 {
            take(#"{"choices":[{"delta":{"content":"b"}}]}"#, milliseconds: 2 + 2 * Double(index))
        }
        take(#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#, milliseconds: 90)
        take(#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":8}}"#, milliseconds: 91)
        let record = try #require(stream.record(begin: .zero))
        #expect(record.first == Nanoseconds(milliseconds: 2) && record.last == Nanoseconds(milliseconds: 16))
        #expect(record.outputTokens == 8 && record.isReported)
    }

    @Test("A server without usage is counted by the parts of its stream")
    func countedParts() throws {
        let server = try SmallServer { request in
            request.line.hasPrefix("GET")
                ? SmallServer.json(#"{"version":"0.9"}"#, server: "other")
                : SmallServer.stream([
                    #"{"choices":[{"text":"a"}]}"#, #"{"choices":[{"text":"b","finish_reason":"stop"}]}"#,
                    #"{"choices":[{"text":"","finish_reason":"stop"}]}"#, "[DONE]",
                ])
        }
        defer { server.close() }
        let engine = try OpenAIEngine(settings: Self.settings("openai", server.url), seed: 3)
        #expect(engine.version == "other 0.9")
        let prepared = try engine.prepare(Self.chat, threads: 1, workers: 1, batches: [1])
        for _ in 0..<4 { try prepared.workers[0].infer(items: 1) }
        let figures = prepared.takeTokenFigures(from: .zero, to: Nanoseconds(Int64.max))
        #expect(figures?.outputTokens == 8 && figures?.areTokensReported == false)
        #expect(figures?.promptTokens == nil)
        #expect(prepared.takeTokenFigures(from: .zero, to: Nanoseconds(Int64.max)) == nil)
    }

    @Test(
        "What goes wrong is told with the server's words",
        arguments: [
            (
                SmallServer.json(#"{"error":{"message":"no such model"}}"#, status: "404 Not Found"),
                "status 404: no such model"
            ),
            (SmallServer.stream([#"{"error":{"message":"out of memory"}}"#]), "out of memory"),
            (SmallServer.stream(["[DONE]"]), "choices: found a stream without a token"),
            (
                ["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", ""],
                "found a connection closed within a response"
            ),
            (["hello\r\n\r\n"], "expected a status line of HTTP/1.1"),
        ])
    func failures(answer: [String], words: String) throws {
        let server = try SmallServer { request in
            request.line.hasPrefix("GET") ? SmallServer.json("{}") : answer
        }
        defer { server.close() }
        let engine = try OpenAIEngine(settings: Self.settings("openai", server.url), seed: 3)
        let prepared = try engine.prepare(Self.chat, threads: 1, workers: 1, batches: [1])
        let error = #expect(throws: ProfilingError.self) { try prepared.workers[0].infer(items: 1) }
        let text = error?.description ?? ""
        #expect(text.contains(words) && text.contains("\(server.url)/v1/completions"), "\(text)")
    }

    @Test("Silence, a dead port, and useless settings are errors that say so")
    func unreachable() throws {
        let server = try SmallServer { request in
            request.line.hasPrefix("GET") ? SmallServer.json("{}") : ["HTTP/1.1 200 OK\r\n"]
        }
        let engine = try OpenAIEngine(settings: Self.settings("openai", server.url, timeout: 0.2), seed: 3)
        let silent = try engine.prepare(Self.chat, threads: 1, workers: 1, batches: [1])
        let silence = #expect(throws: ProfilingError.self) { try silent.workers[0].infer(items: 1) }
        #expect(silence?.description.contains("no answer in time") == true)
        server.close()
        let dead = #expect(throws: ProfilingError.self) {
            try OpenAIEngine(settings: Self.settings("openai", "http://127.0.0.1:1"), seed: 3)
        }
        #expect(dead?.description == "http://127.0.0.1:1/version: Connection refused while connecting")
        for (url, found) in [(nil, "nothing"), ("ftp://x", "'ftp://x'")] as [(String?, String)] {
            let error = #expect(throws: ProfilingError.self) {
                try OpenAIEngine(settings: Self.settings("openai", url), seed: 3)
            }
            #expect(error?.description.hasPrefix("engine openai: url: found \(found), expected ") == true)
        }
    }

    @Test("KServe requests carry the tensors of the model, padded to the ladder, over one connection")
    func kserve() throws {
        let server = try SmallServer { request in
            switch request.line {
            case "GET /v2 HTTP/1.1": SmallServer.json(#"{"name":"small","version":"2.1"}"#)
            case "GET /v2/models/ncf/ready HTTP/1.1": SmallServer.json("{}")
            case "POST /v2/models/ncf/infer HTTP/1.1":
                SmallServer.json(#"{"outputs":[{"name":"y","shape":[1],"datatype":"FP32","data":[1]}]}"#)
            default: SmallServer.json(#"{"error":"not here"}"#, status: "404 Not Found")
            }
        }
        defer { server.close() }
        let engine = try KServeEngine(settings: Self.settings("kserve", server.url + "/"), seed: 3)
        #expect(engine.version == "small 2.1")
        let model = TinyModels.all[3]
        let prepared = try engine.prepare(model, threads: 2, workers: 1, batches: [10])
        #expect(prepared.warmUpSizes == BatchLadder(batches: [10]).rungs)
        for items in [9, 1, 10] { try prepared.workers[1].infer(items: items) }
        let bodies = try server.requests.filter { $0.line.hasPrefix("POST") }.map {
            try JSONSerialization.jsonObject(with: Data($0.body.utf8)) as? [String: Any]
        }
        let sizes = try bodies.map { body in
            let inputs = try #require(body?["inputs"] as? [[String: Any]])
            #expect(inputs.map { $0["name"] as? String } == ["indices_0", "indices_1"])
            #expect(inputs.allSatisfy { $0["datatype"] as? String == "INT32" })
            let shape = try #require(inputs[0]["shape"] as? [Int])
            let data = try #require(inputs[0]["data"] as? [Int])
            #expect(data.count == shape.reduce(1, *) && data.allSatisfy { (0..<280).contains($0) })
            return shape[0]
        }
        #expect(sizes == [10, 1, 10])
        let unknown = #expect(throws: ProfilingError.self) {
            try engine.prepare(TinyModels.all[0], threads: 1, workers: 1, batches: [1])
        }
        #expect(unknown?.description.contains("/v2/models/rm1/ready") == true)
    }
}
