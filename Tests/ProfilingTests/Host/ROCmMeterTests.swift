import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// A library with the names and signatures of ROCm's, built from a few lines of C.
@Suite("ROCm", .serialized)
struct ROCmMeterTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Device 0 counts two joules with every look, in ticks of 15.3 microjoules; device 1 tells power only.
    private static let source = """
        #include <stdint.h>
        static int started;
        static double joules = 100;
        int rsmi_init(uint64_t flags) { started++; return flags == 0 ? INIT_STATUS : 1; }
        int rsmi_shut_down(void) { started--; return 0; }
        int rsmi_num_monitor_devices(uint32_t *count) { *count = DEVICES; return started > 0 ? 0 : 8; }
        int rsmi_dev_energy_count_get(uint32_t device, uint64_t *ticks, float *resolution, uint64_t *time) {
            if (device != 0) return 2;
            joules += 2;
            *resolution = 15.3f;
            *ticks = (uint64_t)(joules * 1e6 / 15.3);
            *time = 1;
            return 0;
        }
        int rsmi_dev_power_ave_get(uint32_t device, uint32_t sensor, uint64_t *microwatts) {
            *microwatts = 88000000;
            return device == 1 && sensor == 0 ? 0 : 4;
        }
        """

    private func library(devices: Int = 2, initStatus: Int = 0) throws -> String {
        try folder.write(Self.source, to: "rocm.c")
        let path = "\(folder.path)/librocm-\(devices)-\(initStatus).so"
        try SharedLibrary.compile(
            "\(folder.path)/rocm.c", to: path, defining: ["DEVICES": devices, "INIT_STATUS": initStatus])
        return path
    }

    @Test("Energy is counted where the device counts, else power is sampled")
    func devices() throws {
        let meter = try ROCmMeter(libraryName: try library())
        #expect(meter.boundary == "2 accelerators (ROCm)")
        #expect(meter.channels.map(\.kind) == [.energy(range: nil), .power])
        var log = PowerLog(channels: meter.channels)
        for second in 0...4 {
            let sample = try meter.sample()
            #expect(sample.values[1] == 88_000_000)
            log.append(PowerSample(takenAt: Nanoseconds(seconds: Double(second)), values: sample.values))
        }
        let power = try #require(log.meanPower(from: .zero, to: Nanoseconds(seconds: 4)))
        #expect(abs(power.value - 90) < 1e-3)
    }

    @Test("It meters where there is no device of the other vendor, and the host stays estimated")
    func chosen() throws {
        var places = PowerSource.Places(root: folder.path)
        places.nvmlLibrary = "libnone.so"
        places.rocmLibrary = try library(devices: 1)
        let source = try PowerSource.best(for: Samples.withAccelerator, at: places)
        #expect(source.boundary.hasPrefix("1 accelerator (ROCm), metered; the rest"), "\(source.boundary)")
        #expect(source.provenance == .estimated)
    }

    @Test("What does not work is said with its reason")
    func refusals() throws {
        let absent = #expect(throws: ProfilingError.self) { try ROCmMeter(libraryName: "libnone.so") }
        #expect(absent?.description.contains("AMD's ROCm") == true)
        let closed = #expect(throws: ProfilingError.self) {
            try ROCmMeter(libraryName: try library(initStatus: 8))
        }
        #expect(closed?.description.contains("could not be initialized") == true)
        let none = #expect(throws: ProfilingError.self) {
            try ROCmMeter(libraryName: try library(devices: 0))
        }
        #expect(none?.description.contains("found no device") == true)
        // The third device tells neither.
        let mute = #expect(throws: ProfilingError.self) {
            try ROCmMeter(libraryName: try library(devices: 3))
        }
        #expect(mute?.description.contains("no permission") == true)
    }
}
