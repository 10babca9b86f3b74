import Quantities
import Randomness

/// What an engine does beside its steps.
enum EngineStanding: UInt8, BitwiseCopyable { case off, booting, up, failed }

/// Something that happens to an engine. Of one that no longer holds the epoch is another one.
enum LifeEvent: BitwiseCopyable {
    case boot(engine: Int32, epoch: Int32)
    case up(engine: Int32, epoch: Int32)
    case fail(engine: Int32, epoch: Int32)
    case drain(engine: Int32)
}

/// An engine's life so far.
struct EngineStatus {
    let life: EngineLife
    private(set) var standing = EngineStanding.off
    var isDraining = false
    /// Whether it never takes a request again.
    var isOver = false
    /// Counts changes of its standing.
    private(set) var epoch: Int32 = 0
    private var since: Int64 = 0
    private var times: [Int64] = [0, 0, 0]
    private(set) var failures = 0
    private var stream: RandomStream

    init(_ life: EngineLife, engine: Int, seed: UInt64) {
        self.life = life
        stream = RandomStream(seed: seed, name: "failures of engine \(engine)")
    }

    var accepts: Bool { standing == .up && !isDraining }

    mutating func begin(at now: Int64) { since = now }

    mutating func change(to next: EngineStanding, at now: Int64) {
        count(until: now)
        standing = next
        epoch += 1
        if next == .failed { failures += 1 }
    }

    private mutating func count(until now: Int64) {
        let kind =
            switch standing {
            case .up: 0
            case .booting: 1
            case .off, .failed: 2
            }
        times[kind] += max(0, now - since)
        since = max(since, now)
    }

    /// When it fails after coming up; nil for never. Times are picoseconds.
    mutating func nextFailure(after now: Int64, origin: Int64) -> Int64? {
        let listed = life.failsAt.lazy.map { origin + $0.count * 1000 }.first { $0 > now }
        guard let mean = life.meanTimeToFailure else { return listed }
        // 11 days at most, so that the clock cannot overflow; a picosecond at least.
        let drawn = now + max(1, Int64(min(stream.exponential() * mean, 1e6) * 1e12))
        return min(listed ?? .max, drawn)
    }

    /// - Parameter end: when the last request ended.
    func figures(until end: Int64) -> EngineLifeFigures {
        var own = self
        own.count(until: end)
        var figures = EngineLifeFigures()
        figures.up = Nanoseconds(own.times[0] / 1000)
        figures.booting = Nanoseconds(own.times[1] / 1000)
        figures.down = Nanoseconds(own.times[2] / 1000)
        figures.failures = failures
        return figures
    }
}
