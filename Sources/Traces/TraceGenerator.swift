import Quantities
import Randomness
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes the synthetic trace that a recipe describes.
///
/// In the interval that begins at `t`, a service's load, as a share of its own nominal peak, is
///
///     load(t) = day(t) * week(t) * max(0, 1 + noise(t) + bursts(t))
///
/// - `day` is a raised cosine: 1 at the peak hour, the trough fraction twelve hours away.
/// - `week` is 1 on working days and the weekend fraction on Saturday and Sunday (UTC), with an S-shaped
///   passage of six hours around both midnights.
/// - `noise` is a stationary first-order autoregressive process of the recipe's standard deviation; its
///   memory decays by a factor e in half an hour.
/// - `bursts` arrive as a Poisson process; each lifts the load by the burst height at once and decays by a
///   factor e in twenty minutes. What counts in an interval is the burst's mean over it.
///
/// Every service draws from streams of its own, named after the recipe and the service, so that adding a
/// service leaves the others as they are. The same recipe gives the same trace, up to the last bits in which
/// the C libraries' `cos`, `exp` and `log` may differ.
public enum TraceGenerator {
    /// The time in which the noise forgets all but 1/e of its value.
    static let noiseMemorySeconds = 1800.0
    /// The time in which a burst decays to 1/e of its height.
    static let burstDecaySeconds = 1200.0
    /// The length of the passage between a working day and the weekend.
    static let weekendPassageSeconds = 21_600.0
    private static let daySeconds = 86_400.0

    /// The trace of a recipe: a series of shares for every service, named as the service. O(intervals x
    /// services).
    /// - Precondition: the recipe has a service and its days hold at least one interval.
    public static func trace(_ recipe: TraceRecipe) -> Trace {
        let intervalCount = Int(Double(recipe.days) * daySeconds / recipe.interval.seconds)
        precondition(
            intervalCount >= 1 && !recipe.services.isEmpty, "a recipe describes at least one interval")
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        for service in recipe.services {
            loads[ModelID(service.name)] = series(of: service, in: recipe, count: intervalCount)
        }
        return Trace(
            name: recipe.id, startUnixSeconds: recipe.startUnixSeconds, interval: recipe.interval,
            loads: loads)
    }

    private static func series(
        of service: TraceRecipe.Service, in recipe: TraceRecipe, count: Int
    ) -> [QueriesPerSecond] {
        let interval = recipe.interval.seconds
        let noise = noise(of: service, in: recipe, count: count)
        let bursts = bursts(of: service, in: recipe, count: count)
        return (0..<count).map { index in
            let time = Double(recipe.startUnixSeconds) + Double(index) * interval
            let regular = dayShape(of: service, at: time) * weekShape(of: service, at: time)
            return QueriesPerSecond(regular * max(0, 1 + noise[index] + bursts[index]))
        }
    }

    /// The raised cosine of the day at an instant in seconds since 1970.
    static func dayShape(of service: TraceRecipe.Service, at time: Double) -> Double {
        let hour = time.truncatingRemainder(dividingBy: daySeconds) / 3600
        let raised = (1 + cos(2 * .pi * (hour - service.peakHour) / 24)) / 2
        return service.troughFraction.value + (1 - service.troughFraction.value) * raised
    }

    /// The factor of the day of the week at an instant in seconds since 1970, a Thursday.
    static func weekShape(of service: TraceRecipe.Service, at time: Double) -> Double {
        let week = 7 * daySeconds
        // Seconds since Saturday 00:00, from half a week before it to half a week after.
        let sinceSaturday = (time - 2 * daySeconds).truncatingRemainder(dividingBy: week)
        let centred = sinceSaturday - week * (sinceSaturday / week).rounded()
        let weekend = passage(centred) * (1 - passage(centred - 2 * daySeconds))
        return 1 - (1 - service.weekendFraction.value) * weekend
    }

    /// Rises from 0 to 1 over the passage that is centred on zero, level at both ends.
    private static func passage(_ seconds: Double) -> Double {
        let share = min(max(seconds / weekendPassageSeconds + 0.5, 0), 1)
        return share * share * (3 - 2 * share)
    }

    private static func noise(of service: TraceRecipe.Service, in recipe: TraceRecipe, count: Int) -> [Double]
    {
        var stream = RandomStream(seed: recipe.seed, name: "trace/\(recipe.id)/\(service.name)/noise")
        let memory = exp(-recipe.interval.seconds / noiseMemorySeconds)
        let innovation = (1 - memory * memory).squareRoot()
        var value = stream.normal()
        return (0..<count).map { _ in
            defer { value = memory * value + innovation * stream.normal() }
            return service.noise.value * value
        }
    }

    private static func bursts(of service: TraceRecipe.Service, in recipe: TraceRecipe, count: Int)
        -> [Double]
    {
        var lifts = Array(repeating: 0.0, count: count)
        guard service.burstsPerDay > 0 else { return lifts }
        var stream = RandomStream(seed: recipe.seed, name: "trace/\(recipe.id)/\(service.name)/bursts")
        let interval = recipe.interval.seconds
        let meanGap = daySeconds / service.burstsPerDay
        // A burst is followed until it has decayed to a millionth; the first begin that long before the
        // trace.
        let lifetime = 14 * burstDecaySeconds
        var start = -lifetime + meanGap * stream.exponential()
        while start < Double(count) * interval {
            let first = max(0, Int((start / interval).rounded(.down)))
            let last = min(count - 1, Int(((start + lifetime) / interval).rounded(.down)))
            if first <= last {
                for index in first...last {
                    let from = max(Double(index) * interval, start) - start
                    let to = Double(index + 1) * interval - start
                    let mean =
                        (exp(-from / burstDecaySeconds) - exp(-to / burstDecaySeconds)) * burstDecaySeconds
                    lifts[index] += service.burstHeight.value * mean / interval
                }
            }
            start += meanGap * stream.exponential()
        }
        return lifts
    }
}
