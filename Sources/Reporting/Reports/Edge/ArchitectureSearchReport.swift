import Quantities
import Vocabulary

/// What a search of a space of networks came to.
public struct ArchitectureSearchOutcome: Sendable {
    /// A network that no other beats.
    public struct Member: Sendable {
        let label: String
        let objectives: [Double]
        let macs: Double
        let weightBytes: Double
        let macsInMacros: Double

        public init(
            label: String, objectives: [Double], macs: Double, weightBytes: Double, macsInMacros: Double
        ) {
            self.label = label
            self.objectives = objectives
            self.macs = macs
            self.weightBytes = weightBytes
            self.macsInMacros = macsInMacros
        }
    }

    /// One way to search.
    public struct Way: Sendable {
        let name: String
        let evaluations: Int
        let hypervolume: Double
        let front: [Member]

        public init(name: String, evaluations: Int, hypervolume: Double, front: [Member]) {
            self.name = name
            self.evaluations = evaluations
            self.hypervolume = hypervolume
            self.front = front
        }
    }

    let space: ArchitectureSpace
    let server: String
    /// Three names.
    let objectives: [String]
    let ways: [Way]

    public init(space: ArchitectureSpace, server: String, objectives: [String], ways: [Way]) {
        self.space = space
        self.server = server
        self.objectives = objectives
        self.ways = ways
    }
}

/// The front of a search, and how other ways to search compare.
public struct ArchitectureSearchReport: ReportContent {
    private let outcome: ArchitectureSearchOutcome
    private let chosen: ArchitectureSearchOutcome.Way?

    public init(_ outcome: ArchitectureSearchOutcome, chosen: String) {
        self.outcome = outcome
        self.chosen = outcome.ways.first { $0.name == chosen } ?? outcome.ways.first
    }

    public var title: String { "\(outcome.space.title) on \(outcome.server)" }

    public var summary: [Report.Block] {
        [
            .figures([
                Report.HeadlineFigure(
                    value: outcome.space.count.short(), label: "architectures in the space"),
                Report.HeadlineFigure(
                    value: "\(chosen?.evaluations ?? 0)", label: "evaluated by \(chosen?.name ?? "nobody")"),
                Report.HeadlineFigure(
                    value: "\(chosen?.front.count ?? 0)", label: "that no other beats"),
            ]), .note(Self.reading),
        ]
    }

    private static let reading =
        "Latency and energy are modelled, by the mapping that is exactly best for each network. The proxy "
        + "of error is "
        + "minus the binary logarithm of the million multiply-accumulates. It is no accuracy: nothing "
        + "here was trained."

    public var sections: [Report.Section] {
        var blocks: [Report.Block] = [.plot(plot), .table(mainTable)]
        if outcome.ways.count > 1 { blocks.append(.table(waysTable)) }
        return [Report.Section(heading: "Front", blocks: blocks)]
    }

    public var mainTable: Table {
        Table(
            caption: "Networks that no other beats",
            columns: [
                Table.Column("architecture", "architecture", .text),
                Table.Column("latencyMilliseconds", "latency", .milliseconds),
                Table.Column("energyMicrojoules", "microjoules", .plain),
                Table.Column("proxyOfError", "proxy of error", .plain),
                Table.Column("megaMacs", "millions of products", .plain),
                Table.Column("weightKib", "weights in kibibytes", .plain),
                Table.Column("macsInMacrosFraction", "work in macros", .fraction),
            ],
            rows: (chosen?.front ?? []).map { member in
                [
                    .text(member.label), .number(member.objectives[0]), .number(member.objectives[1]),
                    .number(member.objectives[2]), .number(member.macs / 1e6),
                    .number(member.weightBytes / 1024),
                    .number(member.macs > 0 ? member.macsInMacros / member.macs : 0),
                ]
            })
    }

    private var waysTable: Table {
        let best = outcome.ways.map(\.hypervolume).max() ?? 1
        return Table(
            caption: "Ways to search, at equal evaluations",
            columns: [
                Table.Column("method", "method", .text), Table.Column("evaluations", "evaluations", .count),
                Table.Column("front", "front", .count),
                Table.Column("hypervolumeFraction", "hypervolume of the best", .fraction),
            ],
            rows: outcome.ways.map { way in
                [
                    .text(way.name), .integer(way.evaluations), .integer(way.front.count),
                    .number(best > 0 ? way.hypervolume / best : 0),
                ]
            })
    }

    private var plot: Plot {
        let front = chosen?.front ?? []
        func figure(_ name: String, _ y: @escaping (ArchitectureSearchOutcome.Member) -> Double)
            -> Plot.Figure
        {
            Plot.Figure(
                options: [name],
                traces: [
                    [
                        "type": "scatter", "mode": "markers", "name": "front",
                        "x": .numbers(front.map { $0.macs / 1e6 }, significantDigits: 5),
                        "y": .numbers(front.map(y), significantDigits: 5),
                        "text": .strings(front.map(\.label)),
                        "marker": ["color": .string(Palette.subject), "size": 8],
                    ]
                ],
                layout: ["xaxis": Axis.fromZero("MMAC"), "yaxis": Axis.fromZero(name)])
        }
        return Plot(
            title: "The front", caption: "Size against what it costs; each mark is a network.",
            choices: ["cost"],
            figures: [
                figure(outcome.objectives[0]) { $0.objectives[0] },
                figure(outcome.objectives[1]) { $0.objectives[1] },
            ])
    }

    public var provenance: [String] { ["Space: \(outcome.space.source). Latency and energy: modelled."] }
}
