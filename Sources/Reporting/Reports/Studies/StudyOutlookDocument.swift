import Vocabulary

/// The cells that a study comes to.
public struct StudyOutlookDocument: TableDocument {
    private let study: Study

    public init(_ study: Study) { self.study = study }

    public var table: Table {
        Table(
            caption: "Cells of \(study.id)",
            columns: study.axes.map { Table.Column($0.name, $0.name, .text) },
            keyColumnCount: study.axes.count,
            rows: (0..<study.cellCount).map { study.labels(of: $0).map(Table.Cell.text) })
    }

    public var remarks: String { "\n\(study.cellCount.counted("cell"))\n" }
}
