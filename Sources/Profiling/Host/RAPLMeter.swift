import Quantities
import Vocabulary

/// Running average power limit (RAPL) energy counters of the processor packages and their DRAM, through the
/// kernel's powercap files.
///
/// A package, an `intel-rapl:<n>` zone named `package-<n>`, covers cores, caches and memory controllers; its
/// part named `dram` covers the memory modules and is not inside the package's figure. Neither covers fans,
/// disks or the power supply's losses. The kernel offers AMD's package counters by the same names.
public struct RAPLMeter: PowerMeter {
    private struct Domain: Sendable {
        let energyPath: String
        let channel: PowerChannel
    }

    private let files: SystemFiles
    private let domains: [Domain]

    /// Finds the domains and reads each once.
    /// - Parameter root: the directory that holds `sys`; another than `/` is for tests.
    /// - Throws: `unreadable`, with the remedy where it is a matter of permission.
    public init(root: String = "/") throws(ProfilingError) {
        let files = SystemFiles(root: root)
        let zones = "sys/class/powercap"
        var domains: [Domain] = []
        // `intel-rapl:0` is a package, `intel-rapl:0:1` a part of it, `intel-rapl-mmio:0` the same package
        // again.
        for name in files.names(in: zones) where name.hasPrefix("intel-rapl:") {
            let zone = "\(zones)/\(name)"
            guard let label = files.text(zone + "/name") else { continue }
            let isPart = name.filter { $0 == ":" }.count > 1
            // Cores and the uncore graphics are inside the package; the platform's zone holds everything
            // again.
            guard isPart ? label == "dram" : label.hasPrefix("package") else { continue }
            let range = files.text(zone + "/max_energy_range_uj").flatMap { UInt64($0) }
            guard let range, range > 0 else {
                throw .unreadable(
                    path: files.path(zone + "/max_energy_range_uj"),
                    reason: "found no number, expected the value at which the counter wraps around")
            }
            domains.append(
                Domain(
                    energyPath: zone + "/energy_uj",
                    channel: PowerChannel(name: "\(name) \(label)", kind: .energy(range: range))))
        }
        guard domains.contains(where: { $0.channel.name.contains(" package") }) else {
            throw .unreadable(
                path: files.path(zones),
                reason: "found no zone named package-<n>, expected one for each processor; "
                    + "virtual machines usually have none")
        }
        self.files = files
        self.domains = domains
        _ = try sample()
    }

    public var channels: [PowerChannel] { domains.map(\.channel) }
    public var boundary: String {
        let hasMemory = domains.contains { $0.channel.name.hasSuffix(" dram") }
        return hasMemory ? "processor packages and DRAM (RAPL)" : "processor packages without DRAM (RAPL)"
    }

    public func sample() throws(ProfilingError) -> PowerSample {
        let takenAt = SystemClock.now()
        var values: [UInt64] = []
        for domain in domains {
            guard let text = files.text(domain.energyPath) else {
                throw .unreadable(
                    path: files.path(domain.energyPath), reason: unreadableReason(domain.energyPath))
            }
            guard let value = UInt64(text) else {
                throw .unreadable(
                    path: files.path(domain.energyPath),
                    reason: "found \(text), expected a number of microjoules")
            }
            values.append(value)
        }
        return PowerSample(takenAt: takenAt, values: values)
    }

    private func unreadableReason(_ path: String) -> String {
        guard files.exists(path) else { return "found no file, expected an energy counter" }
        return
            """
            found a counter that only root may read (the kernel's guard against the PLATYPUS attack), \
            expected
            """
                + " a readable one; allow it until the next start with: sudo chmod a+r \(files.path(path))"
    }
}
