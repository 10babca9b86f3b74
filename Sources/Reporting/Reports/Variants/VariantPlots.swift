import Vocabulary

/// Accuracy of variants against what an answer takes, with the intervals of their accuracies.
struct VariantFront {
    private let tasks: [ServedTask]
    private let table: EfficiencyTable
    private let mappings: [EdgeResult]

    init(_ tasks: [ServedTask], _ table: EfficiencyTable, _ mappings: [EdgeResult]) {
        self.tasks = tasks
        self.table = table
        self.mappings = mappings
    }

    /// Energy at full load on every server and, where mappings are known, latency of one input.
    var plot: Plot {
        let energy = figure("energy (J)") { variant, server in
            table[variant.model, server].flatMap { entry in
                entry.throughput > .zero ? entry.power.value / entry.throughput.value : nil
            }
        }
        let latency = figure("latency (ms)") { variant, server in
            mappings.first { $0.network == variant.model.name && $0.server == server.name }.map {
                $0.fastest.seconds * 1000
            }
        }
        return Plot(
            title: "Accuracy against what an answer takes",
            caption: "Bars are the intervals of the accuracies. Up and to the left is better.",
            choices: ["cost"], figures: mappings.isEmpty ? [energy] : [energy, latency])
    }

    private func figure(
        _ name: String, _ cost: (ServedTask.Variant, ServerTypeID) -> Double?
    ) -> Plot.Figure {
        let variants = tasks.flatMap(\.variants)
        let servers = Set(table.entries.map(\.serverType)).sorted()
        let traces = servers.enumerated().map { index, server -> JSONValue in
            let known = variants.compactMap { variant in cost(variant, server).map { (variant, $0) } }
            return [
                "type": "scatter", "mode": "markers", "name": .string(server.name),
                "x": .numbers(known.map(\.1), significantDigits: 5),
                "y": .numbers(known.map { $0.0.accuracy.value.value * 100 }, significantDigits: 5),
                "text": .strings(known.map(\.0.model.name)),
                "marker": ["color": .string(Palette.serverType(2 * index)), "size": 9],
                "error_y": [
                    "type": "data", "symmetric": false,
                    "array": .numbers(
                        known.map { ($0.0.accuracy.high.value - $0.0.accuracy.value.value) * 100 },
                        significantDigits: 4),
                    "arrayminus": .numbers(
                        known.map { ($0.0.accuracy.value.value - $0.0.accuracy.low.value) * 100 },
                        significantDigits: 4),
                ],
            ]
        }
        return Plot.Figure(
            options: [name], traces: traces,
            layout: ["xaxis": Axis.fromZero(name), "yaxis": ["title": ["text": "accuracy (%)"]]])
    }
}

/// Time of each layer of networks on boxes, by where it runs.
struct EdgeMappingPlot {
    private let results: [EdgeResult]

    init(_ results: [EdgeResult]) { self.results = results }

    var plot: Plot {
        Plot(
            title: "Time of each layer", caption: "By the mapping of least latency of one input.",
            choices: ["network", "server"], figures: results.map(Self.figure))
    }

    /// One network on one box.
    private static func figure(_ result: EdgeResult) -> Plot.Figure {
        figure(of: result.fastest.layers, options: [result.network, result.server])
    }

    /// Layers one by one, told apart by where they run.
    static func figure(of layers: [EdgeMapping.Layer], options: [String] = []) -> Plot.Figure {
        let names = layers.enumerated().map { "\($0.offset + 1) \($0.element.kind)" }
        func bars(_ name: String, _ colour: String, _ isShown: (LayerPlace) -> Bool) -> JSONValue {
            [
                "type": "bar", "name": .string(name), "x": .strings(names),
                "y": .numbers(
                    layers.map { isShown($0.place) ? $0.seconds * 1e6 : 0 }, significantDigits: 5),
                "marker": ["color": .string(colour)],
            ]
        }
        return Plot.Figure(
            options: options,
            traces: [
                bars("NPU", Palette.model(2)) { !$0.usesMacros },
                bars("macros, or both", Palette.model(0), \.usesMacros),
            ],
            layout: [
                "barmode": "stack", "xaxis": Axis.names("layer", names),
                "yaxis": Axis.fromZero("time (us)"),
            ])
    }
}
