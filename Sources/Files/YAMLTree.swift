import Yams

/// A YAML node with the line it starts on, free of the features the workload files do without: anchors,
/// aliases and explicit tags.
package struct YAMLTree: Sendable {
    /// What a node holds.
    package enum Content: Sendable {
        /// A value; `isPlain` unless it stands in quotes or in a block, which make it text.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLTree])
        case mapping([Entry])
    }

    /// One key of a mapping and its value.
    package struct Entry: Sendable {
        package let key: String
        package let line: Int
        package let column: Int
        package let value: YAMLTree
    }

    package let line: Int
    package let content: Content
    /// The file that says it, with all below it, where that is another one than said what stands around it.
    package let file: String?

    package init(line: Int, content: Content, file: String? = nil) {
        self.line = line
        self.content = content
        self.file = file
    }
}

extension YAMLTree {
    /// Parses a document.
    /// - Throws: `FileError` for anything that is not one YAML document of plain features with unique
    ///   keys.
    package init(text: String, file: String) throws(FileError) {
        do {
            guard let tree = try Self.composed(text, file: file) else {
                throw FileError.malformed(
                    file: file, line: nil, found: "an empty file", expected: "YAML with at least one key")
            }
            self = tree
        } catch let error as FileError {
            throw error
        } catch let error as YamlError {
            if case .duplicatedKeysInMapping(_, let context) = error {
                throw Self.duplicateKey(at: context.mark, in: text, file: file)
            }
            throw Self.syntaxError(error, text: text, file: file)
        } catch {
            throw .malformed(file: file, line: nil, found: "\(error)", expected: "YAML")
        }
    }

    package static func composed(_ text: String, file: String) throws -> YAMLTree? {
        // The parser holds the anchors strongly; nodes only weakly.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        return try withExtendedLifetime(parser) {
            guard let root = try parser.singleRoot() else { return nil }
            if case .scalar(let scalar) = root, scalar.string.isEmpty, scalar.style == .plain { return nil }
            return try YAMLTree(root, file: file, key: "")
        }
    }

    private init(_ node: Node, file: String, key: String) throws(FileError) {
        line = node.mark?.line ?? 1
        self.file = nil
        let place = Place(file: file, line: line, key: key)
        guard node.anchor == nil else {
            throw .invalidValue(
                place, found: "an anchor (&)", expected: "the value itself, written out where it is used")
        }
        switch node {
        case .scalar(let scalar):
            try Self.requireNoTag(scalar.tag, at: place)
            content = .scalar(scalar.string, isPlain: scalar.style == .plain)
        case .sequence(let sequence):
            try Self.requireNoTag(sequence.tag, at: place)
            var items: [YAMLTree] = []
            for (index, item) in sequence.enumerated() {
                items.append(try YAMLTree(item, file: file, key: "\(key)[\(index)]"))
            }
            content = .sequence(items)
        case .mapping(let mapping):
            try Self.requireNoTag(mapping.tag, at: place)
            var entries: [Entry] = []
            for (keyNode, valueNode) in mapping {
                guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
                    throw .invalidValue(
                        Place(file: file, line: keyNode.mark?.line ?? line, key: key),
                        found: "a key that is not a word",
                        expected: "a key that is a word")
                }
                let path = key.isEmpty ? scalar.string : "\(key).\(scalar.string)"
                entries.append(
                    Entry(
                        key: scalar.string, line: scalar.mark?.line ?? line, column: scalar.mark?.column ?? 1,
                        value: try YAMLTree(valueNode, file: file, key: path)))
            }
            content = .mapping(entries)
        case .alias:
            throw .invalidValue(place, found: "an alias (*)", expected: "the value itself, written out")
        }
    }

    private static func requireNoTag(_ tag: Tag, at place: Place) throws(FileError) {
        // `str` is what the parser notes for a scalar in quotes.
        guard tag == .implicit || tag == Tag(.str) else {
            throw .invalidValue(place, found: "a tag (\(tag))", expected: "a value without a tag")
        }
    }

    private static func syntaxError(_ error: YamlError, text: String, file: String) -> FileError {
        let expected = "valid YAML"
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let phase = context.map { "\($0.text) from line \($0.mark.line), " } ?? ""
            return .malformed(
                file: file, line: mark.line, found: "broken YAML (\(phase)\(problem))", expected: expected)
        case .reader(let problem, let offset, let value, _):
            let line = offset.map { text.prefix($0).filter(\.isNewline).count + 1 }
            let character = value >= 0 ? " (character \(value))" : ""
            return .malformed(
                file: file, line: line, found: "broken YAML (\(problem)\(character))", expected: expected)
        default:
            return .malformed(file: file, line: nil, found: "broken YAML (\(error))", expected: expected)
        }
    }
}
