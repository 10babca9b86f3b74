import Quantities
import Randomness
import Simulation

/// Requests at Poisson times whose answers take so many steps in the mean, exponentially spread; with one
/// step each, service is constant. For limits where formulas are known.
package struct PoissonRequests: TokenRequestSource {
    private var gaps = RandomStream(seed: 3, name: "arrivals")
    private var lengths = RandomStream(seed: 3, name: "lengths")
    private var left: Int
    private let rate: Double
    private let steps: Double
    private var time = 0.0

    /// - Parameters:
    ///   - count: of requests.
    ///   - rate: in requests/s.
    package init(count: Int, rate: Double, steps: Double = 1) {
        (left, self.rate, self.steps) = (count, rate, steps)
    }

    package mutating func next() -> TokenRequest? {
        guard left > 0 else { return nil }
        left -= 1
        time += gaps.exponential() / rate
        let output = steps > 1 ? max(1, Int((lengths.exponential() * steps).rounded())) : 1
        return TokenRequest(
            id: Int64(left), arrival: Nanoseconds(seconds: time), prompt: 1, output: output)
    }
}
