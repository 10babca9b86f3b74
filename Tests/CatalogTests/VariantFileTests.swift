import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Accuracies, networks, tasks and boxes as a person writes them, rightly and wrongly.
@Suite struct VariantFileTests {
    private static let head = """
        id: m
        title: t
        source: s
        latency_quantile: 0.95
        latency_limit_ms: 10
        query_sizes: {fixed_items: 1}

        """
    private static let accuracy = """
        accuracy: {value: 0.7, samples: 1000, data_set: d, split: t, provenance: published, precision: int8}

        """
    private static let network = """
        network:
          input: [8, 8, 3]
          layers:
            - {convolution: 16, kernel: 3, stride: 2}
            - {depthwise: 3}
            - {convolution: 8}
            - {attention: 2, width: 8}
            - {add: true}
            - {pool: global}
            - {dense: 10}

        """

    private func model(_ body: String) throws -> Model {
        let copy = try WorkingCopy()
        try copy.write(Self.head + body, to: "models/m.yaml")
        return try copy.catalog.model("m")
    }

    private func refusal(_ body: String) throws -> String? {
        let copy = try WorkingCopy()
        try copy.write(Self.head + body, to: "models/m.yaml")
        return message(without: copy.path) { _ = try copy.catalog.model("m") }
    }

    @Test func aNetworkIsReadLayerByLayer() throws {
        let model = try model(Self.accuracy + Self.network)
        let layers = try #require(model.network).layers
        #expect(layers.count == 11)
        #expect(layers[0].rows == 16 && layers[0].inner == 27 && layers[0].columns == 16)
        #expect(layers[1].groups == 16 && layers[1].inner == 9 && layers[1].columns == 1)
        #expect(layers[3].columns == 24 && layers[4].isDynamic && layers[4].groups == 2)
        #expect(layers[10].inner == 8 && layers[10].columns == 10)
        #expect(model.parameterBytes == Bytes(layers.reduce(0) { $0 + $1.weightBytes }))
        let accuracy = try #require(model.accuracy)
        #expect(accuracy.low < Fraction(0.7) && accuracy.high > Fraction(0.7))
        // Wilson's interval of 700 in 1,000: 0.671 to 0.728.
        #expect(abs(accuracy.low.value - 0.671) < 1e-3 && abs(accuracy.high.value - 0.728) < 1e-3)
        let coded = try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(model))
        #expect(coded == model)
    }

    @Test(arguments: [
        ("samples: 1000, ", "", "accuracy.samples"),
        ("value: 0.7", "value: 1.2", "accuracy.value"),
        ("value: 0.7,", "value: 0.7, interval: [0.8, 0.9],", "an interval that contains the value"),
        ("published", "guessed", "measured, fine-tuned, supernet, published, estimated"),
        ("precision: int8", "precision: int7", "int8"),
    ])
    func aWrongAccuracyIsRefused(old: String, new: String, expected: String) throws {
        let found = try refusal(Self.accuracy.replacingOccurrences(of: old, with: new))
        #expect(found?.contains(expected) == true, "\(found ?? "taken")")
    }

    @Test(arguments: [
        ("{depthwise: 3}", "{depthwise: 3, dense: 4}", "depthwise and dense"),
        ("{depthwise: 3}", "{stride: 2}", "no kind of layer"),
        ("{depthwise: 3}", "{depthwise: 3, width: 4}", "no such key beside depthwise"),
        ("width: 8", "width: 9", "a multiple of the 2 heads"),
        ("[8, 8, 3]", "[8, 8]", "height, width and channels"),
        ("{add: true}", "{add: false}", "true"),
        ("kernel: 3", "kernel: 0", "kernel"),
    ])
    func aWrongLayerIsRefused(old: String, new: String, expected: String) throws {
        let found = try refusal(Self.network.replacingOccurrences(of: old, with: new))
        #expect(found?.contains(expected) == true, "\(found ?? "taken")")
    }

    // MARK: Scenarios

    private static let scenario = """
        models: [good, quick]
        tasks:
          classify:
            mean_accuracy_floor: 0.65
            variants: [good, {model: quick, share_max_fraction: 0.5}]
        fleet: {box: 4}

        """

    private func read(_ text: String) throws -> Scenario {
        try catalogued(text) { copy in
            try copy.catalog.scenario(
                at: copy.path + "/scenarios/s.yaml",
                known: KnownNames(
                    policies: ["static", "hercules", "fixed-best", "variants"],
                    variantPolicies: ["fixed-best", "variants"])
            ).scenario
        }
    }

    private func catalogued<Value>(_ text: String, _ work: (WorkingCopy) throws -> Value) throws -> Value {
        let copy = try WorkingCopy()
        for (name, value) in [("good", "0.7"), ("quick", "0.6")] {
            let body = (Self.head + Self.accuracy + Self.network).replacingOccurrences(
                of: "id: m", with: "id: \(name)")
            try copy.write(
                body.replacingOccurrences(of: "value: 0.7", with: "value: \(value)"),
                to: "models/\(name).yaml")
        }
        try copy.write(
            (Self.head + Self.network).replacingOccurrences(of: "id: m", with: "id: plain"),
            to: "models/plain.yaml")
        try copy.write(
            """
            id: box
            title: Box
            edge: {array: a, macros: c, macro_count: 2}
            power: {idle_watts: 1, peak_watts: 1}
            sources: [none]

            """, to: "servers/box.yaml")
        for (kind, name, file) in [
            ("systolic-arrays", "a", "npu-16x16"), ("memory-macros", "c", "dimc-128x8"),
        ] {
            let shipped = try String(
                contentsOfFile: "\(Repository.workloads)/servers/devices/\(kind)/\(file).yaml",
                encoding: .utf8)
            try copy.write(
                shipped.replacingOccurrences(of: "id: \(file)", with: "id: \(name)"),
                to: "servers/devices/\(kind)/\(name).yaml")
        }
        try copy.write(text, to: "scenarios/s.yaml")
        return try work(copy)
    }

    @Test func tasksAreReadWithTheirVariants() throws {
        let scenario = try read(Self.scenario)
        let task = try #require(scenario.tasks?.first)
        #expect(task.id == "classify" && task.variants.map(\.model) == ["good", "quick"])
        #expect(task.variants[1].shareMax == Fraction(0.5) && task.meanFloor == Fraction(0.65))
        #expect(scenario.replay.policies == ["fixed-best", "variants"])
        let edge = try #require(scenario.serverTypes.first?.edge)
        #expect(edge.macros?.count == 2 && edge.array.rows == 16)
        // What the chip draws all the time is in the box's idle power.
        #expect(abs(scenario.serverTypes[0].power.idle.value - 1.0026) < 1e-9)
    }

    @Test(arguments: [
        ("[good, {model", "[nobody, {model", "expected"),
        ("variants: [good", "variants: [plain, good", "one of this scenario's models"),
        ("models: [good, quick]", "models: [good, quick, plain]", "nothing"),
        (
            "variants: [good, {model: quick, share_max_fraction: 0.5}]", "variants: [good, good]",
            "no variant of classify already"
        ),
        ("mean_accuracy_floor: 0.65", "mean_accuracy_floor: 65", "mean_accuracy_floor"),
        ("  classify:", "  good:", "a name that is no model's"),
        ("fleet: {box: 4}", "fleet: {box: 4}\nreplay: {policies: [static]}", "chooses variants"),
    ])
    func aWrongTaskIsRefused(old: String, new: String, expected: String) throws {
        let text = Self.scenario.replacingOccurrences(of: old, with: new)
        let found = message { _ = try read(text) }
        if expected == "nothing" {
            #expect(found == nil, "\(found ?? "")")
        } else {
            #expect(found?.contains(expected) == true, "\(found ?? "taken")")
        }
    }

    @Test func aVariantNeedsAnAccuracy() throws {
        let text = Self.scenario.replacingOccurrences(
            of: "models: [good, quick]", with: "models: [good, quick, plain]"
        )
        .replacingOccurrences(of: "variants: [good,", with: "variants: [plain, good,")
        #expect(message { _ = try read(text) }?.contains("whose file says its accuracy") == true)
    }

    @Test func aDeviceWithoutANeededFigureIsNamed() throws {
        let found = try catalogued(Self.scenario) { copy in
            let file = "servers/devices/memory-macros/c.yaml"
            let text = try copy.read(file)
            try copy.write(text.replacingOccurrences(of: "    clock_mhz: 182\n", with: ""), to: file)
            return message { _ = try copy.catalog.serverType("box") }
        }
        #expect(found?.contains("c, of which no clock_mhz is published") == true, "\(found ?? "taken")")
    }
}
