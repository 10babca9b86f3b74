import Catalog
import Importing
import Quantities
import Testing
import Vocabulary

/// Errors planted in figures that are otherwise sound, each caught by the law it breaks.
@Suite struct PhysicsCheckTests {
    private let checks: PhysicsChecks

    init() {
        var limit = HardwareLimit(line: 1, name: "A100 SXM4 80 GB", kind: "gpu", maximumPower: Watts(400))
        limit.idlePower = Watts(50)
        limit.halfPeak = FlopsPerSecond(312e12)
        var pcie = HardwareLimit(line: 2, name: "A100 PCIe 40/80GB", kind: "gpu", maximumPower: Watts(250))
        pcie.halfPeak = FlopsPerSecond(312e12)
        checks = PhysicsChecks(limits: [limit, pcie])
    }

    private var sound: ImportedFigure {
        var figure = ImportedFigure(line: 1, model: "Llama-2-7b", server: "NVIDIA A100-SXM-80GB")
        figure.devices = 1
        figure.concurrency = 16
        figure.throughput = 800
        figure.throughputUnit = .tokens
        figure.inputTokens = 100
        figure.outputTokens = 100
        figure.meanLatency = Nanoseconds(seconds: 2)
        figure.p50Latency = Nanoseconds(seconds: 1.9)
        figure.p90Latency = Nanoseconds(seconds: 2.5)
        figure.p99Latency = Nanoseconds(seconds: 3)
        figure.firstTokenLatency = Nanoseconds(seconds: 0.1)
        figure.outputTokenLatency = Nanoseconds(milliseconds: 19)
        figure.power = Watts(300)
        figure.powerScope = .device
        figure.energyPerItem = Joules(0.375)
        figure.completedRequests = 999
        figure.failedRequests = 1
        return figure
    }

    private func failures(_ change: (inout ImportedFigure) -> Void) -> [FigureCheck] {
        var figure = sound
        change(&figure)
        return checks.verdict(on: figure).failures.map(\.check)
    }

    @Test func aSoundFigurePassesEveryLaw() {
        let verdict = checks.verdict(on: sound)
        #expect(verdict.isSound)
        #expect(Set(verdict.findings.keys) == Set(FigureCheck.allCases).subtracting([.validity]))
    }

    @Test func whatIsNotKnownCannotBeHeldAgainstALaw() {
        #expect(checks.verdict(on: ImportedFigure(line: 1, model: "m", server: "s")).findings.isEmpty)
        var derived = sound
        derived.isThroughputDerived = true
        #expect(checks.verdict(on: derived).findings[.little] == nil)
    }

    @Test func failedRequestsAreNoService() {
        #expect(
            failures {
                $0.failedRequests = 0; $0.completedRequests = nil
            } == [])
        #expect(failures { $0.failedRequests = 12 } == [.failures])
        #expect(
            failures {
                $0.failedRequests = 1; $0.completedRequests = nil
            } == [.failures])
    }

    @Test func wattsOfAllDevicesAreHeldAgainstAllOfThem() {
        #expect(
            failures {
                $0.devices = 8
                $0.power = Watts(8 * 400)
                $0.powerScope = .devices
                $0.energyPerItem = nil
            } == [])
        #expect(
            failures {
                $0.devices = 8
                $0.power = Watts(8 * 600)
                $0.powerScope = .devices
                $0.energyPerItem = nil
            } == [.power])
        #expect(
            failures {
                $0.devices = nil
                $0.power = Watts(3600)
                $0.powerScope = .devices
                $0.energyPerItem = nil
            } == [], "how many they are is not known")
    }

    @Test func swappedTailsOfTokensAreCaught() {
        #expect(
            failures {
                $0.interTokenTail = .init(
                    p50: Nanoseconds(milliseconds: 2), p99: Nanoseconds(milliseconds: 1))
            } == [.quantiles])
    }

    @Test func swappedQuantilesAreCaught() {
        #expect(failures { swap(&$0.p90Latency, &$0.p99Latency) } == [.quantiles])
    }

    @Test func milliwattsAsWattsAreCaught() {
        #expect(
            failures {
                $0.power = Watts(300_000)
                $0.energyPerItem = Joules(375)
            } == [.power])
        // Also where no datasheet names the device.
        #expect(
            failures {
                $0.server = "a box"
                $0.power = Watts(300_000)
                $0.energyPerItem = nil
            } == [.power])
    }

    @Test func aBrokenLittlesLawIsCaught() {
        #expect(failures { $0.concurrency = 64 } == [.little])
        #expect(
            failures {
                $0.throughput = 800 / 64; $0.energyPerItem = nil
            } == [.little])
    }

    @Test func energyThatIsNotWattsOverThroughputIsCaught() {
        #expect(failures { $0.energyPerItem = Joules(0.5) } == [.energy])
    }

    @Test func wattsBelowIdleAreCaught() {
        #expect(
            failures {
                $0.power = Watts(30); $0.energyPerItem = nil
            } == [.power])
        #expect(
            failures {
                $0.power = .zero; $0.energyPerItem = nil
            } == [.power])
    }

    @Test func theFormOfTheBoardDecidesItsMaximum() {
        #expect(failures { $0.server = "A100-PCIe-80GB" } == [.power], "300 W are too much for 250 W")
        #expect(failures { $0.server = "a100-80gb" } == [], "without a form, the highest holds")
        #expect(
            failures {
                $0.server = "A100-PCIe-80GB"
                $0.powerScope = .system
                $0.power = Watts(3000)
                $0.energyPerItem = nil
            } == [], "a host may draw the rest")
    }

    @Test func moreArithmeticThanThePeakIsCaught() {
        // 2 x 7e9 operations a token, 100 in and 100 out: 312e12 / 28e9 = 11143 tokens/s at most.
        func tokens(_ rate: Double, precision: String? = nil, model: String = "Llama-2-7b") -> [FigureCheck] {
            failures {
                $0.throughput = rate
                $0.precision = precision
                $0.model = model
                $0.concurrency = nil
                $0.energyPerItem = nil
            }
        }
        #expect(tokens(11_000) == [])
        #expect(tokens(11_300) == [.roofline])
        #expect(tokens(11_300, precision: "fp8") == [])
        #expect(tokens(11_300, model: "Qwen3-235B-A1.5B") == [], "a token passes the active experts only")
        #expect(tokens(1_000_000, model: "unnamed") == [], "without a size there is no bound")
    }

    @Test func phasesThatDoNotAddUpAreCaught() {
        #expect(failures { $0.outputTokenLatency = Nanoseconds(milliseconds: 100) } == [.phases])
    }

    @Test func wattsAboveTheirCapAreCaught() {
        #expect(failures { $0.powerLimit = Watts(250) } == [.power])
        #expect(failures { $0.powerLimit = Watts(290) } == [])
    }
}
