import Quantities
import Testing
import Vocabulary

@testable import hercules

@Suite struct NamedTextTests {
    private static let wrong = [
        "", "ncf", "ncf=", "=5", "ncf=NaN", "ncf=-1", "ncf=inf", "ncf=1e400", "ncf:1",
    ]

    @Test func loadsAreRatesByModel() throws {
        let load = try NamedText.loads("ncf=2000")
        #expect(load.name == ModelID("ncf") && load.value == QueriesPerSecond(2000))
        for text in Self.wrong {
            #expect(
                Refusal.message { try NamedText.loads(text) }
                    == "expected model=queries per second, for example ncf=2000", "\(text)")
        }
    }

    @Test func shiftsAreHoursByModel() throws {
        #expect(try NamedText.hours("ncf=1.5").value == Nanoseconds(seconds: 5400))
        for text in Self.wrong + ["ncf=1000001"] {
            #expect(
                Refusal.message { try NamedText.hours(text) } == "expected model=hours, for example ncf=6",
                "\(text)")
        }
    }

    @Test func pricesAreNumbersByServerType() throws {
        let price = try NamedText.amounts("cpu-t1=0.4")
        #expect(price.name == ServerTypeID("cpu-t1") && price.value == 0.4)
        for text in Self.wrong {
            #expect(
                Refusal.message { try NamedText.amounts(text) }
                    == "expected TYPE=NUMBER, for example cpu-t1=0.4", "\(text)")
        }
    }

    @Test func countsAreWholeNumbersByModel() throws {
        #expect(try NamedText.counts("rm1=0").value == 0)
        for text in Self.wrong + ["rm1=1.5", "rm1=1000000001"] {
            #expect(
                Refusal.message { try NamedText.counts(text) } == "expected MODEL=NUMBER, for example rm1=2",
                "\(text)")
        }
    }

    @Test func serversAreWholeNumbersByPlacement() throws {
        let servers = try NamedText.servers("rm1:cpu-t1=4")
        #expect(servers.name == Placement(model: "rm1", serverType: "cpu-t1") && servers.value == 4)
        for text in Self.wrong + ["rm1=4", "rm1:=4", ":cpu-t1=4", "rm1:cpu-t1:x=4", "rm1:cpu-t1=0"] {
            #expect(
                Refusal.message { try NamedText.servers(text) }
                    == "expected MODEL:TYPE=SERVERS, for example rm1:cpu-t1=4", "\(text)")
        }
    }

    @Test func aNameGivenTwiceIsRefused() throws {
        let loads = try ["ncf=1", "rm1=2"].map { try NamedText.loads($0) }
        #expect(try loads.byName("--load") == ["ncf": QueriesPerSecond(1), "rm1": QueriesPerSecond(2)])
        #expect(
            Refusal.message { try (loads + loads).byName("--load") }
                == "--load: found 'ncf' twice, expected each name once")
    }
}
