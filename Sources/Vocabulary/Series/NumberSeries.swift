/// One number for each interval of a timeline, or nil where it is not known; a year of minutes takes from a
/// few kilobytes, where the number hardly changes, to eight bytes an interval.
public struct NumberSeries: RandomAccessCollection, Hashable, Sendable {
    package private(set) var words: WordSeries

    /// No number yet.
    public init() { words = WordSeries() }

    package init(words: WordSeries) { self.words = words }

    /// The series of some numbers.
    public init(_ numbers: some Sequence<Double?>) {
        self.init()
        for number in numbers { append(number) }
    }

    /// Stands for a number that is not known; no known number is coded like that.
    package static let unknown = Double.nan.bitPattern

    /// Appends a number; one that is not a number is not known. Amortised O(1).
    public mutating func append(_ number: Double?) {
        words.append(number.map { $0.isNaN ? Self.unknown : $0.bitPattern } ?? Self.unknown)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { words.count }

    /// O(1).
    public subscript(index: Int) -> Double? { Self.number(words[index]) }

    package static func number(_ word: UInt64) -> Double? {
        word == unknown ? nil : Double(bitPattern: word)
    }

    /// Calls a closure with every number in order; the fastest way through a long series.
    public func forEach(_ body: (Double?) throws -> Void) rethrows {
        try words.forEach { try body(Self.number($0)) }
    }

    /// Every number with 0 for what is not known.
    public var orZero: [Double] {
        var numbers: [Double] = []
        numbers.reserveCapacity(count)
        forEach { numbers.append($0 ?? 0) }
        return numbers
    }

    /// The numbers that are known.
    public var known: [Double] {
        var numbers: [Double] = []
        forEach { number in
            if let number { numbers.append(number) }
        }
        return numbers
    }

    /// Whether any number is known.
    public var hasKnown: Bool {
        // A chunk of several words holds a known one.
        for chunk in words.allChunks where chunk.constant != Self.unknown { return true }
        return false
    }
}
