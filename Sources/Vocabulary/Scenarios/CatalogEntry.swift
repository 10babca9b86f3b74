/// One thing that a catalogue has.
public struct CatalogEntry: Hashable, Sendable {
    /// What it is; the raw value is the word that people type.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case device, server, software, model, scenario
    }

    public let kind: Kind
    /// Unique among the entries of its kind.
    public let name: String
    public let title: String

    public init(kind: Kind, name: String, title: String) {
        self.kind = kind
        self.name = name
        self.title = title
    }
}
