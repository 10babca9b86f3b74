import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// A live controller: a tick loop around the pure engine, which writes everything down before anything acts.
public actor ControllerRun {
    /// What a run is given beside its file.
    public struct Surroundings: Sendable {
        public var source: any LoadSource
        public var clock: any ControllerClock
        /// Who knows what runs; nil where orders are taken to have been carried out.
        public var fleet: (any FleetReader)?
        /// Who changes it; only in the modes `approve` and `active`.
        public var actuator: (any FleetActuator)?
        /// The name of this process in the lease; nil for a run that shares its database with nobody.
        public var holder: String?
        /// Where the lease stands; nil for the database.
        public var leases: (any SharedLease)?
        /// How far it goes; nil for what the file says.
        public var mode: ControllerMode?
        /// What the fleet draws by a meter, in watts; nil without one.
        public var meter: (@Sendable () async -> Double?)?
        /// Reads the file again; nil where there is none.
        public var reopen: (@Sendable () throws -> Reopened)?

        public init(source: any LoadSource, clock: any ControllerClock) {
            self.source = source
            self.clock = clock
        }
    }

    /// A file that was read again, and where its loads come from.
    public struct Reopened: Sendable {
        let setup: ControlSetup
        let source: any LoadSource
        /// Told once whether it is in force now, so that one of the two sources can be closed.
        let settle: @Sendable (_ isAdopted: Bool) async -> Void

        public init(
            setup: ControlSetup, source: any LoadSource,
            settle: @escaping @Sendable (_ isAdopted: Bool) async -> Void = { _ in }
        ) {
            self.setup = setup
            self.source = source
            self.settle = settle
        }
    }

    var setup: ControlSetup
    var surroundings: Surroundings
    nonisolated let store: Store?
    let books: ControllerBooks?
    var engine: ControlEngine
    var schedule: TickSchedule
    var orders: OrderBook
    var lease: LeaseWatch?
    var mode: ControllerMode
    var isPaused = false
    var overrides: [PairOverride] = []
    var proposals: [ControllerSnapshot.Proposal] = []
    var revision: Int64 = 1
    var counters = ControllerCounters()
    var isFirst = true
    var isTicking = false
    var isLeasing = false
    var canWrite = true
    var decision: ControllerDecision?
    var observed: FleetObservation?
    var fleetHold: String?
    var capacities: [ModelID: Double] = [:]
    var trusts: [ModelID: InputTrust] = [:]
    var loads: [ModelID: Double] = [:]
    var lastTick: ControlTime?
    var lastTrustedTick: ControlTime?
    var lastIndex: Int?
    var lastEvent: Int64 = 0
    /// The last day, counted from the first tick, on which the past was looked at.
    var forgottenDay = 0
    /// Ticks since the engine itself was last written down.
    var unremembered = 0
    let startedAt: WallTime
    var digest: String

    /// Rebuilds what was learnt and decided from the database, and is ready to tick.
    ///
    /// - Throws: `ControllerRefusal` where the mode needs what is not there, and what reading throws.
    public init(_ setup: ControlSetup, _ surroundings: Surroundings) throws {
        self.setup = setup
        self.surroundings = surroundings
        store = setup.store
        let now = surroundings.clock.now()
        mode = surroundings.mode ?? setup.mode
        guard !mode.acts || surroundings.actuator != nil else {
            throw ControllerRefusal.notNow(
                why: "mode \(mode.rawValue): found nothing that could change a fleet, expected an actuator")
        }
        startedAt = now.wall
        digest = try setup.digest
        engine = try ControlEngine(setup)
        let online = setup.scenario.replay.online ?? OnlineSettings()
        orders = OrderBook(
            startTime: online.dynamics.boot + online.dynamics.modelLoad, dwell: online.dynamics.dwell)
        lease = surroundings.holder.map { LeaseWatch(name: $0) }
        schedule = TickSchedule(interval: setup.document.interval, origin: now.monotonic)
        if let store = setup.store {
            if let rebuilt = try ControlRebuild(setup, store: store).run(&engine) {
                let last = rebuilt.inputs
                schedule = TickSchedule.resumed(
                    after: (last.tick, last.at), at: now, interval: setup.document.interval)
                isPaused = last.circumstances.isPaused
                overrides = last.circumstances.overrides
                lastIndex = last.tick
                unremembered = rebuilt.ticks
            }
            books = try ControllerBooks(store, setup: setup, mode: mode, at: now.wall)
            lastEvent = try store.lastControllerEvent()
            // Who waits for a lease changes nothing of the past.
            _ = try Self.reopen(&orders, from: store, at: now)
        } else {
            books = nil
        }
    }

    /// Takes up orders that nobody has seen the end of, and pairs that were left alone.
    /// - Returns: orders whose place others took.
    private static func reopen(
        _ orders: inout OrderBook, from store: Store, at now: ControlTime
    ) throws -> [OrderBook.Finding] {
        if let last = try store.lastControllerTick()?.tick,
            let inputs = try ControllerBooks.past(in: store, from: last, limit: 1).first?.inputs
        {
            orders.restore(
                paused: inputs.circumstances.paused, broken: inputs.circumstances.broken, at: now.monotonic)
        }
        return try store.openControllerOrders().flatMap { open in
            orders.place(
                open.id,
                .init(
                    model: open.order.model, serverType: open.order.serverType, from: open.order.from,
                    to: open.order.to), isInherited: true, at: now.monotonic)
        }
    }

    /// Goes on where another controller has stopped: what that one learnt and decided is in the database.
    func takeOver(at now: ControlTime) throws {
        guard let store else { return }
        orders = orders.emptied
        for finding in try Self.reopen(&orders, from: store, at: now) { tell(finding, at: now) }
        lastEvent = try store.lastControllerEvent()
        guard let last = try store.lastControllerTick(), last.tick != lastIndex else { return }
        var fresh = try ControlEngine(setup)
        guard let rebuilt = try ControlRebuild(setup, store: store).run(&fresh) else { return }
        engine = fresh
        let latest = rebuilt.inputs
        schedule = TickSchedule.resumed(
            after: (latest.tick, latest.at), at: now, interval: setup.document.interval)
        isPaused = latest.circumstances.isPaused
        overrides = latest.circumstances.overrides
        lastIndex = latest.tick
        unremembered = rebuilt.ticks
        isFirst = true
    }

    /// Ticks until it is cancelled, or for so many decisions.
    /// - Throws: `CancellationError`.
    public func run(ticks: Int = .max) async throws {
        guard lease != nil else { return try await decide(ticks) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.renewWhileDeciding() }
            group.addTask { try await self.decide(ticks) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// A decision may take longer than a lease lasts, where others answer late or there is much to order.
    private func renewWhileDeciding() async throws {
        while true {
            try await surroundings.clock.sleep(
                until: surroundings.clock.now().monotonic + LeaseWatch.retry)
            if isTicking { await keepLease(at: surroundings.clock.now()) }
        }
    }

    private func decide(_ ticks: Int) async throws {
        var made = 0
        while made < ticks {
            try Task.checkCancellation()
            let now = surroundings.clock.now()
            await keepLease(at: now)
            if await tick(at: now) != nil { made += 1 }
            let next = schedule.next(after: now.monotonic)
            let until = lease == nil ? next : min(next, now.monotonic + LeaseWatch.retry)
            try await surroundings.clock.sleep(until: until)
        }
    }

    /// Decides for the interval that a moment is in; nil where that has been done, or is not for this
    /// controller to do.
    @discardableResult
    public func tick(at time: ControlTime) async -> ControllerDecision? {
        guard !isTicking else { return nil }
        guard let generation = generation(at: time.monotonic) else {
            count(\.ticks, "standby")
            return nil
        }
        guard let due = schedule.due(at: time.monotonic) else { return nil }
        isTicking = true
        defer { isTicking = false }
        defer {
            remember()
            forgetThePast(at: time)
        }
        await fillGap(before: due.index, generation: generation, at: time)
        let readings = await surroundings.source.read(at: time)
        let reading = await surroundings.fleet?.fleet(at: time)
        let metered = await surroundings.meter?()
        look(reading, at: time)
        let answeredAt = surroundings.clock.now()
        let inputs = inputs(due, readings, reading, metered: metered, at: time, answeredAt: answeredAt)
        do {
            if mode == .observe { return try observe(inputs, generation: generation, at: time) }
            let before = engine
            let outcome: ControlEngine.Outcome
            do {
                outcome = try engine.decide(inputs, mode: mode)
            } catch {
                engine = before
                throw error
            }
            return await conclude(
                outcome, inputs, reading, after: before, generation: generation, at: time)
        } catch {
            count(\.ticks, "failed")
            note([.init(kind: .alarm, text: "no decision at tick \(due.index): \(error)")], at: time.wall)
            lastTick = time
            return nil
        }
    }

    /// Judges readings by themselves and gathers what else the decision depends on.
    private func inputs(
        _ due: TickSchedule.Tick, _ readings: [InputReading], _ fleet: FleetReading?, metered: Double?,
        at time: ControlTime, answeredAt: ControlTime
    ) -> ControlInputs {
        let assessments = assessments(readings, at: answeredAt.wall)
        var circumstances = ControlInputs.Circumstances()
        switch fleet {
        case .seen(let observation, _): circumstances.fleet = observation
        case .unknown(let detail): circumstances.unknownFleet = detail
        case nil: break
        }
        overrides.removeAll { $0.until <= time.wall }
        circumstances.isPaused = isPaused
        circumstances.isFirst = isFirst && lastIndex != nil
        circumstances.overrides = overrides
        circumstances.lagging = orders.laggingPairs.sorted()
        circumstances.paused = orders.pausedPairs(at: time.monotonic).sorted()
        circumstances.broken = orders.brokenPairs(at: time.monotonic).sorted()
        circumstances.meteredWatts = metered.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        let missed = max(0, due.index - (lastIndex ?? due.index - 1) - 1)
        return ControlInputs(
            tick: due.index, missed: missed, at: time.wall, assessments: assessments,
            circumstances: circumstances)
    }

    /// Judges readings by themselves; a model with none, or with several, has none.
    private func assessments(_ readings: [InputReading], at wall: WallTime) -> [ModelID: InputAssessment] {
        let rules = setup.rules
        var assessments: [ModelID: InputAssessment] = [:]
        for model in setup.models {
            let found = readings.filter { $0.model == model }
            assessments[model] = (rules[model] ?? InputRules()).assess(
                found.count == 1 ? found[0] : nil, at: wall)
        }
        return assessments
    }

    /// Intervals that went by without a decision are learnt of afterwards, where the source has a past: the
    /// latest of them, up to a day.
    private func fillGap(before index: Int, generation: Int64, at time: ControlTime) async {
        guard let last = lastIndex, index - last > 1 else { return }
        let interval = setup.document.interval
        let most = Int(min(max(1, Self.gapSecondsMax / interval.seconds), 10_080))
        let missed = Array(max(last + 1, index - most)..<index)
        let times = missed.map { number in
            let ago = Double(index - number) * interval.seconds
            return ControlTime(
                monotonic: time.monotonic - interval * (index - number),
                wall: time.wall.adding(seconds: -ago))
        }
        guard let past = await surroundings.source.readPast(at: times), past.count == times.count else {
            return
        }
        let inputs = zip(missed, zip(times, past)).map { number, read in
            ControlInputs(
                tick: number, missed: 0, at: read.0.wall,
                assessments: assessments(read.1, at: read.0.wall), circumstances: .init())
        }
        do {
            try books?.save(passed: inputs, generation: generation, needsLease: lease != nil)
            for each in inputs {
                try engine.pass(each)
                lastIndex = each.tick
                unremembered += 1
            }
        } catch {
            canWrite = false
        }
    }

    /// Intervals that are learnt of after a gap, in seconds.
    private static let gapSecondsMax = 86_400.0

    /// Reads, learns and decides nothing.
    private func observe(
        _ inputs: ControlInputs, generation: Int64, at time: ControlTime
    ) throws -> ControllerDecision? {
        try books?.save(passed: [inputs], generation: generation, needsLease: lease != nil)
        let (loads, trusts) = try engine.pass(inputs)
        (self.trusts, self.loads) = (trusts, loads.compactMapValues(\.queriesPerSecond))
        observed = inputs.circumstances.fleet
        lastIndex = inputs.tick
        unremembered += 1
        lastTick = time
        isFirst = false
        canWrite = true
        count(\.ticks, "observed")
        return nil
    }

    /// Writes a decision down, and then does what the mode allows.
    ///
    /// - Parameter before: the engine as it was; what cannot be written has not been decided, or whoever is
    ///   rebuilt from what is written would know of something else.
    private func conclude(
        _ outcome: ControlEngine.Outcome, _ inputs: ControlInputs, _ reading: FleetReading?,
        after before: ControlEngine, generation: Int64, at time: ControlTime
    ) async -> ControllerDecision? {
        var made = outcome.decision
        made.mode = mode
        made.generation = generation
        let notes = notes(of: outcome, made)
        let wanted = mode == .active ? made.orders : []
        var numbers: [Int64] = []
        do {
            if let books {
                (made, numbers) = try books.save(
                    inputs, made, answers: outcome.answers, orders: wanted, notes: notes,
                    needsLease: lease != nil)
                lastEvent += Int64(notes.count)
            } else {
                made.id = Int64(inputs.tick) + 1
            }
            canWrite = true
        } catch {
            // Nothing acts that is not written down.
            engine = before
            canWrite = false
            fleetHold = "nothing can be written: \(error)"
            count(\.ticks, "failed")
            lastTick = time
            return nil
        }
        adopt(made, outcome, inputs, at: time)
        let held = made.cut.filter { $0.rule == StepRule.lagging.rawValue }.compactMap { cut in
            cut.model.flatMap { model in cut.serverType.map { ModelOnServer(model: model, serverType: $0) } }
        }
        for finding in orders.endUnwanted(by: made.allocation, held: Set(held)) { tell(finding, at: time) }
        if mode == .approve { propose(made, at: time) }
        await carryOut(Array(zip(numbers, wanted)), of: made, reading, at: time)
        return made
    }

    private func adopt(
        _ made: ControllerDecision, _ outcome: ControlEngine.Outcome, _ inputs: ControlInputs,
        at time: ControlTime
    ) {
        isFirst = false
        lastIndex = inputs.tick
        unremembered += 1
        lastTick = time
        decision = made
        (trusts, loads) = (made.trust, made.load)
        observed = inputs.circumstances.fleet
        fleetHold = made.fleetHold
        capacities = outcome.capacities
        let isHeld = made.fleetHold != nil
        count(\.ticks, isHeld ? "held" : "decided")
        if !isHeld { lastTrustedTick = time }
        for order in made.orders { count(\.orders, "\(order.stops ? "stop" : "start")/ordered") }
        for (model, trust) in made.trust where trust.state == .held {
            counters.rejections[model, default: [:]][trust.cause?.rawValue ?? "unknown", default: 0] += 1
        }
        for change in outcome.changes where change.change == .heldNow {
            count(\.holds, change.trust.cause?.rawValue ?? "unknown")
        }
        if made.trust.contains(where: { $0.value.state == .held }) {
            counters.holdSeconds += setup.document.interval.seconds
        }
        counters.savedJoules = engine.savings.savedJoules
        counters.note(planSeconds: made.seconds)
    }

    func count(_ kind: WritableKeyPath<ControllerCounters, [String: Int]>, _ name: String) {
        counters[keyPath: kind][name, default: 0] += 1
    }
}
