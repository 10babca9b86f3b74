import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// A library with the names and signatures of NVIDIA's, built from a few lines of C.
@Suite("NVML", .serialized)
struct NVMLMeterTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Device 0 counts energy at a kilowatt by its own clock of calls; device 1 is old and tells power only.
    private static let source = """
        #include <stddef.h>
        static int started;
        static unsigned long long calls;
        int nvmlInit_v2(void) { started++; return INIT_STATUS; }
        int nvmlShutdown(void) { started--; return 0; }
        int nvmlDeviceGetCount_v2(unsigned *count) { *count = DEVICES; return started > 0 ? 0 : 1; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
            *device = (void *)(size_t)(index + 1);
            return index < DEVICES ? 0 : 2;
        }
        int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
            if ((size_t)device != 1) return 3;
            *millijoules = 5000000 + 1000 * calls++;
            return 0;
        }
        int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) {
            *milliwatts = 61500;
            return (size_t)device == 2 ? 0 : POWER_STATUS;
        }
        """

    private func library(devices: Int = 2, initStatus: Int = 0, powerStatus: Int = 0) throws -> String {
        try folder.write(Self.source, to: "nvml.c")
        let path = "\(folder.path)/libfake-\(devices)-\(initStatus)-\(powerStatus).so"
        try SharedLibrary.compile(
            "\(folder.path)/nvml.c", to: path,
            defining: ["DEVICES": devices, "INIT_STATUS": initStatus, "POWER_STATUS": powerStatus])
        return path
    }

    @Test("Energy is counted where the device counts, else power is sampled")
    func devices() throws {
        let meter = try NVMLMeter(libraryName: try library())
        #expect(meter.boundary == "2 accelerators (NVML)")
        #expect(meter.channels.map(\.kind) == [.energy(range: nil), .power])
        var log = PowerLog(channels: meter.channels)
        for second in 0...4 {
            let sample = try meter.sample()
            #expect(sample.values[1] == 61_500_000)
            log.append(PowerSample(takenAt: Nanoseconds(seconds: Double(second)), values: sample.values))
        }
        // A joule between two samples a second apart, and 61.5 W beside it.
        let power = try #require(log.meanPower(from: .zero, to: Nanoseconds(seconds: 4)))
        #expect(abs(power.value - 62.5) < 1e-9)
    }

    @Test("An accelerator's meter is joined to the processors'")
    func joined() throws {
        for (name, value) in [
            ("name", "package-0"), ("energy_uj", "77"), ("max_energy_range_uj", "1000000"),
        ] {
            try folder.write(value + "\n", to: "sys/class/powercap/intel-rapl:0/\(name)")
        }
        var places = PowerSource.Places(root: folder.path)
        places.nvmlLibrary = try library(devices: 1)
        let source = try PowerSource.best(for: Samples.withAccelerator, at: places)
        #expect(source.boundary == "processor packages without DRAM (RAPL) + 1 accelerator (NVML)")
        #expect(source.provenance == .metered)
        #expect(try source.meter?.sample().values.first == 77)
    }

    @Test("What does not work is said with its reason")
    func refusals() throws {
        let absent = #expect(throws: ProfilingError.self) { try NVMLMeter(libraryName: "libnone.so") }
        #expect(absent?.description.contains("libnone.so") == true)
        let noDriver = #expect(throws: ProfilingError.self) {
            try NVMLMeter(libraryName: try library(initStatus: 9))
        }
        #expect(noDriver?.description.contains("the driver is not loaded") == true)
        let none = #expect(throws: ProfilingError.self) {
            try NVMLMeter(libraryName: try library(devices: 0))
        }
        #expect(none?.description.contains("found no device") == true)
        // The third device counts no energy and tells no power either.
        let mute = #expect(throws: ProfilingError.self) {
            try NVMLMeter(libraryName: try library(devices: 3, powerStatus: 4))
        }
        #expect(mute?.description.contains("no permission") == true)
    }
}
