/// The name of a model, unique in a catalogue, for example `rm1` or `rm1-200k-rows`.
public struct ModelID: NameIdentifier {
    public let name: String
    public init(_ name: String) { self.name = name }
}

/// The name of a server type, unique in a catalogue, for example `cpu-t2-nmp-x4`.
public struct ServerTypeID: NameIdentifier {
    public let name: String
    public init(_ name: String) { self.name = name }
}

/// An identifier that is a name and nothing else; two kinds of identifier never compare.
public protocol NameIdentifier: Hashable, Comparable, Codable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral, CodingKeyRepresentable
{
    /// The bare name.
    var name: String { get }
    /// Wraps a bare name.
    init(_ name: String)
}

extension NameIdentifier {
    public static func < (left: Self, right: Self) -> Bool { left.name < right.name }
    public var description: String { name }
    public init(stringLiteral value: String) { self.init(value) }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public var codingKey: any CodingKey { NameKey(stringValue: name) }
    public init?<Key: CodingKey>(codingKey: Key) { self.init(codingKey.stringValue) }
}

private struct NameKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
