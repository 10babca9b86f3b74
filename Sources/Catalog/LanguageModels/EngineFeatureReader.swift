import Files
import Quantities
import Vocabulary

/// Reads what an engine of a cluster may have beside its rules: drafts, links, a law of power.
enum EngineFeatureReader {
    private enum DraftKey: String, SectionKey {
        case tokens, acceptance
        case milliseconds = "draft_ms"
        case share = "draft_share"
    }

    /// Reads `speculative`.
    static func drafts(_ value: YAMLValue) throws(FileError) -> DraftRule {
        let keys = try value.section(DraftKey.self)
        try keys.require(.tokens, .acceptance)
        return DraftRule(
            tokens: try keys[.tokens].wholeNumber(to: 64),
            acceptance: try keys[.acceptance].number(.from(0, to: 1)),
            seconds: (try keys.optional(.milliseconds)?.number(.from(0, to: 1000)) ?? 0) / 1000,
            share: try keys.optional(.share)?.number(.from(0, to: 1)) ?? 0)
    }

    private enum LinkKey: String, SectionKey {
        case source
        case bandwidth = "link_gb_per_s"
        case latency = "link_us"
    }

    /// Reads `interconnect`.
    static func interconnect(_ value: YAMLValue) throws(FileError) -> AcceleratorLink {
        let keys = try value.section(LinkKey.self)
        try keys.require(.bandwidth, .source)
        var latency: Double?
        if let value = keys.optional(.latency) { latency = try value.number(.from(0, to: 1e6)) * 1e-6 }
        return AcceleratorLink(
            bandwidth: try keys[.bandwidth].number(.from(0.01, to: 100_000)) * 1e9,
            latencySeconds: latency, source: try keys[.source].text())
    }

    private enum PowerKey: String, SectionKey, CaseIterable {
        case source, steepness, midpoint
        case reading = "reading_watts"
        case generating = "generating_watts"
        case range = "range_watts"
        case running = "running_watts"
        case compute = "compute_watts"
        case memory = "memory_watts"
    }

    private static let powerForms =
        "reading_watts and generating_watts, or range_watts, steepness and midpoint, or running_watts, "
        + "compute_watts and memory_watts"

    /// Reads `power_law`: two figures, a curve over the batch, or shares of the device's peaks.
    static func power(_ value: YAMLValue) throws(FileError) -> ServingPower {
        let keys = try value.section(PowerKey.self)
        let own: [PowerKey] =
            if keys.optional(.range) != nil {
                [.range, .steepness, .midpoint]
            } else if keys.optional(.running) != nil {
                [.running, .compute, .memory]
            } else {
                [.reading, .generating]
            }
        for key in PowerKey.allCases where key != .source && !own.contains(key) {
            if let value = keys.optional(key) {
                throw .invalidValue(
                    value.place, found: "\(key.rawValue) beside \(own[0].rawValue)", expected: powerForms)
            }
        }
        func watts(_ key: PowerKey) throws(FileError) -> Watts {
            Watts(try keys[key].number(.from(0, to: 1e6)))
        }
        let law: ServingPower.Law
        switch own[0] {
        case .range:
            try keys.require(.range, .steepness, .midpoint, .source)
            law = .logistic(
                range: try watts(.range), steepness: try keys[.steepness].number(.from(0.01, to: 100)),
                midpoint: try keys[.midpoint].number(.from(-10, to: 20)))
        case .running:
            try keys.require(.running, .compute, .memory, .source)
            law = .mix(
                running: try watts(.running), arithmetic: try watts(.compute), memory: try watts(.memory))
        default:
            try keys.require(.reading, .generating, .source)
            law = .phases(reading: try watts(.reading), generating: try watts(.generating))
        }
        return ServingPower(law: law, source: try keys[.source].text())
    }
}
