import Controlling
import Foundation
import Provisioning
import Quantities
import Vocabulary

/// The controller without clock, input or output: what one tick's inputs come to. A live run, the rebuild
/// after a start and a rehearsal all drive it, so that the same inputs give the same decisions.
package struct ControlEngine {
    /// What a tick came to.
    package struct Outcome {
        /// Without the numbers that only the database gives.
        package var decision: ControllerDecision
        let changes: [(model: ModelID, change: InputLedger.Change, trust: InputTrust)]
        let answers: [PolicyAnswer]
        let capacities: [ModelID: Double]
    }

    /// The policies that ours is compared with.
    static let others = ["greedy", "reactive", "static"]

    let setup: ControlSetup
    let problem: ProvisioningProblem
    private var ledgers: [ModelID: InputLedger]
    private var ours: PolicyCore
    private var opponents: [(name: String, core: PolicyCore)]
    package private(set) var savings: SavingsLedger
    private(set) var lastTick: Int?
    /// What each policy, ours among them, had at the last tick.
    private var standing: [String: ControlMemory.Standing] = [:]
    private let figures: FleetDraw

    /// - Parameters:
    ///   - limits: nil for those of the file.
    ///   - comparesPolicies: whether the opponents are played too.
    package init(
        _ setup: ControlSetup, limits: StepLimits? = nil, comparesPolicies: Bool = true,
        learnsFromGaps: Bool = false
    ) throws {
        self.setup = setup
        let problem = try setup.problem()
        self.problem = problem
        let rules = setup.rules
        ledgers = Dictionary(
            uniqueKeysWithValues: setup.models.map {
                ($0, InputLedger(rules: rules[$0] ?? InputRules(), failSafe: setup.failSafe))
            })
        ours = try PolicyCore(
            setup.scenario.replay.subject, setup: setup, problem: problem, limits: limits ?? setup.limits,
            learnsFromGaps: learnsFromGaps)
        // What is always there knows the peak, and without a trace nobody does.
        let played =
            comparesPolicies ? Self.others.filter { $0 != "static" || setup.scenario.trace != nil } : []
        // Whom we are compared with is left out where he has no solver: nobody is kept from deciding by that.
        opponents = try played.compactMap { name -> (name: String, core: PolicyCore)? in
            do {
                return (
                    name: name,
                    core: try PolicyCore(name, setup: setup, problem: problem, limits: StepLimits())
                )
            } catch ProvisioningError.solver {
                return nil
            }
        }
        let tariff = setup.scenario.replay.online?.tariff
        let facility = tariff?.powerUsageEffectiveness ?? 1
        savings = SavingsLedger(
            pricePerKilowattHour: tariff?.price.map { $0.mean * facility },
            gramsPerKilowattHour: tariff?.carbonGrams.map { $0.mean * facility },
            currency: tariff?.price == nil ? nil : tariff?.currency)
        figures = FleetDraw(problem, idlePowers: setup.scenario.idlePowers)
    }

    /// Decides for one tick.
    ///
    /// - Parameters:
    ///   - answers: what the planner said to the same inputs before; empty where it has to plan.
    /// - Throws: `ProvisioningError`; nothing has changed then but what was learnt of trust.
    package mutating func decide(
        _ inputs: ControlInputs, mode: ControllerMode, expecting answers: [PolicyAnswer] = []
    ) throws -> Outcome {
        let (loads, trusts, changes) = judge(inputs)
        let hold = FleetTrust.hold(trusts)
        let tick = ControlTick(inputs, loads: loads, fleetHold: hold != nil)
        book(loads, inputs)
        let began = DispatchTime.now().uptimeNanoseconds
        let made = try ours.decide(tick, expecting: answers)
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
        var alternatives: [String: ControllerDecision.Alternative] = [:]
        // A rule of thumb hears of the same loads; nobody's servers are held for it.
        let plain = ControlTick(index: tick.index, loads: tick.loads)
        for index in opponents.indices {
            guard let other = try? opponents[index].core.decide(plain).decision else { continue }
            let name = opponents[index].name
            note(name, other)
            alternatives[name] = figures.alternative(other.ordered, loads: loads)
        }
        note(SavingsLedger.plan, made.decision)
        lastTick = inputs.tick
        let decision = ControllerDecision(
            made.decision, inputs: inputs, mode: mode, loads: loads, trusts: trusts, hold: hold,
            seconds: seconds, alternatives: alternatives, problem: problem)
        return Outcome(
            decision: decision, changes: changes, answers: made.answers,
            capacities: figures.capacities(of: made.decision.ordered))
    }

    /// Learns of an interval that went by without a decision.
    /// - Returns: what is believed of each model.
    @discardableResult
    package mutating func pass(
        _ inputs: ControlInputs
    ) throws -> (loads: [ModelID: BelievedLoad], trusts: [ModelID: InputTrust]) {
        let (loads, trusts, _) = judge(inputs)
        let tick = ControlTick(inputs, loads: loads, fleetHold: false)
        try ours.pass(tick)
        for index in opponents.indices { try opponents[index].core.pass(tick) }
        lastTick = inputs.tick
        return (loads, trusts)
    }

    /// What is believed of each model's reading.
    private mutating func judge(
        _ inputs: ControlInputs
    ) -> (
        loads: [ModelID: BelievedLoad], trusts: [ModelID: InputTrust],
        changes: [(model: ModelID, change: InputLedger.Change, trust: InputTrust)]
    ) {
        let time = ControlTime(monotonic: setup.document.interval * inputs.tick, wall: inputs.at)
        var loads: [ModelID: BelievedLoad] = [:]
        var trusts: [ModelID: InputTrust] = [:]
        var changes: [(model: ModelID, change: InputLedger.Change, trust: InputTrust)] = []
        for (index, model) in problem.models.enumerated() {
            let assessment =
                inputs.assessments[model] ?? InputRules().assess(nil, at: inputs.at)
            let verdict = ledgers[model, default: InputLedger(rules: InputRules())].judge(
                assessment, at: time, capacity: figures.capacityOfFleet(index))
            loads[model] = verdict.load
            trusts[model] = verdict.trust
            if let change = verdict.change { changes.append((model, change, verdict.trust)) }
        }
        return (loads, trusts, changes)
    }

    /// What each policy had over the interval that has just passed is booked with the loads that came.
    private mutating func book(_ loads: [ModelID: BelievedLoad], _ inputs: ControlInputs) {
        guard lastTick != nil, inputs.missed == 0 else { return }
        let trusted = loads.values.count { if case .trusted = $0 { true } else { false } }
        let shares = standing.mapValues { had in
            SavingsLedger.Share(
                watts: figures.drawn(had.counts, loads: loads),
                isShort: !figures.alternative(had.counts, loads: loads).short.isEmpty, starts: had.starts)
        }
        savings.add(
            shares, lasting: setup.document.interval.seconds, at: inputs.at,
            metered: inputs.circumstances.meteredWatts, trusted: trusted, of: loads.count)
    }

    private mutating func note(_ name: String, _ decision: ProvisionerDecision) {
        let starts = decision.actions.reduce(0) { $0 + ($1.isStart ? $1.count : 0) }
        standing[name] = .init(counts: decision.ordered, starts: starts)
    }

    /// Everything that later decisions depend on: an engine of the same setup that is given it goes on as
    /// this one would.
    package var memory: ControlMemory {
        get {
            ControlMemory(
                ledgers: ledgers, ours: ours.state,
                opponents: Dictionary(uniqueKeysWithValues: opponents.map { ($0.name, $0.core.state) }),
                savings: savings, lastTick: lastTick, standing: standing)
        }
        set {
            (ledgers, savings) = (newValue.ledgers, newValue.savings)
            (lastTick, standing) = (newValue.lastTick, newValue.standing)
            ours.state = newValue.ours
            for index in opponents.indices {
                guard let state = newValue.opponents[opponents[index].name] else { continue }
                opponents[index].core.state = state
            }
        }
    }

    /// What was ordered in the past that this engine was driven through, under another file perhaps.
    mutating func takeOver(_ allocation: Allocation) { ours.state.takeOver(allocation, problem) }

    /// What our core has come to: equal after equal inputs.
    package var state: ProvisionerState { ours.state }
    /// Questions to the planner that were answered from a record, and those that were not.
    package var planning: (recalled: Int, planned: Int) { (ours.record.recalled, ours.record.planned) }
}
