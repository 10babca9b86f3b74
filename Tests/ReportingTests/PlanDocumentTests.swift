import Quantities
import Reporting
import Testing
import Vocabulary

/// What plans say beside their tables.
@Suite struct PlanDocumentTests {
    private func sentence(_ route: PlanRoute?) -> String {
        let content = PlanReport(
            plan: Fixtures.optimalPlan, demand: Demand(["rm1": QueriesPerSecond(720)]), table: Fixtures.table,
            route: route)
        guard case .paragraph(let text) = content.sections[0].blocks[0] else { return "" }
        return text
    }

    private static let figures =
        "Optimal within the requested gap: 5 servers with 1.56 kW of provisioned power serve the load; the "
        + "proven bound allows at most 0.064 % less."

    @Test func howAPlanWasSettledIsSaidInPlainWords() {
        #expect(sentence(nil) == Self.figures)
        #expect(
            sentence(.uncontested)
                == Self.figures + " Settled without branching: no server type is contested.")
        #expect(sentence(.branched) == Self.figures + " Settled by branch and bound.")
        for route in PlanRoute.allCases {
            let text = sentence(route)
            #expect(text.hasPrefix(Self.figures + " ") && text.hasSuffix("."), "\(route)")
            #expect(!text.contains("("), "no name of a step in brackets: \(text)")
        }
        #expect(Set(PlanRoute.allCases.map(sentence)).count == PlanRoute.allCases.count)
    }

    @Test func programsKeepReadingTheNameOfTheStep() {
        let json = PlanJSON(plan: Fixtures.optimalPlan, table: Fixtures.table, route: .uncontested).text
        #expect(json.contains("\"route\" : \"uncontested\""))
        #expect(PlanJSON(plan: Fixtures.optimalPlan, table: Fixtures.table).text.contains("\"route\" : null"))
    }

    @Test func aFleetIsSizedWithWhatItCosts() {
        func cost(_ counts: [ServerTypeID: Int], _ ownership: Double, _ energy: Double, short: Int)
            -> FleetCost
        {
            FleetCost(
                fleet: Fleet(id: "f", counts: counts), ownership: ownership, energy: energy,
                unservedIntervals: short, meanPower: Watts(1500),
                types: counts.keys.sorted().map {
                    FleetTypeCost(serverType: $0, capital: 100.4, keeping: 50, energy: energy / 2)
                })
        }
        let content = FleetSizingReport(
            FleetSizing(
                current: cost(["cpu": 10, "gpu": 2], 1000.4, 500, short: 0),
                proposed: cost(["cpu": 4, "gpu": 5], 700, 300, short: 3), bound: 900,
                intervalsConsidered: 24), years: 4, growth: Fraction(0.2))
        #expect(
            content.summary.first
                == .warning("No fleet was found that serves every interval: 3 stay short."))
        let assumptions = """
            The trace is taken to repeat for 4.0 years, with loads that change by 20.0 % from one year to \
            the next; ownership is buying and keeping less resale, energy what the plans of all intervals \
            draw. The change has paid for itself when what is saved in keeping and energy makes up for what \
            is bought; that is not comparable where the fleet as it is leaves intervals short.
            """
        #expect(content.sections[0].blocks.first == .paragraph(assumptions))
        let expected = """
            What to buy and what to retire
            server                                                energy    energy
            type    now  proposed  buy  retire  capital  keeping     now  proposed
            ------  ---  --------  ---  ------  -------  -------  ------  --------
            cpu      10         4    0       6    100.0     50.0   250.0     150.0
            gpu       2         5    3       0    100.0     50.0   250.0     150.0

            """
        #expect(TextRenderer().render(content.mainTable) == expected)
        guard case .table(let costs) = content.sections[0].blocks[1] else {
            Issue.record("no costs")
            return
        }
        #expect(
            costs.columns.map(\.title) == [
                "fleet", "servers", "ownership", "energy", "total", "mean provisioned power",
                "intervals short",
            ])
        #expect(
            CSVRenderer().render(costs) == """
                fleet,servers,ownership,energy,total,meanWatts,unservedIntervals
                as it is,12,1000,500,1500,1500,0
                proposed,9,700,300,1000,1500,3

                """)
    }
}
