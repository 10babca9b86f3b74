/// Speculative decoding as a model: a draft proposes tokens, one step of the engine verifies all of them, and
/// each is accepted with the same probability until the first that is not (Leviathan, Kalman and Matias,
/// ICML 2023). A step yields (1 - a^(k+1)) / (1 - a) tokens in the mean, for k drafted tokens accepted with
/// probability a.
///
/// Steps yield that mean and nothing is drawn: all sequences of a step advance by the same whole number of
/// tokens, and these numbers follow the mean as closely as whole numbers can. What the mean hides is the
/// spread between requests, which falls with the length of the answer.
public struct Speculation: Sendable, Hashable {
    /// Tokens that are drafted for each sequence of a step; at least 1.
    public var drafted: Int
    /// The probability that a drafted token is accepted, those before it being so.
    public var acceptance: Double
    /// Picoseconds of drafting that a step takes, whatever it holds.
    public var draftTime: Int64
    /// The time of drafting one token over the time of a step without drafts: c of the paper.
    public var draftShare: Double

    public init(drafted: Int, acceptance: Double, draftTime: Int64 = 0, draftShare: Double = 0) {
        self.drafted = drafted
        self.acceptance = acceptance
        self.draftTime = draftTime
        self.draftShare = draftShare
    }

    /// Tokens of a step in the mean, the one that the engine itself gives included.
    public var tokensPerStep: Double {
        // The sum and not the quotient, which has no value at an acceptance of 1.
        var (sum, power) = (0.0, 1.0)
        for _ in 0...drafted {
            sum += power
            power *= acceptance
        }
        return sum
    }

    /// What keeps it from being played; nil where nothing does.
    var fault: String? {
        if !(1...64).contains(drafted) { return "\(drafted) drafted tokens, expected 1 to 64" }
        if !(0...1).contains(acceptance) { return "an acceptance of \(acceptance), expected 0 to 1" }
        if draftTime < 0 || !(0...1).contains(draftShare) { return "a draft that takes less than no time" }
        return nil
    }
}

/// How many tokens each sequence gains over steps: a whole number a step, whose mean is exact.
///
/// After `steps` steps from a phase f these are floor((f + steps * p) / u), for p / u tokens a step. All
/// sums over steps have a closed form, so that a row of steps costs what one does.
struct GenerationPace: Sendable {
    /// Parts of a token, u.
    static let unit: Int64 = 1 << 20

    /// Parts that a step yields, p; at least one token.
    let perStep: Int64
    /// Parts left over from the steps so far, f.
    private(set) var phase: Int64 = 0

    init(_ speculation: Speculation?) {
        let parts = (speculation?.tokensPerStep ?? 1) * Double(Self.unit)
        perStep = max(Self.unit, Int64(parts.rounded()))
        isSingle = perStep == Self.unit
    }

    private let isSingle: Bool

    /// The most tokens of one step.
    @inline(__always)
    var most: Int { Int((perStep + Self.unit - 1) / Self.unit) }

    /// Tokens that a sequence gains in the next steps.
    @inline(__always)
    func tokens(_ steps: Int) -> Int {
        isSingle ? steps : Int((phase + Int64(steps) * perStep) / Self.unit)
    }

    @inline(__always)
    mutating func advance(_ steps: Int) {
        guard !isSingle else { return }
        phase = (phase + Int64(steps) * perStep) % Self.unit
    }

    /// The fewest steps that yield so many tokens.
    @inline(__always)
    func steps(reaching tokens: Int) -> Int {
        guard !isSingle else { return tokens }
        let parts = Int64(min(tokens, 1 << 40)) * Self.unit - phase
        return Int((parts + perStep - 1) / perStep)
    }

    /// The most steps that yield no more tokens than these.
    @inline(__always)
    func steps(within tokens: Int) -> Int {
        guard !isSingle else { return tokens }
        return Int(((Int64(min(tokens, 1 << 40)) + 1) * Self.unit - phase - 1) / perStep)
    }

    /// The sum over the next steps of the tokens gained before each. O(log parts).
    @inline(__always)
    func gainedBefore(_ steps: Int) -> Int64 {
        let count = Int64(steps)
        return isSingle ? count * (count - 1) / 2 : floorSum(count)
    }

    /// The sum of floor((phase + i p) / u) over i below n, by Euclid's algorithm.
    private func floorSum(_ count: Int64) -> Int64 {
        var (n, m, a, b, sum) = (count, Self.unit, perStep, phase, Int64(0))
        while true {
            sum += n * (n - 1) / 2 * (a / m) + n * (b / m)
            (a, b) = (a % m, b % m)
            let top = a * n + b
            guard top >= m else { return sum }
            (n, b) = (top / m, top % m)
            (m, a) = (a, m)
        }
    }
}
