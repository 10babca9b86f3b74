/// The keys of one section of a file, in the order they are listed in messages.
package protocol SectionKey: RawRepresentable, CaseIterable, Hashable where RawValue == String {
    /// Names that keys had before: files that use them are read as ever, messages do not list them.
    static var formerNames: [String: Self] { get }
}

extension SectionKey {
    package static var formerNames: [String: Self] { [:] }

    /// Every key as it is written.
    package static var names: [String] { allCases.map(\.rawValue) }
}

/// A mapping with fixed keys: any other key is refused when the section is opened, so that a misspelt key is
/// named as such and not as a missing one.
package struct YAMLSection<Key: SectionKey> {
    /// Where the section itself stands.
    package let place: Place
    private var values: [Key: YAMLValue] = [:]

    package init(place: Place, entries: [(name: String, value: YAMLValue)]) throws(FileError) {
        self.place = place
        var problems = FileProblems()
        for (name, value) in entries {
            guard let key = Key(rawValue: name) ?? Key.formerNames[name] else {
                problems.add(.unknownKey(value.place, known: Key.names))
                continue
            }
            if let first = values[key] {
                problems.add(.duplicateKey(value.place, firstLine: first.place.line ?? 0))
                continue
            }
            values[key] = value
        }
        try problems.throwAll()
    }

    /// Refuses a section that lacks any of these keys, with all that it lacks.
    package func require(_ keys: Key...) throws(FileError) {
        var problems = FileProblems()
        for key in keys where values[key] == nil { problems.add(.missingKey(place(of: key))) }
        try problems.throwAll()
    }

    /// The value of a key that may be left out.
    package func optional(_ key: Key) -> YAMLValue? { values[key] }

    /// The value of a key that must be there.
    package subscript(key: Key) -> YAMLValue {
        get throws(FileError) {
            guard let value = values[key] else { throw .missingKey(self.place(of: key)) }
            return value
        }
    }

    /// The one of two keys that is there.
    /// - Throws: when both are or neither is.
    package func either(_ first: Key, _ second: Key) throws(FileError) -> (key: Key, value: YAMLValue) {
        switch (values[first], values[second]) {
        case (let value?, nil): return (first, value)
        case (nil, let value?): return (second, value)
        case (nil, nil):
            throw .invalidValue(
                place, found: "neither \(first.rawValue) nor \(second.rawValue)", expected: "one of them")
        case (_?, let value?):
            throw .invalidValue(
                value.place, found: "both \(first.rawValue) and \(second.rawValue)", expected: "one of them")
        }
    }

    /// The one of several keys that is there.
    /// - Parameters:
    ///   - none: what was found where none of them is there.
    ///   - other: what might stand in place of them all, for the error; ends with a space.
    package func only(
        of keys: [Key], none: String, or other: String = ""
    ) throws(FileError) -> (key: Key, value: YAMLValue) {
        let given = keys.compactMap { key in values[key].map { (key: key, value: $0) } }
        guard given.count == 1 else {
            throw .invalidValue(
                place, found: given.isEmpty ? none : given.map(\.key.rawValue).joined(separator: " and "),
                expected: "\(other)one of \(keys.map(\.rawValue).joined(separator: ", "))")
        }
        return given[0]
    }

    /// Where a key stands or would stand.
    package func place(of key: Key) -> Place {
        values[key]?.place
            ?? Place(
                file: place.file, line: place.line,
                key: place.key.isEmpty ? key.rawValue : "\(place.key).\(key.rawValue)")
    }
}
