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
        try zone("intel-rapl:0:1", label: "dram", energy: "50", range: "65712999613")
        try zone("intel-rapl:1", label: "package-1", energy: "200", range: "262143328850")
        try zone("intel-rapl:2", label: "psys", energy: "7")
        try zone("intel-rapl-mmio:0", label: "package-0", energy: "100")
    }

    /// A log of a meter's channels from readings in microjoules or microwatts.
    private func log(_ meter: any PowerMeter, _ readings: [(Double, [UInt64])]) -> PowerLog {
        var log = PowerLog(channels: meter.channels)
        for (seconds, values) in readings {
            log.append(PowerSample(takenAt: Nanoseconds(seconds: seconds), values: values))
        }
        return log
    }

    private func mean(_ log: PowerLog, _ from: Double, _ to: Double) throws -> Double {
        try #require(log.meanPower(from: Nanoseconds(seconds: from), to: Nanoseconds(seconds: to))).value
    }

    private func source(_ type: ServerType = Samples.serverType, nvml: String = "none.so") throws
        -> PowerSource
    {
        var places = PowerSource.Places(root: root.path)
        places.nvmlLibrary = nvml
        return try PowerSource.best(for: type, at: places)
    }

    @Test("Packages and their DRAM are summed; parts, the platform and duplicates are left out")
    func packages() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        #expect(
            meter.channels.map(\.name) == [
                "intel-rapl:0 package-0", "intel-rapl:0:1 dram", "intel-rapl:1 package-1",
            ])
        #expect(meter.boundary == "processor packages and DRAM (RAPL)")
        let log = self.log(meter, [(10, [1_000_000, 0, 0]), (12, [61_000_000, 4_000_000, 20_000_000])])
        #expect(abs(try mean(log, 10, 12) - 42) < 1e-9)
    }

    @Test("Samples of the files follow them")
    func readings() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        #expect(try meter.sample().values == [100, 50, 200])
        try root.write("2500000100\n", to: "sys/class/powercap/intel-rapl:1/energy_uj")
        #expect(try meter.sample().values == [100, 50, 2_500_000_100])
    }

    @Test("A counter that wrapped around is continued at its own range, once between any two samples")
    func wraparound() throws {
        try twoPackages()
        let meter = try RAPLMeter(root: root.path)
        // 1 J + 1 J of the first package, 0.32885 J + 0.67115 J of the second, in 2 s.
        let once = log(
            meter, [(0, [999_000_000, 0, 262_143_000_000]), (2, [1_000_000, 0, 671_150])])
        #expect(abs(try mean(once, 0, 2) - 1.5) < 1e-9)
        // Three rounds of a kilojoule each, seen at 600 J steps.
        let steps = (0...5).map { step in
            (Double(step), [UInt64(step) * 600_000_000 % 1_000_000_000, UInt64(0), UInt64(0)])
        }
        #expect(abs(try mean(log(meter, steps), 0, 5) - 600) < 1e-9)
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
        // The estimate that follows tells the same.
        #expect(try source().reasonForEstimate?.contains("sudo chmod a+r") == true)
    }

    @Test("Without any instrument power is estimated, and the reason is told")
    func fallback() throws {
        let source = try self.source()
        #expect(source.meter == nil)
        #expect(source.provenance == .estimated)
        #expect(source.reasonForEstimate?.contains("sys/class/powercap") == true)
        #expect(source.boundary.contains("estimated"))
    }

    @Test("With energy counters the meter is preferred, and the board's own sensor to them")
    func preferred() throws {
        try twoPackages()
        #expect(try source().provenance == .metered)
        #expect(try source().boundary == "processor packages and DRAM (RAPL)")
        #expect(try source().reasonForEstimate == nil)
        try root.write("power_meter\n", to: "sys/class/hwmon/hwmon3/name")
        try root.write("231000000\n", to: "sys/class/hwmon/hwmon3/power1_average")
        try root.write("k10temp\n", to: "sys/class/hwmon/hwmon0/name")
        let board = try source()
        #expect(board.boundary == "whole board (ACPI power meter)")
        #expect(try board.meter?.sample().values == [231_000_000])
    }

    @Test("AMD accelerators are read where the server type has some, by either name of their sensor")
    func amdgpu() throws {
        try twoPackages()
        try root.write("amdgpu\n", to: "sys/class/hwmon/hwmon1/name")
        try root.write("95000000\n", to: "sys/class/hwmon/hwmon1/power1_average")
        try root.write("amdgpu\n", to: "sys/class/hwmon/hwmon2/name")
        try root.write("105000000\n", to: "sys/class/hwmon/hwmon2/power1_input")
        #expect(try source().meter?.channels.count == 3)
        let both = try source(Samples.withAccelerator)
        #expect(both.boundary == "processor packages and DRAM (RAPL) + accelerators (amdgpu)")
        #expect(both.provenance == .metered)
        #expect(try both.meter?.sample().values == [100, 50, 200, 95_000_000, 105_000_000])
    }

    @Test("Where only accelerators are metered, the total counts as estimated and says what is what")
    func mixed() throws {
        try root.write("amdgpu\n", to: "sys/class/hwmon/hwmon1/name")
        try root.write("95000000\n", to: "sys/class/hwmon/hwmon1/power1_average")
        let source = try self.source(Samples.withAccelerator)
        #expect(source.provenance == .estimated)
        #expect(source.boundary.hasPrefix("accelerators (amdgpu), metered; the rest of the board estimated"))
    }

    @Test("A wrong counter file is an error that names the file and what it holds")
    func garbage() throws {
        try zone("intel-rapl:0", label: "package-0", energy: "lots")
        let error = #expect(throws: ProfilingError.self) { try RAPLMeter(root: root.path) }
        #expect(error?.description.contains("found lots, expected a number of microjoules") == true)
    }

    @Test("Only the measured window counts: the mean of the whole log is another figure")
    func window() throws {
        let meter = FakeMeter([PowerChannel(name: "outlet", kind: .power)])
        // A minute of loading at 1 kW, two minutes of load at 6 kW, a minute of idling at 0.5 kW; a reading a
        // second.
        let readings = (0..<240).map { second in
            (
                Double(second),
                [UInt64(second < 60 ? 1_000_000_000 : second < 180 ? 6_000_000_000 : 500_000_000)]
            )
        }
        let log = self.log(meter, readings)
        let naive = readings.reduce(0.0) { $0 + Double($1.1[0]) / 1e6 } / Double(readings.count)
        let inWindow = try mean(log, 60, 179)
        #expect(abs(naive - 3375) < 1e-9)
        #expect(abs(inWindow - 6000) < 1e-9)
        #expect(naive < 0.6 * inWindow)
    }

    @Test("A window between two samples is cut out of both kinds of channel")
    func interpolation() throws {
        let meter = FakeMeter([
            PowerChannel(name: "counter", kind: .energy(range: nil)),
            PowerChannel(name: "gauge", kind: .power),
        ])
        // The counter runs at 10 W, then at 30 W; the gauge rises from 0 to 20 W and stays.
        let log = self.log(
            meter, [(0, [0, 0]), (10, [100_000_000, 20_000_000]), (20, [400_000_000, 20_000_000])])
        // 5...15 s: 50 J + 150 J, and (10 + 20) / 2 x 5 s + 20 x 5 s = 175 J, over 10 s.
        #expect(abs(try mean(log, 5, 15) - 37.5) < 1e-9)
        // A window that reaches beyond the log counts for what the log covers.
        #expect(abs(try mean(log, 15, 99) - 50) < 1e-9)
        #expect(log.meanPower(from: Nanoseconds(seconds: 30), to: Nanoseconds(seconds: 40)) == nil)
        #expect(PowerLog(channels: []).meanPower(from: .zero, to: Nanoseconds(seconds: 1)) == nil)
    }

    @Test("An external meter is read line by line from a program")
    func command() throws {
        let meter = try CommandMeter("echo '# booting'; echo; echo 231.5; sleep 60")
        #expect(try meter.sample().values == [231_500_000])
        #expect(meter.boundary == "external meter (echo '# booting'; echo; echo 231.5; sleep 60)")
        var places = PowerSource.Places(root: root.path)
        places.command = "while echo 12; do sleep 0.05; done"
        let source = try PowerSource.best(for: Samples.serverType, at: places)
        #expect(source.provenance == .metered)
    }

    @Test(
        "A meter that does not speak, ends or talks nonsense is an error, never an estimate",
        arguments: [
            ("sleep 60", "no reading"), ("true", "the program ended"), ("echo 12 W; sleep 60", "12 W"),
            ("echo -5; sleep 60", "-5"),
        ])
    func silentCommand(command: String, reason: String) {
        let error = #expect(throws: ProfilingError.self) { try CommandMeter(command, patience: 1) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
        #expect(error?.description.contains("watts a line") == true)
    }
}

/// Channels without an instrument.
private struct FakeMeter: PowerMeter {
    let channels: [PowerChannel]
    var boundary: String { "fake" }
    init(_ channels: [PowerChannel]) { self.channels = channels }
    func sample() throws(ProfilingError) -> PowerSample { preconditionFailure("never read") }
}
