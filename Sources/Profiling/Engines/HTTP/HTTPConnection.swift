import Foundation
import Quantities
import Vocabulary

#if canImport(Glibc)
    import Glibc
    private let streamSocket = CInt(SOCK_STREAM.rawValue)
    private let noSignal = CInt(MSG_NOSIGNAL)
#else
    import Darwin
    private let streamSocket = SOCK_STREAM
    private let noSignal = CInt(0)
#endif

/// A connection to one server that carries one request at a time and is kept open between them.
///
/// Plain sockets of the system, used by one thread: what a client library adds per request (threads to hop
/// between, tasks, buffers) would be part of every latency measured, and linking one adds to the start of the
/// command.
final class HTTPConnection {
    /// A response as a whole.
    struct Response {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let address: HTTPAddress
    private let timeout: Nanoseconds
    private var descriptor: CInt = -1
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)

    /// - Parameter timeout: without a byte for so long, a request has failed.
    init(_ address: HTTPAddress, timeout: Nanoseconds) {
        self.address = address
        self.timeout = timeout
    }

    deinit {
        disconnect()
        buffer.deallocate()
    }

    /// Sends a request and hands on the body of the answer as it comes.
    /// - Parameters:
    ///   - path: nil for the address's own.
    ///   - body: called with the status and each part of the body.
    /// - Returns: the answer's status and headers.
    func request(
        _ method: String, path: String? = nil, json: [UInt8]? = nil,
        body: (_ status: Int, UnsafeRawBufferPointer) -> Void
    ) throws(ProfilingError) -> (status: Int, headers: [String: String]) {
        var head = "\(method) \(path ?? address.path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        head += "User-Agent: hercules\r\nAccept: application/json, text/event-stream\r\n"
        if let json { head += "Content-Type: application/json\r\nContent-Length: \(json.count)\r\n" }
        let request = Array((head + "\r\n").utf8) + (json ?? [])
        let url = address.at(path ?? address.path).text
        // A server may have closed a connection that was idle; then, and only before its first byte, once
        // more.
        let isReused = descriptor >= 0
        do {
            return try exchange(request, url, body)
        } catch {
            disconnect()
            guard isReused, error.isBeforeAnswer else { throw error.cause }
        }
        do {
            return try exchange(request, url, body)
        } catch {
            disconnect()
            throw error.cause
        }
    }

    /// Sends a request and collects the answer.
    func request(
        _ method: String, path: String? = nil, json: [UInt8]? = nil
    ) throws(ProfilingError) -> Response {
        var collected: [UInt8] = []
        let head = try request(method, path: path, json: json) { collected += $1 }
        return Response(status: head.status, headers: head.headers, body: collected)
    }

    private struct Failure: Error {
        let cause: ProfilingError
        let isBeforeAnswer: Bool
    }

    private func exchange(
        _ request: [UInt8], _ url: String, _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) throws(Failure) -> (status: Int, headers: [String: String]) {
        func failed(_ reason: String, isBeforeAnswer: Bool) -> Failure {
            Failure(cause: .requestFailed(url: url, reason: reason), isBeforeAnswer: isBeforeAnswer)
        }
        if descriptor < 0 {
            do throws(ProfilingError) { try open(url) } catch {
                throw Failure(cause: error, isBeforeAnswer: true)
            }
        }
        var sent = 0
        while sent < request.count {
            // MSG_NOSIGNAL: a server that is gone is an error here and no signal to the process.
            let count = request.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, noSignal)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failed(Self.reason("sending"), isBeforeAnswer: true) }
            sent += count
        }
        var parser = HTTPResponseParser()
        var received = 0
        while !parser.isDone {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failed(Self.reason("waiting"), isBeforeAnswer: received == 0) }
            do throws(HTTPResponseParser.Malformed) {
                if count == 0 {
                    try parser.close()
                } else {
                    received += count
                    try parser.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
                        body($0.status, $1)
                    }
                }
            } catch {
                throw failed(
                    "found \(error.found), expected \(error.expected)", isBeforeAnswer: received == 0)
            }
        }
        guard let head = parser.head else { throw failed("no response", isBeforeAnswer: true) }
        if !head.keepsAlive { disconnect() }
        return (head.status, head.headers)
    }

    private func open(_ url: String) throws(ProfilingError) {
        var hints = addrinfo()
        hints.ai_socktype = streamSocket
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, "\(address.port)", &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard status == 0 else {
            throw .requestFailed(
                url: url, reason: "\(address.host): \(String(cString: gai_strerror(status)))")
        }
        var reason = "no address"
        var next = found
        while let entry = next?.pointee {
            let opened = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
            if opened >= 0 {
                configure(opened)
                if connect(opened, entry.ai_addr, entry.ai_addrlen) == 0 {
                    descriptor = opened
                    return
                }
                reason = Self.reason("connecting")
                close(opened)
            }
            next = entry.ai_next
        }
        throw .requestFailed(url: url, reason: reason)
    }

    private func configure(_ opened: CInt) {
        // Without this, the last part of a request waits for the acknowledgement of the part before.
        _ = fcntl(opened, F_SETFD, FD_CLOEXEC)
        var yes: CInt = 1
        setsockopt(opened, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        var time = timeval(
            tv_sec: Int(timeout.count / 1_000_000_000), tv_usec: Int(timeout.count % 1_000_000_000 / 1000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(opened, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private static func reason(_ doing: String) -> String {
        errno == EAGAIN || errno == EINPROGRESS
            ? "no answer in time while \(doing)" : "\(String(cString: strerror(errno))) while \(doing)"
    }
}
