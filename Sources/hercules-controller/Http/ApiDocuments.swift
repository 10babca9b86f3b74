import Controlling
import Vocabulary

/// The plan in force, as a program that carries it out reads it.
struct PlanDocument: Encodable, Sendable {
    /// Servers of one pair.
    struct Share: Encodable, Sendable {
        let model: ModelID
        let serverType: ServerTypeID
        let servers: Int
    }

    let decision: Int64
    let at: WallTime
    let tick: Int
    let generation: Int64
    let mode: ControllerMode
    let status: Plan.Status
    let trusted: Bool
    /// Three intervals after the last tick: afterwards nobody stands for it.
    let validUntil: WallTime
    let objectiveWatts: Double
    let boundWatts: Double?
    let gap: Double?
    let orders: [ControllerDecision.Order]
    /// Every pair of the controller, those without servers too.
    let allocations: [Share]

    /// - Throws: a problem where no plan can be trusted.
    init(_ snapshot: ControllerSnapshot) throws(ApiProblem) {
        guard let document = Self.trusted(snapshot) else {
            throw ApiProblem(.noTrustedPlan, snapshot.fleetHold ?? "no plan was made on trusted loads lately")
        }
        self = document
    }

    /// The plan, if there is one made on trusted loads that is not too old.
    static func trusted(_ snapshot: ControllerSnapshot) -> PlanDocument? {
        guard snapshot.hasTrustedPlan, let decision = snapshot.decision, let age = snapshot.secondsSinceTick,
            age <= 3 * snapshot.intervalSeconds
        else { return nil }
        return PlanDocument(decision, snapshot)
    }

    private init(_ decision: ControllerDecision, _ snapshot: ControllerSnapshot) {
        self.decision = decision.id
        at = decision.at
        tick = decision.tick
        generation = decision.generation
        mode = snapshot.mode
        status = decision.status
        trusted = true
        validUntil = (snapshot.lastTickAt ?? decision.at).adding(seconds: 3 * snapshot.intervalSeconds)
        objectiveWatts = decision.objectiveWatts
        boundWatts = decision.boundWatts
        gap = decision.gap
        orders = decision.orders
        allocations = snapshot.pairs.map {
            Share(
                model: $0.model, serverType: $0.serverType,
                servers: decision.allocation[$0.model, $0.serverType])
        }
    }
}

/// The servers of one pair, as a scaler reads them.
struct AllocationDocument: Encodable, Sendable {
    let servers: Int
    let decision: Int64
    let trusted: Bool
    let validUntil: WallTime
}

struct FleetDocument: Encodable, Sendable {
    let at: WallTime
    let available: [ServerTypeID: Int]
    let wattsMax: Double?
    let pairs: [ControllerSnapshot.PairStatus]
}

struct ForecastDocument: Encodable, Sendable {
    let at: WallTime
    let models: [ControllerSnapshot.ModelStatus]
}

struct ReadinessDocument: Encodable, Sendable {
    let ready: Bool
    let faults: [String]
    /// Why the fleet is held on purpose; left out where it is not.
    let holding: String?
    let isLeader: Bool
}
