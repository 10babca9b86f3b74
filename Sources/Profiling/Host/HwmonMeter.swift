import Quantities

/// Power sensors that kernel drivers offer under `sys/class/hwmon`, in microwatts.
///
/// Two kinds are understood: `power_meter`, the ACPI sensor of the whole board, and `amdgpu`, one for each
/// AMD accelerator.
public struct HwmonMeter: PowerMeter {
    private let files: SystemFiles
    private let paths: [String]
    public let channels: [PowerChannel]
    public let boundary: String

    /// The board's own sensor; nil where there is none that can be read.
    static func board(root: String) -> HwmonMeter? {
        HwmonMeter(root: root, driver: "power_meter", boundary: "whole board (ACPI power meter)")
    }

    /// AMD's accelerators; nil where there is none that can be read.
    static func accelerators(root: String) -> HwmonMeter? {
        HwmonMeter(root: root, driver: "amdgpu", boundary: "accelerators (amdgpu)")
    }

    private init?(root: String, driver: String, boundary: String) {
        let files = SystemFiles(root: root)
        let directory = "sys/class/hwmon"
        var paths: [String] = []
        for name in files.names(in: directory) where files.text("\(directory)/\(name)/name") == driver {
            // Newer accelerators report the present power instead of an average over the last second.
            let found = ["power1_average", "power1_input"].map { "\(directory)/\(name)/\($0)" }
                .first { files.text($0).flatMap { UInt64($0) } != nil }
            if let found { paths.append(found) }
        }
        guard !paths.isEmpty else { return nil }
        self.files = files
        self.paths = paths
        self.boundary = boundary
        channels = paths.map { PowerChannel(name: $0, kind: .power) }
    }

    public func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        var values: [UInt64] = []
        for path in paths {
            guard let value = files.text(path).flatMap({ UInt64($0) }) else {
                throw .unreadable(
                    path: files.path(path),
                    reason: "found no number, expected microwatts, as there were before")
            }
            values.append(value)
        }
        return PowerSample(takenAt: takenAt, values: values)
    }
}
