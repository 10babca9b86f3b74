import Controlling
import Foundation
import Quantities
import Vocabulary

/// The file that says who may do what: one line for each token, `name role sha256:<64 digits> [expires]`.
struct TokenFile: Sendable {
    /// One line.
    struct Entry: Hashable, Sendable {
        let name: String
        let role: Role
        let digest: TokenDigest
        /// The token is worth nothing from here on; nil for never.
        let expires: WallTime?

        /// As it stands in the file.
        var line: String {
            "\(name) \(role.rawValue) sha256:\(digest.hexadecimal)"
                + (expires.map { " \($0)" } ?? "")
        }
    }

    static let bytesMax = 1 << 20
    static let entriesMax = 1_000

    let entries: [Entry]

    /// Reads the text of a file.
    /// - Throws: the first line that is none.
    init(text: String, path: String) throws(TokenFileError) {
        var entries: [Entry] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let entry = try Self.entry(words, place: "\(path):\(index + 1)")
            guard !entries.contains(where: { $0.name == entry.name }) else {
                throw .line(
                    "\(path):\(index + 1)", found: "a second \(entry.name)", expected: "one of a name")
            }
            entries.append(entry)
            guard entries.count <= Self.entriesMax else {
                throw .line(path, found: "more than \(Self.entriesMax) tokens", expected: "fewer")
            }
        }
        self.entries = entries
    }

    /// The digest of a line is never repeated in an error: it may be a token written by mistake.
    private static func entry(_ words: [Substring], place: String) throws(TokenFileError) -> Entry {
        guard (3...4).contains(words.count) else {
            throw .line(
                place, found: "\(words.count) words", expected: "name role sha256:<64 digits> [expires]")
        }
        let name = String(words[0])
        guard isName(name) else {
            throw .line(
                place, found: "a name with other characters",
                expected: "letters, digits, dots, dashes and underscores, at most 64")
        }
        guard let role = Role(rawValue: String(words[1])) else {
            throw .line(place, found: "role \(words[1].prefix(32))", expected: Role.names)
        }
        guard words[2].hasPrefix("sha256:"), let digest = TokenDigest(hexadecimal: words[2].dropFirst(7))
        else {
            throw .line(place, found: "no digest", expected: "sha256: and 64 hexadecimal digits")
        }
        guard words.count == 4 else { return Entry(name: name, role: role, digest: digest, expires: nil) }
        let text = words[3].count == 10 ? "\(words[3])T00:00:00Z" : String(words[3])
        guard let expires = CalendarTime.unixNanoseconds(of: text) else {
            throw .line(place, found: "expires \(words[3].prefix(40))", expected: "a date like 2027-01-31")
        }
        return Entry(
            name: name, role: role, digest: digest,
            expires: WallTime(unixMilliseconds: expires / 1_000_000))
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
            }
    }

    /// The entry of a token that is still worth something. Looks at every entry, so that the time tells
    /// nothing of which one it is.
    func entry(of token: String, at now: WallTime) -> Entry? {
        let digest = TokenDigest(of: token)
        var found: Entry?
        for entry in entries where entry.digest.equalsInConstantTime(digest) { found = entry }
        guard let found, found.expires.map({ now < $0 }) ?? true else { return nil }
        return found
    }
}

/// What is wrong with a file of tokens.
enum TokenFileError: UsageFault, Hashable {
    case unreadable(String, reason: String)
    /// Others than its owner can read or write it.
    case mode(String, found: String)
    case line(String, found: String, expected: String)

    var isUsage: Bool { true }

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .mode(let path, let found):
            "\(path): found mode \(found), expected 0600: others could read or change the tokens"
        case .line(let place, let found, let expected): "\(place): found \(found), expected \(expected)"
        }
    }
}
