import Quantities
import Vocabulary

/// What our plans and those of other policies would have drawn on the same loads, tick by tick. Ticks on
/// which any load was not believed count for nobody.
public struct SavingsLedger: Hashable, Codable, Sendable {
    /// What one policy would have had at a tick.
    public struct Share: Hashable, Codable, Sendable {
        public let watts: Double
        /// Whether some model would have been short of servers for the load that came.
        public let isShort: Bool
        public let starts: Int

        public init(watts: Double, isShort: Bool, starts: Int) {
            self.watts = watts
            self.isShort = isShort
            self.starts = starts
        }
    }

    /// Sums over a day.
    struct Day: Hashable, Codable, Sendable {
        var joules: [String: Double] = [:]
        var shortSeconds: [String: Double] = [:]
        var starts: [String: Int] = [:]
        var seconds = 0.0
        var meteredJoules = 0.0
        var meteredSeconds = 0.0
    }

    /// The name of ours.
    public static let plan = "plan"
    private static let daySeconds = 86_400.0

    var days: [Int64: Day] = [:]
    private(set) var ticks = 0
    private(set) var readings = 0
    private(set) var trustedReadings = 0
    public private(set) var unsafeStops = 0
    /// Money for a kilowatt-hour and grams of carbon dioxide for one, where they are known.
    private let pricePerKilowattHour: Double?
    private let gramsPerKilowattHour: Double?
    private let currency: String?

    public init(pricePerKilowattHour: Double?, gramsPerKilowattHour: Double?, currency: String?) {
        self.pricePerKilowattHour = pricePerKilowattHour
        self.gramsPerKilowattHour = gramsPerKilowattHour
        self.currency = currency
    }

    /// Takes a tick into account.
    ///
    /// - Parameters:
    ///   - shares: by policy, `plan` for ours.
    ///   - metered: what a meter says that is drawn, in watts; nil without one.
    ///   - trusted: models whose load was believed, out of how many.
    ///   - unsafe: servers that were to be stopped of models that were held.
    public mutating func add(
        _ shares: [String: Share], lasting seconds: Double, at wall: WallTime, metered: Double? = nil,
        trusted: Int, of models: Int, unsafe: Int = 0
    ) {
        ticks += 1
        readings += models
        trustedReadings += trusted
        unsafeStops += unsafe
        guard trusted == models, seconds.isFinite, seconds > 0,
            shares.values.allSatisfy({ $0.watts.isFinite })
        else { return }
        let number = Int64((wall.unixSeconds / Self.daySeconds).rounded(.down))
        var day = days[number] ?? Day()
        day.seconds += seconds
        for (policy, share) in shares {
            day.joules[policy, default: 0] += share.watts * seconds
            day.shortSeconds[policy, default: 0] += share.isShort ? seconds : 0
            day.starts[policy, default: 0] += share.starts
        }
        if let metered, metered.isFinite, metered >= 0 {
            day.meteredJoules += metered * seconds
            day.meteredSeconds += seconds
        }
        days[number] = day
    }

    /// Sums over all days.
    public var savings: ControllerSnapshot.Savings {
        let whole = total
        let hours = 3_600_000.0
        let ours = whole.joules[Self.plan] ?? 0
        let others = whole.joules.keys.filter { $0 != Self.plan }.sorted()
        return ControllerSnapshot.Savings(
            hours: whole.seconds / 3600, estimatedKilowattHours: ours / hours,
            meteredKilowattHours: whole.meteredSeconds > 0 ? whole.meteredJoules / hours : nil,
            currency: currency, shortMinutes: (whole.shortSeconds[Self.plan] ?? 0) / 60,
            starts: whole.starts[Self.plan] ?? 0,
            against: others.map { policy in
                let saved = ((whole.joules[policy] ?? 0) - ours) / hours
                return .init(
                    policy: policy, savedKilowattHours: saved,
                    savedMoney: pricePerKilowattHour.map { $0 * saved },
                    savedCarbonGrams: gramsPerKilowattHour.map { $0 * saved },
                    shortMinutes: (whole.shortSeconds[policy] ?? 0) / 60, starts: whole.starts[policy] ?? 0)
            })
    }

    /// Joules that each other policy would have drawn beyond ours.
    public var savedJoules: [String: Double] {
        let whole = total
        let ours = whole.joules[Self.plan] ?? 0
        return whole.joules.filter { $0.key != Self.plan }.mapValues { $0 - ours }
    }

    var total: Day {
        days.sorted { $0.key < $1.key }.reduce(into: Day()) { sum, day in
            sum.joules.merge(day.value.joules, uniquingKeysWith: +)
            sum.shortSeconds.merge(day.value.shortSeconds, uniquingKeysWith: +)
            sum.starts.merge(day.value.starts, uniquingKeysWith: +)
            sum.seconds += day.value.seconds
            sum.meteredJoules += day.value.meteredJoules
            sum.meteredSeconds += day.value.meteredSeconds
        }
    }
}
