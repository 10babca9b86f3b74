import Profiling
import Quantities
import Store
import Vocabulary

/// The efficiency of a model on a server type from figures that somebody else measured on it.
///
/// A figure counts where it was taken under a latency bound at least as strict as the model's target, or
/// where the measured latency at the target's quantile, or a higher one, is within the limit; requests that
/// failed count as late. Figures of the user's own come before published ones. Of either, the one with the
/// most queries per second after its derating wins; of equals the one with the fewest watts.
struct ImportedEfficiency {
    /// The name in place of a search method's.
    static let method = "imported"

    let model: Model
    let serverType: ServerType

    /// A figure that meets the target, with what a plan may count on.
    private struct Candidate {
        let figure: ImportedFigure
        let rate: QueriesPerSecond
        let watts: Watts
        let wattsProvenance: PowerProvenance

        var isOwn: Bool { figure.isOwn == true }
    }

    /// The entry that figures give; nil where none meets the target.
    func entry(
        of figures: [ImportedFigure], target: LatencyTarget, powerBudget: Watts?
    ) -> EfficiencyEntry? {
        outcome(of: figures, target: target, powerBudget: powerBudget).entry
    }

    /// What the figures say as a search's outcome, best or not. The best published figure stands beside an
    /// own one that comes before it.
    func outcome(
        of figures: [ImportedFigure], target: LatencyTarget, powerBudget: Watts?
    ) -> SearchOutcome {
        let candidates = candidates(figures, target, powerBudget)
        let own = Self.best(of: candidates.filter(\.isOwn))
        let published = Self.best(of: candidates.filter { !$0.isOwn })
        let best = own ?? published
        var tried = [own, published].compactMap { $0 }.map {
            ScheduleEvaluation(
                schedule: schedule(of: $0.figure), throughput: $0.rate, power: $0.watts,
                provenance: .imported)
        }
        // Without an entry, the first figure stands for what was tried and does not meet the target.
        if tried.isEmpty, let first = figures.first {
            tried = [
                ScheduleEvaluation(
                    schedule: schedule(of: first), throughput: .zero, power: power(of: first).watts,
                    provenance: .imported)
            ]
        }
        let entry = best.map {
            EfficiencyEntry(
                model: model.id, serverType: serverType.id, target: target, powerBudget: powerBudget,
                schedule: schedule(of: $0.figure), throughput: $0.rate, power: $0.watts,
                powerProvenance: $0.wattsProvenance, provenance: .imported, method: Self.method,
                evaluations: figures.count, spaceSize: figures.count)
        }
        return SearchOutcome(
            entry: entry, model: model.id, serverType: serverType.id, evaluations: tried,
            path: entry.map { [$0.schedule] } ?? [], stop: .exhausted)
    }

    private func candidates(
        _ figures: [ImportedFigure], _ target: LatencyTarget, _ powerBudget: Watts?
    ) -> [Candidate] {
        lazy var meanItems = QuerySizeSampler(model.querySizes).meanSize
        return figures.filter { meets(target, $0) }.compactMap { figure in
            guard let stated = rate(of: figure, meanItems: meanItems) else { return nil }
            let rate = stated * (figure.derating?.value ?? 1)
            let power = power(of: figure)
            guard rate > 0, powerBudget.map({ power.watts <= $0 }) ?? true else { return nil }
            return Candidate(
                figure: figure, rate: QueriesPerSecond(rate), watts: power.watts,
                wattsProvenance: power.provenance)
        }
    }

    private static func best(of candidates: [Candidate]) -> Candidate? {
        candidates.max {
            ($0.rate.value, -$0.watts.value) < ($1.rate.value, -$1.watts.value)
        }
    }

    /// Whether a figure was taken within a latency target.
    private func meets(_ target: LatencyTarget, _ figure: ImportedFigure) -> Bool {
        let answered = 1 - (figure.failedFraction ?? 0)
        if let bound = figure.target, bound.quantile.value * answered >= target.quantile.value,
            bound.limit <= target.limit
        {
            return true
        }
        let known = ImportedFigure.quantiles.filter { $0 * answered >= target.quantile.value }
            .compactMap { figure.latency(at: $0) }
        return known.first.map { $0 <= target.limit } ?? false
    }

    /// Queries per second of the whole server; nil where the figure does not say what a query is.
    /// - Parameter meanItems: of a query of the model.
    private func rate(of figure: ImportedFigure, meanItems: @autoclosure () -> Double) -> Double? {
        guard let throughput = figure.throughput, let unit = figure.throughputUnit else { return nil }
        switch unit {
        case .queries: return throughput
        case .items: return throughput / meanItems()
        case .tokens: return figure.requestRate
        case .epochs: return nil
        }
    }

    /// Watts of the whole server. Those of a device leave the host out, which then counts as idle.
    private func power(of figure: ImportedFigure) -> (watts: Watts, provenance: PowerProvenance) {
        let full = serverType.power.peak
        guard let power = figure.power, let scope = figure.powerScope else { return (full, .estimated) }
        switch scope {
        case .system: return (power, figure.powerProvenance ?? .estimated)
        case .devices: return (serverType.power.hostIdle + power, .estimated)
        case .device:
            let devices = Double(figure.devices ?? serverType.accelerator?.count ?? 1)
            return (serverType.power.hostIdle + power * devices, .estimated)
        }
    }

    /// What the source says of the load; nothing is made up where it says nothing.
    private func schedule(of figure: ImportedFigure) -> Schedule {
        .reported(
            ReportedLoad(
                concurrency: figure.concurrency, requestItems: figure.batch, devices: figure.devices,
                parallelism: figure.parallelism, precision: figure.precision,
                inputTokens: figure.inputTokens, outputTokens: figure.outputTokens, source: figure.source,
                isOwn: figure.isOwn == true, derating: figure.derating?.value))
    }
}
