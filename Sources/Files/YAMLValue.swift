import Quantities

/// A value in a YAML file together with where it stands, and its readings as the types the files use.
package struct YAMLValue: Sendable {
    package let file: String
    package let key: String
    package let line: Int
    package let tree: YAMLTree

    /// The whole document of a file.
    package init(path: String) throws(FileError) {
        let text = try FileContents.text(of: path, expected: "a YAML file")
        tree = try YAMLTree(text: text, file: path)
        file = path
        key = ""
        line = tree.line
    }

    /// The whole document that a file comes to after changes.
    package init(file: String, tree: YAMLTree) {
        self.init(file: file, key: "", line: tree.line, tree: tree)
    }

    private init(file: String, key: String, line: Int, tree: YAMLTree) {
        self.file = tree.file ?? file
        self.key = key
        self.line = line
        self.tree = tree
    }

    package var place: Place { Place(file: file, line: line, key: key) }

    /// Whether it is neither a list nor keys and values.
    package var isScalar: Bool {
        if case .scalar = tree.content { true } else { false }
    }

    /// The error of a value that was not expected.
    package func refusal(expected: String) -> FileError {
        .invalidValue(place, found: found, expected: expected)
    }

    /// The value as it is shown in an error message.
    package var found: String {
        switch tree.content {
        case .sequence: return "a list"
        case .mapping: return "keys and values"
        case .scalar(let text, let isPlain):
            if isPlain { return text.isEmpty || text == "~" || text == "null" ? "nothing" : text }
            return "the text \"\(text.prefix(60))\""
        }
    }
}

// MARK: - Collections

extension YAMLValue {
    /// The items of a list.
    package func list() throws(FileError) -> [YAMLValue] {
        guard case .sequence(let items) = tree.content else { throw refusal(expected: "a list") }
        return items.enumerated().map {
            YAMLValue(file: file, key: "\(key)[\($0)]", line: $1.line, tree: $1)
        }
    }

    /// The items of a list that has at least one.
    package func filledList() throws(FileError) -> [YAMLValue] {
        let items = try list()
        guard !items.isEmpty else {
            throw .invalidValue(place, found: "an empty list", expected: "a list with at least one item")
        }
        return items
    }

    /// The items of a list of at least one, and at most so many.
    package func filledList(max: Int) throws(FileError) -> [YAMLValue] {
        let items = try filledList()
        guard items.count <= max else {
            throw .invalidValue(
                place, found: "a list of \(items.count) items", expected: "at most \(max)")
        }
        return items
    }

    /// The entries of a mapping whose keys are names of the writer's choice.
    package func entries() throws(FileError) -> [(name: String, value: YAMLValue)] {
        guard case .mapping(let entries) = tree.content else { throw refusal(expected: "keys and values") }
        guard !entries.isEmpty else {
            throw .invalidValue(place, found: "no key", expected: "at least one key")
        }
        return entries.map { ($0.key, value(of: $0)) }
    }

    /// The entries of a mapping whose keys are fixed.
    package func section<Key>(_ keys: Key.Type) throws(FileError) -> YAMLSection<Key> {
        guard case .mapping(let entries) = tree.content else {
            throw refusal(expected: "keys and values: \(keys.names.joined(separator: ", "))")
        }
        return try YAMLSection(place: place, entries: entries.map { ($0.key, value(of: $0)) })
    }

    private func value(of entry: YAMLTree.Entry) -> YAMLValue {
        YAMLValue(
            file: file, key: key.isEmpty ? entry.key : "\(key).\(entry.key)", line: entry.line,
            tree: entry.value)
    }
}

// MARK: - Scalars

extension YAMLValue {
    /// Text of at least one character. A bare number or truth value is refused, as it was probably put under
    /// the wrong key.
    package func text() throws(FileError) -> String {
        guard case .scalar(let text, let isPlain) = tree.content else { throw refusal(expected: "text") }
        let isBlank = text.allSatisfy(\.isWhitespace)
        let isOther = isPlain && (Double(text) != nil || ["true", "false", "null", "~"].contains(text))
        guard !isBlank, !isOther else { throw refusal(expected: "text") }
        return text
    }

    /// The path of a file; a relative one starts at the folder of the file that names it.
    package func path() throws(FileError) -> String {
        let name = try text()
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        return name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
    }

    /// A name: lower-case letters, digits, and inside also `-`, `_` and `.`; at most 64 characters.
    package func name() throws(FileError) -> String {
        let expected = "a name of lower-case letters, digits, '-', '_' and '.'"
        guard case .scalar(let text, _) = tree.content, NameRule.allows(text) else {
            throw refusal(expected: expected)
        }
        return text
    }

    /// `true` or `false`.
    package func truth() throws(FileError) -> Bool {
        switch plainText {
        case "true": return true
        case "false": return false
        default: throw refusal(expected: "true or false")
        }
    }

    /// One of a few words.
    package func choice(of words: [String]) throws(FileError) -> String {
        guard let text = plainText, words.contains(text) else {
            throw refusal(expected: "one of \(words.joined(separator: ", "))")
        }
        return text
    }

    /// One of the words of a type.
    package func word<Word: RawRepresentable & CaseIterable>() throws(FileError) -> Word
    where Word.RawValue == String {
        let text = try choice(of: Word.allCases.map(\.rawValue))
        guard let word = Word(rawValue: text) else { preconditionFailure("a choice is one of the words") }
        return word
    }

    /// A whole number; `_` may group its digits.
    package func wholeNumber(from lower: Int = 1, to upper: Int = 1_000_000_000) throws(FileError) -> Int {
        let expected = "a whole number of at least \(lower)"
        guard let digits = plainText.flatMap(Self.digits) else { throw refusal(expected: expected) }
        // What has digits and does not fit is too far from zero on one side or the other.
        let number = Int(digits) ?? (digits.hasPrefix("-") ? Int.min : Int.max)
        guard number >= lower else { throw refusal(expected: expected) }
        guard number <= upper else { throw refusal(expected: "a whole number of at most \(upper)") }
        return number
    }

    /// A seed: any whole number of 64 bits without a sign.
    package func seed() throws(FileError) -> UInt64 {
        guard let digits = plainText.flatMap(Self.digits), let number = UInt64(digits) else {
            throw refusal(expected: "a whole number from 0 to \(UInt64.max)")
        }
        return number
    }

    /// A finite number in a range.
    package func number(_ range: NumberRange) throws(FileError) -> Double {
        guard let text = plainText, let number = DecimalNumber.value(of: text.filter { $0 != "_" }) else {
            throw refusal(expected: range.description)
        }
        if let expected = range.expectation(of: number) { throw refusal(expected: expected) }
        return number
    }

    /// A time given in a unit of so many seconds, between two numbers of that unit.
    package func duration(
        unitSeconds: Double, from lower: Double, to upper: Double
    ) throws(FileError) -> Nanoseconds {
        let number = try number(.positive)
        if let expected = NumberRange.from(lower, to: upper).expectation(of: number) {
            throw refusal(expected: expected)
        }
        return Nanoseconds(seconds: number * unitSeconds)
    }

    /// A positive time given in a unit of so many seconds; at most 1e9 s, so that whole nanoseconds can hold
    /// it.
    package func duration(unitSeconds: Double) throws(FileError) -> Nanoseconds {
        let number = try number(.positive)
        guard number * unitSeconds <= 1e9, number * unitSeconds >= 1e-9 else {
            throw refusal(expected: "a time from 1 ns to 1e9 s")
        }
        return Nanoseconds(seconds: number * unitSeconds)
    }

    /// The text of any scalar, in quotes or not; nil for a collection.
    package var scalarText: String? {
        guard case .scalar(let text, _) = tree.content else { return nil }
        return text
    }

    /// The text of a scalar that is not in quotes.
    package var plainText: String? {
        guard case .scalar(let text, isPlain: true) = tree.content else { return nil }
        return text
    }

    /// The digits of a whole number without their grouping; nil where anything else stands there, leading
    /// zeros included (YAML 1.1 reads them as octal).
    private static func digits(_ text: String) -> String? {
        let sign = text.hasPrefix("-") ? "-" : ""
        let body = text.dropFirst(sign.count)
        guard let first = body.first, first.isASCII, first.isNumber, body.last != "_",
            body.allSatisfy({ ("0"..."9").contains($0) || $0 == "_" }), body == "0" || first != "0"
        else { return nil }
        return sign + body.filter { $0 != "_" }
    }
}

extension YAMLValue {
    /// A zone of times that are written without one.
    package func timeZone() throws(FileError) -> LocalTimeZone {
        guard let zone = LocalTimeZone(try text()) else { throw refusal(expected: LocalTimeZone.expected) }
        return zone
    }
}
