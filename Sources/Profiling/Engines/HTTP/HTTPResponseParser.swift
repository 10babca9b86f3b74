/// Reads one HTTP/1.1 response (RFC 9112) from bytes as they come, without doing any input itself.
package struct HTTPResponseParser {
    /// Why bytes are no response.
    package struct Malformed: Error, Equatable {
        package let found: String
        package let expected: String
    }

    /// The status line and the headers.
    package struct Head: Equatable {
        package var status: Int
        /// Names in lower case; of repeated headers the last.
        package var headers: [String: String]
        /// Whether the connection may serve another request.
        package var keepsAlive: Bool
    }

    private enum State {
        case head
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailers
        case counted(left: Int)
        case untilClosed
        case done
    }

    package private(set) var head: Head?
    private var state = State.head
    private var line: [UInt8] = []
    private var lines: [String] = []
    private static let headBytesMax = 64 << 10
    private var headBytes = 0

    package init() {}

    /// Whether the response is complete.
    package var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Takes bytes of the response and hands on those of its body; bytes after its end are refused.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, body: (Head, UnsafeRawBufferPointer) -> Void
    ) throws(Malformed) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .head, .chunkSize, .chunkEnd, .trailers:
                guard let end = rest.firstIndex(of: 0x0A) else {
                    line += rest
                    try countHead(rest.count)
                    return
                }
                line += rest[rest.startIndex..<end]
                try countHead(end - rest.startIndex)
                rest = rest[(end + 1)...]
                if line.last == 0x0D { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                line = []
                try take(text)
            case .chunk(let left), .counted(let left):
                let count = min(left, rest.count)
                if let head { body(head, UnsafeRawBufferPointer(rebasing: rest.prefix(count))) }
                rest = rest.dropFirst(count)
                if case .chunk = state {
                    state = count == left ? .chunkEnd : .chunk(left: left - count)
                } else {
                    state = count == left ? .done : .counted(left: left - count)
                }
            case .untilClosed:
                if let head { body(head, UnsafeRawBufferPointer(rebasing: rest)) }
                return
            case .done:
                throw Malformed(found: "\(rest.count) bytes after a response", expected: "none")
            }
        }
    }

    /// The server has closed its side: the end of a body without a length, and an error everywhere else.
    package mutating func close() throws(Malformed) {
        switch state {
        case .untilClosed, .done: state = .done
        case .head where head == nil && lines.isEmpty && line.isEmpty:
            throw Malformed(found: "a connection closed without a response", expected: "a response")
        default: throw Malformed(found: "a connection closed within a response", expected: "all of it")
        }
    }

    private mutating func countHead(_ count: Int) throws(Malformed) {
        headBytes += count
        guard headBytes <= Self.headBytesMax else {
            throw Malformed(found: "more than \(Self.headBytesMax) bytes of headers", expected: "fewer")
        }
    }

    private mutating func take(_ text: String) throws(Malformed) {
        switch state {
        case .chunkSize:
            headBytes = 0
            let digits = text.split(separator: ";", maxSplits: 1).first.map(String.init) ?? ""
            guard let size = Int(digits.filter { !$0.isWhitespace }, radix: 16), size >= 0 else {
                throw Malformed(found: "the chunk size '\(text.prefix(40))'", expected: "hexadecimal digits")
            }
            state = size == 0 ? .trailers : .chunk(left: size)
        case .chunkEnd:
            guard text.isEmpty else {
                throw Malformed(found: "'\(text.prefix(40))' after a chunk", expected: "an empty line")
            }
            state = .chunkSize
        case .trailers: if text.isEmpty { state = .done }
        default:
            if !text.isEmpty {
                lines.append(text)
            } else if !lines.isEmpty {
                try finishHead()
            }
        }
    }

    private mutating func finishHead() throws(Malformed) {
        let parts = lines[0].split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
            throw Malformed(found: "'\(lines[0].prefix(60))'", expected: "a status line of HTTP/1.1")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else {
                throw Malformed(found: "the header '\(line.prefix(60))'", expected: "a name and a colon")
            }
            headers[line[..<colon].lowercased()] = Self.trimmed(line[line.index(after: colon)...])
        }
        lines = []
        headBytes = 0
        // An interim answer such as 100 Continue comes before the real one.
        if (100..<200).contains(status) { return }
        let connection = headers["connection"]?.lowercased() ?? ""
        head = Head(
            status: status, headers: headers,
            keepsAlive: parts[0] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive")
        if headers["transfer-encoding"]?.lowercased().hasSuffix("chunked") == true {
            state = .chunkSize
        } else if status == 204 || status == 304 {
            state = .done
        } else if let length = headers["content-length"] {
            guard let count = Int(length), count >= 0 else {
                throw Malformed(found: "content-length '\(length)'", expected: "a number of bytes")
            }
            state = count == 0 ? .done : .counted(left: count)
        } else {
            head?.keepsAlive = false
            state = .untilClosed
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

/// Reads the `data` of server-sent events (WHATWG HTML, section 9.2) from bytes as they come.
package struct ServerSentEvents {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false

    package init() {}

    /// Takes bytes of the stream and hands on each event's data.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer, event: ([UInt8]) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            line += rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            take(event)
        }
        line += rest
    }

    private mutating func take(_ event: ([UInt8]) -> Void) {
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == 0x0D { line.removeLast() }
        if line.isEmpty {
            if hasData { event(data) }
            data.removeAll(keepingCapacity: true)
            hasData = false
            return
        }
        let prefix = Array("data:".utf8)
        guard line.starts(with: prefix) else { return }
        var value = line[prefix.count...]
        if value.first == 0x20 { value.removeFirst() }
        if hasData { data.append(0x0A) }
        data += value
        hasData = true
    }
}
