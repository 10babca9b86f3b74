import Foundation
import Profiling
import Testing

@Suite("HTTP")
struct HTTPParserTests {
    /// What a parser makes of a response that comes in parts of so many bytes.
    private func parse(
        _ text: String, by size: Int, isClosed: Bool = false
    ) throws -> (head: HTTPResponseParser.Head?, body: String, isDone: Bool) {
        var parser = HTTPResponseParser()
        var body: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes {
                try parser.consume($0) { body += $1 }
            }
        }
        if isClosed { try parser.close() }
        return (parser.head, String(decoding: body, as: UTF8.self), parser.isDone)
    }

    @Test("Wherever a response is cut, it reads the same", arguments: [1, 2, 3, 7, 1000])
    func cuts(size: Int) throws {
        let counted = try parse(
            "HTTP/1.1 200 OK\r\nServer:  Small 1.0 \r\nContent-Length: 5\r\n\r\nhello", by: size)
        #expect(counted.head?.status == 200 && counted.head?.headers["server"] == "Small 1.0")
        #expect(counted.body == "hello" && counted.isDone && counted.head?.keepsAlive == true)
        let chunked = try parse(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "5;x=y\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: t\r\n\r\n", by: size)
        #expect(chunked.body == "hello, 10 bytes" && chunked.isDone && chunked.head?.keepsAlive == false)
        let interim = try parse(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", by: size)
        #expect(interim.head?.status == 404 && interim.isDone && interim.body.isEmpty)
        let old = try parse("HTTP/1.0 200 OK\nX: y\n\nto the end", by: size, isClosed: true)
        #expect(old.body == "to the end" && old.isDone && old.head?.keepsAlive == false)
        let none = try parse("HTTP/1.1 204 No Content\r\n\r\n", by: size)
        #expect(none.isDone && none.body.isEmpty)
    }

    @Test(
        "What is no response is refused",
        arguments: [
            "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 70_000),
        ])
    func malformed(text: String) {
        for size in [1, 5, 100_000] {
            #expect(throws: HTTPResponseParser.Malformed.self) { try parse(text, by: size) }
        }
    }

    @Test("A connection that closes early is an error", arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le"])
    func closed(text: String) {
        #expect(throws: HTTPResponseParser.Malformed.self) { try parse(text, by: 3, isClosed: true) }
        let short = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"
        #expect(throws: HTTPResponseParser.Malformed.self) { try parse(short, by: 3, isClosed: true) }
    }

    @Test("Events are their data lines, however they are cut", arguments: [1, 2, 5, 1000])
    func events(size: Int) {
        let bytes = Array(
            "data: one\n\n: comment\ndata:two\r\ndata: more\r\n\r\nid: 3\n\ndata:\n\ndata: cut".utf8)
        var events = ServerSentEvents()
        var seen: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes {
                events.consume($0) { seen.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        #expect(seen == ["one", "two\nmore", ""])
    }

    @Test("Addresses")
    func addresses() {
        let full = HTTPAddress("http://host.example:8080/v1/completions")
        #expect(full?.host == "host.example" && full?.port == 8080 && full?.path == "/v1/completions")
        #expect(HTTPAddress("http://127.0.0.1")?.text == "http://127.0.0.1:80/")
        #expect(HTTPAddress("http://[::1]:99/x")?.host == "::1")
        #expect(HTTPAddress("http://[::1]:99/x")?.authority == "[::1]:99")
        for text in [
            "", "host:80", "https://host", "http://", "ftp://host", "http://user@host/", "http://h/?q",
        ] {
            #expect(HTTPAddress(text) == nil, "\(text)")
        }
    }
}
