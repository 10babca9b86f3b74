import Catalog
import Quantities
import TestSupport
import Testing
import Vocabulary

/// The `plan` section of a scenario.
@Suite struct PlanSectionTests {
    private static let section = """
        plan:
          objective:
            watts: 1
            servers: 50
          prices_per_hour:
            cpu-t1: 0.1
          energy_price_per_kilowatt_hour: 0.15
          pinned:
            rm1:
              cpu-t2: 3
          least_servers:
            ncf: 2
          most_types: 3
          survives_loss_of: rack
          rack_servers: 20
          power_cap_watts: 25000
          priorities:
            wnd: 1

        replay:

        """

    private func scenario(_ section: String) throws -> (copy: WorkingCopy, file: String) {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace("\nreplay:\n", with: "\n" + section, in: "scenarios/modelled.yaml")
        return (copy, "\(copy.path)/scenarios/modelled.yaml")
    }

    @Test func everyKeyIsRead() throws {
        let (copy, file) = try scenario(Self.section)
        let plan = try #require(
            try copy.catalog.scenario(at: file, host: nil, known: KnownNames()).scenario.plan)
        #expect(plan.weights == [.watts: 1, .servers: 50])
        #expect(plan.rates.pricesPerHour == [ServerTypeID("cpu-t1"): 0.1])
        #expect(plan.rates.energyPricePerKilowattHour == 0.15)
        #expect(plan.constraints.pinned[ModelID("rm1"), ServerTypeID("cpu-t2")] == 3)
        #expect(plan.constraints.minServers == [ModelID("ncf"): 2])
        #expect(plan.constraints.maxTypes == 3)
        #expect(plan.constraints.survives == .anyRack(servers: 20))
        #expect(plan.constraints.powerCap == Watts(25_000))
        #expect(plan.constraints.priorities == [ModelID("wnd"): 1])
    }

    @Test func constraintsMayHaveTheirFormerNames() throws {
        let renamed = Self.section.replacing("least_servers:", with: "min_servers:")
            .replacing("most_types:", with: "max_types:")
        let (copy, file) = try scenario(renamed)
        let plan = try #require(
            try copy.catalog.scenario(at: file, host: nil, known: KnownNames()).scenario.plan)
        let (former, formerFile) = try scenario(Self.section)
        let asBefore = try former.catalog.scenario(at: formerFile, host: nil, known: KnownNames()).scenario
        #expect(plan.constraints.minServers == [ModelID("ncf"): 2] && plan.constraints.maxTypes == 3)
        #expect(plan == asBefore.plan)
    }

    @Test func aConstraintUnderBothNamesIsRefused() throws {
        let (copy, file) = try scenario(
            Self.section.replacing("  most_types: 3", with: "  most_types: 3\n  max_types: 3"))
        let text = message(without: copy.path) {
            _ = try copy.catalog.scenario(at: file, host: nil, known: KnownNames())
        }
        #expect(text?.contains("plan.max_types: found the key a second time") == true, "\(text ?? "")")
    }

    @Test(arguments: [
        (
            "    servers: 50", "    server: 50",
            "plan.objective.server: found 'server', expected a cost: one of watts"
        ),
        (
            "    cpu-t1: 0.1", "    cpu-t9: 0.1",
            "found 'cpu-t9', expected a server type of the fleet: one of cpu-t1"
        ),
        ("    ncf: 2", "    ncg: 2", "found 'ncg', expected one of this scenario's models: one of rm1"),
        (
            "power_cap_watts: 25000", "power_cap_watts: 0",
            "plan.power_cap_watts: found 0, expected a number above 0"
        ),
        ("survives_loss_of: rack", "survives_loss_of: room", "plan.survives_loss_of: found "),
        ("survives_loss_of: rack", "survives_loss_of: type", "plan.rack_servers: found 20, expected nothing"),
        (
            "most_types: 3", "most_kinds: 3",
            "plan.most_kinds: found an unknown key, expected one of objective"
        ),
    ])
    func mistakesAreNamedWithFileAndLine(old: String, new: String, expected: String) throws {
        let (copy, file) = try scenario(Self.section.replacing(old, with: new))
        let text = message(without: copy.path) {
            _ = try copy.catalog.scenario(at: file, host: nil, known: KnownNames())
        }
        #expect(text?.hasPrefix("scenarios/modelled.yaml:") == true, "\(text ?? "no error")")
        #expect(text?.contains(expected) == true, "\(text ?? "no error")")
    }
}
