import Quantities
import Randomness

/// Requests that walk stages.
extension TokenPlay {
    /// Begins every stage whose predecessors are done.
    mutating func advance(_ workflow: Int32, at now: Int64) {
        let graph = Int(table.workflows[workflow].graph)
        let predecessors = table.predecessors[graph]
        var stage = 0
        while stage < predecessors.count, !table.workflows[workflow].isRejected {
            let own = table.workflows[workflow]
            let isReady = predecessors[stage] & ~own.done == 0
            if isReady, own.started >> UInt64(stage) & 1 == 0 { begin(workflow, stage: stage, at: now) }
            stage += 1
        }
    }

    private mutating func begin(_ workflow: Int32, stage: Int, at now: Int64) {
        let graph = Int(table.workflows[workflow].graph)
        let described = simulation.graphs[graph].stages[stage]
        let bit = UInt64(1) << UInt64(stage)
        table.workflows[workflow].started |= bit
        guard isTaken(described.condition, workflow, stage: stage) else {
            table.workflows[workflow].done |= bit
            if table.workflows[workflow].counts { outcome.stages[graph][stage].skipped += 1 }
            return
        }
        table[workflow, stage].began = now
        var draws = table.stream(of: workflow, stage: stage, name: "stage")
        switch described.work {
        case .generate(let call): generate(call, workflow, stage: stage, at: now, &draws)
        case .station(let station, let items):
            table.workflows[workflow].active += 1
            let visit = StationVisit(
                workflow: workflow, stage: Int32(stage), came: now,
                items: Int32(items.count(atLeast: 0, using: &draws)),
                tokens: table.workflows[workflow].context)
            stations[station].enqueue(table.visits.take(visit), in: table.visits)
            serve(station, at: now)
        case .pause(let seconds):
            table.workflows[workflow].active += 1
            let time = Int64((min(seconds.sample(using: &draws), 1e6) * 1e12).rounded())
            events.schedule(
                .pauseEnd(workflow: workflow, stage: Int32(stage)), at: Nanoseconds(now + time))
        }
    }

    private func isTaken(_ condition: StageGraph.Condition, _ workflow: Int32, stage: Int) -> Bool {
        switch condition {
        case .always: return true
        case .hardest(let share): return table.workflows[workflow].difficulty >= 1 - share
        case .chance(let share):
            var draws = table.stream(of: workflow, stage: stage, name: "condition")
            return draws.uniform() < share
        }
    }

    // MARK: Calls

    private mutating func generate(
        _ call: StageGraph.Generation, _ workflow: Int32, stage: Int, at now: Int64,
        _ draws: inout RandomStream
    ) {
        let own = table.workflows[workflow]
        let before = call.startsOver ? own.root.prompt : own.context
        let added = call.added.count(atLeast: 0, using: &draws)
        let prompt = max(1, min(Int(before) + added, call.contextMax - 1))
        let copies = min(call.copies.count(atLeast: 1, using: &draws), 4096)
        // Only one call writes on directly behind the context; what others add is theirs alone.
        let extends = call.keeps != .none && !call.startsOver && own.extender < 0
        if extends { table.workflows[workflow].extender = Int32(stage) }
        table[workflow, stage].added = Int32(prompt) - min(Int32(prompt), before)
        table[workflow, stage].kept = 0
        let pool = call.target.pool(forPrompt: prompt)
        table[workflow, stage].copiesLeft = Int32(copies)
        table.workflows[workflow].active += Int32(copies)
        for copy in 0..<copies {
            let wanted = call.output?.count(atLeast: 1, using: &draws) ?? Int(own.root.output)
            let output = max(1, min(wanted, call.contextMax - prompt))
            let keeps = call.keeps == .all || (call.keeps == .one && copy == 0)
            if keeps { table[workflow, stage].kept += Int32(output) }
            let shared = extends ? prompt : Int(min(before, Int32(prompt)))
            var request = TokenRequest(
                id: table.nextCall(), arrival: Nanoseconds(now / 1000), prompt: prompt,
                output: output, kind: Int(own.root.kind),
                prefix: Self.prefix(of: own.root, extends: extends && copy == 0, shared: shared),
                priority: Int(own.root.priority))
            request.workflow = workflow
            request.stage = Int32(stage)
            request.copy = Int32(copy)
            if !hand(request, to: pool, at: now) {
                table.workflows[workflow].isRejected = true
                table.workflows[workflow].isLost = refusedAsLost
                table.workflows[workflow].active -= Int32(copies - copy)
                table[workflow, stage].copiesLeft -= Int32(copies - copy)
                return
            }
        }
    }

    /// What a call shares with those before it.
    private static func prefix(
        of root: TokenRequest, extends: Bool, shared: Int
    ) -> TokenRequest.Prefix {
        let (id, group, groupTokens): (UInt32, UInt32, Int32)
        switch root.prefix {
        case .blocks: return root.prefix
        case .none: (id, group, groupTokens) = (UInt32(truncatingIfNeeded: root.id), 0, 0)
        case .group(let own, let tokens):
            (id, group, groupTokens) = (UInt32(truncatingIfNeeded: root.id), own, tokens)
        case .session(let own, let of, let tokens), .branch(let own, let of, let tokens, _):
            (id, group, groupTokens) = (own, of, tokens)
        }
        if extends { return .session(id: id, group: group, groupTokens: groupTokens) }
        return .branch(id: id, group: group, groupTokens: groupTokens, tokens: Int32(shared))
    }

    /// A call of a stage has ended.
    mutating func endCall(_ record: TokenRecord, at now: Int64, _ take: (TokenRecord) -> Void) {
        let (workflow, stage) = (record.request.workflow, Int(record.request.stage))
        let graph = Int(table.workflows[workflow].graph)
        table.workflows[workflow].preemptions += record.preemptions
        let mayAnswer = table.answering[graph] >> UInt64(stage) & 1 == 1 && record.request.copy == 0
        if mayAnswer, record.request.stage >= table.workflows[workflow].answer?.request.stage ?? 0 {
            table.workflows[workflow].answer = record
        }
        if table.workflows[workflow].counts {
            outcome.stages[graph][stage].waiting.record(record.queueTime)
            keep(
                StageSpan(
                    request: table.workflows[workflow].root.id, graph: Int32(graph), stage: Int32(stage),
                    copy: record.request.copy, engine: record.engine, began: record.handedOver,
                    scheduled: record.scheduled, firstToken: record.firstToken, ended: record.lastToken))
        }
        table[workflow, stage].copiesLeft -= 1
        table.workflows[workflow].active -= 1
        if table[workflow, stage].copiesLeft == 0 { endStage(workflow, stage: stage, at: now) }
        proceed(workflow, stage: stage, at: now, take)
    }

    /// A request that no engine takes, or that was lost with one.
    mutating func reject(_ request: TokenRequest, at now: Int64, _ take: (TokenRecord) -> Void) {
        guard request.workflow >= 0 else { return refuse() }
        table.workflows[request.workflow].isRejected = true
        table.workflows[request.workflow].isLost = refusedAsLost
        table.workflows[request.workflow].active -= 1
        proceed(request.workflow, stage: Int(request.stage), at: now, take)
    }

    // MARK: Stations

    private mutating func serve(_ station: Int, at now: Int64) {
        guard let (batch, time) = stations[station].begin(in: table.visits) else { return }
        var visit = batch
        while visit >= 0 {
            let own = table.visits[visit]
            let graph = Int(table.workflows[own.workflow].graph)
            if table.workflows[own.workflow].counts {
                outcome.stages[graph][Int(own.stage)].waiting.record(Nanoseconds((now - own.came) / 1000))
            }
            // From here on, the time at which it was taken on.
            table.visits[visit].came = now
            visit = own.next
        }
        events.schedule(
            .stationEnd(station: Int32(station), batch: batch), at: Nanoseconds(now + time))
    }

    mutating func endBatch(_ batch: Int32, at station: Int, now: Int64, _ take: (TokenRecord) -> Void) {
        stations[station].end()
        var visit = batch
        while visit >= 0 {
            let own = table.visits[visit]
            table.visits.free(visit)
            visit = own.next
            endPart(of: own.workflow, stage: Int(own.stage), scheduled: own.came, at: now)
            proceed(own.workflow, stage: Int(own.stage), at: now, take)
        }
        serve(station, at: now)
    }

    // MARK: Ends

    /// A visit or a pause has ended, and the stage with it.
    mutating func endPart(of workflow: Int32, stage: Int, scheduled: Int64? = nil, at now: Int64) {
        table.workflows[workflow].active -= 1
        let graph = table.workflows[workflow].graph
        if table.workflows[workflow].counts {
            let began = table[workflow, stage].began
            keep(
                StageSpan(
                    request: table.workflows[workflow].root.id, graph: graph, stage: Int32(stage), copy: 0,
                    engine: -1,
                    began: Nanoseconds(began / 1000), scheduled: Nanoseconds((scheduled ?? began) / 1000),
                    firstToken: nil, ended: Nanoseconds(now / 1000)))
        }
        endStage(workflow, stage: stage, at: now)
    }

    private mutating func keep(_ span: StageSpan) {
        if outcome.spans.count < simulation.spansMax { outcome.spans.append(span) }
    }

    /// Marks a stage as done, or sends the request back for another round.
    private mutating func endStage(_ workflow: Int32, stage: Int, at now: Int64) {
        let graph = Int(table.workflows[workflow].graph)
        let state = table[workflow, stage]
        if table.workflows[workflow].counts {
            outcome.stages[graph][stage].time.record(Nanoseconds((now - state.began) / 1000))
        }
        let described = simulation.graphs[graph].stages[stage]
        if case .generate(let call) = described.work {
            if table.workflows[workflow].extender == Int32(stage) { table.workflows[workflow].extender = -1 }
            if call.keeps != .none {
                let longest = Int64(call.contextMax)
                let context = Int64(table.workflows[workflow].context) + Int64(state.added + state.kept)
                table.workflows[workflow].context = Int32(min(context, longest))
            }
        }
        table.workflows[workflow].done |= 1 << UInt64(stage)
        guard let loop = described.loop else { return }
        if state.roundsLeft < 0 {
            var draws = table.stream(of: workflow, stage: stage, name: "rounds")
            table[workflow, stage].roundsLeft = Int32(loop.times.count(atLeast: 0, using: &draws))
        }
        guard table[workflow, stage].roundsLeft > 0 else { return }
        table[workflow, stage].roundsLeft -= 1
        goBack(workflow, body: table.bodies[graph][stage], from: stage)
    }

    /// Gives a request up: no engine can hold a call of it, or every call was skipped.
    mutating func abandon(_ workflow: Int32) {
        refusedAsLost = table.workflows[workflow].isLost
        table.workflows.free(workflow)
        refuse()
    }

    private mutating func goBack(_ workflow: Int32, body: UInt64, from stage: Int) {
        table.workflows[workflow].started &= ~body
        table.workflows[workflow].done &= ~body
        for other in 0..<StageGraph.stagesMax where body >> UInt64(other) & 1 == 1 {
            table[workflow, other].round += 1
            if other != stage { table[workflow, other].roundsLeft = -1 }
        }
    }

    /// Goes on with a request after a part of it has ended, or books it once nothing is left.
    mutating func proceed(
        _ workflow: Int32, stage: Int, at now: Int64, _ take: (TokenRecord) -> Void
    ) {
        if !table.workflows[workflow].isRejected { advance(workflow, at: now) }
        let own = table.workflows[workflow]
        guard own.active == 0 else { return }
        guard !own.isRejected, var record = own.answer else {
            abandon(workflow)
            return
        }
        table.workflows.free(workflow)
        let answer = record.request
        record.request = own.root
        record.request.output = answer.output
        record.request.prompt = max(1, own.context - answer.output)
        record.end = Nanoseconds(now / 1000)
        record.preemptions = own.preemptions
        conclude(record, counts: own.counts, take)
    }
}
