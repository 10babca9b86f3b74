/// Reads the `data` of server-sent events (WHATWG HTML, section 9.2) from bytes as they come.
package struct ServerSentEvents {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private let eventBytesMax: Int
    /// How a line of data begins. Kept, because lines are read while arrivals are being timed.
    private static let field = Array("data:".utf8)

    /// - Parameter eventBytesMax: a longer line, or longer data of one event, is refused.
    package init(eventBytesMax: Int = 4 << 20) { self.eventBytesMax = eventBytesMax }

    /// Takes bytes of the stream and hands on each event's data.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, event: ([UInt8]) -> Void
    ) throws(HTTPMalformed) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            try append(rest[rest.startIndex..<end])
            rest = rest[(end + 1)...]
            take(event)
        }
        try append(rest)
    }

    private mutating func append(_ part: Slice<UnsafeRawBufferPointer>) throws(HTTPMalformed) {
        guard line.count + part.count + data.count <= eventBytesMax else {
            throw HTTPMalformed(
                found: "an event of more than \(eventBytesMax) bytes in a stream", expected: "at most so many"
            )
        }
        line += part
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
        guard line.starts(with: Self.field) else { return }
        var value = line[Self.field.count...]
        if value.first == 0x20 { value.removeFirst() }
        if hasData { data.append(0x0A) }
        data += value
        hasData = true
    }
}
