import Quantities
import Vocabulary

extension CatalogSheet {
    /// A device, each figure with the document it was read from.
    public init(_ device: CatalogDevice) {
        let vendor = device.vendor.map { " by \($0)" } ?? ""
        self.init(
            title: device.title, remarks: ["\(device.name), a device of kind \(device.kind.label)\(vendor)."],
            figures: Self.figures(of: device, prefix: ""))
    }

    private static func figures(of device: CatalogDevice, prefix: String) -> [Figure] {
        device.figures.map { figure in
            Figure(
                name: prefix + figure.title, value: .whole(device[figure]), unit: figure.unit,
                sources: device.document(of: figure).map { [Source(citation: $0.citation, url: $0.url)] }
                    ?? [])
        }
    }

    /// A server type: what it comes to, what its own files say, and every figure of its parts.
    public init(_ server: ServerComposition) {
        let type = server.serverType
        var remarks = ["Server type \(type.id)."]
        if server.files.count > 1 {
            remarks.append("It extends \(server.files.dropFirst().map(\.name).joined(separator: ", then ")).")
        }
        // What a file says itself has the sources of that file.
        let own = server.figures.map { figure in
            Figure(
                name: figure.key, value: .text(figure.text),
                sources: server.files[figure.file].sources.map { Source(citation: $0) })
        }
        let parts = server.parts.flatMap { part in
            Self.figures(of: part.device, prefix: "\(part.device.name): ")
        }
        let composed = [Source(citation: "Composed of the figures below")]
        let host = [
            type.processor.map { Figure(name: "cores", value: .integer($0.cores), sources: composed) },
            type.memory.map {
                Figure(name: "memory", value: .gibibytes($0.capacity), unit: "GiB", sources: composed)
            },
        ].compactMap { $0 }
        let power = [
            Figure(name: "idle power", value: .whole(type.power.idle.value), unit: "W", sources: composed),
            Figure(name: "peak power", value: .whole(type.power.peak.value), unit: "W", sources: composed),
        ]
        self.init(title: type.title, remarks: remarks, figures: host + power + own + parts)
    }

    /// A software stack: its constants, with what they were fitted to.
    public init(_ stack: SoftwareStack) {
        let sources = stack.sources.map { Source(citation: $0) }
        let constants = stack.constants
        func figure(_ name: String, _ value: Double, _ unit: String = "") -> Figure {
            Figure(name: name, value: .number(value), unit: unit, sources: sources)
        }
        self.init(
            title: stack.title,
            remarks: [
                "Software stack \(stack.name) of accelerators, \(stack.precision.rawValue).",
                stack.capturesGraphs
                    ? "It starts all kernels of a run at once." : "It starts each kernel by itself.",
            ],
            figures: [
                figure("share of the peak", constants.denseEfficiency),
                figure("items at half of that share", constants.halfBatchItems),
                figure("share of the memory bandwidth", constants.gatherEfficiency),
                figure("time of a looked-up row", constants.rowOverheadSeconds * 1e9, "ns"),
                figure("time of an operator", constants.operatorOverheadSeconds * 1e6, "us"),
                figure("time of a run", constants.requestOverheadSeconds * 1e6, "us"),
            ])
    }

    /// A model: what is asked of it, and how large it is.
    public init(_ model: Model) {
        let source = [Source(citation: model.source)]
        var figures = [
            Figure(
                name: "latency quantile", value: .text("\(model.latencyTarget.quantile)"), sources: source),
            Figure(
                name: "latency limit", value: .whole(model.latencyTarget.limit.milliseconds), unit: "ms",
                sources: source),
            Figure(name: "query sizes", value: .text(model.querySizes.name), sources: source),
        ]
        figures += model.sizes.map {
            Figure(name: $0.name, value: .integer($0.count), sources: source)
        }
        self.init(
            title: model.title, remarks: ["Model \(model.id), \(model.kind.label)."], figures: figures)
    }

    /// A scenario: the peaks of its loads, and its servers.
    public init(_ scenario: Scenario) {
        let source = [Source(citation: "The scenario and the files that it names")]
        let loads = scenario.trace.map { trace in
            scenario.models.map { model in
                Figure(
                    name: "peak load of \(model.id)", value: .whole(trace.peakDemand[model.id].value),
                    unit: QueriesPerSecond.unitSymbol, sources: source)
            }
        }
        let span = scenario.trace.map { ", \($0.intervalCount) intervals of \($0.interval)" } ?? ", no trace"
        let servers = scenario.fleet.serverTypes.map { type in
            Figure(
                name: "servers of type \(type)", value: .integer(scenario.fleet.counts[type] ?? 0),
                sources: source)
        }
        self.init(
            title: scenario.title,
            remarks: ["Scenario \(scenario.id)\(span)."], figures: (loads ?? []) + servers)
    }
}
