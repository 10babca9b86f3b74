import Foundation
import Quantities

/// Why an answer is none, or is refused.
package struct HTTPMalformed: Error, Equatable {
    package let found: String
    package let expected: String
}

/// What arrives of one answer: held to its limits, and handed on as it comes.
///
/// libcurl reads the protocol. What it lets pass, and a measurement should not, is refused here.
package final class HTTPAnswer {
    /// How much a server may send.
    package struct Limits: Sendable {
        /// Status lines and header fields of all answers to one request, and trailers.
        package var headBytes = 64 << 10
        package var bodyBytes = 64 << 20
        /// Answers before the real one, such as 100 Continue.
        package var interimAnswers = 16

        package init() {}
    }

    /// Takes a part of the body, with the answer's status and when the part came by the monotonic clock.
    package typealias Sink = (
        _ status: Int, _ bytes: UnsafeRawBufferPointer, _ arrival: Nanoseconds
    ) throws(HTTPMalformed) -> Void

    /// Of the answer; 0 before its status line.
    package private(set) var status = 0
    /// Whether the status line and all header fields are there.
    package private(set) var isHeadComplete = false
    /// When the first byte came, by the monotonic clock; nil while there is none.
    package private(set) var firstByte: Nanoseconds?
    package private(set) var bodyBytes = 0
    /// Why the answer was refused.
    package private(set) var refusal: HTTPMalformed?
    private let limits: Limits
    private var fields: [UInt8] = []
    private var headBytes = 0
    private var interimAnswers = 0
    private var sink: Sink?

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Forgets the last answer and hands the next one's body to another sink.
    package func begin(_ sink: @escaping Sink) {
        status = 0
        isHeadComplete = false
        firstByte = nil
        bodyBytes = 0
        refusal = nil
        fields.removeAll(keepingCapacity: true)
        headBytes = 0
        interimAnswers = 0
        self.sink = sink
    }

    /// Lets go of the sink.
    package func end() { sink = nil }

    /// The header fields: names in lower case; of repeated ones the last.
    package var headers: [String: String] {
        var headers: [String: String] = [:]
        for line in fields.split(separator: 0x0A) {
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":") else { continue }
            headers[text[..<colon].lowercased()] = text[text.index(after: colon)...]
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return headers
    }

    /// Takes a line of the head, with its end, or of the trailers.
    /// - Returns: whether the transfer may go on.
    package func takeLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if firstByte == nil { firstByte = SystemClock.now() }
        return allow { () throws(HTTPMalformed) in
            headBytes += bytes.count
            guard headBytes <= limits.headBytes else {
                throw HTTPMalformed(
                    found: "more than \(limits.headBytes) bytes of headers", expected: "fewer")
            }
            // What comes after the head are trailers.
            guard !isHeadComplete else { return }
            let line = Self.withoutEnd(bytes)
            if status == 0 {
                status = try Self.status(line)
            } else if line.isEmpty {
                try finishHead()
            } else {
                fields += line
                fields.append(0x0A)
            }
        }
    }

    /// Takes a part of the body.
    /// - Returns: whether the transfer may go on.
    package func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let now = SystemClock.now()
        if firstByte == nil { firstByte = now }
        return allow { () throws(HTTPMalformed) in
            guard isHeadComplete else { throw Self.noStatusLine(bytes) }
            bodyBytes += bytes.count
            guard bodyBytes <= limits.bodyBytes else {
                throw HTTPMalformed(
                    found: "a body of more than \(limits.bodyBytes) bytes", expected: "at most so many")
            }
            try sink?(status, bytes, now)
        }
    }

    private func allow(_ step: () throws(HTTPMalformed) -> Void) -> Bool {
        do {
            try step()
            return true
        } catch {
            refusal = error
            return false
        }
    }

    private func finishHead() throws(HTTPMalformed) {
        guard (100..<200).contains(status) else {
            isHeadComplete = true
            return
        }
        interimAnswers += 1
        guard interimAnswers <= limits.interimAnswers else {
            throw HTTPMalformed(
                found: "more than \(limits.interimAnswers) interim answers", expected: "the answer")
        }
        status = 0
        fields.removeAll(keepingCapacity: true)
    }

    // MARK: Lines

    private static func status(_ line: UnsafeRawBufferPointer) throws(HTTPMalformed) -> Int {
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), parts[1].count == 3, let status = Int(parts[1]),
            status >= 100
        else { throw noStatusLine(line) }
        return status
    }

    private static func noStatusLine(_ bytes: UnsafeRawBufferPointer) -> HTTPMalformed {
        // The first line alone, whatever bytes come.
        let text = String(decoding: bytes.prefix(60).prefix { $0 >= 0x20 }, as: UTF8.self)
        return HTTPMalformed(found: "'\(text)'", expected: "a status line of HTTP/1.1")
    }

    private static func withoutEnd(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var count = bytes.count
        if count > 0, bytes[count - 1] == 0x0A { count -= 1 }
        if count > 0, bytes[count - 1] == 0x0D { count -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
}
