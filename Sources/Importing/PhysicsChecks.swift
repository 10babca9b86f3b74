import Files
import Quantities
import Vocabulary

/// Holds imported figures against laws that no measurement breaks.
public struct PhysicsChecks: Sendable {
    private let limits: [HardwareLimit]
    private let cache = LimitCache()

    /// Requests in flight may differ from rate x latency by this share: warm-up and what is in flight at the
    /// ends of a run.
    static let littleTolerance = 0.2
    /// Rounded figures of energy may differ from watts / throughput by this share.
    static let energyTolerance = 0.1
    /// Phases of a run may differ from its whole by this share.
    static let phaseTolerance = 0.25
    /// Boards overshoot their cap for moments, and datasheets round.
    static let powerTolerance = 0.1
    /// More failures than this among all requests make a figure one of another service.
    static let failuresMax = 0.01
    /// No single device in a server draws more than this, known or not.
    static let deviceWattsMax = 3000.0
    /// What a server may draw beside its devices.
    static let hostWattsMax = 4000.0

    public init(limits: [HardwareLimit]) { self.limits = limits }

    /// What the laws say of a figure. O(1) after the first figure of a device.
    public func verdict(on figure: ImportedFigure) -> FigureVerdict {
        var verdict = FigureVerdict()
        func note(_ check: FigureCheck, _ finding: Finding?) {
            if let finding { verdict.note(check, finding.reason) }
        }
        note(.little, Self.little(figure))
        note(.quantiles, Self.quantiles(figure))
        note(.energy, Self.energy(figure))
        note(.power, power(figure))
        note(.roofline, roofline(figure))
        note(.phases, Self.phases(figure))
        note(.failures, Self.failures(figure))
        note(.validity, figure.invalidity.map { Finding(reason: $0) })
        return verdict
    }

    /// The outcome of a law that applies.
    private struct Finding {
        /// nil where it holds.
        let reason: String?

        static let held = Finding(reason: nil)

        init(reason: String?) { self.reason = reason }

        init(_ found: Double, expected: Double, tolerance: Double, _ what: String) {
            let isClose = abs(found - expected) <= tolerance * expected
            reason = isClose ? nil : what
        }
    }

    private static func little(_ figure: ImportedFigure) -> Finding? {
        guard !figure.isThroughputDerived, figure.isConcurrencyDerived != true,
            let concurrency = figure.concurrency,
            let rate = figure.requestRate, let latency = figure.meanLatency
        else { return nil }
        return Finding(
            rate * latency.seconds, expected: concurrency, tolerance: littleTolerance,
            "requests in flight are not rate x mean latency (Little's law)")
    }

    private static func quantiles(_ figure: ImportedFigure) -> Finding? {
        let latency = ImportedFigure.quantiles.compactMap { figure.latency(at: $0) }
        let tails = [figure.firstTokenTail, figure.outputTokenTail, figure.interTokenTail].map {
            $0?.known ?? []
        }
        let known = ([latency] + tails).filter { $0.count >= 2 }
        guard !known.isEmpty else { return nil }
        let ascends = known.allSatisfy { tail in zip(tail, tail.dropFirst()).allSatisfy { $0 <= $1 } }
        return ascends ? .held : Finding(reason: "a higher quantile of latency is smaller than a lower one")
    }

    private static func energy(_ figure: ImportedFigure) -> Finding? {
        guard let energy = figure.energyPerItem, let power = figure.power, let throughput = figure.throughput,
            throughput > 0
        else { return nil }
        // Watts of one device of an unknown number say nothing of the whole.
        guard let devices = figure.powerScope == .device ? figure.devices : 1 else { return nil }
        return Finding(
            energy.value, expected: power.value * Double(devices) / throughput, tolerance: energyTolerance,
            "energy per item is not watts / throughput")
    }

    private static func phases(_ figure: ImportedFigure) -> Finding? {
        guard let first = figure.firstTokenLatency, let each = figure.outputTokenLatency,
            let tokens = figure.outputTokens, tokens >= 1, let whole = figure.meanLatency
        else { return nil }
        return Finding(
            first.seconds + each.seconds * (tokens - 1), expected: whole.seconds, tolerance: phaseTolerance,
            "time to the first token and per output token do not add up to the latency")
    }

    private static func failures(_ figure: ImportedFigure) -> Finding? {
        guard let failed = figure.failedRequests else { return nil }
        // Without the number of those answered, any failure is too many.
        let share = figure.failedFraction ?? (failed > 0 ? 1 : 0)
        return share <= failuresMax ? .held : Finding(reason: "more than 1 % of the requests failed")
    }

    private func power(_ figure: ImportedFigure) -> Finding? {
        guard let power = figure.power, let scope = figure.powerScope else { return nil }
        guard power > .zero else { return Finding(reason: "no power at all") }
        let slack = 1 + Self.powerTolerance
        if let cap = figure.powerLimit, scope == .device, power.value > cap.value * slack {
            return Finding(reason: "watts exceed the cap that the device was held to")
        }
        let limit = cache.limit(of: figure, among: limits)
        let most = (limit?.maximumPower.value ?? Self.deviceWattsMax) * slack
        let idle = limit?.idlePower?.value ?? 0
        switch scope {
        case .device:
            if power.value > most { return Finding(reason: "watts exceed the maximum of the device") }
            if power.value < idle { return Finding(reason: "watts are below what the device draws idle") }
        case .devices:
            // How many they are has to be known before they are held against one datasheet.
            guard let count = figure.devices else { return .held }
            let devices = Double(count)
            if power.value > most * devices {
                return Finding(reason: "watts exceed the maximum of the devices")
            }
            if power.value < idle * devices {
                return Finding(reason: "watts are below what the devices draw idle")
            }
        case .system:
            // How many devices there are beside the first has to be known for a limit above.
            if let devices = figure.devices, power.value > most * Double(devices) + Self.hostWattsMax {
                return Finding(reason: "watts exceed the maximum of the server's devices and host")
            }
            if power.value < idle * Double(figure.devices ?? 1) {
                return Finding(reason: "watts are below what the devices draw idle")
            }
        }
        return .held
    }

    /// A language model computes two operations for each parameter and token, at least; tokens put in count
    /// too.
    private func roofline(_ figure: ImportedFigure) -> Finding? {
        guard figure.throughputUnit == .tokens, let throughput = figure.throughput,
            let parameters = ModelSize.parametersInUse(of: figure.model),
            let peak = cache.limit(of: figure, among: limits)?.halfPeak, let devices = figure.devices
        else { return nil }
        let perOutput =
            1 + (figure.outputTokens.flatMap { $0 > 0 ? (figure.inputTokens ?? 0) / $0 : nil } ?? 0)
        let asked = throughput * perOutput * 2 * parameters
        let speedup =
            switch figure.precision?.lowercased() {
            case "fp8", "int8": 2.0
            case "fp4", "nvfp4", "int4": 4.0
            default: 1.0
            }
        let most = peak.value * Double(devices) * speedup
        return asked <= most ? .held : Finding(reason: "more arithmetic per second than the hardware's peak")
    }
}

/// Limits by name, as a file names few devices in many rows. For one thread at a time.
private final class LimitCache: @unchecked Sendable {
    // Unchecked: an import reads its rows one after the other.
    private var known: [String: HardwareLimit?] = [:]

    func limit(of figure: ImportedFigure, among limits: [HardwareLimit]) -> HardwareLimit? {
        if let found = known[figure.server] { return found }
        let found = HardwareNames.limits(of: figure.server, among: limits)
        known.updateValue(found, forKey: figure.server)
        return found
    }
}

/// How large a language model is, by its name.
enum ModelSize {
    /// The parameters that a token passes: `Qwen3-235B-A22B` says 22e9, `Mixtral-8x7B` at least 7e9. nil
    /// where the name does not say.
    static func parametersInUse(of name: String) -> Double? {
        let lowered = name.lowercased()
        if let known = mixtures.first(where: { lowered.contains($0.name) }) { return known.parameters }
        var active: Double?
        var total: Double?
        let words = name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == ".") }
        for word in words where word.hasSuffix("b") {
            let body = word.dropLast()
            if body.first == "a", let number = number(body.dropFirst()) {
                active = number
            } else if let number = number(body.split(separator: "x").last ?? body[...]) {
                total = max(total ?? 0, number)
            }
        }
        return (active ?? total).map { $0 * 1e9 }
    }

    /// Mixtures of experts whose names give all parameters; these are the ones in use, from their model
    /// cards.
    private static let mixtures: [(name: String, parameters: Double)] = [
        ("gpt-oss-120b", 5.1e9), ("gpt-oss-20b", 3.6e9),
    ]

    private static func number(_ text: some StringProtocol) -> Double? {
        guard let first = text.first, first.isNumber else { return nil }
        return DecimalNumber.value(of: String(text)).flatMap { $0 > 0 && $0 < 1e5 ? $0 : nil }
    }
}
