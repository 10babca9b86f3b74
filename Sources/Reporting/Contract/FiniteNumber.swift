import Quantities

/// A number as JSON knows it: null where it is absent or not finite, never left out.
struct FiniteNumber: Encodable {
    private let value: Double?

    init(_ value: Double?) { self.value = value.flatMap { $0.isFinite ? $0 : nil } }
    init(_ quantity: (some ScalarQuantity)?) { self.init(quantity?.value) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// A string, or null where there is none, never left out.
struct NullableString: Encodable {
    private let value: String?

    init(_ value: String?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// A whole number, or null where there is none, never left out.
struct NullableInteger: Encodable {
    private let value: Int?

    init(_ value: Int?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// The sources of a set of efficiency entries, counted.
struct ProvenanceJSON: Encodable {
    let measured: Int
    let imported: Int
    let modelled: Int
    let wattsMetered: Int
    let wattsEstimated: Int

    init(_ mix: ProvenanceMix) {
        measured = mix.figures[.measured] ?? 0
        imported = mix.figures[.imported] ?? 0
        modelled = mix.figures[.modelled] ?? 0
        wattsMetered = mix.powerFigures[.metered] ?? 0
        wattsEstimated = mix.powerFigures[.estimated] ?? 0
    }
}
