import Foundation

/// The SHA-256 digest of a value's canonical JSON: equal values have equal digests, on every run and machine.
///
/// Canonical means: keys sorted, no white space, slashes not escaped, numbers in the shortest form that reads
/// back as the same number. Where the database keeps the JSON beside its digest, anybody can check one
/// against the other with `sha256sum`. Two different values share a digest with probability 2^-128 at most in
/// any database that fits on a disk.
///
/// A type whose `Codable` form depends on the order of a hash table (a `Set`, or a dictionary whose keys are
/// neither strings, integers nor `CodingKeyRepresentable`) has no stable digest; `Allocation` is such a type.
public struct ContentDigest: Hashable, Codable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hexadecimal: String

    /// Digests a value's canonical JSON. O(size of the JSON).
    /// - Throws: `StoreError.notEncodable` where the value holds a number that is not finite.
    public init(of value: some Encodable) throws(StoreError) {
        self.init(ofText: try CanonicalJSON.encode(value))
    }

    /// Digests a text's UTF-8 bytes.
    public init(ofText text: String) {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        hexadecimal = hash.finishHexadecimal()
    }

    /// Takes over a digest that was stored.
    init(stored hexadecimal: String) { self.hexadecimal = hexadecimal }

    /// The hexadecimal digits.
    public var description: String { hexadecimal }
}

/// The one way in which values become JSON text in the database.
enum CanonicalJSON {
    static func encode<Value: Encodable>(_ value: Value) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .notEncodable(type: "\(Value.self)", reason: "\(error)")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
