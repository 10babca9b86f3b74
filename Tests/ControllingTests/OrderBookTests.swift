import Controlling
import Quantities
import Testing
import Vocabulary

/// Orders from asking to reading back.
struct OrderBookTests {
    private typealias Order = ControllerDecision.Order

    private let pair = ModelOnServer(model: "a", serverType: "s")

    private func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds: seconds) }

    private func allocation(_ count: Int) -> Allocation {
        var allocation = Allocation()
        allocation["a", "s"] = count
        return allocation
    }

    private func order(_ from: Int, _ to: Int) -> Order {
        Order(model: "a", serverType: "s", from: from, to: to)
    }

    private func look(
        _ book: inout OrderBook, there: Int, serving: Int? = nil, at now: Double
    ) -> [OrderBook.Finding] {
        book.look(there: allocation(there), serving: allocation(serving ?? there), at: seconds(now))
    }

    @Test func successIsWhatWasReadBack() {
        var book = OrderBook(startTime: seconds(120), dwell: .zero)
        #expect(look(&book, there: 5, at: 0).isEmpty)
        book.place(1, order(5, 8), at: seconds(0))
        book.note(.accepted, of: 1, at: seconds(1))
        #expect(look(&book, there: 8, serving: 5, at: 60).isEmpty, "there, but not serving")
        #expect(book.open[pair]?.state == .accepted)
        #expect(look(&book, there: 8, at: 120) == [.applied(order: 1, pair: pair)])
        #expect(book.open.isEmpty)
    }

    @Test func whatDoesNotComeLagsAndIsAskedForAgain() {
        var book = OrderBook(startTime: seconds(120), dwell: .zero)
        book.place(1, order(5, 8), at: .zero)
        #expect(book.due(at: .zero) == [1])
        // Asked for after 1, 2, 4 ... 60 s again.
        var waits: [Double] = []
        var now = 0.0
        for _ in 0..<8 {
            book.note(.failed(detail: "no"), of: 1, at: seconds(now))
            let before = now
            while book.due(at: seconds(now)).isEmpty { now += 0.5 }
            waits.append(now - before)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(look(&book, there: 5, at: 179).isEmpty)
        #expect(look(&book, there: 6, at: 180) == [.lagging(order: 1, pair: pair, wanted: 8, seen: 6)])
        #expect(look(&book, there: 6, at: 240).isEmpty, "told once")
        #expect(book.laggingPairs == [pair])
        #expect(look(&book, there: 8, at: 300) == [.applied(order: 1, pair: pair)])
        #expect(book.laggingPairs.isEmpty)
    }

    /// As one that was written down by a process that was killed before it gave it.
    @Test func whatIsLateAndNoLongerWantedEnds() {
        var book = OrderBook(startTime: .zero, dwell: .zero)
        book.place(1, order(0, 1), isInherited: true, at: .zero)
        var plan = Allocation()
        #expect(look(&book, there: 0, at: 30).isEmpty)
        #expect(book.endUnwanted(by: plan, held: []).isEmpty, "not late yet")
        #expect(look(&book, there: 0, at: 60).count == 1 && book.laggingPairs == [pair])
        #expect(
            book.endUnwanted(by: plan, held: [pair]).isEmpty, "the plan would have more, but for the order")
        plan[pair.model, pair.serverType] = 1
        #expect(book.endUnwanted(by: plan, held: []).isEmpty, "the plan still wants it")
        plan[pair.model, pair.serverType] = 0
        #expect(book.endUnwanted(by: plan, held: []) == [.unwanted(order: 1, pair: pair)])
        #expect(book.laggingPairs.isEmpty && book.open.isEmpty)
        // One of our own was given: it is asked for again and again, and keeps others from being stacked.
        var own = OrderBook(startTime: .zero, dwell: .zero)
        own.place(2, order(0, 1), at: .zero)
        #expect(look(&own, there: 0, at: 60).count == 1)
        #expect(own.endUnwanted(by: plan, held: []).isEmpty && own.laggingPairs == [pair])
        // What comes of it all the same is somebody else's.
        #expect(look(&book, there: 1, at: 70) == [.drift(pair: pair, expected: 0, seen: 1)])
    }

    @Test func askingAgainMakesNothingLessLate() {
        // A server that takes longer to start than an interval, and an API server that does nothing.
        var book = OrderBook(startTime: seconds(120), dwell: .zero)
        book.place(1, order(5, 8), at: .zero)
        for minute in 1...2 {
            #expect(look(&book, there: 5, at: Double(minute) * 60).isEmpty)
            let found = book.place(Int64(minute + 1), order(5, 8), at: seconds(Double(minute) * 60))
            #expect(found == [.replaced(order: Int64(minute), pair: pair)])
        }
        #expect(look(&book, there: 5, at: 180) == [.lagging(order: 3, pair: pair, wanted: 8, seen: 5)])
        #expect(book.laggingPairs == [pair])
        // An order on top of one that is on its way has its own time.
        var rising = OrderBook(startTime: seconds(120), dwell: .zero)
        rising.place(1, order(5, 8), at: .zero)
        rising.place(2, order(8, 9), at: seconds(60))
        #expect(look(&rising, there: 9, serving: 8, at: 180).isEmpty)
    }

    @Test func whatWasLeftAloneIsLeftAloneByWhoeverGoesOn() {
        var book = OrderBook(startTime: .zero, dwell: .zero)
        let other = ModelOnServer(model: "b", serverType: "s")
        book.restore(paused: [pair], broken: [other], at: seconds(10))
        #expect(book.pausedPairs(at: seconds(1e6)) == [pair])
        #expect(book.brokenPairs(at: seconds(3609)) == [other])
        #expect(book.brokenPairs(at: seconds(3610)).isEmpty)
        book.resume(pair)
        #expect(book.pausedPairs(at: seconds(11)).isEmpty)
    }

    @Test func aStopIsLateSoonerThanAStart() {
        var book = OrderBook(startTime: seconds(120), dwell: .zero)
        book.place(1, order(8, 5), at: .zero)
        #expect(look(&book, there: 8, at: 60) == [.lagging(order: 1, pair: pair, wanted: 5, seen: 8)])
    }

    @Test func conflictsAndRefusalsAreNotRepeated() {
        for answer in [OrderAnswer.conflict(detail: "409"), .refused(detail: "403"), .fenced(detail: "old")] {
            var book = OrderBook(startTime: .zero, dwell: .zero)
            book.place(1, order(5, 8), at: .zero)
            book.note(answer, of: 1, at: seconds(1))
            #expect(book.open.isEmpty && book.due(at: seconds(1000)).isEmpty)
        }
    }

    @Test func somebodyElsesCountIsAdoptedAndTheThirdPauses() {
        var book = OrderBook(startTime: .zero, dwell: .zero)
        #expect(look(&book, there: 5, at: 0).isEmpty)
        #expect(look(&book, there: 7, at: 60) == [.drift(pair: pair, expected: 5, seen: 7)])
        #expect(look(&book, there: 7, at: 120).isEmpty, "adopted")
        #expect(look(&book, there: 4, at: 180) == [.drift(pair: pair, expected: 7, seen: 4)])
        #expect(book.pausedPairs(at: seconds(180)).isEmpty)
        #expect(
            look(&book, there: 6, at: 240)
                == [.drift(pair: pair, expected: 4, seen: 6), .twoMasters(pair: pair)])
        #expect(book.pausedPairs(at: seconds(1e6)) == [pair])
        book.resume(pair)
        #expect(book.pausedPairs(at: seconds(1e6)).isEmpty)
    }

    @Test func driftsThatAreFarApartPauseNothing() {
        var book = OrderBook(startTime: .zero, dwell: .zero)
        _ = look(&book, there: 5, at: 0)
        for step in 1...9 { _ = look(&book, there: 5 + step, at: Double(step) * 301) }
        #expect(book.pausedPairs(at: seconds(3000)).isEmpty)
    }

    @Test func serversThatFailedAreNoDrift() {
        var book = OrderBook(startTime: .zero, dwell: .zero)
        _ = look(&book, there: 5, at: 0)
        let found = book.look(
            there: allocation(3), serving: allocation(3), isExplained: { _ in true }, at: seconds(60))
        #expect(found.isEmpty)
        #expect(look(&book, there: 3, at: 120).isEmpty)
    }

    @Test func toAndFroThreeTimesInAnHourOpensTheBreaker() {
        var book = OrderBook(startTime: .zero, dwell: seconds(300))
        var found: [OrderBook.Finding] = []
        for round in 0..<3 {
            let start = Double(round) * 900
            book.place(Int64(2 * round), order(5, 8), at: seconds(start))
            _ = look(&book, there: 8, at: start + 30)
            found += book.place(Int64(2 * round + 1), order(8, 5), at: seconds(start + 200))
            _ = look(&book, there: 5, at: start + 230)
        }
        #expect(found == [.breaker(pair: pair)])
        #expect(book.brokenPairs(at: seconds(2000)) == [pair])
        #expect(book.brokenPairs(at: seconds(2000 + 3600)).isEmpty)
    }

    @Test func stopsThatComeLaterThanTheDwellBreakNothing() {
        var book = OrderBook(startTime: .zero, dwell: seconds(300))
        for round in 0..<6 {
            let start = Double(round) * 600
            book.place(Int64(2 * round), order(5, 8), at: seconds(start))
            _ = look(&book, there: 8, at: start + 30)
            book.place(Int64(2 * round + 1), order(8, 5), at: seconds(start + 301))
            _ = look(&book, there: 5, at: start + 330)
        }
        #expect(book.brokenPairs(at: seconds(3400)).isEmpty)
    }

    @Test func startsWaitForTheStopsThatMakeRoom() {
        let orders = [
            Order(model: "a", serverType: "s", from: 5, to: 2),
            Order(model: "b", serverType: "s", from: 1, to: 6),
            Order(model: "b", serverType: "t", from: 0, to: 2),
        ]
        let (now, later) = OrderBook.halves(orders, free: ["s": 2, "t": 4])
        #expect(
            now == [
                orders[0], Order(model: "b", serverType: "s", from: 1, to: 3), orders[2],
            ])
        #expect(later == [Order(model: "b", serverType: "s", from: 3, to: 6)])
    }
}
