import Provisioning
import Quantities
import ServerModels
import Vocabulary

/// Rates the stages of pipelines on boxes and shares of them, within every part of the limit that a split may
/// give them. Nothing of it is stored.
struct StageRatings {
    /// Parts of a limit among which splits choose; fine where stages are short, as stages on processors
    /// before a language model are.
    static let fractions = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]

    /// A replica of a stage: what it has to itself.
    private struct Place {
        let pipeline: Int
        let stage: Int
        let share: ServerType
        let parts: Int
    }

    /// Ways to run a stage at a place.
    private struct Rated {
        /// By part of the limit.
        let levels: [[SharedBoxPlanner.Choice]]
        /// Within the whole limit at the least quantile.
        let widest: [SharedBoxPlanner.Choice]
    }

    private let session: Session
    private let pipelines: [ServedPipeline]

    init(_ session: Session) {
        self.session = session
        pipelines = session.scenario.pipelines ?? []
    }

    /// A stage of a pipeline as a demand of its own.
    func model(of stage: Int, _ pipeline: ServedPipeline) -> Model? {
        session.scenario.models.first { $0.id == pipeline.stages[stage].model }?.stage(stage, of: pipeline)
    }

    /// - Parameter loads: of pipelines, with headroom; those without load are left out.
    /// - Returns: what each pipeline asks for and can get, and pairs that were left out because what is known
    ///   of them holds for one target alone.
    func demands(
        _ loads: [ModelID: QueriesPerSecond]
    ) throws -> (pipelines: [PipelineDemand], leftOut: [(model: ModelID, type: ServerTypeID)]) {
        let asked = pipelines.filter { loads[$0.id] ?? .zero > .zero }
        var (places, leftOut) = (try places(of: asked), [(model: ModelID, type: ServerTypeID)]())
        let models = Set(asked.flatMap { $0.stages.map(\.model) })
        for model in session.scenario.models where models.contains(model.id) {
            for type in types where try !isModelled(model, type) {
                leftOut.append((model.id, type.id))
            }
        }
        places.sort { ($0.pipeline, $0.stage) < ($1.pipeline, $1.stage) }
        session.progress.stageBegan("rate stages", units: places.count, expected: nil)
        let search = try SearchStage(session)
        let rated = try places.concurrentMap { place in
            let found = try rate(place, asked[place.pipeline], search)
            session.progress.advanced(
                "\(asked[place.pipeline].demandID(of: place.stage)) on \(place.parts) parts of "
                    + "\(place.share.id)")
            return found
        }
        session.progress.stageEnded("rated \(asked.count.counted("pipeline"))")
        let demands = asked.enumerated().map { index, pipeline in
            PipelineDemand(
                pipeline: pipeline, load: loads[pipeline.id] ?? .zero,
                stages: pipeline.stages.indices.map { stage in
                    self.stage(
                        stage, of: pipeline,
                        zip(places, rated).filter { $0.0.pipeline == index && $0.0.stage == stage }
                            .map(\.1))
                })
        }
        return (demands, leftOut)
    }

    private var types: [ServerType] {
        session.scenario.serverTypes.filter { session.scenario.fleet.hasServers(of: $0.id) }
    }

    private func isModelled(_ model: Model, _ type: ServerType) throws -> Bool {
        switch try session.evidence.of(model, on: type) {
        case .modelled, .nothing: true
        case .measuredHere, .measuredElsewhere, .imported: false
        }
    }

    private func places(of asked: [ServedPipeline]) throws -> [Place] {
        var places: [Place] = []
        for (index, pipeline) in asked.enumerated() {
            for (stage, one) in pipeline.stages.enumerated() {
                guard let model = session.scenario.models.first(where: { $0.id == one.model }) else {
                    continue
                }
                for type in types where try session.evidence.of(model, on: type).kind == .modelled {
                    places += (1...type.parts).filter { type.parts.isMultiple(of: $0) }.compactMap { parts in
                        type.share(of: parts).map {
                            Place(pipeline: index, stage: stage, share: $0, parts: parts)
                        }
                    }
                }
            }
        }
        return places
    }

    /// The choices that searches ended with within every budget, and within the whole limit at the least
    /// quantile.
    private func rate(
        _ place: Place, _ pipeline: ServedPipeline, _ search: SearchStage
    ) throws -> Rated {
        guard let model = model(of: place.stage, pipeline),
            let server = ServerModelFamilies.make(model, on: place.share, session.serverModelSettings)
        else { return Rated(levels: Self.fractions.map { _ in [] }, widest: []) }
        let quantile = pipeline.quantile(of: place.stage)
        var targets = Self.fractions.map { fraction in
            LatencyTarget(
                quantile: quantile,
                limit: Nanoseconds(seconds: pipeline.target.limit.seconds * fraction))
        }
        if let least = pipeline.leastQuantile(of: place.stage), least != quantile {
            targets.append(LatencyTarget(quantile: least, limit: pipeline.target.limit))
        }
        // What is within a budget is within any larger one; searches may miss that, and what serves most does
        // not always draw least.
        var known: [Schedule: SharedBoxPlanner.Choice] = [:]
        let found = try search.best(of: server, within: targets).map { evaluation in
            if let evaluation, evaluation.throughput > known[evaluation.schedule]?.rate ?? .zero {
                known[evaluation.schedule] = SharedBoxPlanner.Choice(
                    model: model.id, share: place.share, parts: place.parts, schedule: evaluation.schedule,
                    rate: evaluation.throughput, power: evaluation.power)
            }
            return known.sorted { $0.key < $1.key }.map(\.value)
        }
        return Rated(levels: Array(found.prefix(Self.fractions.count)), widest: found[found.count - 1])
    }

    private func stage(
        _ place: Int, of pipeline: ServedPipeline,
        _ rated: [Rated]
    ) -> PipelineDemand.Stage {
        let levels = Self.fractions.indices.map { level in
            PipelineDemand.Stage.Level(
                budget: Nanoseconds(
                    seconds: pipeline.target.limit.seconds * Self.fractions[level]),
                choices: rated.flatMap { $0.levels[level] })
        }
        return PipelineDemand.Stage(
            levels: levels,
            widest: pipeline.leastQuantile(of: place) == nil ? nil : rated.flatMap(\.widest))
    }
}
