import Foundation
import Randomness
import Vocabulary

/// Draws the requests of recorded clients.
///
/// Gaps have the recorded form and the mean of the recorded rate, client by client and stretch by stretch,
/// so that bursts of single clients stay in the sum (as ServeGen does it; its fitted scale is not used, as
/// its mean differs from the recorded rate).
struct TokenClientDraw {
    private let clients: [TokenClient]
    private let factor: Double

    /// - Parameter factor: on all rates.
    init(_ clients: [TokenClient], factor: Double) {
        self.clients = clients
        self.factor = factor
    }

    /// All requests in order of arrival; of one time, in the order of the clients.
    func requests(seed: UInt64) -> [ListedRequest] {
        var requests: [ListedRequest] = []
        for client in clients {
            var gaps = RandomStream(seed: seed, name: "token client \(client.name) gaps")
            var lengths = RandomStream(seed: seed, name: "token client \(client.name) lengths")
            // Until the next request, in mean gaps: carried over from one stretch to the next.
            var ahead = client.windows.first.map { gap($0.gaps, &gaps) } ?? 0
            for window in client.windows {
                let rate = window.ratePerSecond * factor
                guard rate > 0 else { continue }
                var time = window.start
                while time + ahead / rate < window.end {
                    time += ahead / rate
                    requests.append(
                        ListedRequest(
                            arrival: time,
                            prompt: TokenCounts.histogram(window.prompt).sample(using: &lengths),
                            output: TokenCounts.histogram(window.output).sample(using: &lengths)))
                    ahead = gap(window.gaps, &gaps)
                }
                ahead -= (window.end - time) * rate
            }
        }
        let order = requests.indices.sorted { (requests[$0].arrival, $0) < (requests[$1].arrival, $1) }
        return order.map { requests[$0] }
    }

    /// Of mean 1.
    private func gap(_ gaps: TokenClient.Gaps, _ stream: inout RandomStream) -> Double {
        switch gaps {
        case .gamma(let shape): stream.gamma(shape: shape)
        case .weibull(let shape): pow(stream.exponential(), 1 / shape) / tgamma(1 + 1 / shape)
        }
    }
}
