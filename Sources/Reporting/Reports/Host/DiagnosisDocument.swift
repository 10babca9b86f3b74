import Vocabulary

/// What a machine has of what the tool needs.
public struct DiagnosisDocument: TableDocument {
    private let diagnosis: Diagnosis

    public init(_ diagnosis: Diagnosis) { self.diagnosis = diagnosis }

    public var table: Table {
        Table(
            caption: diagnosis.isHealthy ? "Everything needed is there" : "Something is missing",
            columns: [
                Table.Column("subject", "subject", .text), Table.Column("status", "status", .tag),
                Table.Column("detail", "detail", .text),
            ],
            rows: diagnosis.findings.map {
                [.text($0.subject), .text($0.isMissing ? "missing" : "ok"), .text($0.detail)]
            })
    }
}
