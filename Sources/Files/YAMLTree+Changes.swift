extension YAMLTree {
    /// The tree with a value at a path of keys, in place of what stands there. Mappings that lead there are
    /// made where they are missing.
    /// - Parameters:
    ///   - keys: from the top, at least one.
    ///   - value: what another file says.
    ///   - place: where that file says it. Faults of the value are reported there.
    /// - Throws: where something on the way is no mapping.
    package func putting(
        _ value: YAMLTree, at keys: [String], saidAt place: Place
    ) throws(FileError) -> YAMLTree {
        try putting(value, at: keys[...], before: [], saidAt: place)
    }

    private func putting(
        _ value: YAMLTree, at keys: ArraySlice<String>, before: [String], saidAt place: Place
    ) throws(FileError) -> YAMLTree {
        guard let key = keys.first else {
            return YAMLTree(line: place.line ?? value.line, content: value.content, file: place.file)
        }
        guard case .mapping(var entries) = content else {
            throw .invalidValue(
                place, found: "the key \((before + keys).joined(separator: "."))",
                expected: "the key \(before.joined(separator: ".")) itself, which holds no keys there")
        }
        let rest = keys.dropFirst()
        let line = place.line ?? 1
        func entry(_ tree: YAMLTree) -> Entry { Entry(key: key, line: line, column: 1, value: tree) }
        guard let index = entries.firstIndex(where: { $0.key == key }) else {
            let empty = YAMLTree(line: line, content: .mapping([]), file: place.file)
            entries.append(
                entry(try empty.putting(value, at: rest, before: before + [key], saidAt: place)))
            return YAMLTree(line: self.line, content: .mapping(entries), file: file)
        }
        let old = entries[index]
        let tree = try old.value.putting(value, at: rest, before: before + [key], saidAt: place)
        // What only leads to the value keeps its own line.
        entries[index] =
            rest.isEmpty ? entry(tree) : Entry(key: key, line: old.line, column: old.column, value: tree)
        return YAMLTree(line: self.line, content: .mapping(entries), file: file)
    }

    /// The value as one line of text in which equal values are equal, however they are written: numbers in
    /// their shortest form, keys in order.
    package var canonicalText: String {
        switch content {
        case .scalar(let text, let isPlain):
            guard isPlain else { return "\"\(text)\"" }
            return DecimalNumber.value(of: text.filter { $0 != "_" }).map { "\($0)" } ?? text
        case .sequence(let items): return "[\(items.map(\.canonicalText).joined(separator: ", "))]"
        case .mapping(let entries):
            let texts = entries.map { "\($0.key): \($0.value.canonicalText)" }.sorted()
            return "{\(texts.joined(separator: ", "))}"
        }
    }

    /// The value as people read it where it is short: a word, or a list of words; nil for keys and values.
    package var label: String? {
        switch content {
        case .scalar(let text, _): return text
        case .sequence(let items):
            let labels = items.compactMap(\.label)
            return labels.count == items.count && !items.isEmpty ? labels.joined(separator: "+") : nil
        case .mapping: return nil
        }
    }
}
