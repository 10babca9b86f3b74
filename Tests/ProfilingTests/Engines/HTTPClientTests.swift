import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// The client against servers whose bytes the tests write.
@Suite("HTTP", .serialized)
struct HTTPClientTests {
    private static func client(
        _ server: SmallServer, timeout: Double = 10, limits: HTTPAnswer.Limits = HTTPAnswer.Limits()
    ) throws -> HTTPConnection {
        let address = try #require(HTTPAddress(server.url + "/x"))
        return try HTTPConnection(address, timeout: Nanoseconds(seconds: timeout), limits: limits)
    }

    /// A server that sends a text in parts of so many bytes, and closes the connection where it is told to.
    private static func server(_ text: String, by size: Int = 100_000, closes: Bool = false) throws
        -> SmallServer
    {
        let bytes = Array(text.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map {
            String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self)
        }
        return try SmallServer { _ in pieces + (closes ? [""] : []) }
    }

    private static func answer(
        _ text: String, by size: Int = 100_000, closes: Bool = false
    ) throws -> (status: Int, headers: [String: String], body: String) {
        let server = try server(text, by: size, closes: closes)
        defer { server.close() }
        let response = try client(server).get()
        return (response.status, response.headers, String(decoding: response.body, as: UTF8.self))
    }

    private static func failure(
        _ text: String, by size: Int = 100_000, closes: Bool = false
    ) throws -> String {
        let server = try server(text, by: size, closes: closes)
        defer { server.close() }
        let client = try client(server)
        let error = #expect(throws: ProfilingError.self) { try client.get() }
        let words = error?.description ?? ""
        #expect(words.hasPrefix("\(server.url)/x: "), "\(words)")
        return words
    }

    @Test("Wherever a response is cut, it reads the same", arguments: [1, 2, 3, 7, 1000])
    func cuts(size: Int) throws {
        let counted = try Self.answer(
            "HTTP/1.1 200 OK\r\nServer:  Small 1.0 \r\nContent-Length: 5\r\n\r\nhello", by: size)
        #expect(counted.status == 200 && counted.headers["server"] == "Small 1.0")
        #expect(counted.body == "hello")
        let chunked = try Self.answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "5;x=y\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: t\r\n\r\n", by: size, closes: true)
        #expect(chunked.body == "hello, 10 bytes" && chunked.headers["trailer"] == nil)
        let interim = try Self.answer(
            "HTTP/1.1 100 Continue\r\nEarly: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            by: size)
        #expect(interim.status == 404 && interim.body.isEmpty && interim.headers["early"] == nil)
        let old = try Self.answer("HTTP/1.0 200 OK\nX: y\n\nto the end", by: size, closes: true)
        #expect(old.body == "to the end" && old.headers["x"] == "y")
        let none = try Self.answer("HTTP/1.1 204 No Content\r\n\r\n", by: size)
        #expect(none.status == 204 && none.body.isEmpty)
    }

    @Test(
        "What is no response is refused, with what was found",
        arguments: [
            ("SSH-2.0-OpenSSH\r\n\r\n", "expected a status line of HTTP/1.1"),
            ("HTTP/1.1 OK\r\n\r\n", "found 'Unsupported"),
            ("HTTP/1.1 2000 OK\r\n\r\n", "found 'Unsupported"),
            ("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "Content-Length"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "chunked-encoding"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "chunked-encoding"),
            (
                "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n",
                "bytes of headers"
            ),
        ])
    func malformed(text: String, words: String) throws {
        for size in text.utf8.count > 1000 ? [10_000] : [1, 5, 100_000] {
            let failure = try Self.failure(text, by: size)
            #expect(failure.contains(words) && failure.contains("expected"), "\(failure)")
            #expect(!failure.contains("no answer in time"), "\(failure)")
        }
        let whole = try Self.failure("SSH-2.0-OpenSSH\r\n\r\n")
        #expect(
            whole.hasSuffix("found 'SSH-2.0-OpenSSH', expected a status line of HTTP/1.1"), "\(whole)")
    }

    @Test("A connection that closes early is an error")
    func closed() throws {
        #expect(
            try Self.failure("", closes: true).contains(
                "found a connection closed without a response, expected a response"))
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
        ] {
            let failure = try Self.failure(text, by: 3, closes: true)
            #expect(failure.contains("closed within a response, expected all of it"), "\(failure)")
        }
    }

    @Test("Bytes after a response are part of none")
    func excess() throws {
        let server = try SmallServer { request in
            [
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
                    + (request.line.contains("/first") ? "aHTTP/1.1 500 Bad\r\n\r\n" : "b")
            ]
        }
        defer { server.close() }
        let client = try Self.client(server)
        #expect(try client.get("/first").body == Array("a".utf8))
        let second = try client.get("/second")
        #expect(second.status == 200 && second.body == Array("b".utf8))
    }

    // MARK: Limits

    @Test("Headers, interim answers and bodies have limits, also against a server without an end")
    func limits() throws {
        let endless: [(String, String, String)] = [
            ("HTTP/1.1 200 OK\r\n", "X: y\r\n", "more than 65536 bytes of headers"),
            ("HTTP/1.1 200 OK\r\nX: ", String(repeating: "y", count: 1000), "header"),
            ("", "HTTP/1.1 100 Continue\r\n\r\n", "found more than 16 interim answers, expected the answer"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "3e8\r\n"
                    + String(repeating: "y", count: 1000) + "\r\n", "found a body of more than 300000 bytes"
            ),
            (
                "HTTP/1.1 200 OK\r\n\r\n", String(repeating: "y", count: 1000),
                "found a body of more than 300000 bytes"
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n",
                "more than 65536 bytes of headers"
            ),
        ]
        var limits = HTTPAnswer.Limits()
        limits.bodyBytes = 300_000
        for (begin, again, words) in endless {
            let server = try SmallServer(writing: { _, connection in
                guard connection.send(begin) else { return false }
                while connection.send(again) {}
                return false
            })
            defer { server.close() }
            let client = try Self.client(server, timeout: 60, limits: limits)
            let error = #expect(throws: ProfilingError.self) { try client.get() }
            let text = error?.description ?? ""
            #expect(text.contains(words) && !text.contains("no answer in time"), "\(text)")
        }
    }

    @Test("One deadline holds for the whole request, however slowly bytes come", arguments: [true, false])
    func deadline(isHead: Bool) throws {
        let server = try SmallServer(writing: { _, connection in
            guard isHead || connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") else {
                return false
            }
            for byte in "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 400) {
                guard connection.send(String(byte)) else { return false }
                usleep(50_000)
            }
            return false
        })
        defer { server.close() }
        let client = try Self.client(server, timeout: 0.3)
        let begin = ContinuousClock.now
        let error = #expect(throws: ProfilingError.self) { try client.get() }
        let took = ContinuousClock.now - begin
        let words = error?.description ?? ""
        #expect(words.contains("no answer in time") && words.contains("within 0.3 s"), "\(words)")
        // The bytes alone would take twenty seconds.
        #expect(took >= .milliseconds(290) && took < .seconds(8))
    }

    @Test("An event without an end is refused")
    func endlessEvent() throws {
        let server = try SmallServer(writing: { _, connection in
            guard connection.send("HTTP/1.1 200 OK\r\n\r\ndata: ") else { return false }
            while connection.send(String(repeating: "y", count: 1000)) {}
            return false
        })
        defer { server.close() }
        let client = try Self.client(server)
        var events = ServerSentEvents(eventBytesMax: 50_000)
        let error = #expect(throws: ProfilingError.self) {
            try client.post(json: []) { _, bytes, _ throws(HTTPMalformed) in
                try events.consume(bytes) { _ in }
            }
        }
        #expect(error?.description.contains("found an event of more than 50000 bytes") == true)
    }

    // MARK: Times and connections

    @Test("Each part is handed on and timed when it arrives, before the next one is sent")
    func arrivals() throws {
        let taken = DispatchSemaphore(value: 0)
        let sent = SentTimes()
        let server = try SmallServer(writing: { _, connection in
            guard connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") else {
                return false
            }
            for _ in 0..<5 {
                sent.add(Self.now())
                // The next part waits until the client has this one.
                guard connection.send("4\r\npart\r\n"), taken.wait(timeout: .now() + 5) == .success else {
                    return false
                }
            }
            sent.add(Self.now())
            return connection.send("0\r\n\r\n")
        })
        defer { server.close() }
        var arrivals: [Nanoseconds] = []
        let begin = Self.now()
        let head = try Self.client(server).post(json: Array("{}".utf8)) { _, bytes, arrival in
            #expect(bytes.count == 4)
            arrivals.append(arrival)
            taken.signal()
        }
        let times = sent.all
        try #require(arrivals.count == 5 && times.count == 6)
        for (index, arrival) in arrivals.enumerated() {
            #expect(arrival >= times[index] && arrival <= times[index + 1])
        }
        #expect(head.status == 200 && head.firstByte >= begin && head.firstByte <= arrivals[0])
    }

    @Test("A connection serves many requests, and is made anew where the server closed it")
    func keepAlive() throws {
        let server = try SmallServer { request in
            SmallServer.json("{}") + (request.line.contains("/last") ? [""] : [])
        }
        defer { server.close() }
        let client = try Self.client(server)
        for _ in 0..<5 { #expect(try client.get().status == 200) }
        #expect(try client.post(json: Array("{}".utf8)).status == 200)
        #expect(server.connections == 1)
        #expect(try client.get("/last").status == 200)
        // The server closes its side without a word.
        usleep(20_000)
        #expect(try client.post(json: Array("{\"a\":1}".utf8)).status == 200)
        #expect(server.connections == 2)
        #expect(server.requests.map(\.body).suffix(2) == ["", "{\"a\":1}"])
    }

    @Test("A server that closes while it is sent to is an error and no signal")
    func closedWhileSending() throws {
        let server = try SmallServer(readsBodies: false) { _, _ in false }
        defer { server.close() }
        let client = try Self.client(server)
        // Larger than what the sockets hold.
        let body = [UInt8](repeating: 0x78, count: 32 << 20)
        let error = #expect(throws: ProfilingError.self) { try client.post(json: body) }
        #expect(error?.description.contains("no answer in time") == false)
    }

    @Test("Requests say what they are, and a long body is sent without asking")
    func requests() throws {
        let server = try SmallServer { _ in SmallServer.json("{}") }
        defer { server.close() }
        let client = try Self.client(server)
        let body = "{\"x\":\"" + String(repeating: "y", count: 2 << 20) + "\"}"
        #expect(try client.post("/y/z", json: Array(body.utf8)).status == 200)
        #expect(try client.get().status == 200)
        let (post, get) = (server.requests[0], server.requests[1])
        #expect(post.line == "POST /y/z HTTP/1.1" && post.body == body)
        #expect(post.headers.contains("Content-Type: application/json"))
        #expect(!post.headers.contains { $0.lowercased().hasPrefix("expect") })
        #expect(get.line == "GET /x HTTP/1.1" && get.body.isEmpty)
        for request in [post, get] {
            #expect(request.headers.contains("Host: 127.0.0.1:\(server.port)"))
            #expect(request.headers.contains("User-Agent: hercules"))
            #expect(request.headers.contains("Accept: application/json, text/event-stream"))
        }
    }

    @Test("A redirect is an answer like any other")
    func redirect() throws {
        let server = try SmallServer { _ in
            ["HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"]
        }
        defer { server.close() }
        #expect(try Self.client(server).get().status == 302)
        #expect(server.requests.count == 1)
    }

    @Test("A host that is none is named")
    func noHost() throws {
        let address = try #require(HTTPAddress("http://a..b:80/x"))
        let client = try HTTPConnection(address, timeout: Nanoseconds(seconds: 60))
        let error = #expect(throws: ProfilingError.self) { try client.get() }
        let words = error?.description ?? ""
        #expect(
            words.hasPrefix("http://a..b:80/x: found no such host") && words.contains("expected"), "\(words)")
    }

    @Test("A library that is missing is named with the command that installs it")
    func missing() {
        let error = #expect(throws: ProfilingError.self) { try CurlLibrary(name: "libcurl-none.so.4") }
        #expect(error?.description.contains("libcurl-none.so.4 was not found") == true)
        #expect(error?.description.hasSuffix("install it with: Scripts/setup") == true)
        let other = #expect(throws: ProfilingError.self) { try CurlLibrary(name: "libc.so.6") }
        #expect(other?.description.contains("libc.so.6 has no function curl_") == true)
    }

    // MARK: Parts

    @Test("Events are their data lines, however they are cut", arguments: [1, 2, 5, 1000])
    func events(size: Int) throws {
        let bytes = Array(
            "data: one\n\n: comment\ndata:two\r\ndata: more\r\n\r\nid: 3\n\ndata:\n\ndata: cut".utf8)
        var events = ServerSentEvents()
        var seen: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes {
                try events.consume($0) { seen.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        #expect(seen == ["one", "two\nmore", ""])
    }

    @Test("An event of many lines has a limit as well")
    func eventOfManyLines() {
        var events = ServerSentEvents(eventBytesMax: 100)
        #expect(throws: HTTPMalformed.self) {
            for _ in 0..<30 {
                try Array("data: 123\n".utf8).withUnsafeBytes { try events.consume($0) { _ in } }
            }
        }
    }

    @Test("Addresses")
    func addresses() {
        let full = HTTPAddress("http://host.example:8080/v1/completions")
        #expect(full?.host == "host.example" && full?.port == 8080 && full?.path == "/v1/completions")
        #expect(full?.isSecure == false)
        #expect(HTTPAddress("http://127.0.0.1")?.text == "http://127.0.0.1:80/")
        #expect(HTTPAddress("https://host.example/v1")?.text == "https://host.example:443/v1")
        #expect(HTTPAddress("https://host.example:8443")?.isSecure == true)
        #expect(HTTPAddress("http://[::1]:99/x")?.host == "::1")
        #expect(HTTPAddress("http://[::1]:99/x")?.authority == "[::1]:99")
        for text in [
            "", "host:80", "http://", "https://", "ftp://host", "http://user@host/", "https://:word@host/",
            "http://h/?q",
        ] {
            #expect(HTTPAddress(text) == nil, "\(text)")
        }
    }

    private static func now() -> Nanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private final class SentTimes: @unchecked Sendable {
        // Unchecked: the times are guarded by the lock.
        private let lock = NSLock()
        private var times: [Nanoseconds] = []
        var all: [Nanoseconds] { lock.withLock { times } }

        func add(_ time: Nanoseconds) { lock.withLock { times.append(time) } }
    }
}
