import Controlling
import Foundation
import Provisioning
import Quantities
import Store
import Vocabulary

/// A day of a controller as lines of JSON: everything that its decisions depended on, the past that led up to
/// it, and what was decided. Nothing but the controller's file is needed to decide it all again.
public enum ControlRecord {
    /// One line.
    struct Line: Codable {
        let inputs: ControlInputs
        /// What was decided; nil for the past that only leads up to the day.
        let decision: ControllerDecision?
        /// What the planner said, of the past: the day itself is planned anew.
        let answers: [PolicyAnswer]?
    }

    /// Why nothing can be recorded, or a record not be used.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        case noTicks(day: String)
        case notADay(found: String)
        case unreadable(line: Int, found: String)

        public var description: String {
            switch self {
            case .noTicks(let day): "day \(day): found no decision of a controller in the database"
            case .notADay(let found): "day: found \(found), expected one such as 2026-11-28"
            case .unreadable(let line, let found):
                "line \(line): found \(found), expected a line of a recorded day"
            }
        }
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    /// The lines of a day in UTC, such as `2026-11-28`.
    ///
    /// - Parameter write: takes one line after the other, without its end.
    /// - Returns: decisions of the day.
    public static func record(day: String, of store: Store, write: (String) throws -> Void) throws -> Int {
        guard day.count == 10,
            let start = CalendarTime.unixNanoseconds(of: "\(day)T00:00:00Z").map({ $0 / 1_000_000 })
        else { throw Failure.notADay(found: day) }
        let end = start + dayMilliseconds
        var (next, count) = (0, 0)
        reading: while true {
            let rows = try ControllerBooks.past(in: store, from: next, limit: 1000)
            guard let last = rows.last?.inputs.tick else { break }
            let made = try decisions(in: store, from: next, count: rows.count)
            for row in rows {
                let at = row.inputs.at.unixMilliseconds
                guard at < end else { break reading }
                let isOfDay = at >= start
                count += isOfDay && made[row.inputs.tick] != nil ? 1 : 0
                try write(
                    ControlCoding.text(
                        Line(
                            inputs: row.inputs, decision: isOfDay ? made[row.inputs.tick] : nil,
                            answers: isOfDay ? nil : row.answers)))
            }
            next = last + 1
        }
        guard count > 0 else { throw Failure.noTicks(day: day) }
        return count
    }

    private static func decisions(
        in store: Store, from tick: Int, count: Int
    ) throws -> [Int: ControllerDecision] {
        let made = try store.controllerDecisions(from: tick, limit: count).map {
            try ControlCoding.value(ControllerDecision.self, of: $0)
        }
        return Dictionary(made.map { ($0.tick, $0) }) { first, _ in first }
    }

    /// Reads one line.
    static func line(_ text: some StringProtocol, number: Int) throws -> Line {
        do {
            return try ControlCoding.value(Line.self, of: String(text))
        } catch {
            throw Failure.unreadable(line: number, found: String(text.prefix(60)))
        }
    }
}

/// What deciding a recorded day again came to.
public struct Rehearsal: Hashable, Codable, Sendable {
    /// One decision that was another one.
    public struct Difference: Hashable, Codable, Sendable {
        public let tick: Int
        public let at: WallTime
        /// Servers of each pair that differ, as recorded and as decided now.
        public let pairs: [String]
        public let wattsBefore: Double
        public let wattsNow: Double
    }

    private static let listedMax = 20

    /// Decisions of the day, those that came out the same to the last bit, and those with other servers.
    public var decisions = 0
    public var identical = 0
    public var changed = 0
    /// Mean provisioned power, in watts.
    public var wattsBefore = 0.0
    public var wattsNow = 0.0
    /// Ticks at which some model's load was not covered by what had been decided before.
    public var shortBefore = 0
    public var shortNow = 0
    /// The first of those that differ.
    public var differences: [Difference] = []

    /// Decides a recorded day again.
    ///
    /// - Parameters:
    ///   - setup: the controller's file as it was, or changed.
    ///   - lines: of the record, in order.
    public init(_ setup: ControlSetup, lines: some Sequence<String>) throws {
        var engine = try ControlEngine(setup)
        let figures = FleetDraw(engine.problem, idlePowers: setup.scenario.idlePowers)
        var (before, now): (Allocation?, Allocation?) = (nil, nil)
        for (number, text) in lines.enumerated() where !text.isEmpty {
            let line = try ControlRecord.line(text, number: number + 1)
            var inputs = line.inputs
            // A model that the file has no longer is not asked about, and one that is new is not known.
            inputs.assessments = inputs.assessments.filter { setup.models.contains($0.key) }
            if line.decision == nil, line.answers == nil {
                try engine.pass(inputs)
                continue
            }
            let outcome = try engine.decide(
                inputs, mode: line.decision?.mode ?? .advisory, expecting: line.answers ?? [])
            guard let recorded = line.decision else { continue }
            add(recorded, outcome.decision, figures, before: before, now: now)
            (before, now) = (recorded.allocation, outcome.decision.allocation)
        }
        guard decisions > 0 else { throw ControlRecord.Failure.unreadable(line: 1, found: "no decision") }
        wattsBefore /= Double(decisions)
        wattsNow /= Double(decisions)
    }

    private mutating func add(
        _ recorded: ControllerDecision, _ made: ControllerDecision, _ figures: FleetDraw,
        before: Allocation?, now: Allocation?
    ) {
        decisions += 1
        if Self.essence(recorded) == Self.essence(made) { identical += 1 }
        let watts = [recorded, made].map { figures.alternative($0.allocation, loads: [:]).watts }
        wattsBefore += watts[0]
        wattsNow += watts[1]
        // The loads of a tick are those of the interval that has passed: they were met by what stood then.
        let loads = recorded.trust.compactMapValues { trust in
            trust.isTrusted ? trust.queriesPerSecond.map { BelievedLoad.trusted($0) } : nil
        }
        shortBefore += before.map { figures.alternative($0, loads: loads).short.isEmpty ? 0 : 1 } ?? 0
        shortNow += now.map { figures.alternative($0, loads: loads).short.isEmpty ? 0 : 1 } ?? 0
        guard recorded.allocation != made.allocation else { return }
        changed += 1
        guard differences.count < Self.listedMax else { return }
        let pairs = recorded.allocation.pairs.union(made.allocation.pairs).sorted()
        differences.append(
            Difference(
                tick: recorded.tick, at: recorded.at,
                pairs: pairs.compactMap { pair in
                    let (old, new) = (
                        recorded.allocation[pair.model, pair.serverType],
                        made.allocation[pair.model, pair.serverType]
                    )
                    return old == new ? nil : "\(pair.model) on \(pair.serverType): \(old) -> \(new)"
                }, wattsBefore: watts[0], wattsNow: watts[1]))
    }

    /// A decision without what no two runs share: its number, its generation and the time that it took.
    private static func essence(_ decision: ControllerDecision) -> ControllerDecision {
        var essence = decision
        essence.id = 0
        essence.generation = 0
        essence.seconds = 0
        return essence
    }
}
