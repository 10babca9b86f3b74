import Foundation

/// An `http://host:port/path` address.
package struct HTTPAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// From the first slash on, never empty.
    package let path: String

    /// nil where the text is no such address. There is no `https`: a load generator that measures
    /// milliseconds should stand inside the network of what it measures, and a proxy on this machine can add
    /// the encryption.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), parts.scheme == "http", let host = parts.host,
            !host.isEmpty, parts.user == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        let port = parts.port ?? 80
        guard (1...65_535).contains(port) else { return nil }
        // Brackets around an IPv6 address belong to the URL and not to the name.
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.port = UInt16(port)
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    }

    private init(host: String, port: UInt16, path: String) {
        self.host = host
        self.port = port
        self.path = path
    }

    /// The same server at another path.
    func at(_ path: String) -> HTTPAddress { HTTPAddress(host: host, port: port, path: path) }

    /// What the `Host` header says.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var text: String { "http://\(authority)\(path)" }
}
