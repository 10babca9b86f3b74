import Foundation
import TestServers

/// A real HTTP server on a port of this machine, of a few lines: one thread a connection, requests kept
/// alive.
///
/// What it answers is written to the socket as it stands, in the pieces that the test gives, so that a test
/// decides where the bytes of a response are cut.
final class SmallServer: @unchecked Sendable {
    // Unchecked: the requests are guarded by the lock.

    struct Request {
        let line: String
        /// As they stand, without the first line.
        let headers: [String]
        let body: String
    }

    /// The pieces of a response; an empty piece closes the connection.
    typealias Answer = @Sendable (Request) -> [String]
    /// Writes a response to a connection; false closes it.
    typealias Writer = @Sendable (Request, Connection) -> Bool

    /// What a writer writes to.
    struct Connection {
        fileprivate let descriptor: CInt

        /// - Returns: whether the client still takes it.
        func send(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }
    }

    private let listener: LoopbackListener
    private let writer: Writer
    private let readsBodies: Bool
    private let lock = NSLock()
    private var seen: [Request] = []
    private var accepted = 0

    var requests: [Request] { lock.withLock { seen } }
    /// How many connections were made.
    var connections: Int { lock.withLock { accepted } }
    var port: UInt16 { listener.port }
    var url: String { "http://127.0.0.1:\(port)" }

    convenience init(_ answer: @escaping Answer) throws {
        try self.init(writing: { request, connection in
            for piece in answer(request) {
                guard !piece.isEmpty, connection.send(piece) else { return false }
                // So that pieces do not melt into one on the way.
                usleep(500)
            }
            return true
        })
    }

    /// - Parameter readsBodies: whether a request is answered when its body is there, or when its head is.
    init(readsBodies: Bool = true, writing writer: @escaping Writer) throws {
        self.writer = writer
        self.readsBodies = readsBodies
        listener = try LoopbackListener()
        listener.accept { [weak self] connection in
            guard let self else { return false }
            lock.withLock { accepted += 1 }
            Thread.detachNewThread { self.serve(connection) }
            return true
        }
    }

    /// A server that nobody needs any more takes no further connection.
    func close() { listener.close() }

    private func serve(_ connection: CInt) {
        defer { Glibc.close(connection) }
        var buffer: [UInt8] = []
        while let request = read(connection, &buffer) {
            lock.withLock { seen.append(request) }
            guard writer(request, Connection(descriptor: connection)) else { return }
        }
    }

    private func read(_ connection: CInt, _ buffer: inout [UInt8]) -> Request? {
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            // The greeting of a client that wants encryption is no request, and is answered like a bad one.
            if buffer.first == 0x16 {
                buffer = []
                return Request(line: "TLS", headers: [], body: "")
            }
            if let head = String(decoding: buffer, as: UTF8.self).range(of: "\r\n\r\n") {
                let text = String(decoding: buffer, as: UTF8.self)
                let lines = text[..<head.lowerBound].components(separatedBy: "\r\n")
                let length =
                    !readsBodies
                    ? 0
                    : lines.first { $0.lowercased().hasPrefix("content-length:") }
                        .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                let headBytes = text[..<head.upperBound].utf8.count
                if buffer.count >= headBytes + length {
                    let body = String(decoding: buffer[headBytes..<(headBytes + length)], as: UTF8.self)
                    buffer.removeFirst(headBytes + length)
                    return Request(line: lines[0], headers: Array(lines.dropFirst()), body: body)
                }
            }
            let count = recv(connection, &part, part.count, 0)
            guard count > 0 else { return nil }
            buffer += part[..<count]
        }
    }

    /// A JSON answer as one piece.
    static func json(_ text: String, status: String = "200 OK", server: String = "small") -> [String] {
        [
            "HTTP/1.1 \(status)\r\nServer: \(server)\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
        ]
    }

    /// Server-sent events in chunks, one piece each.
    static func stream(_ events: [String]) -> [String] {
        func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }
        return ["HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"]
            + events.map { chunk("data: \($0)\n\n") } + ["0\r\n\r\n"]
    }
}
