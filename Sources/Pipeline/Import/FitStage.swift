import Optimization
import Quantities
import Reporting
import Store
import Vocabulary

/// Curves through imported figures: how far they can be trusted between the points, and what they say of a
/// load that keeps to latency targets.
public struct FitStage: Sendable {
    /// What is fitted against what. Throughput, watts and latency all rise.
    public enum Curve: String, CaseIterable, Sendable {
        case throughputOverConcurrency = "throughput over concurrency"
        case throughputOverBatch = "throughput over batch"
        case latencyOverLoad = "latency over throughput"
        case wattsOverUtilisation = "watts over utilisation"
        case wattsOverThroughput = "watts over throughput"

        /// In one word.
        public var name: String { rawValue.replacing(" ", with: "-") }

        var unit: String {
            switch self {
            case .throughputOverConcurrency, .throughputOverBatch: "per second"
            case .latencyOverLoad: "s"
            case .wattsOverUtilisation, .wattsOverThroughput: "W"
            }
        }

        /// A figure's point on the curve; nil where it does not have both numbers.
        func point(of figure: ImportedFigure) -> (x: Double?, y: Double?) {
            switch self {
            case .throughputOverConcurrency: (figure.concurrency, figure.throughput)
            case .throughputOverBatch: (figure.batch.map(Double.init), figure.throughput)
            case .latencyOverLoad: (figure.throughput, (figure.p99Latency ?? figure.meanLatency)?.seconds)
            case .wattsOverUtilisation: (figure.utilisation?.value, figure.power?.value)
            case .wattsOverThroughput: (figure.throughput, figure.power?.value)
            }
        }

        /// What else must be equal for figures to lie on one curve.
        func group(of figure: ImportedFigure) -> [String] {
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

    private let store: Store

    /// - Throws: `StoreError` where there is no database, or one this version cannot read.
    public init(path: String) throws { store = try Store(path: path, access: .existing) }

    /// Curves of fewer distinct points have nothing to leave out.
    private static let placesMin = 4

    /// The error of each source's curves, by leaving out each point in turn and asking the others.
    public func errors(as rendering: Rendering) throws -> String {
        var rows: [[Table.Cell]] = []
        for source in try store.importedSources() {
            let figures = try store.importedFigures(source: source)
            for curve in Curve.allCases {
                if let row = Self.errors(curve, of: figures, source) { rows.append(row) }
            }
        }
        return rendering.render(
            Table(
                caption: "Monotone curves through imported figures, each inner point left out in turn",
                columns: [
                    .init("source", "Source", .text), .init("curve", "Curve", .text),
                    .init("curves", "Curves", .plain), .init("points", "Points", .plain),
                    .init("leftOut", "Left out", .plain),
                    .init("errorMedianFraction", "Median error", .fraction),
                    .init("errorP90Fraction", "p90 error", .fraction),
                    .init("residualMedianFraction", "Median residual", .fraction),
                ], keyColumnCount: 2, rows: rows))
    }

    private static func errors(
        _ curve: Curve, of figures: [ImportedFigure], _ source: String
    ) -> [Table.Cell]? {
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
        return [
            .text(source), .text(curve.rawValue), .integer(usable.count),
            .integer(usable.reduce(0) { $0 + $1.count }), .integer(errors.count),
            .number(quantile(0.5, of: errors)), .number(quantile(0.9, of: errors)),
            .number(quantile(0.5, of: residuals)),
        ]
    }

    /// Figures with a point on a curve, those on one curve together, in the order of what they share.
    private static func groups(
        _ curve: Curve, of figures: [ImportedFigure]
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

    /// The median of these errors; missing where no point can be left out.
    private static func medianError(_ points: [MonotoneCurve.Knot]) -> Table.Cell {
        let errors = leftOutErrors(points)
        return errors.isEmpty ? .missing : .number(quantile(0.5, of: errors))
    }

    private static func quantile(_ order: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(order * Double(sorted.count)))]
    }
}

// MARK: - Values

extension FitStage {
    /// What the curves of one kind say at a place: throughput at a number of requests in flight, watts at a
    /// throughput.
    /// - Parameters:
    ///   - isHeld: whether a curve whose points do not reach the place answers with its end, and says so;
    ///     else it is left out.
    /// - Throws: `PipelineError.unknownName` for a model or server that nothing was imported of, or
    ///   `StoreError`.
    public func values(
        of curve: Curve, at place: Double, model: String?, server: String?, isHeld: Bool,
        as rendering: Rendering
    ) throws -> String {
        let figures = try figures(of: model, on: server)
        var rows: [[Table.Cell]] = []
        var outside = 0
        for group in Self.groups(curve, of: figures) where Set(group.map(\.point.x)).count > 1 {
            let fitted = MonotoneCurve(through: group.map(\.point), .rising)
            let isInside = fitted.hull.contains(place)
            guard isInside || isHeld else {
                outside += 1
                continue
            }
            rows.append(
                Self.head(of: group[0].figure, points: group.count) + [
                    .number(fitted.hull.lowerBound), .number(fitted.hull.upperBound),
                    .number(fitted.heldValue(at: place).rounded(significantDigits: 4)), .text(curve.unit),
                    .text(isInside ? "between points" : "held at the end"),
                    Self.medianError(group.map(\.point)),
                ])
        }
        let left = outside == 0 ? "" : "; \(outside) curves do not reach there and are left out"
        return rendering.render(
            Table(
                caption: "\(curve.rawValue), at \(place)\(left)",
                columns: Self.headColumns + [
                    .init("from", "From", .plain), .init("to", "To", .plain), .init("value", "Value", .plain),
                    .init("unit", "Unit", .text), .init("basis", "Basis", .tag),
                    .init("errorMedianFraction", "Curve's error", .fraction),
                ], keyColumnCount: 4, rows: rows))
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

    private static var headColumns: [Table.Column] {
        [
            .init("model", "Model", .text), .init("server", "Server", .text),
            .init("devices", "Devices", .plain), .init("parallelism", "Parallelism", .text),
            .init("precision", "Precision", .text), .init("framework", "Framework", .text),
            .init("inputTokens", "In", .plain), .init("outputTokens", "Out", .plain),
            .init("points", "Points", .plain),
        ]
    }

    private static func head(of first: ImportedFigure, points: Int) -> [Table.Cell] {
        [
            .text(first.model), .text(first.server), first.devices.map { .integer($0) } ?? .missing,
            first.parallelism.map { .text($0) } ?? .missing, first.precision.map { .text($0) } ?? .missing,
            first.framework.map { .text($0) } ?? .missing, first.inputTokens.map { .number($0) } ?? .missing,
            first.outputTokens.map { .number($0) } ?? .missing, .integer(points),
        ]
    }
}

// MARK: - Token rates

extension FitStage {
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
            groups[Curve.throughputOverConcurrency.group(of: figure), default: []].append(figure)
        }
        var rows: [[Table.Cell]] = []
        for (_, figures) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard let row = Self.row(figures, firstToken, outputToken) else { continue }
            rows.append(row)
        }
        return rendering.render(
            Table(
                caption: "Output tokens/s with \(firstToken) to the first token and \(outputToken) for each",
                columns: Self.headColumns + [
                    .init("tokensPerSecond", "Tokens/s", .plain),
                    .init("concurrentQueries", "In flight", .plain), .init("limit", "Limited by", .tag),
                    .init("errorMedianFraction", "Curve's error", .fraction),
                ], keyColumnCount: 4, rows: rows))
    }

    private static func row(
        _ figures: [ImportedFigure], _ firstToken: Nanoseconds, _ outputToken: Nanoseconds
    ) -> [Table.Cell]? {
        guard let first = figures.first else { return nil }
        func curve(_ value: (ImportedFigure) -> Double?) -> MonotoneCurve {
            MonotoneCurve(
                through: figures.compactMap { figure in
                    figure.concurrency.flatMap { x in value(figure).map { MonotoneCurve.Knot(x: x, y: $0) } }
                }, .rising)
        }
        let throughput = curve(\.throughput)
        let limits = [
            ("first token", curve { $0.firstTokenLatency?.seconds }, firstToken.seconds),
            ("output token", curve { $0.outputTokenLatency?.seconds }, outputToken.seconds),
        ]
        let hull = throughput.hull
        func broken(at load: Double) -> String? {
            limits.first { ($0.1.value(at: load) ?? .infinity) > $0.2 }?.0
        }
        let head = head(of: first, points: figures.count)
        let error = medianError(groups(.throughputOverConcurrency, of: figures).flatMap { $0.map(\.point) })
        if let reason = broken(at: hull.lowerBound) {
            return head + [
                .number(0), .number(hull.lowerBound), .text("\(reason) at the least load"), error,
            ]
        }
        var (low, high) = (hull.lowerBound, hull.upperBound)
        var limit = "the most measured"
        if let reason = broken(at: high) {
            limit = reason
            // All curves rise, so that the loads that keep to the targets are those up to one point.
            for _ in 0..<60 {
                let middle = (low + high) / 2
                if let reason = broken(at: middle) { (high, limit) = (middle, reason) } else { low = middle }
            }
        } else {
            low = high
        }
        return head + [
            .number((throughput.value(at: low) ?? 0).rounded(significantDigits: 4)),
            .number(low.rounded(significantDigits: 4)), .text(limit), error,
        ]
    }
}
