import Quantities
import Vocabulary

/// What a catalogue has, one row for each entry.
public enum CatalogTables {
    /// The names and titles of everything.
    /// - Parameter directory: where the catalogue lies.
    public static func entries(_ entries: [CatalogEntry], of directory: String) -> Table {
        Table(
            caption: entries.count.counted("entry", plural: "entries") + " of \(directory)",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("title", "title", .text),
            ], keyColumnCount: 2,
            rows: entries.map { [.text($0.name), .text($0.kind.rawValue), .text($0.title)] })
    }

    /// Devices with their main figures.
    public static func devices(_ devices: [CatalogDevice]) -> Table {
        Table(
            caption: devices.count.counted("device")
                + "; rates are dense peaks, bandwidth is that of the memory",
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("launchYear", "year", .plain),
                Table.Column("peakFp32Tflops", "FP32 TFLOPS", .plain),
                Table.Column("peak16BitTflops", "16 bit TFLOPS", .plain),
                Table.Column("peak8BitTops", "8 bit TOPS", .plain),
                Table.Column("memoryGib", "GiB", .plain), Table.Column("bandwidthGbPerS", "GB/s", .plain),
                Table.Column("thermalDesignWatts", "W", .plain), Table.Column("priceUsd", "USD", .plain),
            ],
            rows: devices.map { device in
                let narrow = [device[.fp8], device[.int8]].compactMap { $0 }.max()
                return [
                    .text(device.name), .text(device.kind.label), .whole(device[.launchYear]),
                    .whole(device[.fp32] ?? device.peakOfAllCores), .whole(device[.fp16] ?? device[.bf16]),
                    .whole(narrow), .whole(device[.memory] ?? device[.moduleCapacity]),
                    .whole(device[.bandwidth] ?? device[.channelBandwidth]), .whole(device[.thermalDesign]),
                    .whole(device[.price]),
                ]
            })
    }

    /// Server types with what a whole server has.
    public static func serverTypes(_ types: [ServerType]) -> Table {
        Table(
            caption: types.count.counted("server type") + "; power is that of the whole server",
            columns: [
                Table.Column("name", "name", .text), Table.Column("title", "title", .text),
                Table.Column("cores", "cores", .count), Table.Column("memoryGib", "GiB", .plain),
                Table.Column("accelerators", "accelerators", .count),
                Table.Column("idleWatts", "idle", .power), Table.Column("peakWatts", "peak", .power),
                Table.Column("pricePerHour", "price an hour", .plain),
            ],
            rows: types.map { type in
                [
                    .text(type.id.name), .text(type.title),
                    type.processor.map { .integer($0.cores) } ?? .missing,
                    type.memory.map { .gibibytes($0.capacity) } ?? .missing,
                    type.accelerator.map { .integer($0.count) } ?? .missing,
                    .quantity(type.power.idle), .quantity(type.power.peak), .whole(type.pricePerHour),
                ]
            })
    }

    /// Software stacks of accelerators with their constants.
    public static func stacks(_ stacks: [SoftwareStack]) -> Table {
        Table(
            caption: stacks.count.counted("software stack") + " of accelerators",
            columns: [
                Table.Column("name", "name", .text), Table.Column("title", "title", .text),
                Table.Column("precision", "precision", .tag),
                Table.Column("denseEfficiency", "of peak", .fraction),
                Table.Column("gatherEfficiency", "of bandwidth", .fraction),
                Table.Column("requestOverheadUs", "a run (us)", .plain),
            ],
            rows: stacks.map { stack in
                [
                    .text(stack.name), .text(stack.title), .text(stack.precision.rawValue),
                    .number(stack.constants.denseEfficiency), .number(stack.constants.gatherEfficiency),
                    .whole((stack.constants.requestOverheadSeconds * 1e7).rounded() / 10),
                ]
            })
    }

    /// Models with their latency targets.
    public static func models(_ models: [Model]) -> Table {
        Table(
            caption: models.count.counted("model"),
            columns: [
                Table.Column("name", "name", .text), Table.Column("kind", "kind", .tag),
                Table.Column("quantile", "quantile", .text),
                Table.Column("latencyLimitMs", "latency limit", .milliseconds),
                Table.Column("title", "title", .text),
            ],
            rows: models.map { model in
                [
                    .text(model.id.name), .text(model.kind.label), .text("\(model.latencyTarget.quantile)"),
                    .milliseconds(model.latencyTarget.limit), .text(model.title),
                ]
            })
    }

    /// Scenarios with their fleets.
    public static func scenarios(_ scenarios: [Scenario]) -> Table {
        Table(
            caption: scenarios.count.counted("scenario"),
            columns: [
                Table.Column("name", "name", .text), Table.Column("models", "models", .count),
                Table.Column("fleet", "fleet", .text), Table.Column("servers", "servers", .count),
                Table.Column("title", "title", .text),
            ],
            rows: scenarios.map { scenario in
                [
                    .text(scenario.id), .integer(scenario.models.count), .text(scenario.fleet.id),
                    .integer(scenario.fleet.serverCount), .text(scenario.title),
                ]
            })
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
    /// A number without a needless fraction; missing where there is none.
    static func whole(_ number: Double?) -> Table.Cell {
        guard let number else { return .missing }
        return Int(exactly: number).map(Table.Cell.integer) ?? .number(number)
    }

    /// Whole gibibytes.
    static func gibibytes(_ bytes: Bytes) -> Table.Cell { .whole((bytes.value / 1_073_741_824).rounded()) }
}
