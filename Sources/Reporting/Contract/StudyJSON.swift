import Vocabulary

/// A study under the keys of the command-line contract.
public struct StudyJSON: ContractJSON {
    private struct Axis: Encodable {
        let name: String
        let values: [String]
    }

    private struct Policy: Encodable {
        let name: String
        let meanDrawnWatts: FiniteNumber
        let meanProvisionedWatts: FiniteNumber
        let violationFraction: FiniteNumber
        let unservedFraction: FiniteNumber
        let changes: Int
        let cost: FiniteNumber
    }

    private struct Cell: Encodable {
        let values: [String: String]
        let state: String
        let subject: NullableString
        let policies: [Policy]
        let equalService: [EqualServiceJSON]
        let provenance: [String]
        let error: NullableString
    }

    private let schemaVersion = 1
    private let study: String
    private let scenario: String
    private let axes: [Axis]
    private let cells: [Cell]
    private let findings: [String]

    /// - Parameter cells: every cell, in order.
    public init(_ study: Study, cells: [StudyCellResult]) {
        self.study = study.id
        scenario = study.scenario
        axes = study.axes.map { Axis(name: $0.name, values: $0.labels) }
        findings = StudyFindings(study: study, cells: cells).paragraphs
        self.cells = cells.map { cell in
            let names = study.axes.map(\.name)
            return Cell(
                values: Dictionary(
                    zip(names, study.labels(of: cell.position)), uniquingKeysWith: { first, _ in first }),
                state: cell.state.rawValue, subject: NullableString(cell.outcome?.subject),
                policies: (cell.outcome?.policies ?? []).map { policy in
                    Policy(
                        name: policy.name, meanDrawnWatts: FiniteNumber(policy.drawnPower),
                        meanProvisionedWatts: FiniteNumber(policy.provisionedPower),
                        violationFraction: FiniteNumber(policy.violated),
                        unservedFraction: FiniteNumber(policy.unserved), changes: policy.changes,
                        cost: FiniteNumber(policy.cost))
                },
                equalService: (cell.outcome?.savings ?? []).map(EqualServiceJSON.init),
                provenance: (cell.outcome?.provenances ?? []).map(\.rawValue),
                error: NullableString(cell.error))
        }
    }
}
