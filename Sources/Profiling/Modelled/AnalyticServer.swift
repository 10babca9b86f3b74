import Quantities
import Vocabulary

/// Service times of a server that is not at hand, from its datasheet: a roofline per operator group.
///
/// Embedding reads are bound by effective memory bandwidth, dense layers by effective compute, both plus a fixed
/// cost per operator; co-located threads share the memory bandwidth, co-located accelerator copies share the device.
/// The stages then go through the same discrete-event simulation as measured service times
/// (after Hercules, HPCA 2022, and the roofline model of Williams et al., CACM 2009).
public struct AnalyticServer: Sendable {
    public let serverType: ServerType
    public let costs: OperatorCosts
    public let parameters: RooflineParameters

    /// - Throws: `ProfilingError.notModelled` for a model whose graph is not described.
    public init(
        _ serverType: ServerType, running model: Model, parameters: RooflineParameters = .init()
    ) throws(ProfilingError) {
        guard let graph = model.graph else {
            throw .notModelled(model: model.id, found: model.kind.label, serverType: serverType.id)
        }
        self.serverType = serverType
        self.costs = OperatorCosts(graph)
        self.parameters = parameters
    }

    /// Bytes of the whole model; co-located threads and copies share one set of weights and tables.
    public var modelSize: Bytes { costs.tables + costs.denseWeights }

    /// The partitions this server has the hardware and the memory for, in the order they are searched.
    public var partitions: [Schedule.Partition] {
        var feasible: [Schedule.Partition] = []
        let fitsHost = modelSize <= serverType.memory.capacity
        if fitsHost { feasible += [.whole, .sparseDense] }
        if let accelerator = serverType.accelerator {
            if modelSize <= accelerator.memory { feasible.append(.accelerator) }
            if fitsHost, costs.denseWeights <= accelerator.memory { feasible.append(.hostSparse) }
        }
        return feasible
    }

    /// The pipeline of a schedule.
    /// - Precondition: the partition is one of `partitions`, and M x O does not exceed the cores on the host.
    public func scheduled(by schedule: Schedule) -> ScheduledServer {
        let stages: [ScheduledServer.Stage]
        switch schedule.partition {
        case .whole:
            let service = HostService(
                server: self, workers: schedule.workers, gathering: schedule.threads, doesGather: true,
                doesDense: true)
            stages = [hostStage(schedule.threads, service)]
        case .sparseDense:
            let sparseThreads = sparseThreads(beside: schedule)
            let sparse = HostService(
                server: self, workers: 1, gathering: sparseThreads, doesGather: true, doesDense: false)
            let dense = HostService(
                server: self, workers: schedule.workers, gathering: 0, doesGather: false, doesDense: true)
            stages = [hostStage(sparseThreads, sparse), hostStage(schedule.threads, dense)]
        case .accelerator:
            stages = [deviceStage(schedule, gathersOnDevice: true)]
        case .hostSparse:
            let cores = serverType.processor.cores
            let sparse = HostService(
                server: self, workers: 1, gathering: cores, doesGather: true, doesDense: false)
            stages = [hostStage(cores, sparse), deviceStage(schedule, gathersOnDevice: false)]
        }
        return ScheduledServer(
            schedule: schedule, stages: stages, cores: serverType.processor.cores, power: serverType.power,
            provenance: .modelled)
    }

    /// In a sparse-dense pipeline the cores that the dense group leaves run single-worker gather threads.
    /// - Precondition: the dense group leaves at least one core.
    private func sparseThreads(beside schedule: Schedule) -> Int {
        let left = serverType.processor.cores - schedule.threads * schedule.workers
        precondition(left >= 1, "a sparse-dense schedule leaves a core for the sparse group")
        return left
    }

    private func hostStage(_ threads: Int, _ service: HostService) -> ScheduledServer.Stage {
        ScheduledServer.Stage(
            servers: threads, fusionLimit: nil, service: service, coresPerServer: Double(service.workers),
            isAccelerator: false)
    }

    private func deviceStage(_ schedule: Schedule, gathersOnDevice: Bool) -> ScheduledServer.Stage {
        guard let accelerator = serverType.accelerator else {
            preconditionFailure("an accelerator schedule on a server without one")
        }
        return ScheduledServer.Stage(
            servers: schedule.threads * accelerator.count, fusionLimit: schedule.batch,
            service: DeviceService(
                costs: costs, accelerator: accelerator, parameters: parameters, copies: schedule.threads,
                gathersOnDevice: gathersOnDevice),
            coresPerServer: parameters.coresPerCopy, isAccelerator: true)
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

    /// - Parameter gathering: how many threads of `workers` workers read rows at the same time.
    init(server: AnalyticServer, workers: Int, gathering: Int, doesGather: Bool, doesDense: Bool) {
        let parameters = server.parameters
        let type = server.serverType
        self.workers = workers
        self.costs = server.costs
        self.parameters = parameters
        self.peak = type.processor.peakPerCore
        self.doesGather = doesGather
        self.doesDense = doesDense
        let isCached = server.costs.tables <= type.processor.lastLevelCache
        let perCore = isCached ? parameters.cachePerCore : parameters.gatherPerCore
        let parallelism = Double(type.nearMemory?.rankParallelism ?? 1)
        let shared = type.memory.bandwidth * (parameters.hostGatherEfficiency * parallelism)
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
            seconds += costs.gatherBytesPerItem * batch / gatherBandwidth
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

/// One of several copies of a model on one accelerator.
struct DeviceService: ServiceTimes {
    let costs: OperatorCosts
    let accelerator: Accelerator
    let parameters: RooflineParameters
    let copies: Int
    let gathersOnDevice: Bool

    var isFixed: Bool { true }

    func time(items: Int, draw: Double) -> Nanoseconds { meanTime(items: items) }

    func meanTime(items: Int) -> Nanoseconds {
        let batch = Double(items)
        let efficiency = parameters.deviceDenseEfficiency * batch / (batch + parameters.deviceHalfBatch)
        var device = costs.denseFlopsPerItem * batch / (accelerator.peak.value * efficiency)
        var launches = Double(costs.denseOperators)
        if gathersOnDevice {
            device +=
                costs.gatherBytesPerItem * batch / (accelerator.bandwidth * parameters.deviceGatherEfficiency)
            device += Double(costs.gatherRowsPerItem) * batch * parameters.deviceRowOverhead
            launches += Double(costs.gatherOperators)
        }
        let sent =
            costs.denseInputBytesPerItem
            + (gathersOnDevice ? costs.indexBytesPerItem : costs.pooledBytesPerItem)
        let transfer =
            parameters.transferOverhead.seconds
            + sent * batch / accelerator.hostLink * Double(copies)
        // Copies overlap one another's launches, but share the device and the link.
        return Nanoseconds(
            seconds: device * Double(copies) + transfer + launches * accelerator.launchOverhead.seconds)
    }
}
