import Randomness

/// What a router supposes of an answer's length before it is generated.
public enum LengthPrediction: Sendable, Hashable {
    /// The length itself: an oracle, and a bound for every predictor.
    case known
    /// The length times `exp(sigma * Z)` with Z standard normal.
    case error(sigma: Double)
    /// The same for all.
    case mean(Int)

    /// Tokens, at least 1. The same request is predicted alike whoever asks.
    func tokens(of request: TokenRequest, seed: UInt64) -> Int32 {
        switch self {
        case .known: return request.output
        case .mean(let tokens): return Int32(clamping: max(1, tokens))
        case .error(let sigma):
            let id = UInt64(bitPattern: request.id) &* 0x9E37_79B9_7F4A_7C15
            var stream = RandomStream(seed: seed ^ id, name: "prediction")
            let factor = stream.logNormal(mu: 0, sigma: sigma)
            return Int32(max(1, min((Double(request.output) * factor).rounded(), 1e9)))
        }
    }
}

/// How long an engine is busy with a request when its batch is as large as it usually gets, in picoseconds:
/// `d * prompt + output * (b + c * (prompt + output / 2))`.
struct RequestWork {
    /// Of a prompt's token.
    private let perPrompt: Double
    /// Of an answer's token, its share of a step.
    private let perOutput: Double
    /// For every token in the cache.
    private let perContext: Double
    private let role: EngineRole

    /// The context at which a usual batch is supposed.
    private static let contextTokens = 1024
    private static let batchMax = 64

    init(_ engine: TokenSimulation.Engine) {
        let setup = engine.setup
        role = setup.role
        let piece = min(setup.tokenBudget, Self.contextTokens)
        var reading = StepShape()
        reading.addPrefill(tokens: piece, context: 0)
        reading.sampled = 1
        perPrompt = Double(engine.law.time(of: reading)) / Double(piece)
        let thatFit = setup.blocks * setup.blockTokens / Self.contextTokens
        let batch = max(1, min(setup.sequencesMax, thatFit, Self.batchMax))
        let line = engine.law.decodeLine(sequences: batch, context: batch * Self.contextTokens)
        perOutput = Double(line.base) / Double(batch)
        perContext = Double(line.slope)
    }

    func time(prompt: Int32, output: Int32) -> Double {
        let (prompt, output) = (Double(prompt), Double(output))
        let reads = role == .decode ? 0 : perPrompt * prompt
        let generates = role == .prefill ? 0 : output * (perOutput + perContext * (prompt + output / 2))
        return reads + generates
    }
}

/// What a router has handed out and not got back, as far as it can know: predicted work and tokens.
struct RouterLoad {
    private let works: [RequestWork]
    /// Picoseconds of work by engine.
    private(set) var work: [Double]
    /// Tokens that requests will have in the cache by engine.
    private(set) var promised: [Int]
    /// By engine, tokens that its memory holds.
    let memory: [Int]

    init(_ engines: [TokenSimulation.Engine]) {
        works = engines.map { RequestWork($0) }
        work = engines.map { _ in 0 }
        promised = engines.map { _ in 0 }
        memory = engines.map { $0.setup.blocks * $0.setup.blockTokens }
    }

    /// What a request adds to an engine's work.
    func work(of request: TokenRequest, at engine: Int) -> Double {
        works[engine].time(prompt: request.prompt, output: request.predicted)
    }

    mutating func add(_ request: TokenRequest, to engine: Int) {
        work[engine] += work(of: request, at: engine)
        promised[engine] += request.expectedTokens
    }

    mutating func remove(_ request: TokenRequest, from engine: Int) {
        work[engine] = max(0, work[engine] - work(of: request, at: engine))
        promised[engine] -= request.expectedTokens
    }
}

extension TokenRequest {
    /// Tokens in the cache at the end, as predicted.
    fileprivate var expectedTokens: Int { Int(prompt) + Int(predicted) }
}
