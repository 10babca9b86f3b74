import Foundation
import Profiling
import TestServers

#if canImport(Glibc)
    import Glibc
    private let noSignal = CInt(MSG_NOSIGNAL)
#else
    import Darwin
    private let noSignal = CInt(0)
#endif

/// The clock that the client stamps times with, in nanoseconds.
enum MonotonicClock {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps until shortly before an instant, then watches the clock.
    static func wait(until instant: Int64) {
        while true {
            let left = instant - 10_000 - now()
            if left <= 0 { break }
            var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            nanosleep(&time, nil)
        }
        while now() < instant {}
    }
}

/// An HTTP/1.1 server that answers at once, with as little work as there can be.
final class LoopbackServer: Sendable {
    enum Answer: String, CaseIterable {
        /// 200 bytes with their length.
        case plain = "/plain"
        /// Four events, 60 microseconds apart, each with the time it was sent at.
        case streamed = "/streamed"

        var title: String { self == .plain ? "A plain request" : "A streamed request" }
    }

    private let listener: LoopbackListener
    static let plainAnswer = Array(
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n"
            + String(repeating: "x", count: 200)).utf8)
    private static let streamHead = Array(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    static let streamEnd = Array("0\r\n\r\n".utf8)

    init() throws {
        listener = try LoopbackListener()
        listener.accept { connection in
            Thread.detachNewThread { Self.serve(connection) }
            return true
        }
    }

    var port: UInt16 { listener.port }

    func close() { listener.close() }

    /// Sends small parts at once instead of collecting them.
    static func sendAtOnce(_ descriptor: CInt) {
        var yes: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
    }

    /// - Returns: whether all of it was sent.
    @discardableResult static func sendAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        send(descriptor, bytes, bytes.count, noSignal) == bytes.count
    }

    private static func serve(_ connection: CInt) {
        defer { shutdown(connection, CInt(SHUT_RDWR)) }
        sendAtOnce(connection)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var held = 0
        while true {
            let count = buffer.withUnsafeMutableBytes {
                recv(connection, $0.baseAddress.map { $0 + held }, $0.count - held, 0)
            }
            guard count > 0 else { return }
            held += count
            // A request ends with the brace of its JSON.
            guard buffer[held - 1] == 0x7D else { continue }
            held = 0
            // After "POST /".
            if buffer[6] == 0x70 {
                guard sendAll(plainAnswer, to: connection) else { return }
            } else {
                guard stream(to: connection) else { return }
            }
        }
    }

    private static func stream(to connection: CInt) -> Bool {
        guard sendAll(streamHead, to: connection) else { return false }
        let begin = MonotonicClock.now()
        for number in 1...4 {
            while MonotonicClock.now() < begin + Int64(number) * 60_000 {}
            let time = String(MonotonicClock.now())
            let event = "data: \(String(repeating: "0", count: max(0, 20 - time.count)))\(time)\n\n"
            let chunk = "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
            guard sendAll(Array(chunk.utf8), to: connection) else { return false }
        }
        return sendAll(streamEnd, to: connection)
    }

    /// The times that events were sent at, of those that lie in a part of a stream as a whole.
    static func sentTimes(in bytes: UnsafeRawBufferPointer, _ take: (Int64) -> Void) {
        let (mark, digits) = ([UInt8]("data: ".utf8), 20)
        let prefix = mark.count
        var index = 0
        while index + prefix + digits <= bytes.count {
            // The whole mark: the head's "Transfer-Encoding: " ends in much the same bytes.
            guard bytes[index..<(index + prefix)].elementsEqual(mark) else {
                index += 1
                continue
            }
            var time: Int64 = 0
            for place in (index + prefix)..<(index + prefix + digits) {
                time = time * 10 + Int64(bytes[place]) - 0x30
            }
            take(time)
            index += prefix + digits
        }
    }
}

/// A client that keeps one connection and makes one request at a time.
protocol LoopbackClient {
    /// - Parameter event: called with when each event was sent and when it was taken.
    func post(
        _ answer: LoopbackServer.Answer, _ body: [UInt8], event: (_ sent: Int64, _ arrival: Int64) -> Void
    ) throws
}

/// The client that measurements use.
struct LibraryClient: LoopbackClient {
    private let connection: HTTPConnection

    init(_ connection: HTTPConnection) { self.connection = connection }

    func post(
        _ answer: LoopbackServer.Answer, _ body: [UInt8], event: (Int64, Int64) -> Void
    ) throws {
        _ = try connection.post(answer.rawValue, json: body) { _, bytes, arrival in
            LoopbackServer.sentTimes(in: bytes) { event($0, arrival.count) }
        }
    }
}

/// The floor: sends a request and receives until what it knows to be the end.
final class RawSocketClient: LoopbackClient {
    /// The connection ended where an answer was expected.
    struct Closed: Error {}

    private let descriptor: CInt
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 64)

    init(port: UInt16) throws {
        descriptor = LoopbackListener.socket()
        var address = LoopbackListener.address(port: port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Closed() }
        LoopbackServer.sendAtOnce(descriptor)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func post(
        _ answer: LoopbackServer.Answer, _ body: [UInt8], event: (Int64, Int64) -> Void
    ) throws {
        let head =
            "POST \(answer.rawValue) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n\r\n"
        LoopbackServer.sendAll(Array(head.utf8) + body, to: descriptor)
        var received = 0
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            let arrival = MonotonicClock.now()
            guard count > 0 else { throw Closed() }
            received += count
            switch answer {
            case .plain: if received >= LoopbackServer.plainAnswer.count { return }
            case .streamed:
                let part = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                LoopbackServer.sentTimes(in: part) { event($0, arrival) }
                if part.suffix(LoopbackServer.streamEnd.count).elementsEqual(LoopbackServer.streamEnd) {
                    return
                }
            }
        }
    }
}
