import Quantities
import Testing

@testable import hercules

@Suite struct NumberTextTests {
    private static let notANumber = ["", "much", "NaN", "nan", "inf", "-inf", "1e400", "1,5", "1 2", "--"]

    @Test(arguments: notANumber + ["-1", "-0.001"])
    func whatIsNoAmountIsRefused(text: String) {
        #expect(Refusal.message { try NumberText.amount(text) } == "expected a number of at least 0")
    }

    @Test func amountsAreRead() throws {
        #expect(try NumberText.amount("0") == 0)
        #expect(try NumberText.amount("2.5e3") == 2500)
    }

    @Test(arguments: notANumber + ["-0.1", "10.1"])
    func whatIsNoHeadroomIsRefused(text: String) {
        #expect(Refusal.message { try NumberText.headroom(text) } == "expected a number from 0 to 10")
    }

    @Test func headroomsAreRead() throws {
        #expect(try NumberText.headroom("0.05") == Fraction(0.05))
        #expect(try NumberText.headroom("10") == Fraction(10))
    }

    @Test(arguments: notANumber + ["0", "-250"])
    func whatIsNoPowerIsRefused(text: String) {
        #expect(Refusal.message { try NumberText.watts(text) } == "expected watts above 0, such as 250")
    }

    @Test func powersAreRead() throws { #expect(try NumberText.watts("250") == Watts(250)) }

    @Test(arguments: ["", "x", "1.5", "1e3", "0", "9"])
    func wholeNumbersKeepToTheirRange(text: String) {
        let read = NumberText.whole(from: 1, to: 8)
        #expect(Refusal.message { try read(text) } == "expected a whole number from 1 to 8")
    }

    @Test func wholeNumbersMayHaveNoUpperEnd() throws {
        #expect(try NumberText.whole(from: 1)("12345678") == 12_345_678)
        let message = Refusal.message { try NumberText.whole(from: 1)("99999999999999999999") }
        #expect(message == "expected a whole number of at least 1")
    }

    @Test(arguments: ["", "2,1", "1,1", "0,1", "1,9", "1,,2", "1,x", ","])
    func numbersInFlightRise(text: String) {
        let read = NumberText.ascending(from: 1, to: 8)
        #expect(Refusal.message { try read(text) } == "expected ascending whole numbers from 1 to 8")
    }

    @Test func ascendingNumbersAreRead() throws {
        #expect(try NumberText.ascending(from: 1, to: 8)("1,2,8") == [1, 2, 8])
    }

    @Test(arguments: [
        (DurationText.Unit.milliseconds, 25.0, 0.025), (.seconds, 0.05, 0.05), (.minutes, 2, 120),
        (.hours, 1.5, 5400), (.days, 0.5, 43_200),
    ])
    func durationsAreReadInTheirUnit(unit: DurationText.Unit, number: Double, seconds: Double) throws {
        let read = DurationText.duration(in: unit, aboveZeroTo: 100)
        #expect(try read("\(number)") == Nanoseconds(seconds: seconds))
        #expect(Refusal.message { try read("0") } == "expected \(unit.rawValue) above 0, up to 100")
        #expect(Refusal.message { try read("101") } == "expected \(unit.rawValue) above 0, up to 100")
    }

    @Test(arguments: notANumber + ["0.04", "86401", "-1"])
    func durationsKeepToTheirRange(text: String) {
        let read = DurationText.duration(in: .seconds, from: 0.05, to: 86_400)
        #expect(Refusal.message { try read(text) } == "expected seconds from 0.05 to 86400")
    }

    @Test func theLongestTraceDoesNotOverflow() throws {
        #expect(try DurationText.days("100000").seconds == 8_640_000_000)
        #expect(Refusal.message { try DurationText.days("1e12") } == "expected days above 0, up to 100000")
    }
}
