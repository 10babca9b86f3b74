import Quantities

/// Which engine measures models, and how it is reached.
public struct EngineSettings: Hashable, Codable, Sendable {
    /// One of the engines that are built in, for example `openvino`.
    public var name: String
    /// The address of an engine that is asked over HTTP.
    public var url: String?
    /// The program, and the arguments before the engine's own, of an engine that is a program.
    public var command: [String]?
    /// Numbers of requests in flight to measure, ascending, for an engine that schedules for itself.
    public var concurrency: [Int]?
    /// How long one request or one run of a program may take beyond what it was asked for.
    public var timeout: Nanoseconds?
    /// Headers that every request over HTTP carries, each a `Name: value` that `RequestHeaderRule` allows.
    /// They may choose what the server runs, so measurements with other headers are kept apart.
    public var headers: [String]?
    /// A file in PEM form with the certificate authorities that may vouch for an `https` server, instead of
    /// the system's own.
    public var caFile: String?
    /// Where the secret that an HTTP server asks for is found.
    public var token: TokenSource?

    public init(
        name: String, url: String? = nil, command: [String]? = nil, concurrency: [Int]? = nil,
        timeout: Nanoseconds? = nil
    ) {
        self.name = name
        self.url = url
        self.command = command
        self.concurrency = concurrency
        self.timeout = timeout
    }

    /// The settings that decide what is measured. Whom the client trusts and how it proves who it is do not:
    /// another path to the same certificate or token must find the same measurements.
    public var deciding: EngineSettings {
        var settings = self
        settings.caFile = nil
        settings.token = nil
        return settings
    }
}

/// Where a secret is found; the secret itself is never part of a setting.
public enum TokenSource: Hashable, Codable, Sendable {
    /// A file that holds nothing else.
    case file(path: String)
    /// An environment variable.
    case environment(variable: String)
}

/// Which headers a person may add to requests.
public enum RequestHeaderRule {
    /// Headers that carry secrets: those of RFC 9110 and what serving systems ask for.
    private static let secret: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "api-key", "x-api-key", "x-auth-token",
        "x-goog-api-key",
    ]
    /// Headers that say where a request ends, which is the client's own matter.
    private static let framing: Set<String> = [
        "connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// The name of a header, as it stands before the colon.
    public static func name(of header: String) -> String {
        String(header.prefix { $0 != ":" })
    }

    /// A header as a message may show it: without its value, which may be a secret.
    public static func shown(_ header: String) -> String {
        header.contains(":") ? "the header '\(name(of: header))'" : "a text without a colon"
    }

    /// What was expected instead of a header; nil where it is allowed.
    public static func expectation(for header: String) -> String? {
        let name = name(of: header)
        let value = header.dropFirst(name.count + 1)
        let isName = !name.isEmpty && name.utf8.allSatisfy(isNameByte)
        let isValue =
            !value.allSatisfy(\.isWhitespace) && value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isName, isValue else { return "'Name: value' in visible ASCII characters" }
        if secret.contains(name.lowercased()) {
            return "a header without a secret; token_file or token_environment name where a bearer token is "
                + "found"
        }
        if framing.contains(name.lowercased()) { return "a header other than those the client sets itself" }
        return nil
    }

    /// A byte of a token of RFC 9110.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
