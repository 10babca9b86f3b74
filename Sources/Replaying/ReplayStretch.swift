import Quantities
import Vocabulary

/// A replay under way: the fleet, its accounts, what fails, and what the provisioner has said so far.
struct ReplayStretch: ~Copyable {
    var fleet: FleetModel
    var accounting: IntervalAccounting
    private var failures: FailureSchedule?
    private let outages: OutageSchedule
    private let restoresState: Bool
    private var endedOutages = 0
    /// The last answer, whose plan is in force.
    private(set) var inForce = ReplayDecision(actions: [], planStatus: .feasible, planGap: nil)
    private(set) var decisionSeconds = 0.0
    private(set) var servingSteps: AllocationSteps
    private(set) var decisions = DecisionLog()
    private var servingVersion = -1
    private var allocationVersion = -1
    private let figures: FleetFigures
    private let modelPositions: [ModelID: Int]
    private let typePositions: [ServerTypeID: Int]

    init(
        figures: FleetFigures, failures: FailureSettings?, seed: UInt64, outages: OutageSchedule,
        restoresState: Bool
    ) {
        self.figures = figures
        fleet = FleetModel(figures)
        accounting = IntervalAccounting(figures)
        servingSteps = AllocationSteps(pairs: figures.pairs)
        self.failures = failures.map { FailureSchedule($0, servers: figures.counts.reduce(0, +), seed: seed) }
        self.outages = outages
        self.restoresState = restoresState
        modelPositions = Dictionary(uniqueKeysWithValues: figures.models.enumerated().map { ($1, $0) })
        typePositions = Dictionary(uniqueKeysWithValues: figures.types.enumerated().map { ($1, $0) })
    }

    /// Asks the provisioner, unless it is away, and carries out what it orders.
    mutating func hear(
        at time: Int64, _ answer: (ReplayEvent) throws -> ReplayDecision,
        event: (ReplayEvent.Restart?, FleetObservation) -> ReplayEvent
    ) throws {
        guard let ended = outages.endedOutages(at: time) else { return }
        let restart: ReplayEvent.Restart? = ended > endedOutages ? (restoresState ? .restored : .blank) : nil
        let event = event(restart, fleet.observation())
        // A provisioner that comes back waits for an interval to start.
        if case .fleetChanged = event.kind, restart != nil { return }
        endedOutages = ended
        let decision = try answer(event)
        decisionSeconds += decision.seconds
        if case .fleetChanged = event.kind {} else { inForce = decision }
        for action in decision.actions { try carryOut(action) }
        let isTold = decision.reason == .overload || decision.reason == .headroomCut
        if let reason = decision.reason, !decision.actions.isEmpty || isTold {
            decisions.append(
                DecisionEntry(
                    at: Nanoseconds(time), reason: reason, model: decision.model,
                    neededBefore: decision.neededBefore, neededNow: decision.neededNow,
                    actions: decision.actions))
        }
        let hasNews = noteCutOff()
        // Servers that start in no time serve already, so what they replace can be given up now. Once: that
        // starts none.
        if case .fleetChanged = event.kind { return }
        if hasNews { try hearOfChange(at: time, answer) }
    }

    /// Tells the provisioner that the fleet has changed.
    private mutating func hearOfChange(
        at time: Int64, _ answer: (ReplayEvent) throws -> ReplayDecision
    ) throws {
        try hear(at: time, answer) { restart, fleet in
            ReplayEvent(
                at: Nanoseconds(time), kind: .fleetChanged(at: Nanoseconds(time), fleet: fleet),
                restart: restart)
        }
    }

    private mutating func carryOut(_ action: ProvisionerAction) throws {
        let (model, type, count) =
            switch action {
            case .start(let model, let type, let count), .stop(let model, let type, let count):
                (model, type, count)
            }
        guard let modelPosition = modelPositions[model], let typePosition = typePositions[type] else {
            throw Replay.Failure.unknownPair(model: model, serverType: type)
        }
        let pair = figures.pair(modelPosition, typePosition)
        guard !figures.throughput[pair].isNaN else {
            throw Replay.Failure.missingEntry(model: model, serverType: type)
        }
        guard !figures.idlePower[pair].isNaN else {
            throw Replay.Failure.missingIdlePower(serverType: type)
        }
        if action.isStart {
            fleet.start(model: modelPosition, type: typePosition, count: count)
        } else {
            fleet.stop(model: modelPosition, type: typePosition, count: count)
        }
    }

    /// Lets the servers of the first decision serve at once.
    mutating func openService() { fleet.openService() }

    /// Moves on to an instant, asking the provisioner whenever the fleet has changed.
    mutating func advance(to end: Int64, _ answer: (ReplayEvent) throws -> ReplayDecision) throws {
        while fleet.now < end {
            let time = min(fleet.nextChange() ?? .max, failures?.next ?? .max, end)
            accounting.book(Double(time - fleet.now) / 1e9, of: fleet)
            fleet.advance(to: time)
            while let next = failures?.next, next <= time { strike(at: time) }
            // What happens at the end is heard with the next interval.
            let hasNews = noteCutOff()
            if hasNews, time < end { try hearOfChange(at: time, answer) }
            if time < end { noteServing() }
            accounting.look(at: fleet)
        }
    }

    private mutating func strike(at time: Int64) {
        switch failures?.takeNext() {
        case .repair(let server): fleet.repair(server)
        case .fail(let servers, let times):
            for (server, repair) in zip(servers, times) where fleet.fail(server) {
                failures?.willRepair(server, at: time + repair)
            }
        case nil: break
        }
    }

    @discardableResult
    private mutating func noteCutOff() -> Bool {
        let news = fleet.takeNews()
        accounting.drop(news.cutOff)
        return news.hasNews
    }

    /// Notes which servers serve from now on, where that has changed.
    mutating func noteServing() {
        guard servingVersion != fleet.version else { return }
        servingVersion = fleet.version
        let serving = fleet.servingCounts()
        if !servingSteps.isEmpty, servingSteps.lastCounts == serving { return }
        if servingSteps.instants.last == fleet.now {
            servingSteps.removeLast()
            // What came and went at one instant is no step.
            if !servingSteps.isEmpty, servingSteps.lastCounts == serving { return }
        }
        servingSteps.append(serving, at: fleet.now)
    }

    /// Servers that are on for each pair; nil where nothing has changed since this was asked.
    mutating func changedAllocation() -> [Int32]? {
        guard allocationVersion != fleet.version else { return nil }
        allocationVersion = fleet.version
        return fleet.countsSetAside()
    }
}
