import ArgumentParser
import Quantities

/// Reads numbers within what an option takes.
enum NumberText {
    /// - Parameters:
    ///   - expected: completes "expected ..." for a word that is not taken.
    ///   - isTaken: asked about finite numbers only.
    static func number(
        _ expected: String, where isTaken: @escaping @Sendable (Double) -> Bool
    ) -> OptionReading<Double> {
        { text in
            guard let number = Double(text), number.isFinite, isTaken(number) else {
                throw ValidationError("expected \(expected)")
            }
            return number
        }
    }

    /// A number that is not negative: a price, a load, an amount. Larger ones than any are refused, because
    /// they would overflow what they are multiplied with.
    static let amount: OptionReading<Double> = { text in
        let number = try number("a number of at least 0") { $0 >= 0 }(text)
        guard number <= 1e15 else { throw ValidationError("expected a number of at most 1e15") }
        return number
    }

    static let headroom = fraction("a number from 0 to 10") { (0...10).contains($0) }

    /// A fraction, or a rate as a fraction.
    static func fraction(
        _ expected: String, where isTaken: @escaping @Sendable (Double) -> Bool
    ) -> OptionReading<Fraction> {
        let read = number(expected, where: isTaken)
        return { Fraction(try read($0)) }
    }

    static let watts: OptionReading<Watts> = {
        Watts(try number("watts above 0, such as 250") { $0 > 0 }($0))
    }

    static func whole(from low: Int, to high: Int = .max) -> OptionReading<Int> {
        let range = high == .max ? "of at least \(low)" : "from \(low) to \(high)"
        return { text in
            guard let number = Int(text), number >= low, number <= high else {
                throw ValidationError("expected a whole number \(range)")
            }
            return number
        }
    }

    /// Whole numbers that rise, separated by commas.
    static func ascending(from low: Int, to high: Int) -> OptionReading<[Int]> {
        { text in
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            let known = numbers.compactMap { $0 }
            guard known.count == numbers.count, known.allSatisfy({ (low...high).contains($0) }),
                zip(known, known.dropFirst()).allSatisfy(<)
            else { throw ValidationError("expected ascending whole numbers from \(low) to \(high)") }
            return known
        }
    }
}
