import Foundation
import Quantities
import Testing

@Suite struct QuantitiesTests {
    @Test func energyIsPowerTimesTime() {
        #expect(Watts(250) * Nanoseconds(seconds: 8) == Joules(2000))
        #expect(Joules(2000) / Nanoseconds(seconds: 8) == Watts(250))
        #expect(Joules(3_600_000).kilowattHours == 1)
    }

    @Test func quantitiesOfOneKindDivideIntoARatio() {
        #expect(QueriesPerSecond(300) / QueriesPerSecond(200) == 1.5)
        #expect([Watts(1), Watts(2.5)].total() == Watts(3.5))
    }

    @Test(arguments: [(0.5, "p50"), (0.95, "p95"), (0.999, "p99.9")])
    func quantilesReadAsTheirCustomaryNames(order: Double, name: String) {
        #expect(Quantile(order).description == name)
    }

    @Test(arguments: [
        (Int64(999), "999 ns"), (1_500, "1.5 us"), (25_000_000, "25 ms"), (90_000_000_000, "90 s"),
    ])
    func timesReadInTheLargestFittingUnit(count: Int64, text: String) {
        #expect(Nanoseconds(count).description == text)
    }

    @Test func quantitiesAreEncodedAsPlainNumbers() throws {
        let encoded = try JSONEncoder().encode([Watts(1.5)])
        #expect(String(decoding: encoded, as: UTF8.self) == "[1.5]")
        #expect(try JSONDecoder().decode([Watts].self, from: encoded) == [Watts(1.5)])
    }
}
