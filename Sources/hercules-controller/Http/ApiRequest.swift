/// One request, read in full and within bounds, apart from the server that took it.
struct ApiRequest: Sendable {
    /// Bounds on what anybody may send.
    enum Limit {
        static let targetBytes = 2_048
        static let bodyBytes = 64 << 10
        static let pushBytes = 4 << 20
    }

    let method: String
    /// The parts of the path between slashes, decoded.
    let path: [String]
    /// The parameters behind the question mark, in their order.
    let query: [(name: String, value: String)]
    /// By name in lower case.
    let headers: [String: [String]]
    let body: [UInt8]
    /// Of the peer, without its port.
    let address: String

    /// Takes the target of a request apart.
    /// - Parameter target: path and query as they came over the wire.
    /// - Throws: a problem for what is no target.
    init(
        method: String, target: String, headers: [String: [String]], body: [UInt8], address: String
    ) throws(ApiProblem) {
        guard target.utf8.count <= Limit.targetBytes else {
            throw ApiProblem(.tooLong, "the path has more than \(Limit.targetBytes) bytes")
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/") else {
            throw ApiProblem(.badRequest, "the path does not begin with a slash")
        }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = Self.decoded(part, plusIsSpace: false), Self.isPlain(text) else {
                throw ApiProblem(.badRequest, "the path holds what is no text, a slash or a dot segment")
            }
            segments.append(text)
        }
        if segments == [""] { segments = [] }
        var query: [(name: String, value: String)] = []
        if parts.count > 1 {
            for pair in parts[1].split(separator: "&") {
                let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = Self.decoded(words[0], plusIsSpace: true),
                    let value = Self.decoded(words.count > 1 ? words[1] : "", plusIsSpace: true)
                else { throw ApiProblem(.badRequest, "the query holds what is no text") }
                query.append((name, value))
            }
        }
        self.method = method
        self.path = segments
        self.query = query
        self.headers = headers
        self.body = body
        self.address = address
    }

    /// A segment may not name another place, whatever the encoding it came in.
    private static func isPlain(_ segment: String) -> Bool {
        segment != "." && segment != ".." && !segment.utf8.contains { $0 == 0x2F || $0 == 0x5C || $0 < 0x20 }
    }

    /// Resolves percent signs; nil where they are not followed by two digits or the bytes are no text.
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x2B, plusIsSpace {
                bytes.append(0x20)
            } else if byte == 0x25 {
                guard rest.count >= 2,
                    let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                    !rest.prefix(2).contains(0x2B), !rest.prefix(2).contains(0x2D)
                else { return nil }
                rest = rest.dropFirst(2)
                bytes.append(code)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The value of a header that may be given once; nil where it is missing or given twice.
    func header(_ name: String) -> String? {
        guard let values = headers[name], values.count == 1 else { return nil }
        return values[0]
    }

    /// The value of a cookie.
    func cookie(_ name: String) -> String? {
        for header in headers["cookie"] ?? [] {
            for pair in header.split(separator: ";") {
                let words = pair.split(separator: "=", maxSplits: 1)
                guard words.count == 2, words[0].drop(while: { $0 == " " }) == name else { continue }
                return String(words[1])
            }
        }
        return nil
    }

    /// Whether it may change something.
    var isWrite: Bool { method != "GET" && method != "HEAD" && method != "OPTIONS" }
}
