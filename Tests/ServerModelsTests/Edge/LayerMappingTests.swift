import Catalog
import Quantities
import Randomness
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Where layers run: the dynamic programming against trying everything, and what no mapping may break.
@Suite struct LayerMappingTests {
    private static func option(
        _ place: LayerPlace, _ needs: PlacementOption.Side, _ leaves: PlacementOption.Side, tiles: Int = 0,
        isWritten: Bool = false, _ words: inout SplitMix64
    ) -> PlacementOption {
        let (own, other) = (
            Double.random(in: 0.1...1, using: &words), Double.random(in: 0.1...1, using: &words)
        )
        return PlacementOption(
            place: place, needs: needs, leaves: leaves, arraySeconds: needs == .macros ? 0 : own,
            macroSeconds: needs == .array ? 0 : other, seconds: own,
            joules: Double.random(in: 0.1...1, using: &words), tiles: tiles, isWritten: isWritten)
    }

    /// Random chains with three ways to run each layer.
    private static func problem(layers: Int, _ words: inout SplitMix64) -> LayerMapping {
        var options: [[PlacementOption]] = []
        for _ in 0..<layers {
            let held = Int.random(in: 1...4, using: &words)
            var own = [option(.array, .array, .array, &words)]
            if Bool.random(using: &words) {
                own.append(option(.macrosHeld, .macros, .macros, tiles: held, &words))
            } else {
                own.append(option(.both(quarters: 1, isHeld: true), .both, .array, tiles: held, &words))
            }
            own.append(option(.macrosWritten, .macros, .macros, isWritten: true, &words))
            options.append(own)
        }
        return LayerMapping(
            options: options,
            moves: options.map { _ in
                (
                    seconds: Double.random(in: 0...0.3, using: &words),
                    joules: Double.random(in: 0...0.3, using: &words)
                )
            }, lastMove: (0.1, 0.1), tiles: Int.random(in: 2...12, using: &words), tilesToWrite: 2)
    }

    /// The least of all choices that fit.
    private static func least(
        _ problem: LayerMapping, _ value: (LayerMapping) -> ([Int]) -> Double?
    ) -> Double {
        let measure = value(problem)
        var choice = problem.options.map { _ in 0 }
        var least = Double.infinity
        while true {
            if let found = measure(choice) { least = min(least, found) }
            guard let place = choice.lastIndex(where: { $0 < 2 }) else { return least }
            choice[place] += 1
            for later in (place + 1)..<max(choice.count, place + 1) { choice[later] = 0 }
        }
    }

    @Test(arguments: [1, 2, 5, 8])
    func theMappingIsTheBestOfAll(layers: Int) throws {
        var words = SplitMix64(seed: UInt64(layers))
        var usesMacros = 0
        for _ in 0..<12 {
            let problem = Self.problem(layers: layers, &words)
            let objective = LayerMapping.Objective(seconds: 1, joules: 0.7)
            let found = try #require(problem.totals(problem.best(objective)))
            let value = found.seconds + 0.7 * found.joules
            let least = Self.least(problem) { problem in
                { problem.totals($0).map { $0.seconds + 0.7 * $0.joules } }
            }
            #expect(abs(value - least) < 1e-9, "\(value) against \(least)")
            usesMacros += problem.best(objective).contains { $0 > 0 } ? 1 : 0
        }
        #expect(usesMacros > 0)
    }

    @Test func aChainOfTwelveIsTheBestOfAllToo() throws {
        var words = SplitMix64(seed: 12)
        let problem = Self.problem(layers: 12, &words)
        let found = try #require(problem.totals(problem.best(.energy)))
        let least = Self.least(problem) { problem in { problem.totals($0)?.joules } }
        #expect(abs(found.joules - least) < 1e-9)
    }

    @Test func heldWeightsHaveToFit() {
        var words = SplitMix64(seed: 3)
        for _ in 0..<50 {
            let problem = Self.problem(layers: 10, &words)
            #expect(problem.totals(problem.best(.latency)) != nil)
        }
    }
}

/// Shipped networks on shipped boxes.
@Suite struct EdgeMapperTests {
    private let catalog: Catalog
    private static let networks = [
        "tiny-resnet8", "tiny-mobilenet", "tiny-ds-cnn", "tiny-autoencoder", "tiny-hybrid",
        "mobilenet-v1-0.25-224",
    ]

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func network(_ name: String) throws -> NetworkShape {
        try #require(try catalog.model(ModelID(name)).network)
    }

    private func device(_ name: String) throws -> EdgeDevice {
        try #require(try catalog.serverType(ServerTypeID(name)).edge)
    }

    /// Multiply-accumulates and weights as published: ResNet-8 12.5 M and 77 k, MobileNetV1-0.25 7.5 M and
    /// 0.21 M, DS-CNN 2.7 M and 22 k, the autoencoder 0.264 M, MobileNetV1 569 M and 4.2 M.
    @Test(arguments: [
        ("tiny-resnet8", 12.5, 77.4), ("tiny-mobilenet", 7.5, 208), ("tiny-ds-cnn", 2.66, 22.0),
        ("tiny-autoencoder", 0.264, 264), ("mobilenet-v1-1.0-224", 569, 4_210),
        ("mobilenet-v1-0.25-224", 41, 464),
    ])
    func networksAreAsLargeAsPublished(name: String, megaMacs: Double, kiloWeights: Double) throws {
        let network = try network(name)
        #expect(abs(network.macs / 1e6 / megaMacs - 1) < 0.03, "\(network.macs)")
        #expect(abs(network.weightBytes / 1e3 / kiloWeights - 1) < 0.05, "\(network.weightBytes)")
    }

    @Test(arguments: networks)
    func noMappingBeatsThePeakOrTheEnergyOfAMultiply(name: String) throws {
        let network = try network(name)
        for box in ["edge-npu", "edge-npu-dimc4", "edge-npu-aimc4", "tiny-npu-dimc8"] {
            let device = try device(box)
            let peak = device.array.peakMACsPerSecond + (device.macros?.peakMACsPerSecond ?? 0)
            let each = min(device.array.picojoulesPerMAC, device.macros?.picojoulesPerMAC ?? .infinity)
            for goal in EdgeMapper.Goal.allCases {
                let mapping = EdgeMapper(device).mapping(of: network, for: goal)
                #expect(mapping.seconds >= network.macs / peak, "\(box)")
                #expect(mapping.joules >= network.macs * each * 1e-12, "\(box)")
                #expect(mapping.pipelinedSeconds <= mapping.arraySeconds + mapping.macroSeconds + 1e-15)
                let macs = mapping.layers.reduce(0) { $0 + $1.macs }
                #expect(abs(macs - network.macs) < 0.5, "no layer is lost")
            }
        }
    }

    @Test(arguments: networks)
    func macrosNeverHurtAndMoreNeverHurt(name: String) throws {
        let network = try network(name)
        let alone = EdgeMapper(try device("edge-npu"))
        var before = (
            alone.mapping(of: network, for: .latency).seconds, alone.mapping(of: network, for: .energy)
        )
        for box in ["edge-npu-dimc1", "edge-npu-dimc2", "edge-npu-dimc4"] {
            let mapper = EdgeMapper(try device(box))
            let fast = mapper.mapping(of: network, for: .latency).seconds
            #expect(fast <= before.0 * (1 + 1e-9), "\(box)")
            // Dynamic energy: what macros draw all the time is beside it.
            var silent = try device(box)
            silent = EdgeDevice(array: silent.array, macros: silent.macros)
            let thrifty = mapper.mapping(of: network, for: .energy)
            let statics = silent.staticWatts
            let most = before.1.joules + statics * before.1.seconds
            #expect(thrifty.joules + statics * thrifty.seconds <= most * (1 + 1e-9), "\(box)")
            before = (fast, thrifty)
        }
    }

    @Test func fasterPartsNeverHurt() throws {
        let network = try network("tiny-mobilenet")
        let base = try device("tiny-npu-dimc8")
        func seconds(_ change: (inout SystolicArray, inout MemoryMacros) -> Void) throws -> Double {
            var array = base.array
            var macros = try #require(base.macros)
            change(&array, &macros)
            return EdgeMapper(EdgeDevice(array: array, macros: macros)).mapping(of: network).seconds
        }
        let now = try seconds { _, _ in }
        #expect(try seconds { array, _ in array.memoryBytesPerSecond *= 2 } <= now)
        #expect(try seconds { array, _ in array.clockHertz *= 2 } < now)
        #expect(try seconds { _, macros in macros.busBytesPerSecond *= 2 } <= now)
        #expect(try seconds { _, macros in macros.count *= 2 } <= now)
        #expect(try seconds { _, macros in macros.clockHertz /= 2 } >= now)
    }

    @Test func attentionIsNeverHeld() throws {
        let network = try network("tiny-hybrid")
        let dynamic = Set(network.layers.filter(\.isDynamic).map(\.kind))
        #expect(dynamic == ["attention scores", "attention values"])
        for box in ["edge-npu-dimc4", "edge-npu-aimc4", "tiny-npu-dimc8"] {
            for goal in EdgeMapper.Goal.allCases {
                let mapping = EdgeMapper(try device(box)).mapping(of: network, for: goal)
                for layer in mapping.layers where dynamic.contains(layer.kind) {
                    #expect(layer.place == .array || layer.place == .macrosWritten, "\(layer)")
                }
            }
        }
    }

    @Test func largerBatchesCostLessForEachInput() throws {
        let network = try network("mobilenet-v1-0.25-224")
        let mapper = EdgeMapper(try device("edge-npu-dimc4"))
        let one = mapper.mapping(of: network, items: 1)
        let eight = mapper.mapping(of: network, items: 8)
        #expect(eight.seconds < 8 * one.seconds && eight.seconds > one.seconds)
    }

    @Test func aBoxIsAServerLikeAnyOther() throws {
        let model = try catalog.model("tiny-ds-cnn")
        let box = try catalog.serverType("tiny-npu-dimc8")
        let settings = ServerModelSettings(batches: [1, 4, 64], queries: .exactly(1500), seed: 5)
        let server = try #require(ServerModelFamilies.make(model, on: box, settings))
        let limits = ServiceLimits(target: model.latencyTarget)
        let space = server.space(within: limits)
        // One or two copies, batches of at most 16.
        #expect(space.count == 4)
        for schedule in space.schedules {
            let found = try server.evaluate(schedule, within: limits)
            #expect(found.throughput > .zero && found.provenance == .modelled)
            #expect(found.power > box.power.idle && found.power < Watts(10))
            #expect(try server.power(of: schedule, at: .zero) == box.power.idle)
        }
        let tight = ServiceLimits(
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(1000)))
        let constraints = server.constraints(within: tight)
        #expect(!constraints.broken(by: space.schedules[0]).isEmpty)
        #expect(try server.evaluate(space.schedules[0], within: tight).throughput == .zero)
        let other = try catalog.model("ncf")
        #expect(ServerModelFamilies.make(other, on: box, settings) == nil)
    }
}

/// Gates against silicon.
@Suite struct MacroSiliconTests {
    /// Percent, as ZigZag-IMC's own scripts say of the same macros; within two points.
    @Test(arguments: [
        ("dimc-isscc22-15-5", 6.1, 16.7, 0.9), ("dimc-isscc22-11-7", 20.7, 5.8, nil),
        ("dimc-isscc23-7-2", 0.03, 1.7, 2.4), ("aimc-isscc23-7-8", 4.5, 2.4, 1.5),
    ])
    func mismatchesAreThoseOfThePublishedModel(
        name: String, area: Double, delay: Double, energy: Double?
    ) throws {
        let macros = try Catalog(directory: Repository.workloads).siliconMacros()
        let macro = try #require(macros.first { $0.name == name })
        let mismatch = MacroSilicon(macro).figures.mismatch(with: macro)
        #expect(abs(mismatch.area * 100 - area) < 2)
        #expect(abs(mismatch.delay * 100 - delay) < 2)
        #expect((mismatch.energy == nil) == (energy == nil))
        if let energy, let found = mismatch.energy { #expect(abs(found * 100 - energy) < 2) }
    }
}
