import Quantities

/// AMD's accelerators, through ROCm's management library, loaded at run time.
///
/// Devices that accumulate energy are counted; of others the mean power the firmware reports is sampled. The
/// boundary is the device with its memory, not the host. It stands in where the kernel's own sensors
/// (`HwmonMeter`) cannot be read, as in containers that are given the device alone.
public final class ROCmMeter: PowerMeter, @unchecked Sendable {
    // Unchecked: everything is written in the initializer, and the library takes a lock in each call.

    private typealias InitCall = @convention(c) (UInt64) -> Int32
    private typealias Call = @convention(c) () -> Int32
    private typealias CountCall = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias EnergyCall =
        @convention(c) (
            UInt32, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<UInt64>
        ) -> Int32
    private typealias PowerCall = @convention(c) (UInt32, UInt32, UnsafeMutablePointer<UInt64>) -> Int32

    private let library: MeterLibrary
    private let energy: EnergyCall
    private let power: PowerCall
    private let shutDown: Call
    /// For each device, whether it counts energy.
    private let countsEnergy: [Bool]
    public let channels: [PowerChannel]

    /// Loads the library and reads each device once.
    /// - Throws: `noMeter` where the library is missing, `unreadable` where a device tells neither energy nor
    ///   power.
    public init(libraryName: String = "librocm_smi64.so") throws(ProfilingError) {
        let library = try MeterLibrary(libraryName, remedy: "it comes with AMD's ROCm")
        let start = try library.function("rsmi_init", as: InitCall.self)
        let count = try library.function("rsmi_num_monitor_devices", as: CountCall.self)
        let energy = try library.function("rsmi_dev_energy_count_get", as: EnergyCall.self)
        let power = try library.function("rsmi_dev_power_ave_get", as: PowerCall.self)
        let shutDown = try library.function("rsmi_shut_down", as: Call.self)
        try Self.check(start(0), "rsmi_init", library)
        var countsEnergy: [Bool] = []
        do throws(ProfilingError) {
            var found: UInt32 = 0
            try Self.check(count(&found), "rsmi_num_monitor_devices", library)
            guard found > 0 else {
                throw .unreadable(path: libraryName, reason: "found no device, expected at least one")
            }
            for device in 0..<found {
                let counts = Self.microjoules(energy, device).status == 0
                if !counts {
                    var microwatts: UInt64 = 0
                    try Self.check(power(device, 0, &microwatts), "rsmi_dev_power_ave_get", library)
                }
                countsEnergy.append(counts)
            }
        } catch {
            _ = shutDown()
            throw error
        }
        self.library = library
        self.energy = energy
        self.power = power
        self.shutDown = shutDown
        self.countsEnergy = countsEnergy
        channels = countsEnergy.enumerated().map { index, counts in
            PowerChannel(name: "device \(index)", kind: counts ? .energy(range: nil) : .power)
        }
    }

    deinit { _ = shutDown() }

    public var boundary: String {
        "\(countsEnergy.count) accelerator\(countsEnergy.count == 1 ? "" : "s") (ROCm)"
    }

    public func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        var values: [UInt64] = []
        for (index, counts) in countsEnergy.enumerated() {
            if counts {
                let found = Self.microjoules(energy, UInt32(index))
                try Self.check(found.status, "rsmi_dev_energy_count_get", library)
                values.append(found.value)
            } else {
                var microwatts: UInt64 = 0
                try Self.check(power(UInt32(index), 0, &microwatts), "rsmi_dev_power_ave_get", library)
                values.append(microwatts)
            }
        }
        return PowerSample(takenAt: takenAt, values: values)
    }

    /// The library counts ticks, and tells how many microjoules one is.
    private static func microjoules(_ call: EnergyCall, _ device: UInt32) -> (status: Int32, value: UInt64) {
        var (ticks, time): (UInt64, UInt64) = (0, 0)
        var resolution: Float = 0
        let status = call(device, &ticks, &resolution, &time)
        let value = Double(ticks) * Double(resolution)
        guard status == 0, value >= 0, value < 0x1p63 else { return (status == 0 ? 1 : status, 0) }
        return (0, UInt64(value))
    }

    private static func check(
        _ status: Int32, _ call: String, _ library: MeterLibrary
    ) throws(ProfilingError) {
        try library.check(status, call) {
            switch $0 {
            case 2: "not supported by the device"
            case 3: "a file of the driver cannot be read"
            case 4: "no permission"
            case 8: "the library could not be initialized"
            default: "see rsmi_status_t"
            }
        }
    }
}
