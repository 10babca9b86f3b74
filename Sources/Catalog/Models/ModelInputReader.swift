import Files
import Vocabulary

/// Reads the `inputs` of a model that is run on tensors.
///
///     inputs:
///       - name: dense
///         element_type: float32
///         shape: [batch, 13]
///         range: [0, 1]               # uniform; the upper end is excluded
///       - name: items
///         element_type: int64
///         shape: [batch, 4]
///         rows: 100_000               # row numbers of an embedding table, from 0
///         index_distribution: {zipf: 1.05}
///         row_bytes: 256              # what one lookup reads; a cache line unless given
enum ModelInputReader {
    enum Key: String, SectionKey {
        case name
        case elementType = "element_type"
        case shape, range, rows
        case indexDistribution = "index_distribution"
        case rowBytes = "row_bytes"
    }

    private enum DistributionKey: String, SectionKey {
        case zipf
    }

    static func inputs(_ value: YAMLValue) throws(FileError) -> [ModelInput] {
        var inputs: [ModelInput] = []
        for item in try value.filledList() {
            let section = try item.section(Key.self)
            let name = try section[.name].text()
            if inputs.contains(where: { $0.name == name }) {
                throw .invalidValue(
                    try section[.name].place, found: "\(name) a second time", expected: "every input once")
            }
            inputs.append(try input(section, name: name))
        }
        guard inputs.contains(where: \.hasBatch) else {
            throw .invalidValue(
                value.place, found: "no input with a batch dimension",
                expected: "batch in the shape of at least one")
        }
        return inputs
    }

    private static func input(_ section: YAMLSection<Key>, name: String) throws(FileError) -> ModelInput {
        let types = ModelInput.ElementType.allCases
        let word = try section[.elementType].choice(of: types.map(\.rawValue))
        guard let type = ModelInput.ElementType(rawValue: word) else {
            throw try section[.elementType].refusal(expected: types.map(\.rawValue).joined(separator: ", "))
        }
        let shape = try shape(section[.shape])
        let width = ModelInput(name: name, elementType: type, shape: shape, values: .uniform).width
        return ModelInput(
            name: name, elementType: type, shape: shape, values: try values(section, type, width: width))
    }

    private static func shape(_ value: YAMLValue) throws(FileError) -> [ModelInput.Dimension] {
        var shape: [ModelInput.Dimension] = []
        // An empty list is a scalar's.
        for item in try value.list() {
            guard item.plainText == "batch" else {
                shape.append(.fixed(try item.wholeNumber(to: 100_000_000)))
                continue
            }
            guard !shape.contains(.batch) else {
                throw .invalidValue(item.place, found: "batch a second time", expected: "one batch dimension")
            }
            shape.append(.batch)
        }
        return shape
    }

    private static func values(
        _ section: YAMLSection<Key>, _ type: ModelInput.ElementType, width: Int
    ) throws(FileError) -> ModelInput.Values {
        let (key, value) = try section.either(.range, .rows)
        guard key == .rows else {
            for other in [Key.indexDistribution, .rowBytes] {
                if let value = section.optional(other) {
                    throw .invalidValue(
                        value.place, found: "this key beside range", expected: "rows beside it")
                }
            }
            return try range(value, of: type)
        }
        let limit = largest(type)
        let rows = try value.wholeNumber(to: 1_000_000_000_000)
        guard Double(rows) - 1 <= limit, type.isWhole, type != .bool else {
            throw value.refusal(expected: "row numbers that \(type.rawValue) can hold")
        }
        return .tableRows(
            rows: rows, lookups: width,
            distribution: try section.optional(.indexDistribution).map(indexDistribution) ?? .uniform,
            rowBytes: try section.optional(.rowBytes)?.wholeNumber() ?? ModelInput.cacheLineBytes)
    }

    private static func range(
        _ value: YAMLValue, of type: ModelInput.ElementType
    ) throws(FileError) -> ModelInput.Values {
        let ends = try value.list()
        guard ends.count == 2 else { throw value.refusal(expected: "a list of two numbers") }
        let (lower, upper) = (try ends[0].number(.any), try ends[1].number(.any))
        guard lower < upper else { throw ends[1].refusal(expected: "a number above \(lower)") }
        let limit = largest(type)
        let smallest = [.uint8, .bool].contains(type) ? 0 : -limit - 1
        guard lower >= smallest, upper <= limit + 1 else {
            throw value.refusal(expected: "numbers that \(type.rawValue) can hold")
        }
        return .between(lower: lower, upper: upper)
    }

    private static func largest(_ type: ModelInput.ElementType) -> Double {
        switch type {
        case .bool: 1
        case .int8: 127
        case .uint8: 255
        case .int32: 2_147_483_647
        // What a double, in which values are drawn, still holds exactly.
        case .int64: 9_007_199_254_740_991
        case .float32: 3.4e38
        case .float64: 1.7e308
        case .float16: 65_504
        }
    }

    /// `uniform`, or `{zipf: exponent}`.
    static func indexDistribution(_ value: YAMLValue) throws(FileError) -> IndexDistribution {
        if value.plainText == "uniform" { return .uniform }
        guard case .mapping = value.tree.content else {
            throw value.refusal(expected: "uniform, or zipf and its exponent")
        }
        let section = try value.section(DistributionKey.self)
        return .zipf(exponent: try section[.zipf].number(.zipfExponent))
    }
}

/// Reads the `endpoint` of a model that somebody else serves: its name there, and either the lengths of
/// prompts and outputs in tokens or input tensors.
enum ServedModelReader {
    private enum Key: String, SectionKey {
        case servedName = "served_name"
        case promptTokens = "prompt_tokens"
        case outputTokens = "output_tokens"
        case inputs
    }

    private enum CountKey: String, SectionKey {
        case fixed, uniform, histogram
        case logNormal = "log_normal"
    }

    private enum UniformKey: String, SectionKey {
        case lower, upper
    }

    private enum LogNormalKey: String, SectionKey {
        case median, sigma, lower, upper
    }

    static func served(_ value: YAMLValue) throws(FileError) -> ServedModel {
        let section = try value.section(Key.self)
        let name = try section[.servedName].text()
        let (key, value) = try section.either(.promptTokens, .inputs)
        guard key == .promptTokens else {
            if let output = section.optional(.outputTokens) {
                throw .invalidValue(
                    output.place, found: "output_tokens beside inputs", expected: "prompt_tokens beside it")
            }
            return ServedModel(servedName: name, payload: .tensors(try ModelInputReader.inputs(value)))
        }
        return ServedModel(
            servedName: name,
            payload: .text(prompt: try counts(value), output: try counts(section[.outputTokens])))
    }

    private static let tokensMax = 10_000_000

    /// `{fixed: 128}`, `{uniform: {lower: 16, upper: 64}}` with the upper bound excluded, or
    /// `{log_normal: {median: 200, sigma: 0.8, lower: 8, upper: 4096}}`, or `{histogram: lengths.csv}`.
    static func counts(_ value: YAMLValue) throws(FileError) -> TokenCounts {
        let section = try value.section(CountKey.self)
        _ = try section.only(of: CountKey.allCases, none: "no distribution")
        if let fixed = section.optional(.fixed) { return .fixed(try fixed.wholeNumber(to: tokensMax)) }
        if let uniform = section.optional(.uniform) {
            let keys = try uniform.section(UniformKey.self)
            let lower = try keys[.lower].wholeNumber(to: tokensMax)
            return .uniform(
                lower: lower, upper: try keys[.upper].wholeNumber(from: lower + 1, to: tokensMax))
        }
        if let histogram = section.optional(.histogram) {
            return .histogram(
                try TokenHistogramReader.histogram(at: try histogram.path(), longest: tokensMax))
        }
        let keys = try section[.logNormal].section(LogNormalKey.self)
        let lower = try keys[.lower].wholeNumber(to: tokensMax)
        return .logNormal(
            median: try keys[.median].number(.positive), sigma: try keys[.sigma].number(.from(0, to: 100)),
            lower: lower, upper: try keys[.upper].wholeNumber(from: lower, to: tokensMax))
    }
}
