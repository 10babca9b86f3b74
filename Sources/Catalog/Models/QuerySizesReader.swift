import Files
import Vocabulary

/// Reads the `query_sizes` of a model: the name of a known mixture, a fixed size, or a mixture written out.
enum QuerySizesReader {
    private enum Key: String, SectionKey {
        case fixedItems = "fixed_items"
        case name, mixture
    }

    private enum ComponentKey: String, SectionKey {
        case weight
        case fixed = "fixed_items"
        case uniform
        case logNormal = "log_normal"
    }

    private enum UniformKey: String, SectionKey {
        case lower = "lower_items"
        case upper = "upper_items"
    }

    private enum LogNormalKey: String, SectionKey {
        case mu, sigma
        case lower = "lower_items"
        case upper = "upper_items"
        case fallbackLower = "fallback_lower_items"
        case fallbackUpper = "fallback_upper_items"
    }

    static func querySizes(_ value: YAMLValue) throws(FileError) -> QuerySizes {
        if value.plainText == QuerySizes.deepRecSys.name { return .deepRecSys }
        guard case .mapping = value.tree.content else {
            throw value.refusal(
                expected: "\(QuerySizes.deepRecSys.name), fixed_items, or name and mixture")
        }
        let section = try value.section(Key.self)
        if let fixed = section.optional(.fixedItems) {
            guard section.optional(.name) == nil, section.optional(.mixture) == nil else {
                throw .invalidValue(
                    fixed.place, found: "fixed_items beside name or mixture",
                    expected: "either one or the other")
            }
            return .fixed(try fixed.wholeNumber(to: itemsMax))
        }
        return QuerySizes(name: try section[.name].name(), mixture: try mixture(section[.mixture]))
    }

    private static let itemsMax = 1_000_000

    private static func mixture(_ value: YAMLValue) throws(FileError) -> [QuerySizes.Weighted] {
        var mixture: [QuerySizes.Weighted] = []
        for item in try value.filledList() {
            let section = try item.section(ComponentKey.self)
            let weight = try section[.weight].number(.positiveFraction)
            mixture.append(QuerySizes.Weighted(weight: weight, component: try component(section)))
        }
        let total = mixture.reduce(0) { $0 + $1.weight }
        guard abs(total - 1) < 1e-6 else {
            throw .invalidValue(value.place, found: "weights that sum to \(total)", expected: "a sum of 1")
        }
        return mixture
    }

    private static func component(
        _ section: YAMLSection<ComponentKey>
    ) throws(FileError) -> QuerySizes.Component {
        switch try section.only(of: [.fixed, .uniform, .logNormal], none: "no component").key {
        case .uniform:
            let keys = try section[.uniform].section(UniformKey.self)
            let bounds = try bounds(keys[.lower], keys[.upper])
            return .uniform(lower: bounds.lower, upper: bounds.upper)
        case .logNormal:
            let keys = try section[.logNormal].section(LogNormalKey.self)
            let bounds = try bounds(keys[.lower], keys[.upper])
            let fallback = try Self.bounds(keys[.fallbackLower], keys[.fallbackUpper])
            return .logNormal(
                mu: try keys[.mu].number(.from(0, to: 100)),
                sigma: try keys[.sigma].number(.from(0, to: 100)),
                lower: bounds.lower, upper: bounds.upper, fallbackLower: fallback.lower,
                fallbackUpper: fallback.upper)
        default:
            return .fixed(try section[.fixed].wholeNumber(to: itemsMax))
        }
    }

    private static func bounds(
        _ lower: YAMLValue, _ upper: YAMLValue
    ) throws(FileError) -> (lower: Int, upper: Int) {
        let lowerItems = try lower.wholeNumber(to: itemsMax)
        let upperItems = try upper.wholeNumber(to: itemsMax)
        guard upperItems > lowerItems else {
            throw upper.refusal(expected: "a whole number above \(lowerItems) (the upper bound is excluded)")
        }
        return (lowerItems, upperItems)
    }
}
