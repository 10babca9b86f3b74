import Foundation
import Optimization

/// A card that published points were measured on.
struct PublishedCard {
    /// Dense operations per second at the precision of the weights.
    let peak: Double
    /// Bytes per second of memory.
    let bandwidth: Double
    /// Bytes per second to other cards, in one direction.
    let link: Double
}

/// A dense model of published points, and the time of one of its steps.
///
/// Five constants are fitted, as logarithms: MFU, MBU, host seconds, seconds of latency a collective, and
/// the share of the link. A latency or a host of next to nothing and a whole link are the data sheet.
struct PublishedShape {
    let layers: Double
    let hidden: Double
    let heads: Double
    let cacheHeads: Double
    let headSize: Double
    let feedForward: Double
    /// 3 of a gated layer, else 2.
    let feedForwardMatrices: Double
    let vocabulary: Double
    let weightBytes: Double

    private var layerWeights: Double {
        layers
            * (hidden * headSize * (heads + 2 * cacheHeads) + heads * headSize * hidden
                + feedForwardMatrices * hidden * feedForward)
    }
    private var outputWeights: Double { vocabulary * hidden }
    private var cacheBytes: Double { 2 * layers * cacheHeads * headSize * 2 }

    /// - Returns: seconds.
    func step(
        on card: PublishedCard, tensorParallel tp: Double, tokens: Double, sampled: Double,
        context: Double, pairs: Double, _ point: [Double]
    ) -> Double {
        let (arithmetic, bandwidth) = (min(1, exp(point[0])), min(1, exp(point[1])))
        let operations = 2 * (tokens * layerWeights + sampled * outputWeights)
        let matrices = max(
            operations / (tp * arithmetic * card.peak),
            (layerWeights * weightBytes + 2 * outputWeights) / (tp * bandwidth * card.bandwidth))
        let attention =
            cacheBytes * context / (min(tp, cacheHeads) * bandwidth * card.bandwidth)
            + 4 * layers * heads * headSize * pairs / (tp * arithmetic * card.peak)
        var collectives = 0.0
        if tp > 1 {
            let bytes = tokens * hidden * 2 * 2 * (tp - 1) / tp
            let link = bytes / (card.link * min(1, exp(point[4])))
            collectives = 2 * layers * (exp(point[3]) * (tp - 1) + link)
        }
        return exp(point[2]) + matrices + attention + collectives
    }

    /// Shares of a card's peaks that a run reaches in the mean: a batch of equal requests, read and then
    /// answered token by token.
    func shares(
        on card: PublishedCard, prompt: Double, batch: Double, output: Double, tensorParallel tp: Double,
        seconds: Double
    ) -> (arithmetic: Double, memory: Double) {
        let weights = layerWeights + outputWeights
        let operations =
            2 * weights * batch * (prompt + output)
            + 4 * layers * heads * headSize * batch * (prompt * prompt / 2 + output * (prompt + output / 2))
        let bytes =
            weightBytes * weights * (1 + output)
            + cacheBytes * batch * output * (prompt + output / 2)
        return (operations / tp / seconds / card.peak, bytes / tp / seconds / card.bandwidth)
    }

    /// Constants with the least mean of absolute logarithms of predicted over measured: robust, and alike
    /// above and below.
    /// - Parameter time: of a point, under constants, in the unit of what was measured.
    static func fitted(
        hosts: [Double], to measured: [Double], time: (Int, [Double]) -> Double
    ) -> [Double] {
        var search = NelderMead()
        search.evaluationsMax = 4_000
        func loss(_ point: [Double]) -> Double {
            measured.indices.reduce(0) { $0 + abs(log(time($1, point) / measured[$1])) }
                / Double(measured.count)
        }
        var best = (point: [log(0.5), log(0.7), log(1e-3), log(3e-6), log(0.5)], value: Double.infinity)
        for host in hosts {
            for latency in [1e-6, 5e-6] {
                let start = [log(0.5), log(0.7), log(host), log(latency), log(0.5)]
                let first = search.minimum(from: start, of: loss)
                let found = search.minimum(from: first.point, of: loss)
                if found.value < best.value { best = found }
            }
        }
        return best.point
    }
}
