import Quantities
import Reporting
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0.0, 1, "0.0"), (-0.0, 1, "0.0"), (1234.5, 0, "1,234"), (1235.5, 0, "1,236"), (999.95, 1, "1,000.0"),
        (-1_234_567.891, 2, "-1,234,567.89"), (123, 0, "123"), (-12, 0, "-12"),
        // What is not zero never reads as zero.
        (0.04, 1, "0.04"), (-0.04, 1, "-0.04"), (0.000_7, 1, "0.0007"), (0.000_01, 1, "<0.0001"),
        (-0.000_01, 1, ">-0.0001"),
    ])
    func numbersAreGroupedAndNeverFalselyZero(value: Double, decimals: Int, text: String) {
        #expect(value.fixed(decimals: decimals) == text)
    }

    @Test(arguments: [
        (12_345.678, 5, 12_346.0), (0.012_345_678, 5, 0.012_346), (-98_765, 3, -98_800),
        (1e-9 * 1.234_56, 3, 1.23e-9),
        (0, 3, 0), (7, 3, 7),
    ])
    func roundingKeepsSignificantDigits(value: Double, digits: Int, rounded: Double) {
        #expect(value.rounded(significantDigits: digits) == rounded)
    }

    @Test func quantitiesReadInTheUnitOfTheirSize() {
        #expect(Watts(950).readable == "950 W")
        #expect(Watts(14_712).readable == "14.7 kW")
        #expect(Watts(.nan).readable == "unknown")
        #expect(Joules(3.6e6 * 12).readable == "12.0 kWh")
        #expect(Joules(3.6e9 * 25).readable == "25.0 MWh")
        #expect(QueriesPerSecond(12_345.4).readable == "12,345 queries/s")
        #expect(Fraction(0.2344).readable == "23.4 %")
        #expect(Fraction(-0.05).readable == "-5.0 %")
    }

    @Test func aColumnHasOneUnitChosenByItsLargestNumber() {
        let small = ColumnFormat(kind: .power, numbers: [9_999, 12])
        #expect(small.headUnit == "W")
        #expect(small.text(of: .number(9_999)) == "9,999")
        let large = ColumnFormat(kind: .power, numbers: [26_301, 12, .infinity])
        #expect(large.headUnit == "kW")
        #expect(large.text(of: .number(26_301)) == "26.3")
        #expect(large.text(of: .number(12)) == "0.01")
        #expect(large.text(of: .number(.infinity)) == nil)
        #expect(large.text(of: .missing) == nil)
        let share = ColumnFormat(kind: .fraction, numbers: [0.5])
        #expect(share.headUnit == nil)
        #expect(share.text(of: .number(0.125)) == "12.5 %")
    }
}
