import Foundation
import Quantities
import Testing
import Vocabulary

@Suite struct ScheduleTests {
    private static let rules = EngineRules(
        tensorParallel: 4, pipelineParallel: 2, expertParallel: 8, sequencesMax: 256, tokenBudget: 8192,
        chunkTokens: 2048, role: .prefill, precision: .fp8)

    /// Each with the text under which it has been stored, keys ascending.
    private static let texts: [(Schedule, String)] = [
        (
            Schedule(partition: .whole, threads: 4, workers: 2, batch: 64),
            #"{"batch":64,"partition":"whole","threads":4,"workers":2}"#
        ),
        (
            Schedule(
                partition: .hostSparse, threads: 2, workers: 1, batch: 128,
                sparse: .init(threads: 3, workers: 2), hotFraction: Fraction(0.25)),
            #"{"batch":128,"hotFraction":0.25,"partition":"hostSparse","sparse":{"threads":3,"workers":2},"#
                + #""threads":2,"workers":1}"#
        ),
        (
            .engine(rules),
            #"{"engine":{"chunkTokens":2048,"expertParallel":8,"pipelineParallel":2,"precision":"fp8","#
                + #""role":"prefill","sequencesMax":256,"tensorParallel":4,"tokenBudget":8192}}"#
        ),
        (
            .engine(EngineRules(sequencesMax: 64, tokenBudget: 512)),
            #"{"engine":{"expertParallel":1,"pipelineParallel":1,"precision":"default","role":"mixed","#
                + #""sequencesMax":64,"tensorParallel":1,"tokenBudget":512}}"#
        ),
    ]

    @Test(arguments: texts.indices) func everyKindHasItsText(index: Int) throws {
        let (schedule, text) = Self.texts[index]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(schedule), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(Schedule.self, from: Data(text.utf8)) == schedule)
    }

    @Test(arguments: ["tensorParallel", "sequencesMax", "tokenBudget", "chunkTokens"])
    func rulesThatCannotBeAreRefused(key: String) throws {
        let text = try #require(
            Self.texts[2].1.replacingOccurrences(
                of: #""\#(key)":[0-9]+"#, with: #""\#(key)":0"#, options: .regularExpression)
                as String?)
        #expect(text != Self.texts[2].1)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Schedule.self, from: Data(text.utf8))
        }
    }

    @Test func schedulesAreOrderedByKindThenWithinIt() {
        let ascending: [Schedule] = [
            Schedule(partition: .whole, threads: 8, workers: 1, batch: 1024),
            Schedule(partition: .whole, threads: 1, workers: 2, batch: 8),
            Schedule(partition: .accelerator, threads: 1, workers: 1, batch: 8),
            .engine(EngineRules(sequencesMax: 64, tokenBudget: 512)),
            .engine(EngineRules(sequencesMax: 64, tokenBudget: 512, chunkTokens: 128)),
            .engine(EngineRules(tensorParallel: 2, sequencesMax: 16, tokenBudget: 512)),
            .engine(EngineRules(sequencesMax: 64, tokenBudget: 512, precision: .fp8)),
            .engine(Self.rules),
        ]
        #expect(ascending.reversed().sorted() == ascending)
        #expect(ascending.shuffled().sorted() == ascending)
    }

    @Test func everyKindSaysWhatItIs() {
        #expect("\(Self.texts[0].0)" == "whole M=4 O=2 D=64")
        #expect("\(Self.texts[1].0)" == "hostSparse M=2 O=1 D=128 sparse M=3 O=2 hot=0.25")
        #expect(
            "\(Self.texts[2].0)" == "engine TP=4 PP=2 EP=8 sequences=256 tokens=8192 chunk=2048 prefill fp8")
        #expect("\(Self.texts[3].0)" == "engine TP=1 sequences=64 tokens=512")
    }

    @Test func anEngineFitsTheColumnsOfThreads() {
        let threads = Schedule(partition: .sparseDense, threads: 4, workers: 2, batch: 64)
        #expect(Schedule.threads(threads.columns) == threads && threads.engineRules == nil)
        let engine = Schedule.engine(Self.rules)
        #expect(engine.columns == ThreadSchedule(partition: .whole, threads: 256, workers: 1, batch: 1))
        #expect(engine.threadSchedule == nil && engine.engineRules == Self.rules)
    }

    @Test func aDeploymentTakesAServerOrAPartOfOne() {
        func type(_ accelerators: Int) -> ServerType {
            ServerType(
                id: "s", title: "",
                processor: Processor(
                    cores: 8, peakPerCore: FlopsPerSecond(1), lastLevelCache: Bytes(1)),
                memory: MemorySystem(capacity: Bytes(1), bandwidth: BytesPerSecond(1)), nearMemory: nil,
                accelerator: accelerators == 0
                    ? nil
                    : Accelerator(
                        name: "a", count: accelerators, peak: FlopsPerSecond(1), memory: Bytes(1),
                        bandwidth: BytesPerSecond(1), hostLink: BytesPerSecond(1),
                        launchOverhead: Nanoseconds(1)),
                power: PowerCurve(
                    hostIdle: .zero, hostPeak: .zero, acceleratorIdle: .zero, acceleratorPeak: .zero,
                    halfLoadFactor: 1), isThisHost: false, sources: [])
        }
        func footprint(_ tensor: Int, _ pipeline: Int, experts: Int = 1, of count: Int) -> Footprint {
            Schedule.engine(
                EngineRules(
                    tensorParallel: tensor, pipelineParallel: pipeline, expertParallel: experts,
                    sequencesMax: 1, tokenBudget: 1)
            ).footprint(on: type(count))
        }
        #expect(Self.texts[1].0.footprint(on: type(8)) == .servers(1))
        #expect(footprint(2, 1, of: 8) == .accelerators(2))
        #expect(footprint(4, 2, of: 8) == .servers(1))
        #expect(footprint(8, 2, of: 8) == .servers(2))
        #expect(footprint(4, 3, of: 8) == .servers(2), "a server that is taken in part is taken")
        // Experts are spread over the accelerators that share the layers, and over more where there are more.
        #expect(footprint(4, 1, experts: 2, of: 8) == .accelerators(4))
        #expect(footprint(4, 1, experts: 8, of: 8) == .servers(1))
        #expect(footprint(1, 1, of: 0) == .servers(1))
        #expect("\(Footprint.accelerators(2))" == "2 accelerators of a server")
    }
}

@Suite struct ScheduleAxisTests {
    private static let family = EngineRules.family(.decode, .bf16)

    private static func engines() -> ScheduleSpace {
        var builder = ScheduleSpace.Builder()
        builder.add(
            family,
            [
                .init(.tensorParallel, [1, 2, 4]), .init(.sequencesMax, [16, 64, 256]),
                .init(.tokenBudget, [512, 2048]), .init(.chunkTokens, [0, 256]),
            ]
        ) { $0.engineRules.map { $0.tensorParallel * $0.sequencesMax <= 256 } ?? false }
        return builder.space
    }

    @Test func aLatticeOfEnginesHoldsThemByTheirValues() throws {
        let space = Self.engines()
        #expect(space.lattices.map(\.family) == [Self.family])
        // TP 1 admits all three numbers of sequences, 2 and 4 admit two.
        #expect(space.count == 7 * 4)
        for (index, schedule) in space.schedules.enumerated() {
            let rules = try #require(schedule.engineRules)
            #expect(schedule.family == Self.family && rules.role == .decode && rules.precision == .bf16)
            #expect(rules.pipelineParallel == 1 && rules.expertParallel == 1, "not varied, so the default")
            let lattice = space.lattices[0]
            var values: [ScheduleAxis: Double] = [:]
            for (axis, place) in zip(lattice.axes, lattice.point(index)) {
                #expect(schedule.value(on: axis.kind) == axis.values[place])
                values[axis.kind] = axis.values[place]
            }
            #expect(space.index(family: Self.family, values: values) == index)
        }
        #expect(space.schedules.contains { $0.engineRules?.chunkTokens == nil })
        #expect(space.schedules[0].value(on: .batch) == nil, "an axis of another kind")
        #expect(space.index(family: "nothing", values: [.sequencesMax: 16]) == nil)
    }

    @Test func measuredSchedulesOfAllKindsSpanASpace() {
        let threads = [(1, 16), (2, 16), (2, 64)].map {
            Schedule(partition: .whole, threads: $0.0, workers: 1, batch: $0.1)
        }
        // One group of sparse threads is named and one is left open: no lattice holds half a group.
        let pipelines = [nil, ThreadSchedule.ThreadGroup(threads: 3, workers: 2)].map {
            Schedule(partition: .sparseDense, threads: 1, workers: 1, batch: 16, sparse: $0)
        }
        let engines = Self.engines().schedules
        let space = ScheduleSpace.measured(engines.reversed() + pipelines + threads)
        #expect(space.lattices.map(\.family) == ["whole", "sparseDense", Self.family])
        #expect(Set(space.schedules) == Set(threads + pipelines + engines))
        #expect(space.count == threads.count + pipelines.count + engines.count)
    }

    @Test func equalStepsOnAScaleAreDoublingsOrShares() {
        #expect(ScheduleAxis.batch.position(64) - ScheduleAxis.batch.position(32) == 1)
        #expect(ScheduleAxis.tokenBudget.position(0) == -64)
        #expect(ScheduleAxis.hotFraction.position(0.25) == 2)
        let plain = ScheduleAxis(name: "n", title: "n", takesProcessors: false, scale: .linear)
        #expect(plain.position(3.5) == 3.5)
    }
}
