import Simulation
import Testing
import Vocabulary

@testable import hercules

@Suite struct NameTextTests {
    private static let known = ["static", "greedy"]

    @Test(arguments: ["", " ", "\t"])
    func nothingIsNoName(text: String) {
        #expect(Refusal.message { try NameText.file(text) } == "expected the name of a file")
        #expect(Refusal.message { try NameText.folder(text) } == "expected the name of a folder")
        #expect(Refusal.message { try NameText.column(text) } == "expected the name of a column")
    }

    @Test func aNameThatOnlyAFileCanTellIsTakenAsItIs() throws {
        #expect(try NameText.file(" a b.csv") == " a b.csv")
    }

    @Test(
        arguments: [
            ("", nil), ("Static", "static"), ("static ", "static"), ("static,greedy", nil),
            ("gredy", "greedy"),
        ] as [(String, String?)])
    func anUnknownNameIsRefusedWithThoseThatExist(text: String, meant: String?) {
        let message = Refusal.message { try NameText.name("policy", among: Self.known)(text) }
        let suggestion = meant.map { "; did you mean '\($0)'?" } ?? ""
        #expect(message == "unknown policy '\(text)': expected one of static, greedy\(suggestion)")
        let none = Refusal.message { try NameText.name("policy", among: [])(text) }
        #expect(none == "unknown policy '\(text)': expected nothing: there is none to name")
    }

    @Test func namesAreReadInTheirOrder() throws {
        let read = NameText.names("policy", among: Self.known)
        #expect(try read("greedy,static") == ["greedy", "static"])
        #expect(
            Refusal.message { try read("greedy,magic") }
                == "unknown policy 'magic': expected one of static, greedy")
        #expect(Refusal.message { try read("greedy,greedy") } == "expected each policy once")
        for text in ["", ",", "greedy,", ",greedy"] {
            #expect(Refusal.message { try read(text) } == "expected words separated by commas", "\(text)")
        }
    }

    @Test func theWordThatIsWrongInAListIsNamed() {
        let read = NameText.list(of: NumberText.amount)
        #expect(Refusal.message { try read("1,-1") } == "'-1': expected a number of at least 0")
        #expect(Refusal.message { try read("-1") } == "expected a number of at least 0")
    }

    @Test func modelsAreNamesForAScenario() throws {
        #expect(try NameText.models("ncf,rm1") == [ModelID("ncf"), ModelID("rm1")])
        #expect(Refusal.message { try NameText.models("ncf,ncf") } == "expected each model once")
    }

    @Test func choicesAreCasesByName() throws {
        let read: OptionReading<DispatchRule> = NameText.choice("dispatch rule")
        #expect(try read("round-robin") == .roundRobin)
        #expect(
            Refusal.message { try read("roundRobin") }
                == "unknown dispatch rule 'roundRobin': expected one of random, round-robin, power-of-two, "
                + "shortest-queue; did you mean 'round-robin'?")
    }

    @Test func curvesGoByTheirNamesInOneWord() throws {
        #expect(try CurveText.curve("throughput-over-batch") == .throughputOverBatch)
        let message = Refusal.message { try CurveText.curve("throughput over batch") }
        #expect(message?.hasPrefix("unknown curve 'throughput over batch': expected one of ") == true)
    }
}
