import Files
import Foundation
import Vocabulary

/// Whom a client trusts and what it sends along with every request.
package struct HTTPAccess: Sendable {
    /// In PEM form; nil for the system's authorities.
    let caFile: String?
    private let headers: [String]
    private let token: BearerToken?

    /// The system's authorities, no header and no token.
    package init() {
        caFile = nil
        headers = []
        token = nil
    }

    /// Reads the token, and looks whether there is a CA file.
    /// - Throws: `badSetting` with the key, and never with the token or the value of a header.
    package init(engine: String, settings: EngineSettings) throws(ProfilingError) {
        if let path = settings.caFile,
            (try? FileContents.requireReadable(path, expected: "a file of authorities")) == nil
        {
            throw .badSetting(
                engine: engine, key: "ca_file", found: "no readable file '\(path)'",
                expected: "a file of certificate authorities in PEM form")
        }
        for header in settings.headers ?? [] {
            guard let expected = RequestHeaderRule.expectation(for: header) else { continue }
            throw .badSetting(
                engine: engine, key: "headers", found: RequestHeaderRule.shown(header),
                expected: expected)
        }
        caFile = settings.caFile
        headers = settings.headers ?? []
        token = try settings.token.map { source throws(ProfilingError) in
            try BearerToken(source, engine: engine)
        }
    }

    /// The header fields of a request, in the form that libcurl takes.
    func fields(hasBody: Bool) -> [String] {
        // Without the empty one the library would ask before it sends a long body, and wait for an answer.
        var fields = ["Accept: application/json, text/event-stream", "Expect:"]
        if hasBody { fields.append("Content-Type: application/json") }
        let chosen = Set(headers.map { RequestHeaderRule.name(of: $0).lowercased() })
        fields.removeAll { chosen.contains(RequestHeaderRule.name(of: $0).lowercased()) }
        return fields + headers + (token.map { ["Authorization: Bearer \($0.secret)"] } ?? [])
    }

    /// A server's words without the token, which some servers repeat when they refuse it.
    func withoutToken(_ words: String) -> String {
        guard let token else { return words }
        return words.replacingOccurrences(of: token.secret, with: "(token)")
    }
}

/// A secret that a server asks for. It goes into requests and into no text for people.
struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    fileprivate let secret: String
    private static let bytesMax = 64 << 10

    var description: String { "(token)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    init(_ source: TokenSource, engine: String) throws(ProfilingError) {
        let (key, place, text): (String, String, String?)
        switch source {
        case .file(let path):
            (key, place) = ("token_file", "the file '\(path)'")
            text = Self.text(ofFile: path)
        case .environment(let variable):
            (key, place) = ("token_environment", "the environment variable '\(variable)'")
            text = ProcessInfo.processInfo.environment[variable]
        }
        guard let text else {
            throw .badSetting(
                engine: engine, key: key, found: "nothing to read in \(place)", expected: "a bearer token")
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw .badSetting(
                engine: engine, key: key,
                found: secret.isEmpty ? "nothing in \(place)" : "other characters in \(place)",
                expected: "a bearer token of visible ASCII characters and nothing else")
        }
        self.secret = secret
    }

    private static func text(ofFile path: String) -> String? {
        let bytes = try? FileContents.bytes(of: path, expected: "a bearer token", max: bytesMax)
        return bytes.flatMap { String(validating: $0, as: UTF8.self) }
    }
}
