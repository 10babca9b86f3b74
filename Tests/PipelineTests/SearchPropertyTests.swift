import Catalog
import Foundation
import Pipeline
import Profiling
import Quantities
import Scheduling
import ServerModels
import Testing
import Vocabulary

/// What must hold of every search over the analytic server, whatever its constants.
@Suite struct SearchPropertyTests {
    private let catalog: Catalog
    private static let batches = [16, 64, 256, 1024]

    init() throws {
        catalog = try Catalog(
            directory: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Workloads").path)
    }

    /// A server model and the limits that it is asked about.
    private struct Problem {
        let server: RecommendationServerModel
        let limits: ServiceLimits

        var space: ScheduleSpace { server.space(within: limits) }
        var prior: SchedulePrior? { server.prior(within: limits) }

        func evaluate(_ schedule: Schedule) throws -> ScheduleEvaluation {
            try server.evaluate(schedule, within: limits)
        }
    }

    private func problem(_ type: ServerType, _ model: Model) throws -> Problem {
        Problem(
            server: try RecommendationServerModel(
                model, on: type,
                settings: ServerModelSettings(batches: Self.batches, queries: .exactly(300), seed: 3)),
            limits: ServiceLimits(target: model.latencyTarget))
    }

    private func cut(_ type: ServerType, cores: Int) -> ServerType {
        ServerType(
            id: type.id, title: type.title,
            processor: Processor(
                cores: cores, peakPerCore: type.processor?.peakPerCore ?? FlopsPerSecond(1e9),
                lastLevelCache: type.processor?.lastLevelCache ?? Bytes(1e6)),
            memory: type.memory, nearMemory: type.nearMemory, accelerator: type.accelerator,
            power: type.power,
            isThisHost: false, sources: type.sources)
    }

    private func optimum(
        _ problem: Problem, _ partitions: Set<ThreadSchedule.Partition>? = nil
    ) throws -> Double {
        var best = 0.0
        let prior = problem.prior
        for schedule in problem.space.schedules
        where partitions?.contains(schedule.columns.partition) ?? true {
            // No rate above the bound can be sustained, so nothing is missed.
            if let bound = prior?.ceiling(schedule), bound.value <= best { continue }
            best = max(best, try problem.evaluate(schedule).throughput.value)
        }
        return best
    }

    @Test(arguments: ["ncf", "wnd"])
    func aTighterTargetOrASmallerBudgetNeverRaisesThroughput(name: String) throws {
        let model = try catalog.model(ModelID(name))
        let type = try catalog.serverType("cpu-t1")
        let limit = model.latencyTarget.limit.milliseconds
        let schedules = try problem(type, model).space.schedules.enumerated().filter { $0.offset % 97 == 0 }
        for (_, schedule) in schedules {
            // One server model compares all limits with the same simulations.
            let server = try problem(type, model).server
            var previous = Double.infinity
            for share in [2, 1, 0.7, 0.4, 0.1] {
                let target = LatencyTarget(
                    quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: limit * share))
                let found = try server.evaluate(schedule, within: ServiceLimits(target: target))
                #expect(found.throughput.value <= previous, "\(schedule)")
                previous = found.throughput.value
            }
            previous = .infinity
            for quantile in [0.5, 0.9, 0.99] {
                let target = LatencyTarget(quantile: Quantile(quantile), limit: model.latencyTarget.limit)
                let found = try server.evaluate(schedule, within: ServiceLimits(target: target))
                #expect(found.throughput.value <= previous, "\(schedule)")
                previous = found.throughput.value
            }
            previous = .infinity
            for budget in [500.0, 250, 180, 150, 1] {
                let found = try server.evaluate(
                    schedule,
                    within: ServiceLimits(target: model.latencyTarget, powerBudget: Watts(budget)))
                #expect(found.throughput.value <= previous, "\(schedule)")
                #expect(found.throughput == .zero || found.power <= Watts(budget))
                previous = found.throughput.value
            }
            let alone = try problem(type, model).evaluate(schedule)
            #expect(
                try server.evaluate(schedule, within: ServiceLimits(target: model.latencyTarget)) == alone,
                "sharing changes nothing")
        }
    }

    @Test func moreCoresNeverLowerTheOptimum() throws {
        let model = try catalog.model("wnd")
        let type = try catalog.serverType("cpu-t1")
        var previous = 0.0
        for cores in [1, 2, 4, 7, 8] {
            let found = try optimum(problem(cut(type, cores: cores), model), [.whole])
            #expect(found >= previous, "\(cores) cores")
            previous = found
        }
    }

    @Test func theBoundHoldsAndTheEstimateIsOfUse() throws {
        for (name, server) in [("ncf", "cpu-t1"), ("rm1", "cpu-t2-nmp-x4"), ("dien", "cpu-t2-v100")] {
            let problem = try problem(
                catalog.serverType(ServerTypeID(server)), catalog.model(ModelID(name)))
            let prior = try #require(problem.prior)
            var pairs: [(found: Double, estimate: Double)] = []
            for (index, schedule) in problem.space.schedules.enumerated() where index % 211 == 0 {
                let found = try problem.evaluate(schedule).throughput.value
                let estimate = prior.estimate(schedule).value
                let ceiling = prior.ceiling(schedule).value
                #expect(found <= ceiling && estimate <= ceiling, "\(schedule)")
                pairs.append((found, estimate))
            }
            // The estimate decides among good schedules; how bad a bad one is does not matter.
            let best = pairs.map(\.found).max() ?? 0
            let errors = pairs.filter { $0.found > best / 2 }.map { abs(log($0.estimate / $0.found)) }
                .sorted()
            let median = errors.isEmpty ? 0 : errors[errors.count / 2]
            #expect(median < log(1.5), "\(name) on \(server): a factor of \(exp(median)) in the median")
        }
    }

    @Test func theSameSeedTakesTheSamePathAndLittleIsLost() throws {
        let model = try catalog.model("ncf")
        let problem = try problem(catalog.serverType("cpu-t1"), model)
        let search = SearchProblem(problem.server, within: problem.limits, seed: 3)
        let trail = try GradientSearch().search(search) { try problem.evaluate($0) }
        #expect(trail == (try GradientSearch().search(search) { try problem.evaluate($0) }))
        let share = (trail.best?.throughput.value ?? 0) / (try optimum(problem))
        #expect(share > 0.97)
        #expect(trail.evaluations.count * 10 < search.space.count)
    }

    @Test func memoryIsCheckedBeforeAnythingRuns() throws {
        let model = try catalog.model("rm2")
        let type = try catalog.serverType("cpu-t2-v100")
        func constraints(_ memory: Double, _ device: Double) throws -> RecommendationConstraints {
            let card = try #require(type.accelerator)
            let bandwidth = try #require(type.memory).bandwidth
            let changed = ServerType(
                id: type.id, title: type.title, processor: type.processor,
                memory: MemorySystem(capacity: Bytes(memory), bandwidth: bandwidth),
                nearMemory: nil,
                accelerator: Accelerator(
                    name: card.name, count: card.count, peak: card.peak, memory: Bytes(device),
                    bandwidth: card.bandwidth, hostLink: card.hostLink, launchOverhead: card.launchOverhead),
                power: type.power, isThisHost: false, sources: [])
            return RecommendationConstraints(
                changed, running: try #require(model.graph),
                within: ServiceLimits(target: model.latencyTarget, powerBudget: Watts(1)))
        }
        // rm2 has 32 x 0.5M x 64 floats: 4.1 GB.
        let whole = ThreadSchedule(partition: .whole, threads: 1, workers: 1, batch: 8)
        let device = ThreadSchedule(partition: .accelerator, threads: 1, workers: 1, batch: 8)
        let hot = ThreadSchedule(
            partition: .hostSparse, threads: 1, workers: 1, batch: 8, sparse: .init(threads: 1, workers: 1),
            hotFraction: Fraction(0.1))
        #expect(try constraints(4e9, 16e9).broken(by: whole) == [.hostMemory, .power])
        #expect(try constraints(5e9, 4e9).broken(by: whole) == [.power])
        #expect(try constraints(5e9, 4e9).broken(by: device) == [.deviceMemory, .power])
        #expect(try constraints(5e9, 4e8).broken(by: hot) == [.deviceMemory, .power])
        #expect(try constraints(5e9, 1e9).broken(by: hot) == [.power])
        let wide = ThreadSchedule(partition: .whole, threads: 41, workers: 1, batch: 8)
        #expect(try constraints(5e9, 4e9).broken(by: wide).contains(.cores))
    }
}
