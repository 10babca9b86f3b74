/// Figures of other people that a scenario plans with.
public struct ScenarioImport: Hashable, Codable, Sendable {
    /// Which importer reads the file, as `hercules import` calls it.
    public var kind: String
    /// The path of the file, from the working directory.
    public var file: String
    /// The path of a column mapping; nil where the file needs none.
    public var mapping: String?

    public init(kind: String, file: String, mapping: String? = nil) {
        self.kind = kind
        self.file = file
        self.mapping = mapping
    }
}
