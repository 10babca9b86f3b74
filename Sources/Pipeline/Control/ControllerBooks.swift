import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// A live controller's rows in the database: written before anything acts, and read again after a start.
struct ControllerBooks: Sendable {
    /// Something that happened, before its row has a number.
    struct Note: Sendable {
        let kind: ControllerEvent.Kind
        let text: String
        var model: ModelID?
        var serverType: ServerTypeID?

        func event(_ id: Int64, at: WallTime, decision: Int64?) -> ControllerEvent {
            ControllerEvent(
                id: id, at: at, kind: kind, text: text, model: model, serverType: serverType,
                decision: decision)
        }
    }

    /// The lease that decides who may act.
    static let lease = "controller"

    let store: Store
    let run: Int64

    /// Notes that a process has begun.
    init(_ store: Store, setup: ControlSetup, mode: ControllerMode, at: WallTime) throws {
        self.store = store
        let scenario = try ContentDigest(ofText: setup.digest)
        run = try store.beginControllerRun(
            atUnixMilliseconds: at.unixMilliseconds, host: ProcessInfo.processInfo.hostName,
            process: Int(ProcessInfo.processInfo.processIdentifier), toolVersion: Recorder.toolVersion,
            scenario: scenario, mode: mode.rawValue)
    }

    /// Writes a tick with its decision and the orders that are about to be given.
    ///
    /// - Parameter orders: those that are carried out; none in modes that only advise.
    /// - Returns: the decision with its number, and the numbers of the orders.
    func save(
        _ inputs: ControlInputs, _ decision: ControllerDecision, answers: [PolicyAnswer],
        orders: [ControllerDecision.Order], notes: [Note], needsLease: Bool
    ) throws -> (decision: ControllerDecision, orders: [Int64]) {
        let tick = try row(inputs, trusts: decision.trust, answers: answers)
        let at = inputs.at
        let stored = StoredControlDecision(
            generation: decision.generation, reason: decision.reason.rawValue, model: decision.model,
            objectiveWatts: decision.objectiveWatts, boundWatts: decision.boundWatts, gap: decision.gap,
            route: decision.route.rawValue, seconds: decision.seconds,
            counterfactuals: decision.instead.sorted { $0.key < $1.key }.map {
                .init(
                    policy: $0.key, watts: $0.value.watts, servers: $0.value.servers,
                    isShort: !$0.value.short.isEmpty)
            },
            orders: orders.map {
                .init(model: $0.model, serverType: $0.serverType, from: $0.from, to: $0.to)
            },
            text: { id in
                var numbered = decision
                numbered.id = id
                return try ControlCoding.text(numbered)
            },
            events: notes.map { note in
                { row, decision in try ControlCoding.text(note.event(row, at: at, decision: decision)) }
            })
        let numbers = try store.save(tick, stored, lease: needsLease ? Self.lease : nil)
        var numbered = decision
        numbered.id = numbers?.decision ?? 0
        return (numbered, numbers?.orders ?? [])
    }

    /// Writes intervals that went by without a decision.
    func save(passed: [ControlInputs], generation: Int64, needsLease: Bool) throws {
        try store.save(
            passed: try passed.map { try row($0, trusts: [:], answers: nil) }, generation: generation,
            lease: needsLease ? Self.lease : nil)
    }

    /// - Parameter answers: nil for an interval without a decision.
    private func row(
        _ inputs: ControlInputs, trusts: [ModelID: InputTrust], answers: [PolicyAnswer]?
    ) throws -> StoredControlTick {
        StoredControlTick(
            tick: inputs.tick, run: run, atUnixMilliseconds: inputs.at.unixMilliseconds,
            missed: inputs.missed, circumstances: try ControlCoding.text(inputs.circumstances),
            answers: try ControlCoding.text(answers),
            observations: try inputs.assessments.sorted { $0.key < $1.key }.map { model, assessment in
                let trust = trusts[model]
                return StoredControlTick.Observation(
                    model: model, state: (trust?.state ?? assessment.state).rawValue,
                    cause: (trust?.cause ?? assessment.cause)?.rawValue, load: assessment.load,
                    ageSeconds: assessment.ageSeconds, samples: assessment.samples,
                    expected: assessment.expected, assessment: try ControlCoding.text(assessment))
            })
    }

    /// Adds an event that belongs to no tick.
    func add(_ note: Note, at: WallTime) throws -> Int64 {
        try store.addControllerEvent(atUnixMilliseconds: at.unixMilliseconds) { row in
            try ControlCoding.text(note.event(row, at: at, decision: nil))
        }
    }

    /// Ticks in order, with what the planner said to them; nil for those without a decision. At most a couple
    /// of thousand at a time.
    static func past(
        in store: Store, from tick: Int, limit: Int
    ) throws -> [(inputs: ControlInputs, answers: [PolicyAnswer]?)] {
        try store.controllerTicks(from: tick, limit: limit).map { row in
            var assessments: [ModelID: InputAssessment] = [:]
            for observation in row.observations {
                assessments[observation.model] = try ControlCoding.value(
                    InputAssessment.self, of: observation.assessment)
            }
            let inputs = ControlInputs(
                tick: row.tick, missed: row.missed,
                at: WallTime(unixMilliseconds: row.atUnixMilliseconds), assessments: assessments,
                circumstances: try ControlCoding.value(
                    ControlInputs.Circumstances.self, of: row.circumstances))
            return (inputs, try ControlCoding.value([PolicyAnswer]?.self, of: row.answers))
        }
    }
}

/// How values of a controller become JSON, here and in its records: keys sorted, so that equal values are
/// equal texts.
enum ControlCoding {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, of text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
