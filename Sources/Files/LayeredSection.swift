/// A section whose keys may stand in a file or in one that it extends: the nearest file that has a key
/// counts.
package struct LayeredSection<Key: SectionKey> {
    /// The nearest first; at least one.
    package let layers: [YAMLSection<Key>]

    /// - Precondition: there is at least one layer.
    package init(_ layers: [YAMLSection<Key>]) {
        precondition(!layers.isEmpty, "a section has at least one layer")
        self.layers = layers
    }

    /// The value of a key that may be left out of every layer.
    package func optional(_ key: Key) -> YAMLValue? {
        for layer in layers { if let value = layer.optional(key) { return value } }
        return nil
    }

    /// The value of a key that must be in one of the layers.
    package subscript(key: Key) -> YAMLValue {
        get throws(FileError) {
            guard let value = optional(key) else { throw .missingKey(layers[0].place(of: key)) }
            return value
        }
    }

    /// The one of two keys that the nearest layer with any of them has.
    package func either(_ first: Key, _ second: Key) throws(FileError) -> (key: Key, value: YAMLValue) {
        let layer = layers.first { $0.optional(first) != nil || $0.optional(second) != nil } ?? layers[0]
        return try layer.either(first, second)
    }

    /// Refuses keys that say the same as another one, wherever they stand.
    package func refuse(_ keys: [Key], beside other: Key) throws(FileError) {
        if let value = keys.lazy.compactMap({ key in optional(key).map { (key, $0) } }).first {
            throw .invalidValue(
                value.1.place, found: "\(value.0.rawValue) beside \(other.rawValue)",
                expected: "either a device or the figures themselves")
        }
    }

    /// A section within, with the keys of every layer that has it; nil where none has.
    package func section<Inner: SectionKey>(
        _ key: Key, _ keys: Inner.Type
    ) throws(FileError) -> LayeredSection<Inner>? {
        var inner: [YAMLSection<Inner>] = []
        for layer in layers { if let value = layer.optional(key) { inner.append(try value.section(keys)) } }
        return inner.isEmpty ? nil : LayeredSection<Inner>(inner)
    }

    /// A section within that must be there.
    package func requiredSection<Inner: SectionKey>(
        _ key: Key, _ keys: Inner.Type
    ) throws(FileError) -> LayeredSection<Inner> {
        guard let section = try section(key, keys) else { throw .missingKey(layers[0].place(of: key)) }
        return section
    }
}
