#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import Quantities
import Simulation
import Vocabulary

/// Service times of a server that is not at hand, from its datasheet: a roofline per operator group.
///
/// Embedding reads are bound by effective memory bandwidth, dense layers by effective compute, both plus a
/// fixed cost per operator; co-located threads share the memory bandwidth, co-located accelerator copies
/// share the device. An accelerator's constants are those of the software stack that its server type names.
/// The stages then go through the same discrete-event simulation as measured service times (after Hercules,
/// HPCA 2022, and the roofline model of Williams et al., CACM 2009).
public struct AnalyticServer: Sendable {
    public let serverType: ServerType
    let processor: Processor
    let memory: MemorySystem
    public let graph: RecommendationGraph
    public let costs: OperatorCosts
    public let parameters: RooflineParameters

    /// - Throws: `ServerModelError.notModelled` for a model whose graph is not described, and for a server
    ///   whose processor and memory are not.
    public init(
        _ serverType: ServerType, running model: Model, parameters: RooflineParameters = .init()
    ) throws(ServerModelError) {
        guard let graph = model.graph else {
            throw .notModelled(model: model.id, found: model.kind.label, serverType: serverType.id)
        }
        guard let processor = serverType.processor, let memory = serverType.memory else {
            throw .notModelled(
                model: model.id, found: "a server type without processor and memory",
                serverType: serverType.id)
        }
        self.processor = processor
        self.memory = memory
        self.serverType = serverType
        self.graph = graph
        self.costs = OperatorCosts(graph)
        self.parameters = parameters
    }

    /// Partitions that the hardware has the parts for.
    var partitions: [ThreadSchedule.Partition] {
        serverType.accelerator == nil ? [.whole, .sparseDense] : ThreadSchedule.Partition.allCases
    }

    /// Whether the hardware has the parts for a schedule, and its groups of threads fit the cores.
    func hasParts(for schedule: ThreadSchedule) -> Bool {
        guard partitions.contains(schedule.partition) else { return false }
        guard [.sparseDense, .hostSparse].contains(schedule.partition) else { return true }
        let cores = processor.cores
        let dense = schedule.partition == .sparseDense ? schedule.threads * schedule.workers : 0
        return dense + schedule.sparseGroup(cores: cores).cores <= cores
    }

    /// The pipeline of a schedule.
    /// - Precondition: the partition is one the hardware has the parts for, and its threads fit the cores of
    ///   the host.
    public func scheduled(by schedule: ThreadSchedule) -> ScheduledServer {
        let stages: [ServerProfile.Stage]
        switch schedule.partition {
        case .whole:
            let service = HostService(
                server: self, workers: schedule.workers, gathering: schedule.threads, doesGather: true,
                doesDense: true)
            stages = [wholeStage(schedule, service)]
        case .sparseDense:
            let group = sparseGroup(of: schedule)
            let sparse = HostService(
                server: self, workers: group.workers, gathering: group.threads, doesGather: true,
                doesDense: false)
            let dense = HostService(
                server: self, workers: schedule.workers, gathering: 0, doesGather: false, doesDense: true)
            stages = [hostStage(group.threads, sparse), hostStage(schedule.threads, dense)]
        case .accelerator:
            stages = [deviceStage(schedule, gathering: 1, receives: costs.indexBytesPerItem)]
        case .hostSparse:
            let hot = schedule.hotFraction?.value ?? 0
            // The hottest rows take more than their share of the reads.
            let hotReads = hot == 0 ? 0 : pow(hot, parameters.hotReadExponent)
            let group = sparseGroup(of: schedule)
            let sparse = HostService(
                server: self, workers: group.workers, gathering: group.threads, doesGather: true,
                doesDense: false,
                gatherShare: 1 - hotReads)
            // The host sends its sums, and the indices of the rows that it left to the device.
            let device = deviceStage(
                schedule, gathering: hotReads,
                receives: costs.pooledBytesPerItem + costs.indexBytesPerItem * hotReads)
            stages = hotReads == 1 ? [device] : [hostStage(group.threads, sparse), device]
        }
        return ScheduledServer(
            schedule: schedule, stages: stages, cores: processor.cores, power: serverType.power,
            provenance: .modelled)
    }

    /// - Precondition: the dense group leaves at least one core.
    private func sparseGroup(of schedule: ThreadSchedule) -> ThreadSchedule.ThreadGroup {
        let cores = processor.cores
        let taken = schedule.partition == .sparseDense ? schedule.threads * schedule.workers : 0
        let group = schedule.sparseGroup(cores: cores)
        precondition(taken + group.cores <= cores, "both groups fit the cores")
        return group
    }

    private func hostStage(_ threads: Int, _ service: HostService) -> ServerProfile.Stage {
        ServerProfile.Stage(
            threads: threads, service: service, coresPerThread: Double(service.workers))
    }

    /// The one stage of `whole`, whose threads may join pieces.
    private func wholeStage(_ schedule: ThreadSchedule, _ service: HostService) -> ServerProfile.Stage {
        guard let wait = schedule.joinWait else { return hostStage(schedule.threads, service) }
        return ServerProfile.Stage(
            threads: schedule.threads, fusionLimit: schedule.batch, joinWait: wait, service: service,
            coresPerThread: Double(service.workers))
    }

    /// - Parameters:
    ///   - gathering: share of the row reads that the device does.
    ///   - receives: what crosses the host link for each item besides the dense features.
    private func deviceStage(_ schedule: ThreadSchedule, gathering: Double, receives: Bytes)
        -> ServerProfile.Stage
    {
        guard let accelerator = serverType.accelerator else {
            preconditionFailure("an accelerator schedule on a server without one")
        }
        return ServerProfile.Stage(
            threads: schedule.threads * accelerator.count, fusionLimit: schedule.batch,
            service: DeviceService(
                costs: costs, accelerator: accelerator,
                constants: DeviceConstants(of: accelerator, parameters), copies: schedule.threads,
                gathering: gathering, receives: receives),
            coresPerThread: parameters.coresPerCopy, isAccelerator: true)
    }
}

/// One host thread with its operator workers.
struct HostService: ServiceTimes {
    let workers: Int
    private let costs: OperatorCosts
    private let parameters: RooflineParameters
    private let peak: FlopsPerSecond
    /// Bandwidth of row reads for this thread with all its workers.
    private let gatherBandwidth: BytesPerSecond
    private let doesGather: Bool
    private let doesDense: Bool
    /// Share of the row reads done here.
    private let gatherShare: Double

    /// - Parameter gathering: how many threads of `workers` workers read rows at the same time.
    init(
        server: AnalyticServer, workers: Int, gathering: Int, doesGather: Bool, doesDense: Bool,
        gatherShare: Double = 1
    ) {
        self.gatherShare = gatherShare
        let parameters = server.parameters
        let type = server.serverType
        self.workers = workers
        self.costs = server.costs
        self.parameters = parameters
        self.peak = server.processor.peakPerCore
        self.doesGather = doesGather
        self.doesDense = doesDense
        let isCached = server.costs.tables <= server.processor.lastLevelCache
        let perCore = isCached ? parameters.cachePerCore : parameters.gatherPerCore
        let parallelism = Double(type.nearMemory?.rankParallelism ?? 1)
        let shared = server.memory.bandwidth * (parameters.hostGatherEfficiency * parallelism)
        // Near-memory units do the reading, so a core only sends commands and is not bound by its own misses.
        let own = perCore * (Double(workers) * (isCached ? 1 : parallelism))
        gatherBandwidth = isCached ? own : min(own, shared / Double(max(gathering, 1)))
    }

    var isFixed: Bool { true }

    func time(items: Int, draw: Double) -> Nanoseconds { meanTime(items: items) }

    func meanTime(items: Int) -> Nanoseconds {
        let batch = Double(items)
        let speedUp = Double(workers) / (1 + parameters.serialFraction * Double(workers - 1))
        let perOperator =
            parameters.hostOperatorOverhead.seconds
            + parameters.workerSynchronisation.seconds * Double(workers - 1)
        var seconds = 0.0
        if doesGather {
            seconds += costs.gatherBytesPerItem * (batch * gatherShare) / gatherBandwidth
            seconds += Double(costs.gatherOperators) * perOperator
        }
        if doesDense {
            let efficiency = parameters.hostDenseEfficiency * batch / (batch + parameters.hostHalfBatch)
            seconds += costs.denseFlopsPerItem * batch / (peak.value * efficiency * speedUp)
            seconds += costs.denseWeights / (parameters.cachePerCore * Double(workers))
            seconds += Double(costs.denseOperators) * perOperator
        }
        return Nanoseconds(seconds: seconds)
    }
}
