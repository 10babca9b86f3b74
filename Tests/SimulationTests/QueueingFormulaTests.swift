import Quantities
import Randomness
import Simulation
import Testing

/// The queue against the closed formulas of queueing theory.
@Suite struct QueueingFormulaTests {
    private static let count = 400_000

    /// Mean time in system, in units of the mean service time.
    private func meanTimeInSystem(
        utilisation: Double, servers: Int, seed: UInt64, service: (inout RandomStream) -> Double
    ) -> (mean: Double, p95: Double) {
        var gaps = RandomStream(seed: seed, name: "gaps")
        var draws = RandomStream(seed: seed, name: "service")
        var time = 0.0
        var arrivals: [Nanoseconds] = []
        var pieces: [QueuedPiece] = []
        var services: [Nanoseconds] = []
        for query in 0..<Self.count {
            time += gaps.exponential() / (utilisation * Double(servers))
            arrivals.append(Nanoseconds(seconds: time))
            pieces.append(QueuedPiece(query: query, items: 1, arrival: Nanoseconds(seconds: time)))
            services.append(Nanoseconds(seconds: service(&draws)))
        }
        let busy = BatchQueue(servers: servers, fusionLimit: nil).serve(&pieces) { _, first in services[first]
        }
        #expect(busy.count == services.reduce(0) { $0 + $1.count }, "all work that arrives is served")
        let sojourns = pieces.enumerated().map { ($1.arrival - arrivals[$0]).seconds }.sorted()
        return (sojourns.reduce(0, +) / Double(sojourns.count), sojourns[Self.count * 95 / 100])
    }

    @Test(arguments: [0.3, 0.6, 0.8])
    func exponentialServiceMatchesMM1(utilisation: Double) {
        let found = meanTimeInSystem(utilisation: utilisation, servers: 1, seed: 11) { $0.exponential() }
        // M/M/1: T = 1 / (mu - lambda), exponentially distributed.
        let mean = 1 / (1 - utilisation)
        #expect(abs(found.mean / mean - 1) < 0.03)
        #expect(abs(found.p95 / (mean * 2.995_732) - 1) < 0.04)
    }

    @Test(arguments: [0.3, 0.6, 0.8])
    func constantServiceMatchesMD1(utilisation: Double) {
        let found = meanTimeInSystem(utilisation: utilisation, servers: 1, seed: 12) { _ in 1 }
        // M/D/1 (Pollaczek-Khinchine): W = rho / (2 (1 - rho)).
        let mean = 1 + utilisation / (2 * (1 - utilisation))
        #expect(abs(found.mean / mean - 1) < 0.02)
    }

    @Test(arguments: [2, 4, 16])
    func severalServersMatchErlangC(servers: Int) {
        let utilisation = 0.75
        let found = meanTimeInSystem(utilisation: utilisation, servers: servers, seed: 13) {
            $0.exponential()
        }
        // M/M/c: W = C(c, a) / (c mu - lambda), with C from the Erlang B recursion.
        let offered = utilisation * Double(servers)
        var blocking = 1.0
        for count in 1...servers { blocking = offered * blocking / (Double(count) + offered * blocking) }
        let waiting = blocking / (1 - utilisation * (1 - blocking))
        let mean = 1 + waiting / (Double(servers) * (1 - utilisation))
        #expect(abs(found.mean / mean - 1) < 0.03)
    }

    @Test func fusionAgreesWithAStepByStepQueue() {
        for seed in UInt64(0)..<200 {
            var stream = RandomStream(seed: seed, name: "case")
            let servers = stream.integer(in: 1..<4)
            let limit = stream.integer(in: 1..<20)
            var time: Int64 = 0
            var pieces: [QueuedPiece] = []
            for query in 0..<stream.integer(in: 1..<60) {
                time += Int64(stream.integer(in: 0..<8))
                pieces.append(
                    QueuedPiece(query: query, items: stream.integer(in: 1..<12), arrival: Nanoseconds(time)))
            }
            let service = { (items: Int) in Nanoseconds(Int64(3 + 2 * items)) }
            let expected = Self.steppedEnds(pieces, servers: servers, limit: limit, service: service)
            var served = pieces
            _ = BatchQueue(servers: servers, fusionLimit: limit).serve(&served) { items, _ in service(items) }
            #expect(served.map(\.arrival) == expected, "seed \(seed)")
        }
    }

    /// The same queue advanced one nanosecond at a time: slow, and obviously right.
    private static func steppedEnds(
        _ pieces: [QueuedPiece], servers: Int, limit: Int, service: (Int) -> Nanoseconds
    ) -> [Nanoseconds] {
        var busyUntil = Array(repeating: Int64(0), count: servers)
        var ends = Array(repeating: Nanoseconds.zero, count: pieces.count)
        var next = 0
        var now: Int64 = 0
        while next < pieces.count {
            while next < pieces.count, pieces[next].arrival.count <= now,
                let server = busyUntil.firstIndex(where: { $0 <= now })
            {
                var batch = [next]
                var items = Int(pieces[next].items)
                while let last = batch.last, last + 1 < pieces.count, pieces[last + 1].arrival.count <= now,
                    items + Int(pieces[last + 1].items) <= limit
                {
                    items += Int(pieces[last + 1].items)
                    batch.append(last + 1)
                }
                busyUntil[server] = now + service(items).count
                for index in batch { ends[index] = Nanoseconds(busyUntil[server]) }
                next += batch.count
            }
            now += 1
        }
        return ends
    }
}

/// Launches that wait for pieces to join.
@Suite struct JoinWaitTests {
    private func ends(_ arrivals: [Int64], limit: Int, wait: Int64, service: Int64 = 10) -> [Int64] {
        var pieces = arrivals.enumerated().map {
            QueuedPiece(query: $0.offset, items: 1, arrival: Nanoseconds($0.element))
        }
        _ = BatchQueue(servers: 1, fusionLimit: limit, joinWait: Nanoseconds(wait)).serve(&pieces) { _, _ in
            Nanoseconds(service)
        }
        return pieces.map(\.arrival.count)
    }

    @Test func aLaunchLeavesWhenItsHeadHasWaitedLongEnough() {
        #expect(ends([0, 5, 100], limit: 4, wait: 20) == [30, 30, 130])
    }

    @Test func aFullLaunchLeavesAtOnce() {
        #expect(ends([0, 5, 7, 100], limit: 3, wait: 50) == [17, 17, 17, 160])
    }

    @Test func withoutAWaitOnlyWhatIsThereJoins() {
        #expect(ends([0, 5, 7], limit: 3, wait: 0) == [10, 20, 20])
    }

    @Test func aServerThatWasBusyAnywayAddsNoWait() {
        // The second and third wait 10 for the server, more than they would for others.
        #expect(ends([0, 1, 2], limit: 2, wait: 3, service: 30) == [31, 31, 61])
    }
}
