import Foundation
import Quantities
import Testing
import Traces
import Vocabulary

@Suite struct TraceGeneratorTests {
    /// 2024-06-03T00:00:00Z, a Monday.
    private static let monday: Int64 = 1_717_372_800

    private func service(
        _ name: String = "s", peakHour: Double = 18, trough: Double = 0.2, weekend: Double = 1,
        noise: Double = 0,
        burstsPerDay: Double = 0, burstHeight: Double = 0
    ) -> TraceRecipe.Service {
        TraceRecipe.Service(
            name: name, peakHour: peakHour, troughFraction: Fraction(trough),
            weekendFraction: Fraction(weekend),
            noise: Fraction(noise), burstsPerDay: burstsPerDay, burstHeight: Fraction(burstHeight))
    }

    private func loads(
        _ services: [TraceRecipe.Service], days: Int = 7, seed: UInt64 = 1, minutes: Double = 15,
        start: Int64 = Self.monday
    ) -> [ModelID: [Double]] {
        TraceGenerator.trace(
            TraceRecipe(
                id: "r", seed: seed, days: days, interval: Nanoseconds(seconds: minutes * 60),
                startUnixSeconds: start,
                services: services)
        ).loads.mapValues { $0.map(\.value) }
    }

    @Test func aQuietDayIsARaisedCosine() throws {
        let day = try #require(loads([service(peakHour: 18, trough: 0.2)], days: 1)["s"])
        #expect(day.count == 96)
        #expect(abs(day[18 * 4] - 1) < 1e-12 && abs(day[6 * 4] - 0.2) < 1e-12)
        // A quarter of a day from the peak lies half-way between peak and trough.
        #expect(abs(day[12 * 4] - 0.6) < 1e-12 && abs(day[0] - 0.6) < 1e-12)
        #expect(day.max() == day[18 * 4] && day.min() == day[6 * 4])
        let mean = day.reduce(0, +) / 96
        #expect(abs(mean - 0.6) < 1e-12)
    }

    @Test func weekendsHaveTheirOwnLevelAndSmoothEdges() throws {
        let flat = try #require(loads([service(trough: 1, weekend: 0.5)], days: 14)["s"])
        func at(day: Int, hour: Double) -> Double { flat[day * 96 + Int(hour * 4)] }
        for week in [0, 7] {
            for day in 0..<5 { #expect(at(day: week + day, hour: 12) == 1) }
            #expect(at(day: week + 5, hour: 12) == 0.5 && at(day: week + 6, hour: 12) == 0.5)
            // Half-way through both passages.
            #expect(abs(at(day: week + 5, hour: 0) - 0.75) < 1e-12)
            if week == 0 { #expect(abs(at(day: 7, hour: 0) - 0.75) < 1e-12) }
            #expect(at(day: week + 4, hour: 21) == 1 && at(day: week + 5, hour: 3) == 0.5)
        }
        let steps = zip(flat, flat.dropFirst()).map { abs($0 - $1) }
        #expect((steps.max() ?? 1) < 0.04)
        // The same instants before 1970 (a whole number of weeks earlier) look alike.
        let early = try #require(
            loads([service(trough: 1, weekend: 0.5)], days: 14, start: Self.monday - 3000 * 604_800)["s"])
        #expect(zip(early, flat).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func noiseHasItsSpreadAndMemory(seed: UInt64) throws {
        let noise = try #require(loads([service(trough: 1, noise: 0.05)], days: 60, seed: seed)["s"]).map {
            $0 - 1
        }
        let mean = noise.reduce(0, +) / Double(noise.count)
        let variance = noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(noise.count)
        let lagged = zip(noise, noise.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        let correlation = lagged / Double(noise.count) / variance
        // 5760 values of which about 1440 are independent: four standard errors each.
        #expect(abs(mean) < 4 * 0.05 / 1440.0.squareRoot())
        #expect(abs(variance.squareRoot() - 0.05) < 0.05 * 4 / (2 * 1440.0).squareRoot())
        // Half an hour of memory at a quarter of an hour's step: exp(-1/2) = 0.6065.
        #expect(abs(correlation - 0.6065) < 0.05)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func burstsComeAtTheirRateAndDecay(seed: UInt64) throws {
        let flat = service(trough: 1, burstsPerDay: 4, burstHeight: 0.5)
        let lifts = try #require(loads([flat], days: 200, seed: seed)["s"]).map { $0 - 1 }
        // A burst of height 0.5 that decays in 1200 s adds 600 load-seconds: 4 a day lift the mean by
        // 2400/86400. The number of bursts in 200 days is Poisson with mean 800.
        let mean = lifts.reduce(0, +) / Double(lifts.count)
        #expect(abs(mean / (2400.0 / 86_400) - 1) < 4 / 800.0.squareRoot())
        // Within an interval nothing lifts but a new burst, so the load falls by exp(-900/1200) where none
        // came.
        let falls = zip(lifts, lifts.dropFirst()).filter { $0.1 < $0.0 && $0.0 > 0.01 }
        let undisturbed = falls.count { abs($0.1 / $0.0 - exp(-0.75)) < 1e-9 }
        #expect(undisturbed > falls.count / 2)
        #expect((lifts.min() ?? -1) >= 0)
    }

    @Test func loadsAreNeverNegative() throws {
        let wild = try #require(
            loads([service(trough: 0, noise: 1, burstsPerDay: 10, burstHeight: 3)], days: 30)["s"])
        #expect(wild.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(wild.contains(0))
    }

    @Test func theSameRecipeGivesTheSameTraceAndServicesAreIndependent() {
        let one = service("one", noise: 0.05, burstsPerDay: 2, burstHeight: 0.3)
        let two = service("two", noise: 0.05, burstsPerDay: 2, burstHeight: 0.3)
        #expect(loads([one]) == loads([one]))
        #expect(loads([one])["one"] == loads([two, one])["one"])
        #expect(loads([one])["one"] != loads([one], seed: 2)["one"])
        #expect(loads([one, two])["one"] != loads([one, two])["two"])
    }
}
