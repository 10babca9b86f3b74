import Quantities
import Vocabulary

/// Running average power limit (RAPL) energy counters of the processor packages, through the kernel's powercap files.
///
/// Counts the packages only, as `intel-rapl:<n>` zones named `package-<n>` do: cores, caches and memory controllers,
/// but neither DRAM modules, fans, disks nor the power supply's losses. The kernel offers AMD's counters by the same
/// names.
public struct RAPLMeter: PowerMeter {
    private struct Domain: Sendable {
        let energyPath: String
        /// The counter starts again at 0 after this value.
        let rangeMicrojoules: UInt64
    }

    private let files: SystemFiles
    private let domains: [Domain]

    /// Finds the package domains and reads each once.
    /// - Parameter root: the directory that holds `sys`; another than `/` is for tests.
    /// - Throws: `unreadable`, with the remedy where it is a matter of permission.
    public init(root: String = "/") throws(ProfilingError) {
        let files = SystemFiles(root: root)
        let zones = "sys/class/powercap"
        var domains: [Domain] = []
        // `intel-rapl:0` is a package, `intel-rapl:0:1` a part of it, `intel-rapl-mmio:0` the same package again.
        for name in files.names(in: zones)
        where name.hasPrefix("intel-rapl:") && name.filter({ $0 == ":" }).count == 1 {
            let zone = "\(zones)/\(name)"
            guard files.text(zone + "/name")?.hasPrefix("package") == true else { continue }
            let range = files.text(zone + "/max_energy_range_uj").flatMap { UInt64($0) }
            guard let range, range > 0 else {
                throw .unreadable(
                    path: files.path(zone + "/max_energy_range_uj"),
                    reason: "found no number, expected the value at which the counter wraps around")
            }
            domains.append(Domain(energyPath: zone + "/energy_uj", rangeMicrojoules: range))
        }
        guard !domains.isEmpty else {
            throw .unreadable(
                path: files.path(zones),
                reason: "found no zone named package-<n>, expected one for each processor; "
                    + "virtual machines usually have none")
        }
        self.files = files
        self.domains = domains
        _ = try reading()
    }

    public var provenance: PowerProvenance { .metered }
    public var boundary: String { "processor packages (RAPL)" }

    public func reading() throws(ProfilingError) -> EnergyReading {
        var microjoules: [UInt64] = []
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
            microjoules.append(value)
        }
        return EnergyReading(takenAt: SystemClock.now(), microjoules: microjoules)
    }

    /// A counter that fell has wrapped around once. More than once cannot be told: a range of 262 kJ lasts 20 minutes
    /// at 200 W, so a span must be shorter than that.
    public func meanPower(from first: EnergyReading, to last: EnergyReading, hostUtilisation: Fraction)
        -> Watts
    {
        var energy = Joules.zero
        for (index, domain) in domains.enumerated() {
            let (before, after) = (first.microjoules[index], last.microjoules[index])
            let spent = after >= before ? after - before : after + (domain.rangeMicrojoules - before)
            energy += Joules(Double(spent) / 1e6)
        }
        let span = last.takenAt - first.takenAt
        return span > .zero ? energy / span : .zero
    }

    private func unreadableReason(_ path: String) -> String {
        guard files.exists(path) else { return "found no file, expected an energy counter" }
        return
            "found a counter that only root may read (the kernel's guard against the PLATYPUS attack), expected "
            + "a readable one; allow it until the next start with: sudo chmod a+r \(files.path(path))"
    }
}
