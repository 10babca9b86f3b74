import Quantities
import Simulation
import Vocabulary

// Words of descriptions as the simulation knows them: one that lacks a counterpart does not compile.

extension BatchingPolicy {
    package init(_ rule: BatchingRule) {
        self =
            switch rule {
            case .vllm: .vllm
            case .sglang: .sglang
            case .trtllm: .noEvict
            case .continuous: .continuous
            case .static: .static
            case .llamaCpp: .llamaCpp
            }
    }
}

extension EngineRole {
    package init(_ role: EngineRules.Role) {
        self =
            switch role {
            case .mixed: .mixed
            case .prefill: .prefill
            case .decode: .decode
            }
    }
}

extension TokenRouter {
    package init(_ rule: RoutingRule) {
        self =
            switch rule {
            case .random: .random
            case .roundRobin: .roundRobin
            case .leastRequests: .leastRequests
            case .powerOfTwo: .powerOfTwo
            case .weightedQueue: .weightedQueue
            case .leastTokens: .leastTokens
            case .leastMemory: .leastMemory
            case .affinity: .affinity
            case .smoothWeighted: .smoothWeighted
            case .shortestDelay: .shortestDelay
            case .leastWork: .leastWork
            case .promisedMemory: .promisedMemory
            case .capacityAware: .capacityAware
            case .prefixAware: .prefixAware
            case .weightedRandom: .weightedRandom
            case .weightedPowerOfTwo: .weightedPowerOfTwo
            }
    }
}

extension TokenRouter {
    /// What sends requests to engines as a rule sends queries to servers, by their weights.
    package init(_ rule: DispatchRule) {
        self =
            switch rule {
            case .random: .weightedRandom
            case .roundRobin: .smoothWeighted
            case .powerOfTwo: .weightedPowerOfTwo
            case .shortestQueue: .shortestDelay
            }
    }
}

extension TierChoice {
    package init(_ loading: TierLoading) {
        self =
            switch loading {
            case .load: .load
            case .sooner: .sooner
            }
    }
}

extension FailureRule {
    package init(_ rule: LossRule) {
        self =
            switch rule {
            case .restart: .restart
            case .lose: .lose
            }
    }
}

extension EngineLife {
    /// - Parameter model: whose weights are loaded after booting.
    package init(_ lifecycle: EngineLifecycle, of model: LanguageModelShape) {
        self.init()
        bootsAt = Nanoseconds(seconds: lifecycle.bootsAt)
        let loading = lifecycle.weightsBandwidth.map { model.bytes / $0 } ?? 0
        bootTime = Nanoseconds(seconds: lifecycle.bootSeconds + loading)
        failsAt = lifecycle.failsAt.map { Nanoseconds(seconds: $0) }
        meanTimeToFailure = lifecycle.meanToFailure
        repairTime = lifecycle.repairSeconds.map { Nanoseconds(seconds: $0) }
        drainsAt = lifecycle.drainsAt.map { Nanoseconds(seconds: $0) }
    }
}
