import Controlling
import Quantities
import Testing

/// Intervals by the monotonic clock.
struct TickScheduleTests {
    private let minute = Nanoseconds(seconds: 60)

    private func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds: seconds) }

    @Test func everyIntervalIsDecidedForOnce() {
        var schedule = TickSchedule(interval: minute, origin: seconds(7), first: 3)
        #expect(schedule.due(at: seconds(6)) == nil)
        #expect(schedule.due(at: seconds(7)) == .init(index: 3, missed: 0))
        #expect(schedule.due(at: seconds(7)) == nil)
        #expect(schedule.due(at: seconds(66.9)) == nil)
        #expect(schedule.due(at: seconds(67)) == .init(index: 4, missed: 0))
        #expect(schedule.next(after: seconds(67)) == seconds(127))
        #expect(schedule.next(after: seconds(126.9)) == seconds(127))
    }

    @Test func aProcessThatWasStoppedDecidesOnceAndKnowsTheGap() {
        var schedule = TickSchedule(interval: minute, origin: .zero)
        #expect(schedule.due(at: .zero)?.index == 0)
        #expect(schedule.due(at: seconds(615)) == .init(index: 10, missed: 9))
        #expect(schedule.due(at: seconds(616)) == nil)
        #expect(schedule.due(at: seconds(660)) == .init(index: 11, missed: 0))
    }

    @Test func aClockThatGoesBackDecidesNothing() {
        var schedule = TickSchedule(interval: minute, origin: .zero)
        #expect(schedule.due(at: seconds(300))?.index == 5)
        for back in [299.0, 60, 0] { #expect(schedule.due(at: seconds(back)) == nil) }
        #expect(schedule.due(at: seconds(360)) == .init(index: 6, missed: 0))
    }

    @Test func aRestartGoesOnAfterTheLastIntervalWhateverTheCalendarSays() {
        func first(_ seconds: Double) -> Int {
            let last = WallTime(unixMilliseconds: 1_795_905_000_000)
            return TickSchedule.first(
                after: 41, at: last, now: last.adding(seconds: seconds), interval: minute)
        }
        #expect(first(60) == 42)
        #expect(first(5) == 42)
        #expect(first(600) == 51, "nine intervals went by")
        #expect(first(-3600) == 42)
        #expect(first(3.2e8) == 42 + TickSchedule.missedMax)
    }

    @Test func whoGoesOnWaitsForTheRestOfTheInterval() {
        let last = WallTime(unixMilliseconds: 1_795_905_000_000)
        func schedule(_ seconds: Double) -> TickSchedule {
            TickSchedule.resumed(
                after: (41, last),
                at: ControlTime(monotonic: self.seconds(5), wall: last.adding(seconds: seconds)),
                interval: minute)
        }
        var soon = schedule(20)
        #expect(soon.due(at: seconds(44)) == nil)
        #expect(soon.due(at: seconds(45)) == .init(index: 42, missed: 0))
        var late = schedule(600)
        #expect(late.due(at: seconds(5)) == .init(index: 51, missed: 0))
        var back = schedule(-7200)
        #expect(back.due(at: seconds(5)) == .init(index: 42, missed: 0))
    }
}
