import Quantities
import Vocabulary

/// One setting of one policy, under the keys of the command-line contract.
struct FrontierPointJSON: Encodable {
    private let policy: String
    private let knob: String
    private let setting: FiniteNumber
    private let isOwn: Bool
    private let drawnWatts: FiniteNumber
    private let provisionedWatts: FiniteNumber
    private let cost: FiniteNumber
    private let violationFraction: FiniteNumber
    private let unservedFraction: FiniteNumber
    private let changes: Int

    init(_ point: ServicePoint) {
        let total = point.total
        policy = point.policy
        knob = point.setting.knob.rawValue
        setting = FiniteNumber(point.setting.value)
        isOwn = point.isOwn
        drawnWatts = FiniteNumber(total.meanDrawnPower)
        provisionedWatts = FiniteNumber(total.meanProvisionedPower)
        cost = FiniteNumber(total.cost)
        violationFraction = FiniteNumber(total.violationFraction)
        unservedFraction = FiniteNumber(total.unservedFraction)
        changes = total.changes
    }
}

/// What is saved at equal service, under the keys of the command-line contract: `low` and `high` are of the
/// drawn energy. What could not be compared is null.
struct EqualServiceJSON: Encodable {
    private let policy: String
    private let baseline: String
    private let measure: String
    private let level: FiniteNumber
    private let drawnEnergyFraction: FiniteNumber
    private let low: FiniteNumber
    private let high: FiniteNumber
    private let provisionedEnergyFraction: FiniteNumber
    private let costFraction: FiniteNumber

    init(_ saving: EqualServiceSaving) {
        policy = saving.policy
        baseline = saving.baseline
        measure = saving.measure.rawValue
        level = FiniteNumber(saving.level)
        drawnEnergyFraction = FiniteNumber(saving.drawnEnergy?.fraction)
        low = FiniteNumber(saving.drawnEnergy?.low)
        high = FiniteNumber(saving.drawnEnergy?.high)
        provisionedEnergyFraction = FiniteNumber(saving.provisionedEnergy?.fraction)
        costFraction = FiniteNumber(saving.cost?.fraction)
    }
}
