import Catalog
import Files
import Foundation
import Profiling
import Quantities
import Reporting
import Vocabulary

/// What the `catalog` verb shows of the files under `Workloads`.
public struct CatalogView: Sendable {
    /// What a catalogue has.
    public typealias Kind = CatalogEntry.Kind

    private let catalog: Catalog
    private let host: DetectedHost

    /// - Parameter directory: the folder with models, servers and fleets; nil for `Workloads` here or, where
    ///   there is none, what comes with the tool.
    public init(directory: String?) throws {
        let here = "Workloads"
        let isHere = FileManager.default.fileExists(atPath: here)
        let standard = isHere ? here : ShippedCatalogue.folder ?? here
        catalog = try Catalog(directory: directory ?? standard)
        host = Session.detected(try HostProbe().host())
    }

    // MARK: - Lists

    /// What there is.
    /// - Parameters:
    ///   - kind: nil for the names and titles of everything.
    ///   - column: the key of the column to sort by; nil for the order of kinds and names.
    public func list(
        _ kind: Kind?, sortedBy column: String? = nil, descending: Bool = false, as rendering: Rendering
    ) throws -> String {
        let table =
            switch kind {
            case .device: CatalogTables.devices(try devices())
            case .server: CatalogTables.serverTypes(try serverTypes())
            case .software: CatalogTables.stacks(try stacks())
            case .model: CatalogTables.models(try models())
            case .scenario: CatalogTables.scenarios(try scenarios())
            case nil: CatalogTables.entries(try entries(), of: catalog.directory)
            }
        guard let column else { return rendering.render(table) }
        guard let sorted = table.sorted(by: column, descending: descending) else {
            throw PipelineError.unknownName(
                kind: "column to sort by", found: column, known: table.columns.map(\.key))
        }
        return rendering.render(sorted)
    }

    private func entries() throws -> [CatalogEntry] {
        var entries = try devices().map { CatalogEntry(kind: .device, name: $0.name, title: $0.title) }
        entries += try serverTypes().map { CatalogEntry(kind: .server, name: $0.id.name, title: $0.title) }
        entries += try stacks().map { CatalogEntry(kind: .software, name: $0.name, title: $0.title) }
        entries += try models().map { CatalogEntry(kind: .model, name: $0.id.name, title: $0.title) }
        entries += try scenarios().map { CatalogEntry(kind: .scenario, name: $0.id, title: $0.title) }
        return entries
    }

    private func devices() throws -> [CatalogDevice] {
        try CatalogDevice.Kind.allCases.flatMap { kind in
            try catalog.deviceNames(kind).map { try catalog.device(kind, $0) }
        }
    }

    private func serverTypes() throws -> [ServerType] {
        try catalog.serverTypeNames().map { try catalog.serverType(ServerTypeID($0), host: host) }
    }

    private func stacks() throws -> [SoftwareStack] {
        try catalog.softwareStackNames().map { try catalog.softwareStack($0) }
    }

    private func models() throws -> [Model] {
        try catalog.modelNames().map { try catalog.model(ModelID($0)) }
    }

    private func scenarios() throws -> [Scenario] { try catalog.scenarioNames().map { try scenario($0) } }

    private func scenario(_ name: String) throws -> Scenario {
        try catalog.scenario(
            at: "\(catalog.directory)/scenarios/\(name).yaml", host: host, known: .builtIn
        ).scenario
    }

    // MARK: - Entries

    /// Everything about one entry, each figure with its source.
    /// - Parameter kind: nil where the name alone says which entry is meant.
    /// - Throws: `PipelineError` where there is no such entry, or entries of several kinds.
    public func show(_ name: String, kind: Kind? = nil, as rendering: Rendering) throws -> String {
        let report = try sheet(of: name, kind: kind).report(seed: nil)
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    private func sheet(of name: String, kind: Kind?) throws -> CatalogSheet {
        var names: [Kind: [String]] = [
            .server: try catalog.serverTypeNames(), .software: try catalog.softwareStackNames(),
            .model: try catalog.modelNames(), .scenario: try catalog.scenarioNames(),
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
            throw PipelineError.badValue(
                name: "kind", found: "none for '\(name)'",
                expected: "one of \(found.map(\.rawValue).joined(separator: ", ")), which all have that name")
        }
        switch first {
        case .device:
            let folder = folders.first { $0.1.contains(name) }?.0 ?? .processor
            return CatalogSheet(try catalog.device(folder, name))
        case .server:
            return CatalogSheet(try catalog.serverComposition(ServerTypeID(name), host: host))
        case .software: return CatalogSheet(try catalog.softwareStack(name))
        case .model: return CatalogSheet(try catalog.model(ModelID(name)))
        case .scenario: return CatalogSheet(try scenario(name))
        }
    }
}
