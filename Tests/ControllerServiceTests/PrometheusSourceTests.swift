import Controlling
import Quantities
import Synchronization
import Testing
import Vocabulary

@testable import hercules_controller

/// A transport that answers from a list.
private final class ScriptedTransport: PrometheusTransport {
    let answers: Mutex<[Result<ExchangeReply, ExchangeFailure>]>
    let asked = Mutex<[String]>([])

    init(_ answers: [Result<ExchangeReply, ExchangeFailure>]) { self.answers = Mutex(answers) }

    func send(
        path: String, form: [(name: String, value: String)], within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        asked.withLock { $0.append(form.map { "\($0.name)=\($0.value)" }.joined(separator: "&")) }
        return try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
    }
}

@Suite struct PrometheusSourceTests {
    private static let start = WallTime(unixMilliseconds: 1_795_900_000_125)

    private func source(
        _ answers: [Result<ExchangeReply, ExchangeFailure>], _ query: LoadQuery = .counter("r"),
        models: [ModelID] = ["m"], delay: Double = 0,
        _ change: (inout ExchangeSettings) -> Void = { _ in }
    ) -> (PrometheusSource, ScriptedTransport, SimulatedClock) {
        let transport = ScriptedTransport(answers)
        let clock = SimulatedClock(wall: Self.start)
        var settings = ExchangeSettings(url: "http://x")
        change(&settings)
        let source = PrometheusSource(
            transport: transport,
            inputs: Dictionary(
                uniqueKeysWithValues: models.map {
                    ($0, .init(query: query, windowSeconds: 60, delaySeconds: delay))
                }), settings: settings, clock: clock, counts: PrometheusRequestCounts())
        return (source, transport, clock)
    }

    private static func reply(_ body: String, date: Double? = nil) -> Result<ExchangeReply, ExchangeFailure> {
        .success(
            ExchangeReply(
                status: 200, type: "application/json", body: Array(body.utf8), dateUnixSeconds: date))
    }

    private static func vector(_ value: String) -> Result<ExchangeReply, ExchangeFailure> {
        reply(
            #"{"status":"success","data":{"resultType":"vector","#
                + #""result":[{"metric":{},"value":[1,"\#(value)"]}]}}"#
        )
    }

    private func failed(_ reading: InputReading?) -> TrustCause? {
        guard case .failed(let cause, _)? = reading?.answer else { return nil }
        return cause
    }

    @Test func `a counter is asked for once, at a stated moment`() async throws {
        let (source, transport, clock) = source([Self.reply(FakePrometheus.matrix)], delay: 30)
        let readings = await source.read(at: clock.now())
        #expect(transport.asked.withLock { $0 } == ["query=r[60s]&time=1795899970.125"])
        guard case .counters(let series)? = readings.first?.answer else { throw CancellationError() }
        #expect(series.count == 1)
        #expect(source.counts.values.counts.reduce(0, +) == 1)
    }

    @Test func `what may pass is asked again after 1, 2 and 4 seconds, and no more`() async {
        let broken = Result<ExchangeReply, ExchangeFailure>.failure(.init(.unavailable, "503"))
        let (source, transport, clock) = source([broken])
        let readings = await source.read(at: clock.now())
        #expect(failed(readings.first) == .unreachable)
        #expect(transport.asked.withLock { $0.count } == 4)
        #expect(clock.now().monotonic == Nanoseconds(seconds: 7))
        #expect(source.counts.values.errors == [.unavailable: 4])
    }

    @Test func `no wait outlasts the tick's time`() async {
        let broken = Result<ExchangeReply, ExchangeFailure>.failure(.init(.connection, ""))
        let (source, transport, clock) = source([broken]) { $0.deadlineSeconds = 2.5 }
        _ = await source.read(at: clock.now())
        #expect(transport.asked.withLock { $0.count } == 2)
    }

    @Test func `an answer after a failure is an answer`() async {
        let broken = Result<ExchangeReply, ExchangeFailure>.failure(.init(.connection, ""))
        let (source, _, clock) = source([broken, Self.reply(FakePrometheus.matrix)])
        #expect(failed(await source.read(at: clock.now()).first) == nil)
    }

    @Test(arguments: [ExchangeFailure.Kind.query, .denied, .redirect, .shape, .size, .warnings, .deadline])
    func `what will not pass is not asked again`(kind: ExchangeFailure.Kind) async {
        let (source, transport, clock) = source([.failure(.init(kind, ""))])
        #expect(failed(await source.read(at: clock.now()).first) == ExchangeFailure(kind, "").cause)
        #expect(transport.asked.withLock { $0.count } == 1)
    }

    @Test func `an expression comes with the age and the count of what it rests on`() async throws {
        let (source, _, clock) = source(
            [Self.vector("42"), Self.vector("1795899999"), Self.vector("8")], .expression("e", companion: "c")
        )
        let reading = await source.read(at: clock.now()).first
        guard case .value(let value)? = reading?.answer else { throw CancellationError() }
        #expect(value.queriesPerSecond == 42 && value.samples == 8)
        #expect(value.lastSampleAt == WallTime(unixMilliseconds: 1_795_899_999_000))
    }

    @Test func `an expression without a value is no zero, and odd companions are unknown`() async throws {
        let none = #"{"status":"success","data":{"resultType":"vector","result":[]}}"#
        let (empty, _, clock) = source([Self.reply(none)], .expression("e", companion: "c"))
        #expect(failed(await empty.read(at: clock.now()).first) == .invalid)
        let (odd, _, _) = source(
            [Self.vector("0"), Self.vector("NaN"), Self.vector("1e400")], .expression("e", companion: "c"))
        guard case .value(let value)? = await odd.read(at: clock.now()).first?.answer else {
            throw CancellationError()
        }
        #expect(value.lastSampleAt == nil && value.samples == nil)
    }

    @Test func `a server's clock is told from ours, and not where ours is simulated`() async throws {
        let date = Self.start.unixSeconds + 60
        let (source, _, clock) = source([Self.reply(FakePrometheus.matrix, date: date)])
        let skewed = try #require(await source.read(at: clock.now()).first?.evaluatedAt)
        #expect(abs(skewed.seconds(since: Self.start) - 60) <= 1)
        let (near, _, _) = self.source([Self.reply(FakePrometheus.matrix, date: Self.start.unixSeconds - 1)])
        #expect(await near.read(at: clock.now()).first?.evaluatedAt == nil)
        let (simulated, _, _) = self.source([Self.reply(FakePrometheus.matrix, date: date)]) {
            $0.comparesClocks = false
        }
        #expect(await simulated.read(at: clock.now()).first?.evaluatedAt == nil)
    }

    @Test func `every model has its reading, in order`() async {
        let models = (0..<30).map { ModelID("m\(100 + $0)") }
        let (source, transport, clock) = source([Self.reply(FakePrometheus.matrix)], models: models)
        let readings = await source.read(at: clock.now())
        #expect(readings.map(\.model) == models)
        #expect(transport.asked.withLock { $0.count } == 30)
    }

    @Test func `a past is asked for in stretches, and cut into the windows of its moments`() async throws {
        let points = (0...20).map { "[\(1_795_900_000 + $0 * 15),\"\($0)\"]" }.joined(separator: ",")
        let text =
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":["#
            + points + "]}]}}"
        let (source, transport, _) = source([Self.reply(text)])
        let begin = WallTime(unixMilliseconds: 1_795_900_060_000)
        let times = [0, 60, 120, 30_000].map {
            ControlTime(monotonic: Nanoseconds(seconds: $0), wall: begin.adding(seconds: $0))
        }
        let past = try #require(await source.readPast(at: times))
        let values = past.map { readings -> [Double] in
            guard case .counters(let series)? = readings.first?.answer else { return [] }
            return series.flatMap(\.samples).map(\.value)
        }
        #expect(values == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10, 11, 12], []])
        #expect(
            transport.asked.withLock { $0 } == [
                "query=r[180s]&time=1795900180.000", "query=r[60s]&time=1795930060.000",
            ])
        let (other, _, _) = self.source([Self.reply(text)], .expression("e", companion: "c"))
        #expect(failed(await other.readPast(at: times)?.first?.first) == .misconfigured)
    }
}
