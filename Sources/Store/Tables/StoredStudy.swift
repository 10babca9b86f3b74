import Vocabulary

/// A study as it is stored.
public struct StoredStudy: Hashable, Sendable {
    /// Names the study in other calls.
    public let id: RecordID<StoredStudy>
    public let study: Study
}

/// A cell to be added to a study.
public struct PlannedStudyCell: Hashable, Sendable {
    /// Which combination of values it is.
    public let position: Int
    /// For people.
    public let label: String
    /// Of everything that decides the outcome; cells that differ in nothing that counts share it.
    public let inputs: ContentDigest
    /// Of that and of the values, unique within the study.
    public let digest: ContentDigest

    public init(position: Int, label: String, inputs: ContentDigest) {
        self.position = position
        self.label = label
        self.inputs = inputs
        digest = ContentDigest(ofText: "\(position)\n\(label)\n\(inputs)")
    }
}

/// All cells of a study, in order, as the figures in a database decide them.
public struct StudyExpansion: Hashable, Sendable {
    public let study: RecordID<StoredStudy>
    public let cells: [PlannedStudyCell]
    /// Of all cells: processes with equal expansions share the work.
    public let digest: ContentDigest

    public init(study: RecordID<StoredStudy>, cells: [PlannedStudyCell]) {
        self.study = study
        self.cells = cells
        digest = ContentDigest(ofText: cells.map(\.digest.hexadecimal).joined(separator: "\n"))
    }

    /// The cells of a part, which workers take.
    public func pool(_ part: StudyPart) -> CellPool {
        CellPool(table: .study, owner: study.number, expansion: digest, part: part)
    }
}
