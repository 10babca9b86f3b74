import Profiling
import Quantities
import Store
import Vocabulary

/// The efficiency of a model on a server type from figures that somebody else measured on it.
///
/// A figure counts where it was taken under a latency bound at least as strict as the model's target, or
/// where the measured latency at the target's quantile, or a higher one, is within the limit. The one with
/// the most queries per second wins; of equals the one with the fewest watts.
struct ImportedEfficiency {
    /// The name in place of a search method's.
    static let method = "imported"

    let model: Model
    let serverType: ServerType

    /// The best entry that figures give; nil where none meets the target.
    func entry(
        of figures: [ImportedFigure], target: LatencyTarget, powerBudget: Watts?
    ) -> EfficiencyEntry? {
        lazy var meanItems = QuerySizeSampler(model.querySizes).meanSize
        let candidates = figures.filter { meets(target, $0) }.compactMap { figure in
            rate(of: figure, meanItems: meanItems).flatMap { rate in
                rate > 0 ? (figure: figure, rate: QueriesPerSecond(rate), power: power(of: figure)) : nil
            }
        }
        let affordable = candidates.filter { candidate in
            powerBudget.map { candidate.power.watts <= $0 } ?? true
        }
        let best = affordable.max {
            ($0.rate.value, -$0.power.watts.value) < ($1.rate.value, -$1.power.watts.value)
        }
        guard let best else { return nil }
        return EfficiencyEntry(
            model: model.id, serverType: serverType.id, target: target, powerBudget: powerBudget,
            schedule: schedule(of: best.figure), throughput: best.rate, power: best.power.watts,
            powerProvenance: best.power.provenance, provenance: .imported, method: Self.method,
            evaluations: figures.count, spaceSize: figures.count)
    }

    /// What the figures say as a search's outcome, best or not.
    func outcome(
        of figures: [ImportedFigure], target: LatencyTarget, powerBudget: Watts?
    ) -> SearchOutcome {
        let entry = entry(of: figures, target: target, powerBudget: powerBudget)
        // Without an entry, the first figure stands for what was tried and does not meet the target.
        let tried =
            entry.map {
                ScheduleEvaluation(
                    schedule: $0.schedule, throughput: $0.throughput, power: $0.power, provenance: .imported)
            }
            ?? figures.first.map {
                ScheduleEvaluation(
                    schedule: schedule(of: $0), throughput: .zero, power: power(of: $0).watts,
                    provenance: .imported)
            }
        return SearchOutcome(
            entry: entry, model: model.id, serverType: serverType.id, evaluations: tried.map { [$0] } ?? [],
            path: entry.map { [$0.schedule] } ?? [], stop: .exhausted)
    }

    /// Whether a figure was taken within a latency target.
    private func meets(_ target: LatencyTarget, _ figure: ImportedFigure) -> Bool {
        if let bound = figure.target, bound.quantile >= target.quantile, bound.limit <= target.limit {
            return true
        }
        let known = ImportedFigure.quantiles.filter { $0 >= target.quantile.value }
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
        case .device:
            let devices = Double(figure.devices ?? serverType.accelerator?.count ?? 1)
            return (serverType.power.hostIdle + power * devices, .estimated)
        }
    }

    private func schedule(of figure: ImportedFigure) -> Schedule {
        let copies = figure.concurrency.map { Int(max(1, min($0, 1e6)).rounded()) } ?? figure.devices ?? 1
        return Schedule(partition: .whole, threads: copies, workers: 1, batch: figure.batch ?? 1)
    }
}
