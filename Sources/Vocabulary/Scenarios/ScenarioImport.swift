import Quantities

/// Figures of other people that a scenario plans with.
///
/// What it leaves open stays as it was said when the same file was imported by hand.
public struct ScenarioImport: Hashable, Codable, Sendable {
    /// Which importer reads the file, as `hercules import` calls it.
    public var kind: String
    /// The path of the file, from the working directory.
    public var file: String
    /// The path of a column mapping; nil where the file needs none.
    public var mapping: String?
    /// Whom the figures are from.
    public var source: String?
    public var licence: String?
    /// Whether the user measured them.
    public var isOwn: Bool?
    /// What plans multiply the throughputs by.
    public var derating: Fraction?

    public init(
        kind: String, file: String, mapping: String? = nil, source: String? = nil, licence: String? = nil,
        isOwn: Bool? = nil, derating: Fraction? = nil
    ) {
        self.kind = kind
        self.file = file
        self.mapping = mapping
        self.source = source
        self.licence = licence
        self.isOwn = isOwn
        self.derating = derating
    }
}
