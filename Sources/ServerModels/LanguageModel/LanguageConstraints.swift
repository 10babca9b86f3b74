import Quantities
import Simulation
import Vocabulary

/// What keeps an engine from serving even one request at a time: memory, a law that is not trusted, and
/// limits that an idle engine cannot keep.
struct LanguageConstraints: ScheduleConstraints {
    private let server: LanguageServerModel
    private let limits: ServiceLimits

    init(_ server: LanguageServerModel, _ limits: ServiceLimits) {
        self.server = server
        self.limits = limits
    }

    private static let memory = "device memory"
    private static let law = "fit of step times"
    private static let firstToken = "time to the first token"
    private static let outputToken = "time per output token"
    private static let power = "power"

    var titles: [String] { [Self.memory, Self.law, Self.firstToken, Self.outputToken, Self.power] }

    var candidates: [Schedule] { server.space().schedules }

    func broken(by schedule: Schedule) -> [BrokenConstraint] {
        guard let rules = schedule.engineRules, let engine = try? server.engine(schedule) else { return [] }
        var broken = unfit(engine)
        guard broken.isEmpty else { return broken }
        broken += slow(engine, rules)
        if let budget = limits.powerBudget, server.serverType.power.idle > budget {
            let idle = server.serverType.power.idle
            broken.append(
                BrokenConstraint(title: Self.power, needed: idle.value) {
                    "the server draws \(idle) idle, the budget is \(budget)"
                })
        }
        return broken
    }

    /// What no request could change: memory, and a law that is not trusted.
    func unfit(_ engine: ServingEngine) -> [BrokenConstraint] {
        var broken: [BrokenConstraint] = []
        if let lack = lack(engine) { broken.append(lack) }
        if case .law(let law) = engine.timing, !law.residuals.isTrusted {
            broken.append(untrusted(law))
        } else if case .law(let law) = engine.timing, let fault = tooFast(law, engine) {
            broken.append(fault)
        }
        return broken
    }

    /// An engine has to hold the longest request that is asked of it.
    private func lack(_ engine: ServingEngine) -> BrokenConstraint? {
        let shape = server.service.shape
        guard let memory = engine.device[.memory] else { return nil }
        let capacity = CacheCapacity(
            model: shape, memory: memory * 1_073_741_824, share: engine.memoryShare, rules: engine.rules,
            blockTokens: engine.blockTokens)
        let tokens = min(shape.contextMax, server.service.longestRequest)
        guard let missing = capacity.missingBytes(forTokens: tokens, blockTokens: engine.blockTokens) else {
            return nil
        }
        let rules = engine.rules
        return BrokenConstraint(title: Self.memory, needed: missing) {
            let gigabytes = (missing / 1e8).rounded(.up) / 10
            let request = "\(shape.name) with a request of \(tokens) tokens"
            let stages =
                rules.pipelineParallel > 1 ? ", \(rules.pipelineParallel) stages of a pipeline" : ""
            return "\(request) lacks \(gigabytes) GB of each of the "
                + "\(rules.devices) accelerator\(rules.devices == 1 ? "" : "s") of \(memory) GiB "
                + "(tensor parallelism \(rules.tensorParallel)\(stages))"
        }
    }

    private func untrusted(_ law: TokenLaw) -> BrokenConstraint {
        BrokenConstraint(title: Self.law, needed: law.residuals.leftOut) {
            let error = (law.residuals.leftOut * 100).rounded()
            let most = (TokenLaw.Residuals.leftOutMax * 100).rounded()
            return "the fit to \(law.residuals.rows) rows of \(law.source) is off by \(Int(error)) % on rows "
                + "left out, at most \(Int(most)) % is trusted"
        }
    }

    /// A law below what the device's data sheet allows is not one of it.
    private func tooFast(_ law: TokenLaw, _ engine: ServingEngine) -> BrokenConstraint? {
        let floor = try? StepFloor(
            model: server.service.shape, device: engine.device, rules: engine.rules)
        guard let breach = floor?.breach(by: law) else { return nil }
        return BrokenConstraint(title: Self.law, needed: breach.least) { "\(breach); law of \(law.source)" }
    }

    /// Limits that a single request in the mean does not keep.
    private func slow(_ engine: ServingEngine, _ rules: EngineRules) -> [BrokenConstraint] {
        guard let law = try? ServingSimulation.law(of: engine, model: server.service.shape, place: "") else {
            return []
        }
        let (prompt, output) = server.meanTokens
        var reading = StepShape()
        var seconds = 0.0
        var left = Int(prompt)
        // A prompt beyond the budget is read in pieces.
        while left > 0 {
            let piece = min(left, rules.tokenBudget)
            reading = StepShape()
            reading.addPrefill(tokens: piece, context: Int(prompt) - left)
            reading.sampled = left == piece ? 1 : 0
            seconds += Double(law.time(of: reading)) * 1e-12
            left -= piece
        }
        let first = Nanoseconds(seconds: seconds)
        var broken: [BrokenConstraint] = []
        let limit = limits.target.limit
        if first > limit {
            broken.append(
                BrokenConstraint(title: Self.firstToken, needed: first.seconds) {
                    "the first token of a mean request alone takes \(first) (\(rules)), the limit is \(limit)"
                })
        }
        let context = Int(prompt + output / 2)
        let step = Double(law.decodeLine(sequences: 1, context: context).time(context: context)) * 1e-12
        if let most = server.service.outputTokenMax, step > most {
            broken.append(
                BrokenConstraint(title: Self.outputToken, needed: step) {
                    "an output token of one request alone takes \(Nanoseconds(seconds: step)) (\(rules)), "
                        + "the limit is \(Nanoseconds(seconds: most))"
                })
        }
        return broken
    }
}
