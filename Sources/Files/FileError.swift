/// Where in a file something was found: `fleets/mixed.yaml:7: servers.cpu-t1`.
public struct Place: Hashable, Sendable, CustomStringConvertible {
    /// The path as it was given or composed.
    public let file: String
    /// Counted from 1; nil where no line is to blame.
    public let line: Int?
    /// The keys that lead there, for example `models[1].table_rows_max`; empty for the file as a whole.
    public let key: String

    /// A place in a file.
    public init(file: String, line: Int?, key: String) {
        self.file = file
        self.line = line
        self.key = key
    }

    /// `file:line: key`, leaving out what is not known.
    public var description: String {
        let position = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? position : "\(position): \(key)"
    }
}

/// Why a file that a person wrote, or a foreign table, cannot be used.
///
/// Every message names the file, the line and the key or column, what was found and what was expected.
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file or folder cannot be read at all.
    case unreadable(file: String, found: String, expected: String)
    /// The file breaks the rules of its format (YAML, CSV, UTF-8).
    case malformed(file: String, line: Int?, found: String, expected: String)
    /// A key that nothing reads.
    case unknownKey(Place, known: [String])
    /// A key that is needed and not there.
    case missingKey(Place)
    /// A key given twice; the place is the second one.
    case duplicateKey(Place, firstLine: Int)
    /// A value of the wrong type or out of its range.
    case invalidValue(Place, found: String, expected: String)
    /// A reference to something that the catalogue does not have.
    case unknownName(Place, kind: String, found: String, known: [String])
    /// A trace as a whole cannot be used: too long a gap, no regular spacing, nothing to scale.
    case unusableTrace(file: String, line: Int?, found: String, expected: String)
    /// Everything that is wrong with parts that do not depend on one another; at least two.
    case several([FileError])
    /// Faults beyond those that are listed.
    case more(count: Int)

    /// The faults one by one.
    package var all: [FileError] {
        if case .several(let errors) = self { errors.flatMap(\.all) } else { [self] }
    }

    /// One thing that is wrong, with where it is as far as that is known.
    package struct Fault: Hashable, Sendable {
        package let place: Place?
        package let message: String
    }

    /// The faults one by one, for programs.
    package var faults: [Fault] { all.map { Fault(place: $0.place, message: $0.description) } }

    private var place: Place? {
        switch self {
        case .more, .several: nil
        case .unreadable(let file, _, _): Place(file: file, line: nil, key: "")
        case .malformed(let file, let line, _, _), .unusableTrace(let file, let line, _, _):
            Place(file: file, line: line, key: "")
        case .unknownKey(let place, _), .missingKey(let place), .duplicateKey(let place, _),
            .invalidValue(let place, _, _), .unknownName(let place, _, _, _):
            place
        }
    }

    /// The fault as it is said of another place.
    package func moved(_ move: (Place) -> Place) -> FileError {
        switch self {
        case .unknownKey(let place, let known): .unknownKey(move(place), known: known)
        case .missingKey(let place): .missingKey(move(place))
        case .duplicateKey(let place, let line): .duplicateKey(move(place), firstLine: line)
        case .invalidValue(let place, let found, let expected):
            .invalidValue(move(place), found: found, expected: expected)
        case .unknownName(let place, let kind, let found, let known):
            .unknownName(move(place), kind: kind, found: found, known: known)
        case .several(let errors): .several(errors.map { $0.moved(move) })
        case .unreadable, .malformed, .unusableTrace, .more: self
        }
    }

    /// One line a fault: place, what was found, what was expected.
    public var description: String {
        switch self {
        case .more(let count): return "and \(count) more, which are not listed"
        case .several(let errors): return errors.map(\.description).joined(separator: "\n")
        case .unreadable(let file, let found, let expected):
            return "\(file): found \(found), expected \(expected)"
        case .malformed(let file, let line, let found, let expected),
            .unusableTrace(let file, let line, let found, let expected):
            return "\(Place(file: file, line: line, key: "")): found \(found), expected \(expected)"
        case .unknownKey(let place, let known):
            let key = place.key.split(separator: ".").last.map(String.init) ?? place.key
            return "\(place): found an unknown key, expected \(Self.choice(known, nearest: key))"
        case .missingKey(let place):
            return "\(place): found nothing, expected this key"
        case .duplicateKey(let place, let firstLine):
            return "\(place): found the key a second time (first in line \(firstLine)), expected it once"
        case .invalidValue(let place, let found, let expected):
            return "\(place): found \(found), expected \(expected)"
        case .unknownName(let place, let kind, let found, let known):
            return "\(place): found '\(found)', expected \(kind): \(Self.choice(known, nearest: found))"
        }
    }

    /// Longer lists are counted instead.
    private static let namesMax = 20

    /// Lists the possibilities and points at the one that was probably meant.
    private static func choice(_ known: [String], nearest found: String) -> String {
        guard !known.isEmpty else { return "nothing (there is none)" }
        let list =
            switch known.count {
            case 1: known[0]
            case ...namesMax: "one of \(known.joined(separator: ", "))"
            default: "one of \(known.count) names"
            }
        return NameSuggestion.nearest(to: found, among: known).map { "\(list); did you mean '\($0)'?" }
            ?? list
    }
}
