import Quantities
import Vocabulary

/// A network on a box, by its fastest and by its thriftiest mapping.
public struct EdgeResult: Hashable, Sendable {
    public let network: String
    public let server: String
    /// For people, what the chip has.
    public let device: String
    public let macs: Double
    public let weightBytes: Double
    public let fastest: EdgeMapping
    public let thriftiest: EdgeMapping
    public let pipelined: EdgeMapping
    public let staticWatts: Double

    public init(
        network: String, server: String, device: String, macs: Double, weightBytes: Double,
        fastest: EdgeMapping, thriftiest: EdgeMapping, pipelined: EdgeMapping, staticWatts: Double
    ) {
        self.network = network
        self.server = server
        self.device = device
        self.macs = macs
        self.weightBytes = weightBytes
        self.fastest = fastest
        self.thriftiest = thriftiest
        self.pipelined = pipelined
        self.staticWatts = staticWatts
    }

    /// What the chip takes for an input by its thriftiest mapping, with what it draws all the time.
    var microjoules: Double { (thriftiest.joules + staticWatts * thriftiest.seconds) * 1e6 }
}

/// Networks on NPUs with and without macros that compute in memory, side by side.
public struct EdgeComparisonReport: ReportContent {
    private let results: [EdgeResult]
    /// The server type that the others are compared with.
    private let baseline: String

    public init(_ results: [EdgeResult], baseline: String) {
        self.results = results
        self.baseline = baseline
    }

    public var title: String { "Networks on NPU and compute in memory" }

    public var summary: [Report.Block] {
        [
            .paragraph(
                "Each layer runs on the NPU, in macros or on both, by the mapping that is exactly best "
                    + "for one "
                    + "input: of latency in the first columns, of energy with the chip's static power in the "
                    + "others. Modelled, on figures of published silicon.")
        ]
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Comparison",
                blocks: [.table(mainTable), .note(Self.paper), .plot(plot)])
        ]
    }

    private static let paper =
        "H4H (Zhao et al., ASP-DAC 2025, arXiv 2410.08326) says of its own searched networks, on an "
        + "unpublished NPU "
        + "and unpublished CIM: up to 56.08 % less latency and 41.72 % less energy than its baselines. "
        + "These are "
        + "the paper's figures, of other networks on other hardware; nothing here reproduces them."

    private func base(of result: EdgeResult) -> EdgeResult? {
        results.first { $0.network == result.network && $0.server == baseline }
    }

    public var mainTable: Table {
        Table(
            caption: "One input on each box",
            columns: [
                Table.Column("network", "network", .text), Table.Column("server", "server type", .text),
                Table.Column("megaMacs", "millions of products", .plain),
                Table.Column("weightKib", "weights in kibibytes", .plain),
                Table.Column("latencyMilliseconds", "latency", .milliseconds),
                Table.Column("latencySavedFraction", "latency saved", .fraction),
                Table.Column("energyMicrojoules", "microjoules", .plain),
                Table.Column("energySavedFraction", "energy saved", .fraction),
                Table.Column("pipelinedPerSecond", "overlapped", .rate),
                Table.Column("macLayers", "layers in macros", .count),
                Table.Column("macsInMacrosFraction", "work in macros", .fraction),
            ], keyColumnCount: 2,
            rows: results.map { result in
                let base = base(of: result)
                let inMacros = result.fastest.layers.filter(\.place.usesMacros)
                let part = inMacros.reduce(0) { $0 + $1.macs } / max(result.macs, 1)
                return [
                    .text(result.network), .text(result.server), .number(result.macs / 1e6),
                    .number(result.weightBytes / 1024), .number(result.fastest.seconds * 1000),
                    base.map { .number(1 - result.fastest.seconds / $0.fastest.seconds) } ?? .missing,
                    .number(result.microjoules),
                    base.map { .number(1 - result.microjoules / $0.microjoules) } ?? .missing,
                    .number(1 / result.pipelined.pipelinedSeconds), .integer(inMacros.count), .number(part),
                ]
            })
    }

    private var plot: Plot {
        let networks = Array(Set(results.map(\.network))).sorted()
        return Plot(
            title: "Latency against energy of one input", caption: "Down and to the left is better.",
            choices: ["network"],
            figures: networks.map { network in
                let own = results.filter { $0.network == network }
                return Plot.Figure(
                    options: [network],
                    traces: own.enumerated().map { index, result in
                        [
                            "type": "scatter", "mode": "markers", "name": .string(result.server),
                            "x": .numbers([result.fastest.seconds * 1000], significantDigits: 5),
                            "y": .numbers([result.microjoules], significantDigits: 5),
                            "marker": ["size": 12, "color": .string(Palette.serverType(2 * index))],
                        ]
                    },
                    layout: [
                        "xaxis": Axis.fromZero("latency (ms)"), "yaxis": Axis.fromZero("energy (uJ)"),
                    ])
            })
    }

    public var provenance: [String] {
        ["Modelled layer by layer; the devices' figures and their sources: `hercules catalog show DEVICE`."]
    }
}

/// One network on one box, layer by layer.
public struct EdgeMappingReport: ReportContent {
    private let result: EdgeResult
    private let mapping: EdgeMapping
    private let goal: String

    /// - Parameter goal: what the mapping is best for, in words.
    public init(_ result: EdgeResult, _ mapping: EdgeMapping, goal: String) {
        self.result = result
        self.mapping = mapping
        self.goal = goal
    }

    public var title: String { "\(result.network) on \(result.server)" }

    public var summary: [Report.Block] {
        [
            .paragraph("\(result.device). The mapping is best for \(goal)."),
            .figures([
                Report.HeadlineFigure(
                    value: "\((mapping.seconds * 1000).short()) ms", label: "latency of one input"),
                Report.HeadlineFigure(
                    value: "\((mapping.joules * 1e6).short()) uJ", label: "dynamic energy of one input"),
                Report.HeadlineFigure(
                    value: "\((1 / mapping.pipelinedSeconds).short())/s", label: "inputs that overlap"),
            ]),
        ]
    }

    public var sections: [Report.Section] {
        [Report.Section(heading: "Layers", blocks: [.table(mainTable), .plot(plot)])]
    }

    public var mainTable: Table {
        Table(
            caption: "Layer by layer",
            columns: [
                Table.Column("layer", "layer", .text), Table.Column("kind", "kind", .text),
                Table.Column("place", "runs on", .text),
                Table.Column("kiloMacs", "thousands of products", .plain),
                Table.Column("microseconds", "time (us)", .plain),
                Table.Column("nanojoules", "energy (nJ)", .plain),
                Table.Column("timeFraction", "of the time", .fraction),
            ],
            rows: mapping.layers.map { layer in
                [
                    .text(layer.name), .text(layer.kind), .text(layer.place.label),
                    .number(layer.macs / 1000), .number(layer.seconds * 1e6), .number(layer.joules * 1e9),
                    .number(mapping.seconds > 0 ? layer.seconds / mapping.seconds : 0),
                ]
            })
    }

    private var plot: Plot {
        Plot(
            title: "Time of each layer", caption: "By where it runs.", choices: [],
            figures: [EdgeMappingPlot.figure(of: mapping.layers)])
    }

    public var provenance: [String] { ["Modelled on the figures of \(result.device)."] }
}

/// Published macros as their gates say, beside what was reported.
public struct SiliconTable: TableDocument {
    /// One macro.
    public struct Row: Sendable {
        let macro: SiliconMacro
        let area: Double
        let nanoseconds: Double
        let picojoules: Double
        let mismatch: (area: Double, delay: Double, energy: Double?)

        public init(
            macro: SiliconMacro, area: Double, nanoseconds: Double, picojoules: Double,
            mismatch: (area: Double, delay: Double, energy: Double?)
        ) {
            self.macro = macro
            self.area = area
            self.nanoseconds = nanoseconds
            self.picojoules = picojoules
            self.mismatch = mismatch
        }
    }

    public let table: Table

    public init(_ rows: [Row]) {
        table = Table(
            caption: "Macros: gates beside silicon",
            columns: [
                Table.Column("macro", "macro", .text), Table.Column("areaMm2", "area (mm2)", .plain),
                Table.Column("reportedAreaMm2", "reported", .plain),
                Table.Column("areaMismatchFraction", "off", .fraction),
                Table.Column("cycleNanoseconds", "cycle (ns)", .plain),
                Table.Column("reportedCycleNanoseconds", "reported cycle", .plain),
                Table.Column("cycleMismatchFraction", "off cycle", .fraction),
                Table.Column("picojoulesPerMac", "energy (pJ)", .plain),
                Table.Column("reportedPicojoulesPerMac", "reported energy", .plain),
                Table.Column("energyMismatchFraction", "off energy", .fraction),
                Table.Column("source", "source", .text),
            ],
            rows: rows.map { row in
                [
                    .text(row.macro.name), .number(row.area), .number(row.macro.reportedSquareMillimetres),
                    .number(row.mismatch.area), .number(row.nanoseconds),
                    .number(1000 / row.macro.reportedMegahertz), .number(row.mismatch.delay),
                    row.mismatch.energy == nil ? .missing : .number(row.picojoules),
                    row.mismatch.energy == nil
                        ? .missing : .number(2 / row.macro.reportedTeraoperationsPerWatt),
                    row.mismatch.energy.map { .number($0) } ?? .missing, .text(row.macro.source),
                ]
            })
    }

    public var remarks: String {
        "\nThe mismatch is |model / reported - 1|. Energies are compared where the paper says its sparsity.\n"
    }
}
