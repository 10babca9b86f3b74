import Files
import Vocabulary

/// Reads a number that is drawn: a plain number, or a distribution of numbers.
enum DrawnNumberReader {
    private enum Key: String, SectionKey {
        case uniform, exponential
        case logNormal = "log_normal"
    }

    private enum UniformKey: String, SectionKey { case lower, upper }

    private enum ExponentialKey: String, SectionKey { case mean }

    private enum LogNormalKey: String, SectionKey { case median, sigma, lower, upper }

    /// - Parameter upper: the largest number that may be drawn.
    static func number(_ value: YAMLValue, to upper: Double) throws(FileError) -> DrawnNumber {
        if value.isScalar { return .fixed(try value.number(.from(0, to: upper))) }
        let section = try value.section(Key.self)
        let (key, drawn) = try section.only(
            of: Key.allCases, none: "no distribution", or: "a number, or ")
        switch key {
        case .uniform:
            let keys = try drawn.section(UniformKey.self)
            let lower = try keys[.lower].number(.from(0, to: upper))
            return .uniform(lower: lower, upper: try keys[.upper].number(.from(lower, to: upper)))
        case .exponential:
            let mean = try drawn.section(ExponentialKey.self)[.mean]
            return .exponential(mean: try mean.number(.from(0, to: upper)))
        case .logNormal:
            let keys = try drawn.section(LogNormalKey.self)
            let lower = try keys.optional(.lower)?.number(.from(0, to: upper)) ?? 0
            return .logNormal(
                median: try keys[.median].number(.positive), sigma: try keys[.sigma].number(.from(0, to: 10)),
                lower: lower, upper: try keys.optional(.upper)?.number(.from(lower, to: upper)) ?? upper)
        }
    }
}
