import Foundation
import Quantities
import Vocabulary

/// Where the watts of a measurement come from on this machine: an instrument, the server type's figures, or
/// both.
public struct PowerSource: Sendable {
    /// nil where nothing can be metered.
    public let meter: (any PowerMeter)?
    /// What is computed from utilisation and added to what is metered; nil where all is metered.
    let estimate: PowerCurve?
    /// Why something is estimated; nil where all is metered.
    public let reasonForEstimate: String?

    /// A total that is partly computed counts as estimated.
    public var provenance: PowerProvenance { estimate == nil ? .metered : .estimated }

    /// What is covered, for people.
    public var boundary: String {
        let estimated = "from idle and peak power and utilisation"
        return switch (meter, estimate) {
        case (let meter?, nil): meter.boundary
        case (let meter?, _?): "\(meter.boundary), metered; the rest of the board estimated \(estimated)"
        case (nil, _): "board, estimated \(estimated)"
        }
    }

    /// Where a machine's instruments are looked for.
    public struct Places: Hashable, Sendable {
        /// The directory that holds `sys`; another than `/` is for tests.
        public var root = "/"
        /// A program that prints the reading of an external meter (`CommandMeter`); nil where there is none.
        public var command: String?
        /// NVIDIA's management library.
        public var nvmlLibrary = "libnvidia-ml.so.1"
        /// AMD's.
        public var rocmLibrary = "librocm_smi64.so"

        public init(root: String = "/", command: String? = nil) {
            self.root = root
            self.command = command
        }
    }

    /// Picks what covers the most: an external meter alone, the board's own sensor alone, else the
    /// processors' counters with the accelerators', and an estimate of what none of them tells.
    /// - Throws: where an external meter was asked for and does not work: a silent fallback would label a
    ///   guess as good as what was asked for.
    public static func best(
        for serverType: ServerType, at places: Places = Places()
    ) throws(ProfilingError) -> PowerSource {
        if let command = places.command {
            return PowerSource(meter: try CommandMeter(command), estimate: nil, reasonForEstimate: nil)
        }
        if let board = HwmonMeter.board(root: places.root) {
            return PowerSource(meter: board, estimate: nil, reasonForEstimate: nil)
        }
        var meters: [any PowerMeter] = []
        var reasons: [String] = []
        var curve: PowerCurve? = serverType.power
        do throws(ProfilingError) {
            meters.append(try RAPLMeter(root: places.root))
            curve = curve?.acceleratorsOnly
        } catch {
            reasons.append("\(error)")
        }
        if serverType.accelerator == nil {
            curve = meters.isEmpty ? curve : nil
        } else if let accelerators = HwmonMeter.accelerators(root: places.root) {
            meters.append(accelerators)
            curve = meters.count == 2 ? nil : curve?.hostOnly
        } else {
            do throws(ProfilingError) {
                meters.append(try acceleratorLibrary(places, &reasons))
                curve = meters.count == 2 ? nil : curve?.hostOnly
            } catch {
                reasons.append("\(error)")
            }
        }
        return PowerSource(
            meter: meters.isEmpty ? nil : CombinedMeter(meters: meters), estimate: curve,
            reasonForEstimate: curve == nil ? nil : reasons.joined(separator: "; "))
    }

    /// The library of one vendor or the other.
    /// - Parameter reasons: gets why the first is not it.
    private static func acceleratorLibrary(
        _ places: Places, _ reasons: inout [String]
    ) throws(ProfilingError) -> any PowerMeter {
        do throws(ProfilingError) {
            return try NVMLMeter(libraryName: places.nvmlLibrary)
        } catch {
            reasons.append("\(error)")
        }
        return try ROCmMeter(libraryName: places.rocmLibrary)
    }

    /// Mean power over a span of a log, with the estimate of what is not metered.
    /// - Parameter log: nil where nothing is metered.
    func meanPower(
        _ log: PowerLog?, from begin: Nanoseconds, to end: Nanoseconds, hostUtilisation: Double
    ) -> Watts? {
        let computed = estimate?.power(hostUtilisation: hostUtilisation, acceleratorUtilisation: 0)
        guard meter != nil else { return computed }
        guard let metered = log?.meanPower(from: begin, to: end) else { return nil }
        return computed.map { metered + $0 } ?? metered
    }

    /// Power with nothing running: metered for a moment where that can be, else from the figures.
    func idlePower(for span: Nanoseconds) throws(ProfilingError) -> Watts? {
        guard let meter else { return estimate?.idle }
        var log = PowerLog(channels: meter.channels)
        let begin = SystemClock.now()
        let looks = 10
        for look in 0...looks {
            SystemClock.sleep(
                until: begin + Nanoseconds(span.count * Int64(look) / Int64(looks)), watching: .zero)
            log.append(try meter.sample())
        }
        return log.meanPower(from: begin, to: begin + span).map { $0 + (estimate?.idle ?? .zero) }
    }
}

extension PowerCurve {
    fileprivate var hostOnly: PowerCurve {
        PowerCurve(
            hostIdle: hostIdle, hostPeak: hostPeak, acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: halfLoadFactor)
    }

    fileprivate var acceleratorsOnly: PowerCurve {
        PowerCurve(
            hostIdle: .zero, hostPeak: .zero, acceleratorIdle: acceleratorIdle,
            acceleratorPeak: acceleratorPeak, halfLoadFactor: halfLoadFactor)
    }
}
