import Foundation

/// An `http://host:port/path` or `https://host:port/path` address.
package struct HTTPAddress: Hashable, Sendable {
    /// Whether the connection is encrypted.
    package let isSecure: Bool
    package let host: String
    package let port: UInt16
    /// From the first slash on, never empty.
    package let path: String

    /// nil where the text is no such address. A user and a password in it are refused: an address is stored
    /// with what was measured there.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        isSecure = scheme == "https"
        let port = parts.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { return nil }
        // Brackets around an IPv6 address belong to the URL and not to the name.
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.port = UInt16(port)
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    }

    private init(isSecure: Bool, host: String, port: UInt16, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// The same server at another path.
    func at(_ path: String) -> HTTPAddress {
        HTTPAddress(isSecure: isSecure, host: host, port: port, path: path)
    }

    /// What the `Host` header says.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}
