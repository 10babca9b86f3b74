import Files
import Vocabulary

/// Reads the stations of a serving cluster, and the pipelines of stages that its requests walk.
struct ServingPipelineReader {
    private enum StationKey: String, SectionKey {
        case name, servers, ms, source
        case batch = "batch_max"
        case item = "item_ms"
        case token = "token_us"
    }

    private enum PipelineKey: String, SectionKey { case classes, stages, answer }

    private enum StageKey: String, SectionKey {
        case name, engines, station, after, items, adds, reads, output, copies, keeps, share, hardest, back
        case pause = "pause_ms"
    }

    private enum TargetKey: String, SectionKey {
        case engines
        case promptMax = "prompt_max"
    }

    private enum LoopKey: String, SectionKey { case to, times }

    /// What a call reads.
    private enum Reading: String, CaseIterable { case context, question }

    private static let stationsMax = 64
    private static let stagesMax = 64
    private static let millisecondsMax = 1e9
    private static let tokensMax = 10_000_000.0

    private let poolNames: [String]
    private let stationNames: [String]
    /// nil where requests have no classes.
    private let classNames: [String]?

    /// - Parameter cluster: with its pools, stations and workload.
    init(_ cluster: ServingCluster) {
        poolNames = cluster.pools.map(\.name)
        stationNames = cluster.stations.map(\.name)
        if case .drawn(let classes, _, _)? = cluster.workload?.content {
            classNames = classes.map(\.name)
        } else {
            classNames = nil
        }
    }

    // MARK: Stations

    static func stations(_ value: YAMLValue) throws(FileError) -> [ServingStation] {
        var (stations, problems): ([ServingStation], FileProblems) = ([], FileProblems())
        for item in try value.filledList(max: stationsMax) {
            let station = problems.reading { () throws(FileError) in try Self.station(item) }
            guard let station else { continue }
            if stations.contains(where: { $0.name == station.name }) {
                problems.add(
                    .invalidValue(
                        item.place, found: "\(station.name) a second time", expected: "a name of its own"))
            }
            stations.append(station)
        }
        try problems.throwAll()
        return stations
    }

    private static func station(_ value: YAMLValue) throws(FileError) -> ServingStation {
        let section = try value.section(StationKey.self)
        try section.require(.name, .ms, .source)
        func milliseconds(_ key: StationKey) throws(FileError) -> Double {
            try section.optional(key)?.number(.from(0, to: 1e6)) ?? 0
        }
        return ServingStation(
            name: try section[.name].name(),
            servers: try section.optional(.servers)?.wholeNumber(to: 100_000) ?? 1,
            batchMax: try section.optional(.batch)?.wholeNumber(to: 100_000) ?? 1,
            milliseconds: try DrawnNumberReader.number(try section[.ms], to: millisecondsMax),
            itemMilliseconds: try milliseconds(.item), tokenMicroseconds: try milliseconds(.token),
            source: try section[.source].text())
    }

    // MARK: Pipelines

    func pipelines(_ value: YAMLValue) throws(FileError) -> [ServingPipeline] {
        var (pipelines, problems): ([ServingPipeline], FileProblems) = ([], FileProblems())
        var taken: Set<String> = []
        for item in try value.filledList(max: Self.stagesMax) {
            let pipeline = problems.reading { () throws(FileError) in try self.pipeline(item) }
            guard let pipeline else { continue }
            // A pipeline without classes is for every class that is left.
            for name in pipeline.classes.isEmpty ? [""] : pipeline.classes where !taken.insert(name).inserted
            {
                problems.add(
                    .invalidValue(
                        item.place,
                        found: name.isEmpty ? "a second pipeline without classes" : "\(name) a second time",
                        expected: "one pipeline for a class"))
            }
            pipelines.append(pipeline)
        }
        try problems.throwAll()
        return pipelines
    }

    private func pipeline(_ value: YAMLValue) throws(FileError) -> ServingPipeline {
        let section = try value.section(PipelineKey.self)
        try section.require(.stages)
        var pipeline = ServingPipeline(stages: [])
        if let classes = section.optional(.classes) {
            guard let classNames else {
                throw .invalidValue(
                    classes.place, found: "classes", expected: "a workload with classes, or no such key")
            }
            for item in try classes.filledList(max: Self.stagesMax) {
                pipeline.classes.append(try name(item, of: classNames, kind: "a class of the workload"))
            }
        }
        var problems = FileProblems()
        for item in try section[.stages].filledList(max: Self.stagesMax) {
            let stage = problems.reading { () throws(FileError) in
                try self.stage(item, before: pipeline.stages)
            }
            if let stage { pipeline.stages.append(stage) }
        }
        try problems.throwAll()
        let calls = pipeline.stages.filter { if case .call = $0.work { true } else { false } }.map(\.name)
        guard !calls.isEmpty else {
            throw .invalidValue(
                section.place(of: .stages), found: "no stage with engines",
                expected: "one at least: what it generates is the answer")
        }
        if let value = section.optional(.answer) {
            for item in value.isScalar ? [value] : try value.filledList(max: Self.stagesMax) {
                pipeline.answers.append(try name(item, of: calls, kind: "a stage with engines"))
            }
        }
        return pipeline
    }

    private func name(
        _ value: YAMLValue, of known: [String], kind: String
    ) throws(FileError) -> String {
        let name = try value.name()
        guard known.contains(name) else {
            throw .unknownName(value.place, kind: kind, found: name, known: known)
        }
        return name
    }

    // MARK: Stages

    private func stage(
        _ value: YAMLValue, before: [ServingPipelineStage]
    ) throws(FileError) -> ServingPipelineStage {
        let section = try value.section(StageKey.self)
        try section.require(.name)
        let own = try section[.name].name()
        let names = before.map(\.name)
        guard !names.contains(own) else {
            throw .invalidValue(
                section.place(of: .name), found: "\(own) a second time", expected: "a name of its own")
        }
        var after = names.suffix(1).map { $0 }
        if let value = section.optional(.after) {
            after = []
            for item in value.isScalar ? [value] : try value.list() {
                after.append(try name(item, of: names, kind: "an earlier stage"))
            }
        }
        var stage = ServingPipelineStage(name: own, work: try work(section), after: after)
        switch (section.optional(.share), section.optional(.hardest)) {
        case (let share?, nil): stage.condition = .chance(try share.number(.from(0, to: 1)))
        case (nil, let share?): stage.condition = .hardest(try share.number(.from(0, to: 1)))
        case (_?, let share?):
            throw .invalidValue(
                share.place, found: "hardest beside share", expected: "one or the other")
        case (nil, nil): break
        }
        if let back = section.optional(.back) {
            let keys = try back.section(LoopKey.self)
            try keys.require(.to, .times)
            stage.loop = ServingPipelineStage.Loop(
                stage: try name(try keys[.to], of: names + [own], kind: "this stage or an earlier one"),
                times: try DrawnNumberReader.number(try keys[.times], to: 10_000))
        }
        return stage
    }

    private func work(_ section: YAMLSection<StageKey>) throws(FileError) -> ServingPipelineStage.Work {
        let kinds = [StageKey.engines, .station, .pause].filter { section.optional($0) != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            throw .invalidValue(
                section.place(of: .name),
                found: kinds.isEmpty
                    ? "no work" : kinds.map(\.rawValue).joined(separator: " beside "),
                expected: "one of engines, station and pause_ms")
        }
        let ofCalls: [StageKey] = [.adds, .reads, .output, .copies, .keeps]
        let unused: [StageKey] =
            switch kind {
            case .engines: [.items]
            case .station: ofCalls
            default: ofCalls + [.items]
            }
        for key in unused {
            guard let value = section.optional(key) else { continue }
            throw .invalidValue(
                value.place, found: "\(key.rawValue) beside \(kind.rawValue)",
                expected: key == .items ? "it beside station" : "it beside engines")
        }
        switch kind {
        case .station:
            return .station(
                try name(try section[.station], of: stationNames, kind: "a station"),
                items: try drawn(section, .items, to: 1e6) ?? .fixed(1))
        case .pause:
            return .pause(
                milliseconds: try DrawnNumberReader.number(try section[.pause], to: Self.millisecondsMax))
        default: return .call(try call(section))
        }
    }

    private func call(
        _ section: YAMLSection<StageKey>
    ) throws(FileError) -> ServingPipelineStage.Call {
        var call = ServingPipelineStage.Call(targets: try targets(try section[.engines]))
        call.addedTokens = try drawn(section, .adds, to: Self.tokensMax) ?? call.addedTokens
        call.outputTokens = try drawn(section, .output, to: Self.tokensMax)
        call.copies = try drawn(section, .copies, to: 4096) ?? call.copies
        if let reads = section.optional(.reads) {
            let reading: Reading = try reads.word()
            call.startsOver = reading == .question
        }
        if let keeps = section.optional(.keeps) { call.keeps = try keeps.word() }
        return call
    }

    private func drawn(
        _ section: YAMLSection<StageKey>, _ key: StageKey, to upper: Double
    ) throws(FileError) -> DrawnNumber? {
        guard let value = section.optional(key) else { return nil }
        return try DrawnNumberReader.number(value, to: upper)
    }

    /// A pool's name, or pools by the longest prompt that goes there.
    private func targets(_ value: YAMLValue) throws(FileError) -> [ServingPipelineStage.Call.Target] {
        if value.isScalar { return [.init(pool: try name(value, of: poolNames, kind: "a pool"))] }
        var targets: [ServingPipelineStage.Call.Target] = []
        let items = try value.filledList(max: Self.stagesMax)
        for (index, item) in items.enumerated() {
            let section = try item.section(TargetKey.self)
            try section.require(.engines)
            let isLast = index == items.count - 1
            let longest = try section.optional(.promptMax)?.wholeNumber(
                from: (targets.last?.promptMax ?? 0) + 1, to: Int(Self.tokensMax))
            guard isLast == (longest == nil) else {
                throw .invalidValue(
                    isLast ? section.place(of: .promptMax) : item.place,
                    found: isLast ? "prompt_max of the last item" : "no prompt_max",
                    expected: "it in every item but the last, which takes any prompt")
            }
            let pool = try name(try section[.engines], of: poolNames, kind: "a pool")
            targets.append(.init(pool: pool, promptMax: longest))
        }
        return targets
    }
}
