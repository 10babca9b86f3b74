import Pipeline
import Quantities
import Testing
import Vocabulary

@testable import hercules

/// What a plan is asked for on the command line.
@Suite struct PlanOptionsTests {
    @Test func everyPartOfTheGoalIsRead() throws {
        let changes = try PlanGoalOptions.parse([
            "--objective", "money", "--price", "cpu-t1=0.4", "--price", "cpu-t2=0.7", "--energy-price",
            "0.15",
            "--carbon-intensity", "400", "--embodied-carbon", "cpu-t1=30", "--pue", "1.2", "--pin",
            "rm1:cpu-t1=3", "--reserve", "ncf:cpu-t2=10", "--min-servers", "ncf=2", "--max-types", "3",
            "--survive", "rack:20", "--power-cap", "20000", "--priority", "ncf=1",
        ]).changes()
        #expect(changes.weights == [.money: 1])
        #expect(changes.pricesPerHour == ["cpu-t1": 0.4, "cpu-t2": 0.7])
        #expect(changes.energyPricePerKilowattHour == 0.15 && changes.gramsPerKilowattHour == 400)
        #expect(changes.embodiedGramsPerHour == ["cpu-t1": 30] && changes.facilityFactor == 1.2)
        #expect(changes.pinned["rm1", "cpu-t1"] == 3 && changes.reserved["ncf", "cpu-t2"] == 10)
        #expect(changes.minServers == ["ncf": 2] && changes.maxTypes == 3)
        #expect(changes.survives == .anyRack(servers: 20) && changes.powerCap == Watts(20_000))
        #expect(changes.priorities == ["ncf": 1])
    }

    /// What has no effect on shared boxes is refused with them.
    @Test func sharedBoxesTakeNoGoal() {
        for option in [
            ["--price", "cpu-t1=1"], ["--energy-price", "0.1"], ["--pue", "1.2"], ["--survive", "server"],
            ["--survive", "rack:2"], ["--objective", "money"], ["--sensitivity"],
        ] {
            Refusal.expect(
                ["--share-boxes"] + option, by: PlanCommand.self, says: "leave out \(option[0])")
        }
    }

    @Test func classesAreToldApartOnSharedBoxesOfWholeEngines() throws {
        Refusal.expect(["--by-class"], by: PlanCommand.self, says: "add --share-boxes")
        Refusal.expect(
            ["--share-boxes", "--by-class", "--link-gb-per-s", "50"], by: PlanCommand.self,
            says: "expected one of both")
    }

    @Test func withoutOptionsNothingChanges() throws {
        let changes = try PlanGoalOptions.parse([]).changes()
        #expect(changes.weights == nil && changes.pricesPerHour.isEmpty && changes.facilityFactor == nil)
        #expect(changes.pinned.shares.isEmpty && changes.maxTypes == nil && changes.powerCap == nil)
    }

    @Test func formerNamesAreTakenAndHidden() throws {
        let changes = try PlanGoalOptions.parse(["--least-servers", "ncf=4", "--most-types", "2"]).changes()
        #expect(changes.minServers == ["ncf": 4] && changes.maxTypes == 2)
        #expect(try SizingOptions.parse(["--what-if"]).isAsked)
        let help = Hercules.helpMessage(for: PlanCommand.self)
        for (former, name) in [
            ("least-servers", "min-servers"), ("most-types", "max-types"), ("what-if", "sizing"),
        ] {
            #expect(!help.contains("--\(former)") && help.contains("--\(name)"), "\(name)")
        }
        Refusal.expect(
            ["--min-servers", "ncf=1", "--least-servers", "ncf=2"], by: PlanGoalOptions.self,
            says: "--min-servers: found 'ncf' twice")
        Refusal.expect(
            ["--max-types", "1", "--most-types", "2"], by: PlanGoalOptions.self,
            says: "--most-types is the former name of --max-types")
    }

    @Test(arguments: [
        ("--objective", "foo", "unknown objective 'foo'"), ("--price", "cpu-t1", "expected TYPE=NUMBER"),
        ("--energy-price", "-1", "expected a number of at least 0"),
        ("--carbon-intensity", "NaN", "expected a number of at least 0"),
        ("--embodied-carbon", "x", "expected TYPE=NUMBER"), ("--pue", "0.9", "expected a number from 1 to"),
        ("--pue", "10", "expected a number from 1 to below 10"),
        ("--pin", "rm1=1", "expected MODEL:TYPE=SERVERS"), ("--reserve", "x", "expected MODEL:TYPE=SERVERS"),
        ("--min-servers", "ncf=1.5", "expected MODEL=NUMBER"), ("--least-servers", "ncf", "expected MODEL="),
        ("--max-types", "0", "expected a whole number of at least 1"),
        ("--most-types", "x", "expected a whole number of at least 1"),
        ("--survive", "rack", "rack:SERVERS"), ("--power-cap", "0", "expected watts above 0"),
        ("--priority", "ncf=first", "expected MODEL=NUMBER"),
    ])
    func wrongPartsOfTheGoalAreRefused(option: String, value: String, expected: String) {
        Refusal.expect(["\(option)=\(value)"], by: PlanGoalOptions.self, says: expected)
    }

    @Test(arguments: [
        ["--price", "a=1", "--price", "a=2"], ["--pin", "a:b=1", "--pin", "a:b=2"],
        ["--priority", "a=1", "--priority", "a=1"],
    ])
    func whatIsSaidTwiceIsRefused(words: [String]) {
        Refusal.expect(words, by: PlanGoalOptions.self, says: "twice, expected each name once")
    }

    @Test func theDemandIsRead() throws {
        let request = try DemandOptions.parse(["--load", "ncf=20", "--load", "rm1=5", "--load-scale", "2"])
            .request()
        #expect(request.loads == ["ncf": QueriesPerSecond(20), "rm1": QueriesPerSecond(5)])
        #expect(request.scale == 2)
        #expect(try DemandOptions.parse([]).request().loads.isEmpty)
        Refusal.expect(
            ["--load", "ncf=1", "--load", "ncf=2"], by: DemandOptions.self, says: "--load: found 'ncf' twice")
        Refusal.expect(
            ["--load-scale=-1"], by: DemandOptions.self, says: "expected a number of at least 0")
    }

    @Test func sizingIsRead() throws {
        let sizing = try SizingOptions.parse([
            "--sizing", "--purchase", "cpu-t2=9000", "--resale", "0.2", "--years", "3", "--growth", "0.2",
        ])
        #expect(sizing.growth == Fraction(0.2))
        #expect(sizing.isAsked && sizing.resale == Fraction(0.2) && sizing.years == 3)
        #expect(try sizing.purchases() == ["cpu-t2": 9000])
        #expect(try !SizingOptions.parse([]).isAsked)
        for words in [["--purchase", "a=1"], ["--resale", "0.1"], ["--years", "2"], ["--growth", "1"]] {
            Refusal.expect(words, by: SizingOptions.self, says: "need --sizing")
        }
        for value in ["-0.1", "1.1", "x"] {
            Refusal.expect(
                ["--sizing", "--resale=\(value)"], by: SizingOptions.self,
                says: "expected a share from 0 to 1")
        }
        Refusal.expect(
            ["--sizing", "--growth", "0.1", "--years", "21"], by: SizingOptions.self,
            says: "expected at most 20 --years beside it")
        for value in ["0", "101", "x"] {
            Refusal.expect(
                ["--sizing", "--years", value], by: SizingOptions.self, says: "expected years above 0")
        }
    }

    @Test(arguments: [
        ["--sensitivity"], ["--objective", "money"],
        ["--pin", "a:b=1"], ["--min-servers", "a=1"], ["--max-types", "1"], ["--survive", "type"],
        ["--power-cap", "1"], ["--priority", "a=1"], ["--carbon-intensity", "1"],
        ["--embodied-carbon", "a=1"], ["--reserve", "a:b=1"],
    ])
    func whatSizingHasNoUseForIsRefused(words: [String]) {
        Refusal.expect(
            ["--sizing"] + words, by: PlanCommand.self, says: "leave out \(words[0])")
        Refusal.expect(
            ["--what-if"] + words, by: PlanCommand.self, says: "leave out \(words[0])")
    }

    @Test func theGapAndTheHeadroomAreFractions() throws {
        let plan = try PlanCommand.parse(["--gap", "0.01", "--headroom", "0.05"])
        #expect(plan.gap == Fraction(0.01) && plan.headroom == Fraction(0.05))
        for gap in ["-0.1", "1", "x"] {
            Refusal.expect(
                ["--gap=\(gap)"], by: PlanCommand.self, says: "expected a number from 0 to below 1")
        }
        Refusal.expect(["--headroom", "11"], by: PlanCommand.self, says: "expected a number from 0 to 10")
    }
}
