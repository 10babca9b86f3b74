import Quantities
import Randomness

/// A request on its way through a graph of stages.
struct Workflow: BitwiseCopyable {
    var root: TokenRequest
    var graph: Int32
    /// Sets of stages.
    var started: UInt64 = 0
    var done: UInt64 = 0
    /// Calls, visits and pauses that have not ended.
    var active: Int32 = 0
    /// Tokens of the context.
    var context: Int32
    /// The stage that writes on directly behind the context, so that caches can go on from it; -1 for none.
    var extender: Int32 = -1
    var difficulty: Double
    var isRejected = false
    /// Whether that is because engines failed or were switched off.
    var isLost = false
    /// Whether its figures count.
    var counts: Bool
    /// The call that answers, as far as the request has come.
    var answer: TokenRecord?
    var preemptions: Int32 = 0
}

/// What a stage of one request is at.
struct StageState: BitwiseCopyable {
    var began: Int64 = 0
    /// Calls that have not ended.
    var copiesLeft: Int32 = 0
    /// Rounds begun before this one.
    var round: Int32 = 0
    /// Rounds that still follow; -1 while not drawn.
    var roundsLeft: Int32 = -1
    /// Tokens that it added, and those of answers that are kept.
    var added: Int32 = 0
    var kept: Int32 = 0
    /// When the answer's tokens began: the earliest of its copies.
    var answerHandedOver: Int64 = 0
}

/// Requests on their way, and the graphs they walk.
struct WorkflowTable: ~Copyable {
    let graphs: [StageGraph]
    let predecessors: [[UInt64]]
    let bodies: [[UInt64]]
    /// Of each graph, the stages that may answer.
    let answering: [UInt64]
    private let seed: UInt64
    var workflows = Slab<Workflow>(capacity: 16)
    private var states: [StageState] = []
    private let width: Int
    var visits = Slab<StationVisit>(capacity: 16)

    init(_ graphs: [StageGraph], seed: UInt64) {
        self.graphs = graphs
        self.seed = seed
        predecessors = graphs.map(\.predecessors)
        bodies = graphs.map(\.bodies)
        answering = graphs.map(\.answering)
        width = graphs.map(\.stages.count).max() ?? 0
    }

    private var calls: Int64 = 0

    /// What tells a call apart; below 0, where no request is.
    mutating func nextCall() -> Int64 {
        calls += 1
        return -calls
    }

    mutating func begin(_ request: TokenRequest, graph: Int, counts: Bool) -> Int32 {
        var stream = RandomStream(seed: seed ^ UInt64(bitPattern: request.id), name: "difficulty")
        let place = workflows.take(
            Workflow(
                root: request, graph: Int32(graph), context: request.prompt, difficulty: stream.uniform(),
                counts: counts))
        let from = Int(place) * width
        while states.count < from + width { states.append(StageState()) }
        for stage in 0..<width { states[from + stage] = StageState() }
        return place
    }

    subscript(workflow: Int32, stage: Int) -> StageState {
        get { states[Int(workflow) * width + stage] }
        set { states[Int(workflow) * width + stage] = newValue }
    }

    /// What a stage draws in its present round. The same request draws the same numbers whatever else is
    /// served, so that two clusters are compared on equal requests.
    func stream(of workflow: Int32, stage: Int, name: String) -> RandomStream {
        let id = UInt64(bitPattern: workflows[workflow].root.id)
        let own = UInt64(stage) << 32 | UInt64(self[workflow, stage].round)
        return RandomStream(seed: seed ^ (id &* 0x9E37_79B9_7F4A_7C15) ^ own, name: name)
    }
}
