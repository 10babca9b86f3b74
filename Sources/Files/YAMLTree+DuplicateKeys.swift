import Yams

extension YAMLTree {
    private static let renamedMark = "renamed-key-"

    /// Names the second of two equal keys by its path, which the parser does not tell.
    ///
    /// The first of each pair is renamed in the text until the document parses; the tree then shows where it
    /// sits. Each attempt reads the whole text, so there are few: a file with many pairs is told the line of
    /// the first one alone.
    package static func duplicateKey(at firstMark: Mark, in text: String, file: String) -> FileError {
        var text = text
        var mark = firstMark
        let attemptsMax = 4
        for attempt in 0..<attemptsMax {
            text = inserting("\(renamedMark)\(attempt)-", at: mark, into: text)
            do {
                let tree = try composed(text, file: file)
                if let found = tree?.siblingOfRenamedKey(at: firstMark, path: "") {
                    return .duplicateKey(
                        Place(file: file, line: found.line, key: found.path), firstLine: firstMark.line)
                }
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                mark = context.mark
                continue
            } catch {}
            break
        }
        return .malformed(
            file: file, line: firstMark.line, found: "a key that is given more than once",
            expected: "each key once")
    }

    private static func inserting(_ prefix: String, at mark: Mark, into text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.indices.contains(mark.line - 1) else { return text }
        var scalars = lines[mark.line - 1].unicodeScalars
        let offset = min(mark.column - 1, scalars.count)
        scalars.insert(
            contentsOf: prefix.unicodeScalars, at: scalars.index(scalars.startIndex, offsetBy: offset))
        lines[mark.line - 1] = String(scalars)
        return lines.joined(separator: "\n")
    }

    /// The other key of the pair whose first was renamed at a mark, and the path that leads to it.
    private func siblingOfRenamedKey(at mark: Mark, path: String) -> (line: Int, path: String)? {
        switch content {
        case .scalar:
            return nil
        case .sequence(let items):
            return items.enumerated().lazy.compactMap {
                $1.siblingOfRenamedKey(at: mark, path: "\(path)[\($0)]")
            }.first
        case .mapping(let entries):
            func extended(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
            if let renamed = entries.firstIndex(where: { $0.line == mark.line && $0.column == mark.column }) {
                let name = Self.originalName(of: entries[renamed].key)
                return entries[(renamed + 1)...].first { Self.originalName(of: $0.key) == name }
                    .map { ($0.line, extended(name)) }
            }
            return entries.lazy.compactMap {
                $0.value.siblingOfRenamedKey(at: mark, path: extended(Self.originalName(of: $0.key)))
            }.first
        }
    }

    /// Undoes the renaming, and the quotes that the renaming turned into a part of the word.
    private static func originalName(of key: String) -> String {
        guard key.hasPrefix(renamedMark) else { return key }
        let name = key.dropFirst(renamedMark.count).drop { $0.isNumber }.dropFirst()
        guard let first = name.first, first == "\"" || first == "'", name.last == first else {
            return String(name)
        }
        return String(name.dropFirst().dropLast())
    }
}
