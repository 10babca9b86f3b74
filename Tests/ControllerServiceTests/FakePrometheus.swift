import Foundation
import Synchronization
import TestServers

@testable import hercules_controller

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A server on loopback that answers each connection with bytes of the test's choosing, and misbehaves where
/// that is asked for. Every loop in it is bounded.
final class FakePrometheus: Sendable {
    /// How a connection is answered.
    enum Conduct: Sendable {
        /// These bytes, then the end.
        case bytes(String)
        /// A head, then pieces of a body until the client has had enough, or `pieces` of them.
        case flood(head: String, piece: String, pieces: Int)
        /// One byte of a body each time, with a pause in between.
        case trickle(head: String, millisecondsBetween: Int, bytes: Int)
        /// Nothing at all, for a while.
        case silence(milliseconds: Int)
    }

    let url: String
    private let listener: LoopbackListener
    private let requests = Mutex<[String]>([])

    /// What clients have sent, one text a connection.
    var received: [String] { requests.withLock { $0 } }

    /// - Parameter conducts: for one connection after the other; the last one goes on.
    init(_ conducts: [Conduct]) throws {
        listener = try LoopbackListener()
        url = "http://127.0.0.1:\(listener.port)"
        let rest = Mutexed(conducts)
        listener.accept { [self] connection in
            let conduct = rest.next()
            Thread.detachNewThread { self.serve(connection, conduct) }
            return true
        }
    }

    func close() { listener.close() }

    private func serve(_ connection: CInt, _ conduct: Conduct) {
        defer { _ = shutdown(connection, CInt(SHUT_RDWR)); Self.closeDescriptor(connection) }
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4_096))
        while bytes.count < 1 << 16, !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        requests.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        switch conduct {
        case .bytes(let text): _ = Self.write(connection, text)
        case .flood(let head, let piece, let pieces):
            guard Self.write(connection, head) else { return }
            for _ in 0..<pieces where !Self.write(connection, piece) { return }
        case .trickle(let head, let milliseconds, let bytes):
            guard Self.write(connection, head) else { return }
            for _ in 0..<bytes {
                guard Self.write(connection, " ") else { return }
                usleep(UInt32(milliseconds) * 1_000)
            }
        case .silence(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
        }
    }

    private static func write(_ connection: CInt, _ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(connection, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func closeDescriptor(_ descriptor: CInt) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    /// An answer with a body of JSON.
    static func json(_ body: String, status: String = "200 OK", headers: String = "") -> Conduct {
        .bytes(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nConnection: close\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static let matrix =
        #"{"status":"success","data":{"resultType":"matrix","#
        + #""result":[{"metric":{"__name__":"r"},"values":[[1,"1"]]}]}}"#
}

/// A list from which each taker gets the next, and the last for ever.
private final class Mutexed: Sendable {
    private let rest: Mutex<[FakePrometheus.Conduct]>

    init(_ conducts: [FakePrometheus.Conduct]) { rest = Mutex(conducts) }

    func next() -> FakePrometheus.Conduct {
        rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
}
