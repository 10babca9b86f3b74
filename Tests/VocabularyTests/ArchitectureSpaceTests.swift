import Quantities
import Testing
import Vocabulary

/// Spaces of networks: how many there are, which vectors are the same, and what they stand for.
@Suite struct ArchitectureSpaceTests {
    private let space = ArchitectureSpace(
        name: "s", title: "t", source: "made up", input: [28, 28, 1], stem: 8,
        stages: [
            .init(widths: [8, 16], depths: [1, 3], blocks: [.convolution, .separable3]),
            .init(widths: [16], depths: [1, 2], blocks: ArchitectureSpace.Block.allCases),
        ], classes: 10, headWidth: 8)

    private var all: Set<[Int]> {
        var found: Set<[Int]> = []
        var vector = space.sizes.map { _ in 0 }
        while true {
            found.insert(space.canonical(vector))
            guard let place = vector.indices.last(where: { vector[$0] + 1 < space.sizes[$0] }) else {
                return found
            }
            vector[place] += 1
            for later in (place + 1)..<max(vector.count, place + 1) { vector[later] = 0 }
        }
    }

    @Test func theNumberOfArchitecturesIsThatOfAllVectors() {
        // Two widths x (2 + 8), times one width x (4 + 16).
        #expect(space.count == 400)
        #expect(all.count == 400)
        #expect(all.allSatisfy { space.canonical($0) == $0 })
        #expect(space.blocks == [0..<5, 5..<9])
    }

    @Test func differentVectorsAreDifferentNetworks() {
        let labels = Set(all.map(space.label))
        #expect(labels.count == 400)
        #expect(space.label([1, 0, 1, 0, 0, 0, 1, 3, 0]) == "16: separable-3 | 16: attention convolution")
    }

    @Test func aNetworkHasTheLayersOfItsVector() {
        let network = space.network([1, 0, 1, 0, 0, 0, 1, 3, 0])
        let kinds = network.layers.map(\.kind)
        #expect(
            kinds == [
                "convolution", "depthwise", "pointwise", "pointwise", "attention projections",
                "attention scores", "softmax", "attention values", "attention output", "addition",
                "pointwise", "addition", "convolution", "pooling", "dense",
            ])
        // 28 halved by the stem and by both stages: 14, 7, 4.
        #expect(network.layers[0].rows == 14 * 14 && network.layers[1].rows == 7 * 7)
        #expect(network.layers[4].rows == 16 && network.layers[4].columns == 48)
        #expect(network.layers.last?.inner == 16 && network.layers.last?.columns == 10)
        for genes in all {
            let network = space.network(genes)
            #expect(network.macs > 0 && network.weightBytes > 0)
        }
    }

    @Test func wilsonsIntervalHoldsItsShare() {
        for (share, samples) in [(0.0, 10), (0.5, 4), (0.7, 1000), (1.0, 50_000)] {
            let interval = ModelAccuracy.wilson(share, samples: samples)
            #expect(interval.contains(share) && interval.lowerBound >= 0 && interval.upperBound <= 1)
        }
        // 0.5 of 100: 0.404 to 0.596.
        let interval = ModelAccuracy.wilson(0.5, samples: 100)
        #expect(abs(interval.lowerBound - 0.4038) < 1e-3 && abs(interval.upperBound - 0.5962) < 1e-3)
        func accuracy(_ value: Double) -> ModelAccuracy {
            ModelAccuracy(
                value: Fraction(value), samples: 1000, dataSet: "d", split: "test", provenance: .measured,
                precision: .f32)
        }
        #expect(!accuracy(0.70).differs(from: accuracy(0.72)))
        #expect(accuracy(0.70).differs(from: accuracy(0.80)))
    }
}
