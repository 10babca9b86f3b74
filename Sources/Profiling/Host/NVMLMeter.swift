import Quantities

/// NVIDIA's accelerators, through their management library, loaded at run time.
///
/// Volta and newer devices count millijoules since the driver was loaded; of older ones the present power is
/// sampled. The boundary is the device with its memory, not the host.
public final class NVMLMeter: PowerMeter, @unchecked Sendable {
    // Unchecked: everything is written in the initializer, and the library may be called from any thread.

    private typealias Call = @convention(c) () -> Int32
    private typealias CountCall = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias HandleCall = @convention(c) (UInt32, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias EnergyCall = @convention(c) (OpaquePointer, UnsafeMutablePointer<UInt64>) -> Int32
    private typealias PowerCall = @convention(c) (OpaquePointer, UnsafeMutablePointer<UInt32>) -> Int32

    private struct Device {
        let handle: OpaquePointer
        let countsEnergy: Bool
    }

    private let library: MeterLibrary
    private let energy: EnergyCall
    private let power: PowerCall
    private let shutDown: Call
    private let devices: [Device]
    public let channels: [PowerChannel]

    /// Loads the library and reads each device once.
    /// - Throws: `notInstalled` where the library is missing, `unreadable` where a device tells neither
    ///   energy nor power.
    public init(libraryName: String = "libnvidia-ml.so.1") throws(ProfilingError) {
        let library = try MeterLibrary(
            libraryName, remedy: "it comes with NVIDIA's driver, and only where there is a device")
        let start = try library.function("nvmlInit_v2", as: Call.self)
        let count = try library.function("nvmlDeviceGetCount_v2", as: CountCall.self)
        let device = try library.function("nvmlDeviceGetHandleByIndex_v2", as: HandleCall.self)
        let energy = try library.function("nvmlDeviceGetTotalEnergyConsumption", as: EnergyCall.self)
        let power = try library.function("nvmlDeviceGetPowerUsage", as: PowerCall.self)
        let shutDown = try library.function("nvmlShutdown", as: Call.self)
        try Self.check(start(), "nvmlInit_v2", library)
        var devices: [Device] = []
        do throws(ProfilingError) {
            var found: UInt32 = 0
            try Self.check(count(&found), "nvmlDeviceGetCount_v2", library)
            guard found > 0 else {
                throw .unreadable(path: libraryName, reason: "found no device, expected at least one")
            }
            for index in 0..<found {
                var handle: OpaquePointer?
                try Self.check(device(index, &handle), "nvmlDeviceGetHandleByIndex_v2", library)
                guard let handle else {
                    throw .unreadable(path: libraryName, reason: "device \(index) has no handle")
                }
                var millijoules: UInt64 = 0
                let countsEnergy = energy(handle, &millijoules) == 0
                if !countsEnergy {
                    var milliwatts: UInt32 = 0
                    try Self.check(power(handle, &milliwatts), "nvmlDeviceGetPowerUsage", library)
                }
                devices.append(Device(handle: handle, countsEnergy: countsEnergy))
            }
        } catch {
            _ = shutDown()
            throw error
        }
        self.library = library
        self.energy = energy
        self.power = power
        self.shutDown = shutDown
        self.devices = devices
        channels = devices.enumerated().map { index, device in
            PowerChannel(name: "device \(index)", kind: device.countsEnergy ? .energy(range: nil) : .power)
        }
    }

    deinit { _ = shutDown() }

    public var boundary: String {
        "\(devices.count) accelerator\(devices.count == 1 ? "" : "s") (NVML)"
    }

    public func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        var values: [UInt64] = []
        for device in devices {
            if device.countsEnergy {
                var millijoules: UInt64 = 0
                try Self.check(
                    energy(device.handle, &millijoules), "nvmlDeviceGetTotalEnergyConsumption", library)
                values.append(millijoules * 1000)
            } else {
                var milliwatts: UInt32 = 0
                try Self.check(power(device.handle, &milliwatts), "nvmlDeviceGetPowerUsage", library)
                values.append(UInt64(milliwatts) * 1000)
            }
        }
        return PowerSample(takenAt: takenAt, values: values)
    }

    private static func check(
        _ status: Int32, _ call: String, _ library: MeterLibrary
    ) throws(ProfilingError) {
        try library.check(status, call) {
            switch $0 {
            case 3: "not supported by the device"
            case 4: "no permission"
            case 9: "the driver is not loaded"
            case 15: "the device has fallen off the bus"
            case 18: "library and driver are of different versions"
            default: "see nvmlReturn_t"
            }
        }
    }
}
