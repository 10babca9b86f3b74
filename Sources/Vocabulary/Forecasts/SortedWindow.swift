/// The latest numbers of a series, also in ascending order.
public struct SortedWindow: Hashable, Codable, Sendable {
    /// The oldest at `oldest`; nil takes a place and is no number.
    private var recent: [Double?] = []
    private var oldest = 0
    private let places: Int
    /// The numbers that are there, in ascending order.
    public private(set) var sorted: [Double] = []

    /// - Parameter places: how many of the latest entries are kept; at least 1.
    public init(places: Int) { self.places = places }

    /// Takes an entry in, and where the window is full the oldest out. O(places).
    public mutating func add(_ entry: Double?) {
        if recent.count < places {
            recent.append(entry)
        } else {
            if let leaving = recent[oldest] { sorted.remove(at: sorted.countOfAscending(below: leaving)) }
            recent[oldest] = entry
            oldest = (oldest + 1) % places
        }
        if let entry { sorted.insert(entry, at: sorted.countOfAscending(below: entry)) }
    }
}

extension [Double] {
    /// How many of numbers in ascending order are smaller than a limit: the first place that is not.
    /// O(log count).
    public func countOfAscending(below limit: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
