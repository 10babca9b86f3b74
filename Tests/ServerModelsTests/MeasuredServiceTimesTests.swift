import Quantities
import Randomness
import ServerModels
import Simulation
import Testing
import Vocabulary

@Suite struct MeasuredServiceTimesTests {
    /// Samples of `100 us + 2 us * items`, each off by up to 20 %, as a schedule with D = 64 would show them.
    private func samples(count: Int) -> [ServiceSample] {
        var stream = RandomStream(seed: 9, name: "samples")
        return (0..<count).map { _ in
            let items = stream.uniform() < 0.7 ? 64 : stream.integer(in: 1..<64)
            let factor = 0.8 + 0.4 * stream.uniform()
            return ServiceSample(
                items: items, time: Nanoseconds(Int64((100_000 + 2000 * Double(items)) * factor)))
        }
    }

    @Test(arguments: [1, 8, 20, 33, 50, 64])
    func meansFollowTheCurveAtEverySize(items: Int) throws {
        let times = try #require(MeasuredServiceTimes(samples(count: 4000)))
        let expected = 100_000 + 2000 * Double(items)
        #expect(abs(Double(times.meanTime(items: items).count) / expected - 1) < 0.05)
    }

    @Test func drawsKeepTheScatter() throws {
        let times = try #require(MeasuredServiceTimes(samples(count: 4000)))
        var stream = RandomStream(seed: 10, name: "draws")
        let ratios = (0..<5000).map { _ in
            Double(times.time(items: 64, draw: stream.uniform()).count) / 228_000
        }
        let mean = ratios.reduce(0, +) / 5000
        let deviation = (ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5000).squareRoot()
        // A uniform factor in 0.8...1.2 has a standard deviation of 0.4 / sqrt(12).
        #expect(abs(mean - 1) < 0.02)
        #expect(abs(deviation - 0.1155) < 0.01)
    }

    @Test func oneSampleIsEnoughAndNoneIsNot() throws {
        #expect(MeasuredServiceTimes([]) == nil)
        let single = try #require(
            MeasuredServiceTimes([ServiceSample(items: 5, time: Nanoseconds(1000))]))
        #expect(single.time(items: 5, draw: 0.999) == Nanoseconds(1000))
    }
}
