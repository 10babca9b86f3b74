import Provisioning
import Quantities
import Testing
import Vocabulary

@Suite struct ProvisioningProblemTests {
    private let fleet = Fleet(id: "f", counts: ["s": 2, "t": 1, "none": 0])
    private let demand = Demand(["a": QueriesPerSecond(5), "b": QueriesPerSecond(0)])

    private func problem(
        _ entries: [EfficiencyEntry], demand: Demand? = nil, fleet: Fleet? = nil
    ) throws -> ProvisioningProblem {
        try ProvisioningProblem(
            demand: demand ?? self.demand, fleet: fleet ?? self.fleet, efficiency: EfficiencyTable(entries))
    }

    private var complete: [EfficiencyEntry] {
        [entry("a", "s", 1, 10), entry("a", "t", 2, 10), entry("b", "s", 3, 10), entry("b", "t", 4, 10)]
    }

    @Test func namesStandInOrderAndAbsentTypesNeedNoEntry() throws {
        let problem = try problem(complete.reversed())
        #expect(problem.models == ["a", "b"])
        #expect(problem.serverTypes == ["s", "t"])
        #expect(problem.available == [2, 1])
    }

    @Test(arguments: 0..<4)
    func aMissingEntryIsNamedWithTheCommandThatFillsIt(missing: Int) {
        var entries = complete
        let absent = entries.remove(at: missing)
        let expected = ProvisioningError.missingEfficiency(model: absent.model, serverType: absent.serverType)
        #expect(throws: expected) { _ = try problem(entries) }
        #expect(expected.description.contains("hercules search"))
        #expect(expected.description.contains(absent.model.name))
        #expect(expected.description.contains(absent.serverType.name))
    }

    @Test(arguments: [-1, Double.nan, .infinity])
    func anImpossibleLoadIsRefused(load: Double) {
        #expect(throws: ProvisioningError.self) {
            _ = try problem(complete, demand: Demand(["a": QueriesPerSecond(load), "b": .zero]))
        }
    }

    @Test(arguments: [(-1.0, 10.0), (.nan, 10), (.infinity, 10), (1, 0), (1, -5), (1, .nan)])
    func anImpossibleEntryIsRefused(rate: Double, watts: Double) {
        #expect(throws: ProvisioningError.self) {
            _ = try problem(complete + [entry("a", "s", rate, watts)])
        }
    }

    @Test func aNegativeFleetIsRefused() {
        #expect(throws: ProvisioningError.invalidServerCount(serverType: "s", found: -1)) {
            _ = try problem(complete, fleet: Fleet(id: "f", counts: ["s": -1]))
        }
    }

    @Test func zeroThroughputMeansCannotServe() throws {
        let entries = complete + [entry("a", "t", 0, 0)]
        for name in ProvisioningPolicies.deciding {
            let problem = try problem(entries, demand: Demand(["a": QueriesPerSecond(5), "b": .zero]))
            let plan = try ProvisioningPolicies.named(
                name, configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 1)
            ).plan(ProvisioningRequest(problem: problem)).plan
            #expect(plan.allocation["a", "t"] == 0, "\(name)")
            #expect(plan.allocation["a", "s"] == 2, "\(name)")
            #expect(plan.shortfalls == [.init(model: "a", load: QueriesPerSecond(3))], "\(name)")
        }
    }

    @Test func aNewDemandKeepsTheRest() throws {
        let other = try problem(complete).replacingDemand(Demand(["a": .zero, "b": QueriesPerSecond(4)]))
        #expect(other.demand["b"] == QueriesPerSecond(4))
        #expect(other.available == [2, 1])
        #expect(throws: ProvisioningError.missingObservation(model: "b")) {
            _ = try other.replacingDemand(Demand(["a": .zero]))
        }
        #expect(throws: ProvisioningError.invalidLoad(model: "a", found: QueriesPerSecond(-2))) {
            _ = try other.replacingDemand(Demand(["a": QueriesPerSecond(-2), "b": .zero]))
        }
    }
}
