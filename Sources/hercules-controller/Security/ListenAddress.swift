import Vocabulary

/// Where the interface listens, and what must be there for it to do so.
struct ListenAddress: Hashable, Sendable {
    /// The port that is taken where none is named.
    static let standardPort = 8640

    var host: String
    var port: Int
    /// Further names by which clients ask for this server, for example `controller.example.org`.
    var names: [String]
    /// PEM files; nil for none.
    var certificate: String?
    var key: String?
    var tokens: String?

    init(
        host: String = "127.0.0.1", port: Int = standardPort, names: [String] = [],
        certificate: String? = nil, key: String? = nil, tokens: String? = nil
    ) {
        self.host = host
        self.port = port
        self.names = names
        self.certificate = certificate
        self.key = key
        self.tokens = tokens
    }

    /// Reads `HOST:PORT`, `HOST`, `:PORT` or `[ADDRESS]:PORT`; nil for anything else.
    init?(text: String) {
        var (host, port) = (text, Self.standardPort)
        if let colon = text.lastIndex(of: ":"), text.hasPrefix("[") ? text[..<colon].hasSuffix("]") : true {
            // An address of version 6 has more than one colon and stands in brackets.
            guard text.hasPrefix("[") || text.firstIndex(of: ":") == colon else { return nil }
            guard let number = Int(text[text.index(after: colon)...]), (0...65_535).contains(number) else {
                return nil
            }
            (host, port) = (String(text[..<colon]), number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.contains(where: { $0 == "/" || $0 == "[" || $0.isWhitespace }) else { return nil }
        self.init(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// Whether only this machine reaches it. A name other than `localhost` may mean any address.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    var hasTLS: Bool { certificate != nil && key != nil }

    /// Refuses what would let others in.
    func check() throws(ListenRefusal) {
        guard (certificate == nil) == (key == nil) else { throw .halfCertificate }
        guard isLoopback || hasTLS else { throw .needsTLS(host) }
        guard isLoopback || tokens != nil else { throw .needsTokens(host) }
    }

    /// The hosts that a request may name, in lower case; nil for any.
    ///
    /// Where everything needs a token, a page whose name was made to point here has none to send: names need
    /// only be listed by those who want to. On loopback anybody may read, and names are all there is.
    var acceptedHosts: Set<String>? {
        if !isLoopback, names.isEmpty { return nil }
        var hosts = Set(names.map { $0.lowercased() })
        hosts.insert(host.lowercased())
        if isLoopback { hosts.formUnion(["localhost", "127.0.0.1", "::1"]) }
        return hosts
    }

    /// For people.
    var url: String {
        (hasTLS ? "https://" : "http://") + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
}

/// Why the interface does not listen.
enum ListenRefusal: UsageFault, Hashable {
    case needsTLS(String)
    case needsTokens(String)
    case halfCertificate

    var isUsage: Bool { true }

    var description: String {
        switch self {
        case .needsTLS(let host):
            "listen: found \(host), which others reach, without a certificate and its key; expected both"
        case .needsTokens(let host):
            "listen: found \(host), which others reach, without a file of tokens; expected one"
        case .halfCertificate: "listen: found one of certificate and key, expected both or neither"
        }
    }
}
