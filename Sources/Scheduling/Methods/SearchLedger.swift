import Quantities
import Vocabulary

/// Thrown by a ledger whose budget is spent.
struct SearchHalt: Error {
    let stop: SearchStop
}

/// What a search has evaluated so far: no schedule is evaluated twice, except to settle a difference that
/// noise hides.
public struct SearchLedger {
    /// What is known of one schedule.
    struct Entry {
        var throughput: Double
        var power: Double
        /// Half a 95 % confidence interval as a share of the throughput.
        var uncertainty: Double
        var samples: Int
    }

    let space: ScheduleSpace
    private let budget: SearchBudget
    private let samplesMax: Int
    private let observe: (ScheduleEvaluation) throws -> Void
    private let evaluate: (Schedule) throws -> ScheduleEvaluation
    private var known: [Schedule: [ScheduleEvaluation]] = [:]
    private var entries: [Int: Entry] = [:]
    private(set) var evaluations: [ScheduleEvaluation] = []
    private(set) var path: [Schedule] = []
    private(set) var best: (index: Int, throughput: Double)?

    init(
        _ space: ScheduleSpace, budget: SearchBudget, known: [ScheduleEvaluation], samplesMax: Int,
        observe: @escaping (ScheduleEvaluation) throws -> Void,
        evaluate: @escaping (Schedule) throws -> ScheduleEvaluation
    ) {
        self.space = space
        self.budget = budget
        self.samplesMax = max(1, samplesMax)
        self.observe = observe
        self.evaluate = evaluate
        for evaluation in known.reversed() { self.known[evaluation.schedule, default: []].append(evaluation) }
    }

    /// How many schedules have been evaluated.
    var count: Int { entries.count }
    var isComplete: Bool { entries.count == space.count }
    /// Whether another sample of a schedule may say something else.
    var isNoisy: Bool { samplesMax > 1 }

    func isEvaluated(_ index: Int) -> Bool { entries[index] != nil }
    func entry(_ index: Int) -> Entry? { entries[index] }

    /// The throughput of a schedule in queries/s; evaluates it unless that has been done.
    mutating func value(_ index: Int) throws -> Double {
        if let entry = entries[index] { return entry.throughput }
        return try sample(index)
    }

    /// Whether one schedule is better than another beyond what noise explains. Where it is not clear, both
    /// are sampled again until it is or the samples allowed are spent; then the means decide.
    mutating func isBetter(_ index: Int, than other: Int) throws -> Bool {
        while true {
            let a = try value(index)
            let b = try value(other)
            guard isNoisy, let first = entries[index], let second = entries[other] else { return a > b }
            let hidden = (a * first.uncertainty, b * second.uncertainty)
            if abs(a - b) > (hidden.0 * hidden.0 + hidden.1 * hidden.1).squareRoot() { return a > b }
            let candidates = [(index, first), (other, second)].filter { $0.1.samples < samplesMax }
            guard let least = candidates.min(by: { $0.1.samples < $1.1.samples }) else { return a > b }
            _ = try sample(least.0)
        }
    }

    /// Notes a step that was accepted.
    mutating func accept(_ index: Int) {
        if path.last != space.schedules[index] { path.append(space.schedules[index]) }
    }

    private mutating func sample(_ index: Int) throws -> Double {
        let schedule = space.schedules[index]
        let evaluation: ScheduleEvaluation
        if let earlier = known[schedule]?.popLast() {
            // It holds the mean of the samples up to it already.
            evaluation = earlier
            entries[index] = Entry(
                throughput: evaluation.throughput.value, power: evaluation.power.value,
                uncertainty: evaluation.uncertainty?.value ?? 0, samples: (entries[index]?.samples ?? 0) + 1)
        } else {
            if let most = budget.evaluations, evaluations.count >= most {
                throw SearchHalt(stop: .evaluations)
            }
            if let stop = budget.interruption?() { throw SearchHalt(stop: stop) }
            evaluation = merge(try evaluate(schedule), at: index)
            try observe(evaluation)
        }
        evaluations.append(evaluation)
        let value = evaluation.throughput.value
        if value > (best?.throughput ?? 0) || best?.index == index { best = (index, value) }
        if isNoisy,
            let highest = entries.max(by: { ($0.value.throughput, $1.key) < ($1.value.throughput, $0.key) })
        {
            best = highest.value.throughput > 0 ? (highest.key, highest.value.throughput) : nil
        }
        return value
    }

    /// Adds a sample to what is known of a schedule. With n samples the interval shrinks by the square root
    /// of n.
    private mutating func merge(_ sample: ScheduleEvaluation, at index: Int) -> ScheduleEvaluation {
        let uncertainty = sample.uncertainty?.value ?? 0
        guard var entry = entries[index] else {
            entries[index] = Entry(
                throughput: sample.throughput.value, power: sample.power.value, uncertainty: uncertainty,
                samples: 1)
            return sample
        }
        let n = Double(entry.samples)
        entry.throughput = (entry.throughput * n + sample.throughput.value) / (n + 1)
        entry.power = (entry.power * n + sample.power.value) / (n + 1)
        entry.uncertainty = max(entry.uncertainty, uncertainty) * (n / (n + 1)).squareRoot()
        entry.samples += 1
        entries[index] = entry
        return ScheduleEvaluation(
            schedule: sample.schedule, throughput: QueriesPerSecond(entry.throughput),
            power: Watts(entry.power),
            provenance: sample.provenance, uncertainty: Fraction(entry.uncertainty))
    }

    func trail(_ stop: SearchStop) -> SearchTrail {
        SearchTrail(evaluations: evaluations, path: path, stop: stop)
    }
}
