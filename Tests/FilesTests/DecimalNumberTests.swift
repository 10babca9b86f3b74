import Files
import Foundation
import Testing

@Suite struct DecimalNumberTests {
    /// Deterministic digits without another target.
    private struct Digits {
        private var state: UInt64 = 88_172_645_463_325_252
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    @Test func everyNumberIsTheNearest() {
        var digits = Digits()
        var texts = [
            "0", "0.0", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "0.1", "123456789012345678",
            "1234567890123456789", "12345678901234567890", "17976931348623157e292", "5e-324",
            "0.30000000000000004", "9999999999999999999", "1.0000000000000002220446049250313",
            "4503599627370496.5", "4503599627370497.5", "1e-27", "1234567890123456789e-27", "3e27",
        ]
        for _ in 0..<200_000 {
            let mantissa = digits.next() >> (digits.next() % 50)
            let power = Int(digits.next() % 64) - 32
            texts.append("\(mantissa)e\(power)")
            texts.append("\(Double(bitPattern: digits.next() >> 2))")
            texts.append("\(Double(digits.next() % 1_000_000_007) / 997)")
        }
        var wrong: [String] = []
        for text in texts where Double(text)?.isFinite == true {
            if DecimalNumber.value(of: text) != Double(text) { wrong.append(text) }
            if DecimalNumber.value(of: Array(text.utf8)[...]) != Double(text) { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    @Test func halfwayCasesGoToEven() {
        // Half of the last place of doubles around 2^53 and beyond, exact in decimals.
        for base in [UInt64(1) << 53, UInt64(1) << 56, UInt64(1) << 60] {
            for step in 0..<64 {
                let text = "\(base + UInt64(step) * (base >> 53) + (base >> 54))"
                #expect(DecimalNumber.value(of: text) == Double(text), "\(text)")
                #expect(DecimalNumber.value(of: text + "0e-1") == Double(text), "\(text)")
            }
        }
    }

    @Test(arguments: [
        "", "-", ".", "1e", "e1", "0x1", "nan", "inf", " 1", "1 ", "1,5", "1e1e1", "--1", "1e99999",
    ])
    func anythingElseIsNoNumber(text: String) {
        #expect(DecimalNumber.value(of: text) == nil)
        #expect(DecimalNumber.value(of: Array(text.utf8)[...]) == nil)
    }

    @Test func wholeUnitsAreExact() {
        let cases: [(String, Int, Int64?)] = [
            ("1.5", 9, 1_500_000_000), ("-0.000000001", 9, -1),
            ("1234567890.123456789", 9, 1_234_567_890_123_456_789),
            ("1", 3, 1000), ("1.23456", 2, 123), ("1e3", 3, 1_000_000), ("99999999999999999999", 9, nil),
        ]
        for (text, power, expected) in cases {
            #expect(DecimalNumber.scaled(Array(text.utf8)[...], byPowerOfTen: power) == expected, "\(text)")
        }
    }
}
