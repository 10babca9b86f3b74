import Foundation
import Optimization
import Profiling
import Quantities
import Store
import Vocabulary

extension Diagnosis {
    /// Looks at this machine, changing nothing, for `hercules doctor`.
    /// - Parameter database: looked into where it exists.
    public static func ofThisMachine(database: String) -> Diagnosis {
        Diagnosis(findings: [
            finding("host") {
                let host = try HostProbe().host()
                let gibibytes = (host.memory.value / 1_073_741_824 * 10).rounded() / 10
                return "\(host.processor), \(host.cores) cores, \(gibibytes) GiB, \(host.operatingSystem)"
            },
            finding("inference engine") {
                let engine = try OpenVINOEngine(
                    models: GeneratedModels(directory: Measurer.modelsDirectory), seed: 0)
                return "\(engine.name) \(engine.version)"
            },
            finding("HTTP client") { try CurlLibrary.shared().version },
            finding("integer programs") { "HiGHS \(try HiGHSSolver().version)" },
            finding("model generator") { try GeneratedModels.Generator.find().python },
            finding("plots") { try PlotlyScript.path() },
            finding("power") { powerSource() },
            finding("database") {
                guard FileManager.default.fileExists(atPath: database) else {
                    return "\(database) does not exist yet; `hercules run` makes it"
                }
                let tables = try Store(path: database, access: .existing).tables()
                return "\(database), \(tables.reduce(0) { $0 + ($1.kind == .table ? $1.rowCount : 0) }) rows"
            },
        ])
    }

    /// A machine without a meter is not ill: its watts are estimated and say so.
    private static func powerSource() -> String {
        var metered: [String] = []
        var reasons: [String] = []
        func look(_ meter: () throws -> any PowerMeter) {
            do { metered.append(try meter().boundary) } catch { reasons.append("\(error)") }
        }
        if let command = PowerSource.Places.ofEnvironment.command { look { try CommandMeter(command) } }
        look { try RAPLMeter() }
        look { try NVMLMeter() }
        guard !metered.isEmpty else {
            return "estimated from the server type's idle and peak watts, because "
                + reasons.joined(separator: "; ")
        }
        return "metered: " + metered.joined(separator: " + ")
    }

    private static func finding(_ subject: String, _ look: () throws -> String) -> Finding {
        do {
            return Finding(subject: subject, isMissing: false, detail: try look())
        } catch {
            return Finding(subject: subject, isMissing: true, detail: "\(error)")
        }
    }
}
