import Vocabulary

/// How far a forecast is expected to be off just now: half what it has been off lately, half what it has been
/// off over all. Errors of quiet and of restless hours, and of different models, are alike in units of it
/// (normalised conformal prediction, Papadopoulos, Gammerman and Vovk 2008), so that few of each suffice.
struct ErrorScale: Hashable, Codable, Sendable {
    /// Until so many errors were seen there is no scale. On an hour of minutes 8 instead of 20 save three
    /// points of drawn energy at equal violations; on weeks they make no difference.
    static let samplesMin = 8
    /// Intervals after which an error counts a third among the latest ones.
    private static let recentIntervals = 6.0
    /// One wild error must not stand for days.
    private static let sizeMax = 1.0
    private static let least = 1e-6

    private var recent = 0.0
    private var overall = 0.0
    private var count = 0
    private let window: Int

    /// - Parameter window: errors that the share over all is taken over.
    init(window: Int) { self.window = max(1, window) }

    /// Takes a relative error into account.
    mutating func learn(_ error: Double) {
        let size = min(abs(error), Self.sizeMax)
        count += 1
        recent += (size - recent) / min(Self.recentIntervals, Double(count))
        overall += (size - overall) / Double(min(window, count))
    }

    /// Of the next error; nil until enough was seen.
    var value: Double? {
        count < Self.samplesMin ? nil : max(Self.least, (recent + overall) / 2)
    }
}

/// Relative errors of one forecaster in units of their scale.
struct ScaledErrors: Hashable, Codable, Sendable {
    private var scale: ErrorScale
    private var window: SortedWindow

    /// - Parameter window: errors that the scale is taken over; four times as many are kept, as more of them
    ///   are alike.
    init(window: Int) {
        scale = ErrorScale(window: window)
        self.window = SortedWindow(places: 4 * max(1, window))
    }

    /// In ascending order.
    var sorted: [Double] { window.sorted }

    /// What the next error is expected to be like; nil until enough was seen.
    var nextScale: Double? { scale.value }

    /// Takes an error into account, in units of the scale that was expected. O(errors kept).
    mutating func learn(_ error: Double) {
        defer { scale.learn(error) }
        guard let unit = scale.value else { return }
        window.add(error / unit)
    }
}
