import Catalog
import Foundation
import Optimization
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Searches a space of networks for those that no other beats on an edge box.
///
/// Latency and energy are of the mapping that is exactly best for each. What stands in for error is a proxy,
/// minus the logarithm of the multiply-accumulates, and is called that: nothing here has been trained.
public struct ArchitectureSearchStage: Sendable {
    /// What is asked for.
    public struct Request: Sendable {
        public var method = SearchWay.nsga2
        public var evaluations = 2_000
        public var population = 64
        public var seed: UInt64 = 1
        /// Whether the other methods are played too, with as many evaluations.
        public var compares = false
        /// Architectures that are larger miss a constraint; nil for any size.
        public var weightKibMax: Double?

        public init() {}
    }

    private let space: ArchitectureSpace
    private let box: ServerType
    private let device: EdgeDevice

    /// - Parameters:
    ///   - path: of the space's file.
    ///   - server: a server type with a systolic array.
    public init(spaceAt path: String, server: String, inCatalogueOf folder: String?) throws {
        let catalog = try Catalog(forScenarioAt: path, shipped: folder ?? ShippedCatalogue.folder)
        space = try catalog.architectureSpace(at: path)
        let boxes = try EdgeStage(inCatalogueOf: folder).boxes([server])
        guard let box = boxes.first, let device = box.edge else {
            preconditionFailure("names that are not known were refused")
        }
        self.box = box
        self.device = device
    }

    /// Names of the objectives, all to be minimised.
    private static let objectives = ["latency (ms)", "energy (uJ)", "proxy of error"]

    /// Objectives of an architecture, and by how much it is too large.
    package static func evaluate(
        _ genes: [Int], in space: ArchitectureSpace, on device: EdgeDevice, weightKibMax: Double?
    ) -> (objectives: [Double], violation: Double) {
        let network = space.network(genes)
        let mapper = EdgeMapper(device)
        let fast = mapper.mapping(of: network, for: .latency)
        let thrifty = mapper.mapping(of: network, for: .energy)
        let energy = thrifty.joules + device.staticWatts * thrifty.seconds
        let kib = network.weightBytes / 1024
        return (
            [fast.seconds * 1000, energy * 1e6, -log2(network.macs / 1e6)],
            weightKibMax.map { max(0, kib / $0 - 1) } ?? 0
        )
    }

    /// Searches, and where that is asked for the other ways beside it.
    public func searched(_ request: Request, as rendering: Rendering, html: String?) throws -> String {
        let genes = Self.geneSpace(space)
        let ways = request.compares ? SearchWay.allCases : [request.method]
        let found = try ways.concurrentMap { way in
            way.points(
                in: genes,
                .init(
                    evaluations: request.evaluations, population: request.population, seed: request.seed)
            ) {
                Self.evaluate($0, in: space, on: device, weightKibMax: request.weightKibMax)
            }
        }
        let reference = self.reference(genes, request)
        let outcome = ArchitectureSearchOutcome(
            space: space, server: box.id.name, objectives: Self.objectives,
            ways: zip(ways, found).map { way, points in
                ArchitectureSearchOutcome.Way(
                    name: way.rawValue, evaluations: points.count,
                    hypervolume: Hypervolume.volume(
                        of: points.filter { $0.violation == 0 }.map(\.objectives), reference: reference),
                    front: ParetoFront.front(of: points).map { member($0) })
            })
        let report = ArchitectureSearchReport(outcome, chosen: request.method.rawValue).report(
            seed: request.seed, versions: [Report.NamedText.tool])
        if let html { try ReportStage.write(report, to: html, database: nil) }
        return rendering.render(report) { JSONRenderer().render(report.mainTable) }
    }

    private func member(_ point: EvaluatedPoint) -> ArchitectureSearchOutcome.Member {
        let network = space.network(point.genes)
        let mapping = EdgeMapper(device).mapping(of: network, for: .latency)
        let inMacros = mapping.layers.filter(\.place.usesMacros).reduce(0) { $0 + $1.macs }
        return ArchitectureSearchOutcome.Member(
            label: space.label(point.genes), objectives: point.objectives, macs: network.macs,
            weightBytes: network.weightBytes, macsInMacros: inMacros)
    }

    package static func geneSpace(_ space: ArchitectureSpace) -> GeneSpace {
        GeneSpace(sizes: space.sizes, blocks: space.blocks) { space.canonical($0) }
    }

    /// The worst of a random set, which is the same for every way.
    private func reference(_ genes: GeneSpace, _ request: Request) -> [Double] {
        let drawn = SearchWay.random.points(
            in: genes, .init(evaluations: 200, seed: 0)
        ) {
            Self.evaluate($0, in: space, on: device, weightKibMax: nil)
        }
        return Self.objectives.indices.map { index in
            let worst = drawn.map { $0.objectives[index] }.max() ?? 0
            return worst + 0.01 * abs(worst)
        }
    }
}

/// How a space of networks is searched.
public typealias SearchWay = ParetoSearch
