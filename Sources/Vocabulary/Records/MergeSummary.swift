/// What merging one database file into another came to.
public struct MergeSummary: Hashable, Sendable {
    /// As the caller named it.
    public let path: String
    /// By table of records, in the order in which tables refer to one another.
    public let counts: [MergeCount]
    /// Server types that this file and the database define differently; both definitions stand.
    public let redefinedServerTypes: [String]

    public init(path: String, counts: [MergeCount], redefinedServerTypes: [String]) {
        self.path = path
        self.counts = counts
        self.redefinedServerTypes = redefinedServerTypes
    }

    /// Whether the file held nothing that was not here already.
    public var isKnown: Bool { counts.allSatisfy { $0.added == 0 } }
}

/// What merging one file came to, for one table of records.
public struct MergeCount: Hashable, Sendable {
    public let table: String
    /// Records of the file.
    public let found: Int
    /// Those that were new, or took the place of an older one.
    public let added: Int

    public init(table: String, found: Int, added: Int) {
        self.table = table
        self.found = found
        self.added = added
    }
}
