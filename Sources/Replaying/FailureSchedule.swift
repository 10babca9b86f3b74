import Quantities
import Randomness
import Vocabulary

/// Failures of servers and racks, and repairs, as they come: the same for every policy that is played with
/// one seed.
///
/// Failures of the whole fleet are one Poisson process of servers and one of racks; each strikes a server or
/// rack drawn evenly. One that strikes what has failed already does nothing, which leaves every other one at
/// its own rate.
struct FailureSchedule {
    enum Event {
        case fail([Int], repairAfter: [Int64])
        case repair(Int)
    }

    private let settings: FailureSettings
    private let servers: Int
    private var stream: RandomStream
    private var nextServer: Int64
    private var nextRack: Int64
    /// Repairs to come, the next one last; of equal times the one that was told first.
    private var repairs: [(at: Int64, server: Int)] = []

    init(_ settings: FailureSettings, servers: Int, seed: UInt64) {
        self.settings = settings
        self.servers = servers
        stream = RandomStream(seed: seed, name: "replay/failures")
        nextServer = .max
        nextRack = .max
        nextServer = gap(settings.meanTimeBetweenServerFailures, of: servers)
        nextRack = settings.meanTimeBetweenRackFailures.map { gap($0, of: racks) } ?? .max
    }

    private var racks: Int { (servers + settings.rackServers - 1) / max(1, settings.rackServers) }

    private mutating func gap(_ mean: Nanoseconds, of count: Int) -> Int64 {
        guard count > 0 else { return .max }
        return Int64(min(Double(mean.count) / Double(count) * stream.exponential(), 9e18)) + 1
    }

    private mutating func repairTime() -> Int64 {
        Int64(min(Double(settings.meanRepair.count) * stream.exponential(), 9e17)) + 1
    }

    /// When the next event comes, in nanoseconds since the start.
    var next: Int64 { min(nextServer, nextRack, repairs.last?.at ?? .max) }

    /// The next event. Failed servers are repaired after the times that stand beside them, once `strike` was
    /// told.
    mutating func takeNext() -> Event {
        let time = next
        if let repair = repairs.last, repair.at == time {
            repairs.removeLast()
            return .repair(repair.server)
        }
        func later(_ gap: Int64) -> Int64 { time > .max - gap ? .max : time + gap }
        if nextServer == time {
            let struck = stream.integer(in: 0..<servers)
            let repair = repairTime()
            nextServer = later(gap(settings.meanTimeBetweenServerFailures, of: servers))
            return .fail([struck], repairAfter: [repair])
        }
        let rack = stream.integer(in: 0..<racks)
        let first = rack * settings.rackServers
        let struck = Array(first..<min(servers, first + settings.rackServers))
        let times = struck.map { _ in repairTime() }
        if let mean = settings.meanTimeBetweenRackFailures { nextRack = later(gap(mean, of: racks)) }
        return .fail(struck, repairAfter: times)
    }

    /// Notes that a server will be repaired.
    mutating func willRepair(_ server: Int, at time: Int64) {
        var (low, high) = (0, repairs.count)
        while low < high {
            let middle = (low + high) / 2
            if repairs[middle].at > time { low = middle + 1 } else { high = middle }
        }
        repairs.insert((time, server), at: low)
    }
}

/// When the provisioner is away, drawn in advance.
struct OutageSchedule {
    private let spans: [(from: Int64, to: Int64)]

    init(_ settings: OutageSettings?, until end: Int64, seed: UInt64) {
        guard let settings else {
            spans = []
            return
        }
        var stream = RandomStream(seed: seed, name: "replay/outages")
        var spans: [(from: Int64, to: Int64)] = []
        var time = 0.0
        while true {
            time += Double(settings.meanTimeBetween.count) * stream.exponential()
            guard time < Double(end) else { break }
            spans.append((Int64(time), Int64(time) + settings.duration.count))
            time += Double(settings.duration.count)
        }
        self.spans = spans
    }

    /// How many have ended by an instant; nil while one lasts.
    func endedOutages(at time: Int64) -> Int? {
        var ended = 0
        for span in spans {
            if time < span.from { break }
            if time < span.to { return nil }
            ended += 1
        }
        return ended
    }
}

extension Trace {
    /// The trace with disturbances: at times drawn from the seed, all loads are multiplied. Where two meet,
    /// so do their factors. A disturbance begins and ends with an interval.
    public func disturbed(by disturbances: [LoadDisturbance], seed: UInt64) -> Trace {
        guard !disturbances.isEmpty else { return self }
        var factors = [Double](repeating: 1, count: intervalCount)
        for (number, disturbance) in disturbances.enumerated() {
            var stream = RandomStream(seed: seed, name: "replay/disturbance/\(number)")
            let length = max(1, Int((disturbance.duration.seconds / interval.seconds).rounded()))
            let gap = 86_400 / max(disturbance.perDay, 1e-9) / interval.seconds
            var time = gap * stream.exponential()
            while time < Double(intervalCount) {
                let first = Int(time)
                for index in first..<min(intervalCount, first + length) {
                    factors[index] *= disturbance.factor
                }
                time += gap * stream.exponential()
            }
        }
        return with(
            loads.mapValues { series in zip(series, factors).map { $0 * $1 } }, mix: tokenMix)
    }
}
