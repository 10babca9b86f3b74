import Foundation

/// JSON whose bytes depend on nothing but the value: keys ascending, two spaces of indentation.
package enum StableJSON {
    /// The version of all keys that documents and arrays have. It rises where a key is renamed, left out or
    /// given another meaning, and stays where one is added.
    package static let schemaVersion = 1

    /// The text of an array, ending with a line break. It has no place for a version, which the documentation
    /// of the formats says of it.
    ///
    /// - Precondition: the value encodes without numbers that are not finite, which the types of this module
    ///   ensure by encoding null instead.
    package static func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            preconditionFailure(
                "a value made only of finite numbers, strings, arrays and objects encodes: \(error)")
        }
    }

    /// The text of an object with the version of its keys beside them.
    ///
    /// - Precondition: as that of `text`, and the value encodes with keys of its own.
    package static func document(of value: some Encodable) -> String {
        text(of: VersionedObject(value: value))
    }

    /// The same for an object that is made of values.
    package static func document(of members: [String: JSONValue]) -> String {
        text(of: JSONValue.object(versioned(members)))
    }

    /// An object with the version of its keys among its members.
    package static func versioned(_ members: [String: JSONValue]) -> [String: JSONValue] {
        members.merging(["schemaVersion": .integer(schemaVersion)]) { $1 }
    }
}

/// An object with the version of its keys.
private struct VersionedObject: Encodable {
    let value: any Encodable

    private enum Key: String, CodingKey { case schemaVersion }

    func encode(to encoder: any Encoder) throws {
        // Both write into the same object.
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(StableJSON.schemaVersion, forKey: .schemaVersion)
    }
}
