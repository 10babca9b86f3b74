import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("Power meters")
struct PowerMeterTests {
    private let root: TemporaryDirectory

    init() throws { root = try TemporaryDirectory() }

    private func zone(_ name: String, label: String, energy: String, range: String = "1000000000") throws {
        let path = "sys/class/powercap/\(name)"
        try root.write(label + "\n", to: path + "/name")
        try root.write(energy + "\n", to: path + "/energy_uj")
        try root.write(range + "\n", to: path + "/max_energy_range_uj")
    }

    private func twoPackages() throws {
        try zone("intel-rapl:0", label: "package-0", energy: "100")
        try zone("intel-rapl:0:0", label: "core", energy: "5")
        try zone("intel-rapl:1", label: "package-1", energy: "200", range: "262143328850")
        try zone("intel-rapl:2", label: "psys", energy: "7")
        try zone("intel-rapl-mmio:0", label: "package-0", energy: "100")
    }

    private func reading(_ seconds: Double, _ microjoules: [UInt64]) -> EnergyReading {
        EnergyReading(takenAt: Nanoseconds(seconds: seconds), microjoules: microjoules)
    }

    @Test("Packages are summed; parts, the platform and duplicates are left out")
    func packages() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        #expect(meter.provenance == .metered)
        let power = meter.meanPower(
            from: reading(10, [1_000_000, 0]), to: reading(12, [61_000_000, 20_000_000]),
            hostUtilisation: Fraction(0))
        #expect(abs(power.value - 40) < 1e-9)
    }

    @Test("Two readings of the files give the energy between them")
    func readings() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        let before = try meter.reading()
        try root.write("2500000100\n", to: "sys/class/powercap/intel-rapl:1/energy_uj")
        let after = try meter.reading()
        let power = meter.meanPower(from: before, to: after, hostUtilisation: Fraction(0))
        #expect(power > .zero)
        // The counter that stood still adds nothing, or the wrap-around of the other would show.
        #expect(meter.meanPower(from: before, to: before, hostUtilisation: Fraction(0)) == .zero)
    }

    @Test("A counter that wrapped around is continued at its own range")
    func wraparound() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        let power = meter.meanPower(
            from: reading(0, [999_000_000, 262_143_000_000]), to: reading(2, [1_000_000, 671_150]),
            hostUtilisation: Fraction(0))
        // 1 J + 1 J of the first package, 0.32885 J + 0.67115 J of the second, in 2 s.
        #expect(abs(power.value - 1.5) < 1e-9)
    }

    @Test("A counter that may not be read is an error that says how to allow it")
    func permission() throws {
        try twoPackages()
        // Root reads any file, but nobody reads a directory as one.
        let path = "sys/class/powercap/intel-rapl:1/energy_uj"
        try FileManager.default.removeItem(atPath: "\(root.path)/\(path)")
        try root.makeDirectory(path)
        let error = #expect(throws: ProfilingError.self) { try RAPLMeter(root: root.path) }
        #expect(error?.description.contains("sudo chmod a+r \(root.path)/\(path)") == true)
    }

    @Test("Without energy counters power is estimated, and the reason is told")
    func fallback() throws {
        let (meter, reason) = PowerMeters.best(for: Samples.serverType, root: root.path)
        #expect(meter.provenance == .estimated)
        #expect(reason?.contains("sys/class/powercap") == true)
        let now = try meter.reading()
        // 40 W idle, 120 W peak, k = 0.5: at half load s = 0.5 / (0.5 + 0.5 x 0.5) = 2/3.
        let half = meter.meanPower(from: now, to: now, hostUtilisation: Fraction(0.5))
        #expect(abs(half.value - (40 + 80 * 2 / 3)) < 1e-9)
    }

    @Test("With energy counters the meter is preferred")
    func preferred() throws {
        try twoPackages()
        let (meter, reason) = PowerMeters.best(for: Samples.serverType, root: root.path)
        #expect(meter.provenance == .metered)
        #expect(reason == nil)
    }

    @Test("A wrong counter file is an error that names the file and what it holds")
    func garbage() throws {
        try zone("intel-rapl:0", label: "package-0", energy: "lots")
        let error = #expect(throws: ProfilingError.self) { try RAPLMeter(root: root.path) }
        #expect(error?.description.contains("found lots, expected a number of microjoules") == true)
    }
}
