import Files
import Quantities
import Vocabulary

/// Reads `lifecycle` of an engine.
enum EngineLifecycleReader {
    private enum Key: String, SectionKey {
        case source
        case bootsAt = "boots_at_s"
        case boot = "boot_s"
        case weights = "weights_gb_per_s"
        case bootWatts = "boot_watts"
        case failsAt = "fails_at_s"
        case meanToFailure = "mean_to_failure_s"
        case repair = "repair_s"
        case drainsAt = "drains_at_s"
    }

    private static let year = 31_536_000.0

    static func lifecycle(_ value: YAMLValue) throws(FileError) -> EngineLifecycle {
        let keys = try value.section(Key.self)
        try keys.require(.source)
        func seconds(_ key: Key) throws(FileError) -> Double? {
            try keys.optional(key)?.number(.from(0, to: year / 4))
        }
        var failures: [Double] = []
        if let list = keys.optional(.failsAt) {
            for item in try list.filledList(max: 10_000) {
                let time = try item.number(.from(0, to: year / 4))
                if let last = failures.last, time <= last {
                    throw .invalidValue(item.place, found: "\(time) after \(last)", expected: "a later time")
                }
                failures.append(time)
            }
        }
        let mean = try keys.optional(.meanToFailure)?.number(.from(1, to: 1e9))
        if failures.isEmpty, mean == nil, let repair = keys.optional(.repair) {
            throw .invalidValue(
                repair.place, found: "repair_s without failures",
                expected: "fails_at_s or mean_to_failure_s beside it")
        }
        return EngineLifecycle(
            bootsAt: try seconds(.bootsAt) ?? 0, bootSeconds: try seconds(.boot) ?? 0,
            weightsBandwidth: (try keys.optional(.weights)?.number(.from(0.001, to: 100_000))).map {
                $0 * 1e9
            },
            bootWatts: (try keys.optional(.bootWatts)?.number(.from(0, to: 1e6))).map { Watts($0) },
            failsAt: failures, meanToFailure: mean, repairSeconds: try seconds(.repair),
            drainsAt: try seconds(.drainsAt), source: try keys[.source].text())
    }
}
