import Optimization
import Quantities
import Reporting
import Store
import Vocabulary

/// Curves through imported figures: how far they can be trusted between the points, and what they say of a
/// load that keeps to latency targets.
public struct FitStage: Sendable {
    private let store: Store

    /// - Throws: `StoreError` where there is no database, or one this version cannot read.
    public init(path: String) throws { store = try Store(path: path, access: .existing) }

    /// The names of the curves.
    public static var curveNames: [String] { FittedCurve.allCases.map(\.name) }

    // MARK: - Errors

    /// Curves of fewer distinct points have nothing to leave out.
    private static let placesMin = 4

    /// The error of each source's curves, by leaving out each point in turn and asking the others.
    public func errors(as rendering: Rendering) throws -> String {
        var found: [CurveErrors] = []
        for source in try store.importedSources() {
            let figures = try store.importedFigures(source: source)
            found += FittedCurve.allCases.compactMap { Self.errors($0, of: figures, source) }
        }
        return CurveErrorsDocument(found).text(as: rendering)
    }

    private static func errors(
        _ curve: FittedCurve, of figures: [ImportedFigure], _ source: String
    ) -> CurveErrors? {
        let usable = groups(curve, of: figures).map { $0.map(\.point) }
            .filter { Set($0.map(\.x)).count >= placesMin }
        guard !usable.isEmpty else { return nil }
        var errors: [Double] = []
        var residuals: [Double] = []
        for points in usable {
            errors += leftOutErrors(points)
            let mean = points.reduce(0) { $0 + $1.y } / Double(points.count)
            residuals.append(MonotoneCurve(through: points, .rising).residual / mean)
        }
        return CurveErrors(
            source: source, curve: curve, curves: usable.count,
            points: usable.reduce(0) { $0 + $1.count }, leftOut: errors.count,
            errorMedian: quantile(0.5, of: errors), errorP90: quantile(0.9, of: errors),
            residualMedian: quantile(0.5, of: residuals))
    }

    /// Figures with a point on a curve, those on one curve together, in the order of what they share.
    private static func groups(
        _ curve: FittedCurve, of figures: [ImportedFigure]
    ) -> [[(figure: ImportedFigure, point: MonotoneCurve.Knot)]] {
        var groups: [[String]: [(figure: ImportedFigure, point: MonotoneCurve.Knot)]] = [:]
        for figure in figures {
            let point = curve.point(of: figure)
            guard let x = point.x, let y = point.y, y > 0 else { continue }
            groups[curve.group(of: figure), default: []].append((figure, MonotoneCurve.Knot(x: x, y: y)))
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// How far the curve misses each point that is left out of it, as a share of what was found there.
    private static func leftOutErrors(_ points: [MonotoneCurve.Knot]) -> [Double] {
        MonotoneCurve.leftOut(points, .rising).map { abs($0.predicted - $0.found) / $0.found }
    }

    /// nil for no values.
    private static func quantile(_ order: Double, of values: [Double]) -> Fraction? {
        let sorted = values.sorted()
        return sorted.isEmpty
            ? nil : Fraction(sorted[min(sorted.count - 1, Int(order * Double(sorted.count)))])
    }

    private static func shared(
        by figures: [ImportedFigure], through points: [MonotoneCurve.Knot]
    ) -> CurveFigures {
        CurveFigures(
            first: figures[0], count: figures.count, errorMedian: quantile(0.5, of: leftOutErrors(points)))
    }

    // MARK: - Values

    /// What the curves of one kind say at a place: throughput at a number of requests in flight, watts at a
    /// throughput.
    /// - Parameters:
    ///   - isHeld: whether a curve whose points do not reach the place answers with its end, and says so;
    ///     else it is left out.
    /// - Throws: `PipelineError.unknownName` for a model or server that nothing was imported of, or
    ///   `StoreError`.
    public func values(
        of curve: FittedCurve, at place: Double, model: String?, server: String?, isHeld: Bool,
        as rendering: Rendering
    ) throws -> String {
        let figures = try figures(of: model, on: server)
        var readings: [CurveReading] = []
        var outside = 0
        for group in Self.groups(curve, of: figures) where Set(group.map(\.point.x)).count > 1 {
            let points = group.map(\.point)
            let fitted = MonotoneCurve(through: points, .rising)
            let isInside = fitted.hull.contains(place)
            guard isInside || isHeld else {
                outside += 1
                continue
            }
            readings.append(
                CurveReading(
                    figures: Self.shared(by: group.map(\.figure), through: points),
                    lower: fitted.hull.lowerBound, upper: fitted.hull.upperBound,
                    value: fitted.heldValue(at: place), isInside: isInside))
        }
        return CurveReadingsDocument(readings, of: curve, at: place, curvesLeftOut: outside)
            .text(as: rendering)
    }

    /// The figures of a model and a server; nil stands for all.
    /// - Throws: `PipelineError.unknownName` where nothing was imported of them.
    private func figures(of model: String?, on server: String?) throws -> [ImportedFigure] {
        let found = try store.importedFigures(model: model, server: server)
        guard found.isEmpty else { return found }
        let all = try store.importedFigures(isSoundOnly: false)
        for (kind, name, known) in [
            ("imported model", model, Set(all.map(\.model))),
            ("imported server", server, Set(all.map(\.server))),
        ] {
            if let name, !known.contains(name) {
                throw PipelineError.unknownName(kind: kind, found: name, known: known.sorted())
            }
        }
        return found
    }
    // MARK: - Token rates

    /// The highest rate of output tokens of each language model, server and parallelism at which both the
    /// time to the first token and the time per output token keep to their targets. It is read off curves
    /// over the requests in flight; where the targets hold at the most that were measured, the rate there is
    /// given and marked as a lower bound.
    /// - Throws: `PipelineError.unknownName` for a model that nothing was imported of, or `StoreError`.
    public func tokenRates(
        firstToken: Nanoseconds, outputToken: Nanoseconds, model: String?, as rendering: Rendering
    ) throws -> String {
        var groups: [[String]: [ImportedFigure]] = [:]
        for figure in try figures(of: model, on: nil)
        where figure.throughputUnit == .tokens && figure.firstTokenLatency != nil
            && figure.outputTokenLatency != nil && figure.concurrency != nil
        {
            groups[FittedCurve.throughputOverConcurrency.group(of: figure), default: []].append(figure)
        }
        let rates = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { Self.rate($0.value, firstToken, outputToken) }
        return TokenRatesDocument(rates, firstToken: firstToken, outputToken: outputToken)
            .text(as: rendering)
    }

    /// - Parameter figures: at least one.
    private static func rate(
        _ figures: [ImportedFigure], _ firstToken: Nanoseconds, _ outputToken: Nanoseconds
    ) -> TokenRate {
        func curve(_ value: (ImportedFigure) -> Double?) -> MonotoneCurve {
            MonotoneCurve(
                through: figures.compactMap { figure in
                    figure.concurrency.flatMap { x in value(figure).map { MonotoneCurve.Knot(x: x, y: $0) } }
                }, .rising)
        }
        let throughput = curve(\.throughput)
        let limits = [
            (TokenRate.Target.firstToken, curve { $0.firstTokenLatency?.seconds }, firstToken.seconds),
            (TokenRate.Target.outputToken, curve { $0.outputTokenLatency?.seconds }, outputToken.seconds),
        ]
        let hull = throughput.hull
        func broken(at load: Double) -> TokenRate.Target? {
            limits.first { ($0.1.value(at: load) ?? .infinity) > $0.2 }?.0
        }
        let basis = shared(
            by: figures,
            through: groups(.throughputOverConcurrency, of: figures).flatMap { $0.map(\.point) })
        if let target = broken(at: hull.lowerBound) {
            return TokenRate(
                figures: basis, tokensPerSecond: 0, concurrency: hull.lowerBound,
                limit: .missedAtTheLeastLoad(target))
        }
        var (low, high) = (hull.lowerBound, hull.upperBound)
        var limit = TokenRate.Limit.mostMeasured
        if let target = broken(at: high) {
            limit = .target(target)
            // All curves rise, so that the loads that keep to the targets are those up to one point.
            for _ in 0..<60 {
                let middle = (low + high) / 2
                if let target = broken(at: middle) {
                    (high, limit) = (middle, .target(target))
                } else {
                    low = middle
                }
            }
        } else {
            low = high
        }
        return TokenRate(
            figures: basis, tokensPerSecond: throughput.value(at: low) ?? 0, concurrency: low, limit: limit)
    }
}

extension FittedCurve {
    /// A figure's point on the curve; nil where it does not have both numbers.
    fileprivate func point(of figure: ImportedFigure) -> (x: Double?, y: Double?) {
        switch self {
        case .throughputOverConcurrency: (figure.concurrency, figure.throughput)
        case .throughputOverBatch: (figure.batch.map(Double.init), figure.throughput)
        case .latencyOverLoad: (figure.throughput, (figure.p99Latency ?? figure.meanLatency)?.seconds)
        case .wattsOverUtilisation: (figure.utilisation?.value, figure.power?.value)
        case .wattsOverThroughput: (figure.throughput, figure.power?.value)
        }
    }

    /// What else must be equal for figures to lie on one curve.
    fileprivate func group(of figure: ImportedFigure) -> [String] {
        let parts: [String?] = [
            figure.model, figure.server, figure.devices.map { "\($0)" }, figure.parallelism,
            figure.precision, figure.framework, figure.powerLimit.map { "\($0)" },
            figure.inputTokens.map { "\($0)" }, figure.outputTokens.map { "\($0)" },
            figure.offeredRate == nil ? "closed" : "open",
            self == .throughputOverBatch
                ? figure.concurrency.map { "\($0)" }
                : self == .wattsOverUtilisation ? nil : figure.batch.map { "\($0)" },
        ]
        return parts.map { $0 ?? "" }
    }
}
