import Randomness
import Testing

@Suite struct RandomStreamTests {
    @Test func sameSeedAndNameGiveTheSameNumbers() {
        var one = RandomStream(seed: 7, name: "arrivals")
        var other = RandomStream(seed: 7, name: "arrivals")
        #expect((0..<100).allSatisfy { _ in one.next() == other.next() })
    }

    @Test func namesSeparateStreams() {
        var one = RandomStream(seed: 7, name: "arrivals")
        var other = RandomStream(seed: 7, name: "sizes")
        #expect((0..<100).allSatisfy { _ in one.next() != other.next() })
    }

    @Test func momentsAreThoseOfTheDistributions() {
        var stream = RandomStream(seed: 3, name: "moments")
        let count = 200_000
        func moments(_ draw: (inout RandomStream) -> Double) -> (mean: Double, variance: Double) {
            let values = (0..<count).map { _ in draw(&stream) }
            let mean = values.reduce(0, +) / Double(count)
            return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count))
        }
        let uniform = moments { $0.uniform() }
        #expect(abs(uniform.mean - 0.5) < 0.003 && abs(uniform.variance - 1.0 / 12) < 0.002)
        let exponential = moments { $0.exponential() }
        #expect(abs(exponential.mean - 1) < 0.01 && abs(exponential.variance - 1) < 0.03)
        let normal = moments { $0.normal() }
        #expect(abs(normal.mean) < 0.01 && abs(normal.variance - 1) < 0.02)
    }
}
