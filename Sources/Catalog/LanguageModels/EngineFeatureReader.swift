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

    private enum PowerKey: String, SectionKey {
        case source, steepness, midpoint
        case reading = "reading_watts"
        case generating = "generating_watts"
        case range = "range_watts"
    }

    /// Reads `power_law`: two figures, or a curve over the batch.
    static func power(_ value: YAMLValue) throws(FileError) -> ServingPower {
        let keys = try value.section(PowerKey.self)
        let isCurve = keys.optional(.range) != nil
        let (own, others): ([PowerKey], [PowerKey]) =
            isCurve
            ? ([.range, .steepness, .midpoint], [.reading, .generating])
            : ([.reading, .generating], [.steepness, .midpoint])
        for key in others {
            if let value = keys.optional(key) {
                throw .invalidValue(
                    value.place, found: "\(key.rawValue) beside \(own[0].rawValue)",
                    expected: "reading_watts and generating_watts, or range_watts, steepness and midpoint")
            }
        }
        func watts(_ key: PowerKey) throws(FileError) -> Watts {
            Watts(try keys[key].number(.from(0, to: 1e6)))
        }
        let law: ServingPower.Law
        if isCurve {
            try keys.require(.range, .steepness, .midpoint, .source)
            law = .logistic(
                range: try watts(.range), steepness: try keys[.steepness].number(.from(0.01, to: 100)),
                midpoint: try keys[.midpoint].number(.from(-10, to: 20)))
        } else {
            try keys.require(.reading, .generating, .source)
            law = .phases(reading: try watts(.reading), generating: try watts(.generating))
        }
        return ServingPower(law: law, source: try keys[.source].text())
    }
}
