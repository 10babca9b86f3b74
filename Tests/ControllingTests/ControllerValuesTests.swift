import Controlling
import Foundation
import Quantities
import Testing
import Vocabulary

/// Values as the interface and the database see them.
struct ControllerValuesTests {
    @Test func `a time is written as people write it and read back`() throws {
        let time = try #require(WallTime(unixSeconds: 1_795_905_060.25))
        let text = String(decoding: try JSONEncoder().encode([time]), as: UTF8.self)
        #expect(text == "[\"\(time)\"]")
        #expect(try JSONDecoder().decode([WallTime].self, from: Data(text.utf8)) == [time])
        #expect(WallTime(unixSeconds: .nan) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([WallTime].self, from: Data("[\"yesterday\"]".utf8))
        }
    }

    @Test func `a sample that is no number survives JSON`() throws {
        let samples = [Double.nan, .infinity, -.infinity, 1.5].map {
            SampleSeries.Sample(at: WallTime(unixMilliseconds: 1000), value: $0)
        }
        let reading = InputReading(
            model: "rm1", answer: .counters([SampleSeries(name: "a", samples: samples)]))
        let back = try JSONDecoder().decode(InputReading.self, from: JSONEncoder().encode(reading))
        guard case .counters(let series) = back.answer else { throw CancellationError() }
        let values = series[0].samples.map(\.value)
        #expect(values[0].isNaN)
        #expect(Array(values[1...]) == [.infinity, -.infinity, 1.5])
    }

    @Test func `a simulated clock waits for nothing and never goes back`() async throws {
        let clock = SimulatedClock(wall: WallTime(unixMilliseconds: 60_000))
        try await clock.sleep(until: Nanoseconds(seconds: 30))
        try await clock.sleep(until: Nanoseconds(seconds: 10))
        #expect(clock.now().monotonic == Nanoseconds(seconds: 30))
        #expect(clock.now().wall == WallTime(unixMilliseconds: 90_000))
        clock.setWall(WallTime(unixMilliseconds: 0))
        #expect(clock.now().monotonic == Nanoseconds(seconds: 30))
    }
}
