import Catalog
import Profiling
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// What a mapping of a network is best for.
public typealias EdgeGoal = EdgeMapper.Goal

/// Networks of the catalogue on its edge boxes, without any database.
public struct EdgeStage: Sendable {
    private let catalog: Catalog
    private let host: DetectedHost

    /// - Parameter folder: with models and servers; nil for the shipped catalogue.
    public init(inCatalogueOf folder: String?) throws {
        catalog = try Catalog(folderOrShipped: folder)
        host = Session.detected(try HostProbe().host())
    }

    /// Networks on boxes, side by side.
    /// - Parameters:
    ///   - networks: by name; empty for all that the catalogue describes layer by layer.
    ///   - servers: by name; empty for all boxes with the array that most of them have. The first without
    ///     macros is what the others are compared with.
    ///   - html: a file for the report; nil writes none.
    public func compared(
        networks: [String], servers: [String], as rendering: Rendering, html: String?
    ) throws -> String {
        let boxes = try boxes(servers)
        let models = try self.networks(networks)
        guard let baseline = boxes.first(where: { $0.edge?.macros == nil }) ?? boxes.first else {
            throw PipelineError.badValue(
                name: "servers", found: "none", expected: "a server type with a systolic array")
        }
        let pairs = models.flatMap { model in boxes.map { (model, $0) } }
        let results = try pairs.concurrentMap { Self.result($0, on: $1) }.compactMap { $0 }
        let report = EdgeComparisonReport(results, baseline: baseline.id.name).report(
            seed: nil, versions: [.tool])
        if let html { try ReportStage.write(report, to: html, database: nil) }
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    /// One network on one box, layer by layer.
    public func mapped(
        network: String, server: String, for goal: EdgeGoal, as rendering: Rendering, html: String?
    ) throws -> String {
        guard let model = try networks([network]).first, let box = try boxes([server]).first,
            let result = Self.result(model, on: box)
        else { preconditionFailure("names that are not known were refused") }
        let mapping =
            switch goal {
            case .latency: result.fastest
            case .energy: result.thriftiest
            case .throughput: result.pipelined
            }
        let report = EdgeMappingReport(result, mapping, goal: goal.rawValue).report(
            seed: nil, versions: [.tool])
        if let html { try ReportStage.write(report, to: html, database: nil) }
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    /// Published macros as their gates say, beside what was reported.
    public func silicon(as rendering: Rendering) throws -> String {
        SiliconTable(
            try catalog.siliconMacros().map { macro in
                let figures = MacroSilicon(macro).figures
                return SiliconTable.Row(
                    macro: macro, area: figures.squareMillimetres, nanoseconds: figures.nanoseconds,
                    picojoules: figures.picojoulesPerMAC, mismatch: figures.mismatch(with: macro))
            }
        ).text(as: rendering)
    }

    // MARK: - What there is

    func boxes(_ names: [String]) throws -> [ServerType] {
        let all = try catalog.serverTypeNames().filter { name in names.isEmpty || names.contains(name) }
            .map { try catalog.serverType(ServerTypeID($0), host: host) }
        let boxes = all.filter { $0.edge != nil }
        if let wrong = names.first(where: { name in !boxes.contains { $0.id.name == name } }) {
            let known = try catalog.serverTypeNames().filter {
                try catalog.serverType(ServerTypeID($0), host: host).edge != nil
            }
            throw PipelineError.unknownName(
                kind: "server type with a systolic array", found: wrong, known: known)
        }
        guard names.isEmpty else { return names.compactMap { name in boxes.first { $0.id.name == name } } }
        let arrays = Dictionary(grouping: boxes) { $0.edge?.array.name ?? "" }
        let most = arrays.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
        return most?.value ?? []
    }

    private func networks(_ names: [String]) throws -> [Model] {
        let known = try catalog.modelNames()
        if let wrong = names.first(where: { !known.contains($0) }) {
            throw PipelineError.unknownName(kind: "network", found: wrong, known: known)
        }
        let models = try (names.isEmpty ? known : names).map { try catalog.model(ModelID($0)) }
        guard let other = models.first(where: { $0.network == nil }), !names.isEmpty else {
            return models.filter { $0.network != nil }
        }
        throw PipelineError.badValue(
            name: other.id.name, found: other.kind.label, expected: "a model with a network section")
    }

    /// Every network of a scenario on every box of its fleet.
    static func results(of scenario: Scenario) -> [EdgeResult] {
        scenario.models.flatMap { model in scenario.serverTypes.compactMap { Self.result(model, on: $0) } }
    }

    /// nil where the model is no network, or the server no box.
    private static func result(_ model: Model, on box: ServerType) -> EdgeResult? {
        guard let network = model.network, let device = box.edge else { return nil }
        let mapper = EdgeMapper(device)
        let macros = device.macros.map { ", \($0.count) x \($0.name)" } ?? ""
        return EdgeResult(
            network: model.id.name, server: box.id.name, device: device.array.name + macros,
            macs: network.macs, weightBytes: network.weightBytes,
            fastest: mapper.mapping(of: network, for: .latency),
            thriftiest: mapper.mapping(of: network, for: .energy),
            pipelined: mapper.mapping(of: network, for: .throughput), staticWatts: device.staticWatts)
    }
}
