import Catalog
import Foundation
import Profiling
import Quantities
import Reporting
import Vocabulary

/// What the `catalog` verb shows of the files under `Workloads`.
public struct CatalogView: Sendable {
    /// What a catalogue has.
    public enum Kind: String, CaseIterable, Sendable {
        case device, server, model, scenario
    }

    let catalog: Catalog
    let host: DetectedHost

    /// - Parameter directory: the folder with models, servers and fleets.
    public init(directory: String) throws {
        catalog = try Catalog(directory: directory)
        host = Session.detected(try HostProbe().host())
    }

    /// What there is.
    /// - Parameters:
    ///   - kind: nil for the names and titles of everything.
    ///   - column: the key of the column to sort by; nil for the order of kinds and names.
    public func list(
        _ kind: Kind?, sortedBy column: String? = nil, descending: Bool = false, as rendering: Rendering
    ) throws -> String {
        let table =
            switch kind {
            case .device: try devices()
            case .server: try servers()
            case .model: try models()
            case .scenario: try scenarios()
            case nil: try everything()
            }
        return rendering.render(try Self.sorted(table, by: column, descending: descending))
    }

    private static func sorted(_ table: Table, by key: String?, descending: Bool) throws -> Table {
        guard let key else { return table }
        guard let index = table.columns.firstIndex(where: { $0.key == key }) else {
            throw PipelineError.unknownName(
                kind: "column to sort by", found: key, known: table.columns.map(\.key))
        }
        // What is not known comes last either way.
        let known = table.rows.filter { $0[index] != .missing }
        let unknown = table.rows.filter { $0[index] == .missing }
        let ordered = known.enumerated().sorted { left, right in
            let (first, second) = (left.element[index], right.element[index])
            if first == second { return left.offset < right.offset }
            return descending ? precedes(second, first) : precedes(first, second)
        }
        return Table(
            caption: table.caption, columns: table.columns, keyColumnCount: table.keyColumnCount,
            rows: ordered.map(\.element) + unknown)
    }

    private static func precedes(_ left: Table.Cell, _ right: Table.Cell) -> Bool {
        switch (left, right) {
        case (.text(let first), .text(let second)): first < second
        default: left.number ?? .infinity < right.number ?? .infinity
        }
    }

    // MARK: - Tables

    private func everything() throws -> Table {
        var rows: [[Table.Cell]] = []
        func add(_ kind: Kind, _ name: String, _ title: String) {
            rows.append([.text(name), .text(kind.rawValue), .text(title)])
        }
        for device in try allDevices() { add(.device, device.name, device.title) }
        for id in try catalog.serverTypeNames() {
            add(.server, id, try catalog.serverType(ServerTypeID(id), host: host).title)
        }
        for id in try catalog.modelNames() { add(.model, id, try catalog.model(ModelID(id)).title) }
        for name in try catalog.scenarioNames() { add(.scenario, name, try scenario(name).title) }
        return Table(
            caption: "\(rows.count) entries of \(catalog.directory)",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("title", "title", .text),
            ], keyColumnCount: 2, rows: rows)
    }

    private func devices() throws -> Table {
        let rows = try allDevices().map { device -> [Table.Cell] in
            let narrow = [device[.fp8], device[.int8]].compactMap { $0 }.max()
            return [
                .text(device.name), .text(device.kind.label), Self.cell(device[.launchYear]),
                Self.cell(device[.fp32] ?? device.peakOfAllCores), Self.cell(device[.fp16] ?? device[.bf16]),
                Self.cell(narrow), Self.cell(device[.memory] ?? device[.moduleCapacity]),
                Self.cell(device[.bandwidth] ?? device[.channelBandwidth]), Self.cell(device[.thermalDesign]),
                Self.cell(device[.price]),
            ]
        }
        return Table(
            caption: "\(rows.count) devices; rates are dense peaks, bandwidth is that of the memory",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("launchYear", "year", .plain),
                Table.Column("peakFp32Tflops", "FP32 TFLOPS", .plain),
                Table.Column("peak16BitTflops", "16 bit TFLOPS", .plain),
                Table.Column("peak8BitTops", "8 bit TOPS", .plain),
                Table.Column("memoryGib", "GiB", .plain), Table.Column("bandwidthGbPerS", "GB/s", .plain),
                Table.Column("thermalDesignWatts", "W", .plain), Table.Column("priceUsd", "USD", .plain),
            ], rows: rows)
    }

    private func servers() throws -> Table {
        let rows = try catalog.serverTypeNames().map { name -> [Table.Cell] in
            let type = try catalog.serverType(ServerTypeID(name), host: host)
            return [
                .text(name), .text(type.title), .integer(type.processor.cores),
                Self.cell((type.memory.capacity.value / 1_073_741_824).rounded()),
                type.accelerator.map { .integer($0.count) } ?? .missing,
                .quantity(type.power.idle), .quantity(type.power.peak), Self.cell(type.pricePerHour),
            ]
        }
        return Table(
            caption: "\(rows.count) server types; power is that of the whole server",
            columns: [
                Table.Column("name", "name", .text), Table.Column("title", "title", .text),
                Table.Column("cores", "cores", .count), Table.Column("memoryGib", "GiB", .plain),
                Table.Column("accelerators", "accelerators", .count),
                Table.Column("idleWatts", "idle", .power), Table.Column("peakWatts", "peak", .power),
                Table.Column("pricePerHour", "price an hour", .plain),
            ], rows: rows)
    }

    private func models() throws -> Table {
        let rows = try catalog.modelNames().map { name -> [Table.Cell] in
            let model = try catalog.model(ModelID(name))
            return [
                .text(name), .text(model.kind.label), .text("\(model.latencyTarget.quantile)"),
                .milliseconds(model.latencyTarget.limit), .text(model.title),
            ]
        }
        return Table(
            caption: "\(rows.count) models",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("quantile", "quantile", .text),
                Table.Column("latencyLimitMs", "latency limit", .milliseconds),
                Table.Column("title", "title", .text),
            ], rows: rows)
    }

    private func scenarios() throws -> Table {
        let rows = try catalog.scenarioNames().map { name -> [Table.Cell] in
            let scenario = try scenario(name)
            return [
                .text(name), .integer(scenario.models.count), .text(scenario.fleet.id),
                .integer(scenario.fleet.serverCount), .text(scenario.title),
            ]
        }
        return Table(
            caption: "\(rows.count) scenarios",
            columns: [
                Table.Column("name", "name", .text), Table.Column("models", "models", .count),
                Table.Column("fleet", "fleet", .text), Table.Column("servers", "servers", .count),
                Table.Column("title", "title", .text),
            ], rows: rows)
    }

    // MARK: - Entries

    func allDevices() throws -> [CatalogDevice] {
        try CatalogDevice.Kind.allCases.flatMap { kind in
            try catalog.deviceNames(kind).map { try catalog.device(kind, $0) }
        }
    }

    func scenario(_ name: String) throws -> Scenario {
        try catalog.scenario(
            at: "\(catalog.directory)/scenarios/\(name).yaml", host: host, known: .builtIn
        ).scenario
    }

    /// A number without a needless fraction; missing where there is none.
    static func cell(_ number: Double?) -> Table.Cell {
        guard let number else { return .missing }
        return Int(exactly: number).map(Table.Cell.integer) ?? .number(number)
    }
}

extension CatalogDevice {
    /// TFLOPS in single precision of a processor, all cores busy.
    fileprivate var peakOfAllCores: Double? {
        guard let cores = self[.cores], let peak = self[.peakPerCore] else { return nil }
        return (cores * peak).rounded() / 1000
    }
}

extension Table.Cell {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text, .missing: nil
        }
    }
}
