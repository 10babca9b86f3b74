import Quantities
import Vocabulary

/// One answer of a policy, with what it remembered afterwards.
public struct PolicyAnswer: Hashable, Codable, Sendable {
    /// What was asked: loads in queries/s in the order of the models, and servers in the order of the types.
    let loads: [Double]
    let available: [Int]
    let isTrial: Bool
    let plan: Plan
    let effort: PlanEffort
    let memory: PolicyMemory
}

/// The answers that a policy gives, in order, so that the same questions need not be answered again: a state
/// is rebuilt from what was seen, and planning is what takes its time.
public final class PolicyRecord {
    /// Answers since they were last taken.
    private var given: [PolicyAnswer] = []
    /// Answers that are expected to be asked for next.
    private var expected: ArraySlice<PolicyAnswer> = []
    /// Questions that were answered from the record, and those that had to be planned.
    public private(set) var recalled = 0
    public private(set) var planned = 0

    public init() {}

    /// The policy, with its answers recorded.
    public func recording(_ policy: any ProvisioningPolicy) -> any ProvisioningPolicy {
        func wrapped(_ policy: some ProvisioningPolicy) -> any ProvisioningPolicy {
            RecordedPolicy(base: policy, record: self)
        }
        return wrapped(policy)
    }

    /// Puts answers in place of what the policy would say to the next questions, as long as they are the same
    /// questions.
    public func expect(_ answers: [PolicyAnswer]) { expected = answers[...] }

    /// The answers given since this was last asked.
    public func take() -> [PolicyAnswer] {
        defer { given = [] }
        return given
    }

    func answer(
        _ request: ProvisioningRequest, memory: inout PolicyMemory,
        plan: (inout PolicyMemory) throws(ProvisioningError) -> PlanningOutcome
    ) throws(ProvisioningError) -> PlanningOutcome {
        if let next = expected.first, next.loads == request.problem.loads,
            next.available == request.problem.available, next.isTrial == request.isTrial
        {
            expected = expected.dropFirst()
            recalled += 1
            given.append(next)
            memory = next.memory
            return PlanningOutcome(plan: next.plan, effort: next.effort, memory: next.memory.planning)
        }
        expected = []
        planned += 1
        let outcome = try plan(&memory)
        given.append(
            PolicyAnswer(
                loads: request.problem.loads, available: request.problem.available,
                isTrial: request.isTrial, plan: outcome.plan, effort: outcome.effort, memory: memory))
        return outcome
    }
}

/// A policy whose answers are recorded, or taken from a record.
struct RecordedPolicy<Base: ProvisioningPolicy>: ProvisioningPolicy {
    static var name: String { Base.name }
    static var view: LoadView { Base.view }
    static var weighsSwitching: Bool { Base.weighsSwitching }
    static var knob: PolicyKnob { Base.knob }

    let base: Base
    let record: PolicyRecord

    func plan(_ request: ProvisioningRequest) throws(ProvisioningError) -> PlanningOutcome {
        var memory = PolicyMemory()
        return try plan(request, memory: &memory)
    }

    func plan(
        _ request: ProvisioningRequest, memory: inout PolicyMemory
    ) throws(ProvisioningError) -> PlanningOutcome {
        try record.answer(request, memory: &memory) { (memory) throws(ProvisioningError) in
            try base.plan(request, memory: &memory)
        }
    }
}
