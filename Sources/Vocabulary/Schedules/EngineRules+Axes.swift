extension ScheduleAxis {
    /// Tensor parallelism.
    public static let tensorParallel = ScheduleAxis(
        name: "tensorParallel", title: "TP", takesProcessors: true, scale: .logarithm)
    /// Pipeline parallelism.
    public static let pipelineParallel = ScheduleAxis(
        name: "pipelineParallel", title: "PP", takesProcessors: true, scale: .logarithm)
    /// Expert parallelism. It shares the accelerators of the tensor-parallel groups instead of taking more.
    public static let expertParallel = ScheduleAxis(
        name: "expertParallel", title: "EP", takesProcessors: false, scale: .logarithm)
    /// Requests that a step may hold.
    public static let sequencesMax = ScheduleAxis(
        name: "sequencesMax", title: "sequences", takesProcessors: false, scale: .logarithm)
    /// Tokens that a step may process.
    public static let tokenBudget = ScheduleAxis(
        name: "tokenBudget", title: "tokens", takesProcessors: false, scale: .logarithm)
    /// Tokens of one prompt that a step may process; 0 for all that the budget leaves.
    public static let chunkTokens = ScheduleAxis(
        name: "chunkTokens", title: "chunk", takesProcessors: false, scale: .logarithm)
}

extension EngineRules {
    /// In the order in which a lattice has them.
    static let axes: [ScheduleAxis] = [
        .tensorParallel, .pipelineParallel, .expertParallel, .sequencesMax, .tokenBudget, .chunkTokens,
    ]

    /// 0 where prompts are not cut; nil on an axis of another kind.
    func value(on axis: ScheduleAxis) -> Double? {
        switch axis {
        case .tensorParallel: Double(tensorParallel)
        case .pipelineParallel: Double(pipelineParallel)
        case .expertParallel: Double(expertParallel)
        case .sequencesMax: Double(sequencesMax)
        case .tokenBudget: Double(tokenBudget)
        case .chunkTokens: Double(chunkTokens ?? 0)
        default: nil
        }
    }

    /// What engines that differ only in their numbers have in common.
    var family: String { Self.family(role, precision) }

    /// The family of a role and a precision.
    public static func family(_ role: Role, _ precision: Precision) -> String {
        "engine \(role.rawValue) \(precision.rawValue)"
    }

    /// Makes the rules of one family from values on some axes.
    struct Assembly {
        private let role: Role
        private let precision: Precision
        /// For each axis of `EngineRules.axes`, where its value stands.
        private let places: [Int?]

        init?(family: String, axes: [ScheduleAxis]) {
            let words = family.split(separator: " ").map(String.init)
            guard words.count == 3, words[0] == "engine", let role = Role(rawValue: words[1]),
                let precision = Precision(rawValue: words[2])
            else { return nil }
            self.role = role
            self.precision = precision
            places = EngineRules.axes.map { axes.firstIndex(of: $0) }
        }

        func schedule(_ values: [Double]) -> EngineRules? {
            func count(_ axis: Int, orElse absent: Int = 1) -> Int {
                places[axis].map { Int(values[$0]) } ?? absent
            }
            let chunk = count(5, orElse: 0)
            guard (0..<5).allSatisfy({ count($0) >= 1 }), chunk >= 0 else { return nil }
            return EngineRules(
                tensorParallel: count(0), pipelineParallel: count(1), expertParallel: count(2),
                sequencesMax: count(3), tokenBudget: count(4), chunkTokens: chunk == 0 ? nil : chunk,
                role: role, precision: precision)
        }
    }
}
