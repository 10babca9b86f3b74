import ArgumentParser
import Pipeline
import Quantities

/// Reads latency targets: `20ms`, `0.1s` or `p99:20ms`.
enum LatencyTargetText {
    static let target: OptionReading<SearchRequest.Target> = { text in
        let refusal = ValidationError(
            "expected a time such as 20ms, or with a quantile from p50 to p99.9 such as p99:20ms")
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let limit = parts.last.flatMap(time) else { throw refusal }
        if parts.count == 1 { return SearchRequest.Target(quantile: nil, limit: limit) }
        guard let quantile = quantile(parts[0]) else { throw refusal }
        return SearchRequest.Target(quantile: quantile, limit: limit)
    }

    private static func quantile(_ text: Substring) -> Quantile? {
        guard text.hasPrefix("p"), let percent = Double(text.dropFirst()), (50...99.9).contains(percent)
        else { return nil }
        return Quantile((percent * 1000).rounded() / 100_000)
    }

    private static func time(_ text: Substring) -> Nanoseconds? {
        let units: [(String, Double)] = [("us", 1e-6), ("ms", 1e-3), ("s", 1)]
        guard let unit = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.0.count)), number > 0, number * unit.1 < 86_400
        else { return nil }
        return Nanoseconds(seconds: number * unit.1)
    }
}
