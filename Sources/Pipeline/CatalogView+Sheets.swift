import Catalog
import Files
import Quantities
import Reporting
import Vocabulary

extension CatalogView {
    /// Everything about one entry, each figure with its source.
    /// - Parameter kind: nil where the name alone says which entry is meant.
    /// - Throws: `PipelineError` where there is no such entry, or entries of several kinds.
    public func show(_ name: String, kind: Kind? = nil, as rendering: Rendering) throws -> String {
        let sheet = try sheet(of: name, kind: kind)
        let report = sheet.report(seed: nil)
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    private func sheet(of name: String, kind: Kind?) throws -> CatalogSheet {
        var names: [Kind: [String]] = [
            .server: try catalog.serverTypeNames(), .model: try catalog.modelNames(),
            .scenario: try catalog.scenarioNames(),
        ]
        let folders = try CatalogDevice.Kind.allCases.map { ($0, try catalog.deviceNames($0)) }
        names[.device] = folders.flatMap(\.1)
        let asked = kind.map { [$0] } ?? Kind.allCases
        let found = asked.filter { names[$0]?.contains(name) == true }
        guard let first = found.first else {
            let what = kind.map { "a \($0.rawValue)" } ?? "an entry of the catalogue"
            throw PipelineError.notInCatalogue(
                what: what, found: name,
                nearest: NameSuggestion.nearest(
                    to: name, among: asked.flatMap { names[$0] ?? [] }))
        }
        guard found.count == 1 else {
            throw PipelineError.badOption(
                name: "--kind", found: "none for '\(name)'",
                expected: "one of \(found.map(\.rawValue).joined(separator: ", ")), which all have that name")
        }
        switch first {
        case .device:
            let folder = folders.first { $0.1.contains(name) }?.0 ?? .processor
            return Self.sheet(try catalog.device(folder, name))
        case .server:
            return Self.sheet(try catalog.serverComposition(ServerTypeID(name), host: host))
        case .model: return Self.sheet(try catalog.model(ModelID(name)))
        case .scenario: return Self.sheet(try scenario(name))
        }
    }

    private static func sheet(_ device: CatalogDevice) -> CatalogSheet {
        let vendor = device.vendor.map { " by \($0)" } ?? ""
        return CatalogSheet(
            title: device.title, remarks: ["\(device.name), a device of kind \(device.kind.label)\(vendor)."],
            figures: figures(of: device, prefix: ""))
    }

    private static func figures(of device: CatalogDevice, prefix: String) -> [CatalogSheet.Figure] {
        device.figures.map { figure in
            CatalogSheet.Figure(
                name: prefix + figure.title, value: cell(device[figure]), unit: figure.unit,
                sources: device.document(of: figure).map {
                    [CatalogSheet.Source(citation: $0.citation, url: $0.url)]
                } ?? [])
        }
    }

    private static func sheet(_ server: ServerComposition) -> CatalogSheet {
        let type = server.serverType
        var remarks = ["Server type \(type.id)."]
        if server.files.count > 1 {
            remarks.append("It extends \(server.files.dropFirst().map(\.name).joined(separator: ", then ")).")
        }
        // What a file says itself has the sources of that file.
        let own = server.figures.map { figure in
            CatalogSheet.Figure(
                name: figure.key, value: .text(figure.text),
                sources: server.files[figure.file].sources.map { CatalogSheet.Source(citation: $0) })
        }
        let parts = server.parts.flatMap { part -> [CatalogSheet.Figure] in
            figures(of: part.device, prefix: "\(part.device.name): ")
        }
        let composed = CatalogSheet.Source(citation: "Composed of the figures below")
        let totals: [CatalogSheet.Figure] = [
            CatalogSheet.Figure(name: "cores", value: .integer(type.processor.cores), sources: [composed]),
            CatalogSheet.Figure(
                name: "memory", value: cell((type.memory.capacity.value / 1_073_741_824).rounded()),
                unit: "GiB", sources: [composed]),
            CatalogSheet.Figure(
                name: "idle power", value: cell(type.power.idle.value), unit: "W", sources: [composed]),
            CatalogSheet.Figure(
                name: "peak power", value: cell(type.power.peak.value), unit: "W", sources: [composed]),
        ]
        return CatalogSheet(title: type.title, remarks: remarks, figures: totals + own + parts)
    }

    private static func sheet(_ model: Model) -> CatalogSheet {
        let source = [CatalogSheet.Source(citation: model.source)]
        var figures = [
            CatalogSheet.Figure(
                name: "latency quantile", value: .text("\(model.latencyTarget.quantile)"), sources: source),
            CatalogSheet.Figure(
                name: "latency limit", value: cell(model.latencyTarget.limit.milliseconds), unit: "ms",
                sources: source),
            CatalogSheet.Figure(name: "query sizes", value: .text(model.querySizes.name), sources: source),
        ]
        figures += model.sizes.map {
            CatalogSheet.Figure(name: $0.name, value: .integer($0.count), sources: source)
        }
        return CatalogSheet(
            title: model.title, remarks: ["Model \(model.id), \(model.kind.label)."], figures: figures)
    }

    private static func sheet(_ scenario: Scenario) -> CatalogSheet {
        let source = [CatalogSheet.Source(citation: "The scenario and the files that it names")]
        let models = scenario.models.map { model in
            CatalogSheet.Figure(
                name: "peak load of \(model.id)",
                value: cell(scenario.trace.peakDemand[model.id].value),
                unit: QueriesPerSecond.unitSymbol, sources: source)
        }
        let servers = scenario.fleet.serverTypes.map { type in
            CatalogSheet.Figure(
                name: "servers of type \(type)", value: .integer(scenario.fleet.counts[type] ?? 0),
                sources: source)
        }
        return CatalogSheet(
            title: scenario.title,
            remarks: [
                "Scenario \(scenario.id), \(scenario.trace.intervalCount) intervals of \(scenario.trace.interval)."
            ], figures: models + servers)
    }
}
