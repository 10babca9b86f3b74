import Controlling
import Foundation
import Quantities
import Vocabulary

/// Loads from Prometheus: each model's raw samples, or its expression with what it rests on.
struct PrometheusSource: LoadSource {
    /// How one model's load is asked for.
    struct Input: Hashable, Sendable {
        var query: LoadQuery
        var windowSeconds: Double
        /// How long ago the window ends, for samples that arrive late.
        var delaySeconds = 0.0
    }

    /// Models that are asked about at the same time.
    static let parallelMax = 8
    /// Waits before asking again within a tick, in seconds.
    static let waitsSeconds = [1.0, 2.0, 4.0]

    /// The longest past that one query asks for.
    static let stretchSeconds = 6.0 * 3600
    /// Seconds by which clocks may differ without being told apart.
    static let offsetMin = 2.0

    let transport: any PrometheusTransport
    let inputs: [ModelID: Input]
    let settings: ExchangeSettings
    let clock: any ControllerClock
    let counts: PrometheusRequestCounts

    func read(at time: ControlTime) async -> [InputReading] {
        let end = time.monotonic + Nanoseconds(seconds: settings.deadlineSeconds)
        let models = inputs.keys.sorted()
        return await withTaskGroup(of: InputReading.self) { group in
            var (readings, next): ([InputReading], Int) = ([], 0)
            while next < min(Self.parallelMax, models.count) {
                let model = models[next]
                group.addTask { await self.reading(of: model, at: time, until: end) }
                next += 1
            }
            while let reading = await group.next() {
                readings.append(reading)
                guard next < models.count else { continue }
                let model = models[next]
                group.addTask { await self.reading(of: model, at: time, until: end) }
                next += 1
            }
            return readings.sorted { $0.model < $1.model }
        }
    }

    /// One model, asked again while that may help and time is left.
    private func reading(of model: ModelID, at time: ControlTime, until end: Nanoseconds) async
        -> InputReading
    {
        guard let input = inputs[model] else {
            return InputReading(model: model, answer: .failed(.misconfigured, detail: "no query"))
        }
        var attempt = 0
        while true {
            do {
                return try await ask(input, of: model, at: time, until: end)
            } catch {
                guard error.mayPass, attempt < Self.waitsSeconds.count else {
                    return InputReading(model: model, answer: .failed(error.cause, detail: error.description))
                }
                let wake = clock.now().monotonic + Nanoseconds(seconds: Self.waitsSeconds[attempt])
                attempt += 1
                guard wake < end, (try? await clock.sleep(until: wake)) != nil else {
                    return InputReading(model: model, answer: .failed(error.cause, detail: error.description))
                }
            }
        }
    }

    private func ask(
        _ input: Input, of model: ModelID, at time: ControlTime, until end: Nanoseconds
    ) async throws(ExchangeFailure) -> InputReading {
        let moment = time.wall.adding(seconds: -input.delaySeconds)
        let texts = input.query.queries(windowSeconds: input.windowSeconds)
        switch input.query {
        case .counter:
            let (answer, offset) = try await instant(texts[0], moment, end)
            return InputReading(
                model: model, answer: .counters(try answer.matrix()),
                evaluatedAt: offset.map { moment.adding(seconds: $0) })
        case .expression:
            let (answer, offset) = try await instant(texts[0], moment, end)
            guard let value = try answer.value() else {
                return InputReading(
                    model: model, answer: .failed(.invalid, detail: "the expression has no value"))
            }
            let last = try await instant(texts[1], moment, end).answer.value()
            let count = try await instant(texts[2], moment, end).answer.value()
            return InputReading(
                model: model,
                answer: .value(
                    LoadValue(
                        queriesPerSecond: value.value,
                        lastSampleAt: last.flatMap { WallTime(unixSeconds: $0.value) },
                        samples: count.flatMap { Int(exactly: $0.value.rounded()) }, expected: nil)),
                evaluatedAt: offset.map { moment.adding(seconds: $0) })
        }
    }

    /// An instant query at a stated moment.
    /// - Returns: the answer, and how far the server's clock is ahead of ours; nil where nobody can tell, or
    ///   where it is less than the header's whole seconds and the way of the answer can tell.
    private func instant(
        _ query: String, _ moment: WallTime, _ end: Nanoseconds
    ) async throws(ExchangeFailure) -> (answer: PrometheusAnswer, offset: Double?) {
        let form = [(name: "query", value: query), (name: "time", value: Self.seconds(moment))]
        let (answer, date) = try await counted("/api/v1/query", form, end)
        guard settings.comparesClocks, let date else { return (answer, nil) }
        // The header has whole seconds: half of one is the best guess.
        let offset = date + 0.5 - clock.now().wall.unixSeconds
        return (answer, abs(offset) > Self.offsetMin ? offset : nil)
    }

    /// Asks, reads the answer, and counts what came of it.
    private func counted(
        _ path: String, _ form: [(name: String, value: String)], _ end: Nanoseconds
    ) async throws(ExchangeFailure) -> (answer: PrometheusAnswer, dateUnixSeconds: Double?) {
        let begin = ContinuousClock.now
        let left = (end - clock.now().monotonic).seconds
        var kind: ExchangeFailure.Kind?
        defer {
            let (seconds, attoseconds) = (ContinuousClock.now - begin).components
            counts.note(seconds: Double(seconds) + Double(attoseconds) / 1e18, failure: kind)
        }
        do {
            let reply = try await transport.send(path: path, form: form, within: left)
            let answer = try PrometheusAnswer(status: reply.status, type: reply.type, body: reply.body)
            return (answer, reply.dateUnixSeconds)
        } catch {
            kind = error.kind
            throw error
        }
    }

    /// Reads what was missed: a few queries for all samples of a stretch, which are then cut into the windows
    /// of the moments. An expression has no samples to be cut, so that its past stays unknown.
    func readPast(at times: [ControlTime]) async -> [[InputReading]]? {
        guard !times.isEmpty else { return [] }
        let end = clock.now().monotonic + Nanoseconds(seconds: settings.deadlineSeconds)
        var readings = [[InputReading]](repeating: [], count: times.count)
        for model in inputs.keys.sorted() {
            guard let input = inputs[model] else { continue }
            let past: [InputReading.Answer]
            do throws(ExchangeFailure) {
                past = try await answers(input, at: times.map(\.wall), until: end)
            } catch {
                past = times.map { _ in .failed(error.cause, detail: error.description) }
            }
            for (index, answer) in past.enumerated() {
                readings[index].append(InputReading(model: model, answer: answer))
            }
        }
        return readings
    }

    /// What one model's windows held at moments in order.
    private func answers(
        _ input: Input, at times: [WallTime], until end: Nanoseconds
    ) async throws(ExchangeFailure) -> [InputReading.Answer] {
        guard case .counter(let selector) = input.query else {
            throw ExchangeFailure(.query, "an expression has no samples of the past")
        }
        var answers: [InputReading.Answer] = []
        while answers.count < times.count {
            let rest = times[answers.count...]
            guard let first = rest.first else { break }
            let stretch = rest.prefix { $0.seconds(since: first) <= Self.stretchSeconds }
            guard let last = stretch.last else { break }
            let seconds = last.seconds(since: first) + input.windowSeconds
            let text = LoadQuery.counter(selector).queries(windowSeconds: seconds)[0]
            let moment = last.adding(seconds: -input.delaySeconds)
            let series = try await instant(text, moment, end).answer.matrix()
            for time in stretch {
                let windowEnd = time.adding(seconds: -input.delaySeconds)
                let windowStart = windowEnd.adding(seconds: -input.windowSeconds)
                answers.append(
                    .counters(
                        series.compactMap { one in
                            let inside = one.samples.filter { $0.at >= windowStart && $0.at <= windowEnd }
                            return inside.isEmpty ? nil : SampleSeries(name: one.name, samples: inside)
                        }))
            }
        }
        return answers
    }

    /// A moment in seconds with three decimals, as the interface reads it.
    static func seconds(_ time: WallTime) -> String {
        let (seconds, rest) = time.unixMilliseconds.quotientAndRemainder(dividingBy: 1000)
        return "\(seconds).\(String(repeating: "0", count: 3 - String(rest).count))\(rest)"
    }
}
