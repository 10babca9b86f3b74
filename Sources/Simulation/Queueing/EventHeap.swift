import Quantities

/// The future of a simulation: events of one type, each at its time, in a binary heap.
///
/// Events leave in the order of their times; events of the same time leave in the order in which they were
/// scheduled, so a simulation is the same in every run. Scheduling and taking an event are O(log n) for n
/// pending events, looking at the earliest one is O(1). An event type is any trivial value, usually an
/// enumeration of what can happen: the heap moves it about as bytes.
public struct EventHeap<Event: BitwiseCopyable>: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var time: Int64
        /// Counts schedulings and wraps; compared by distance, which is right while no event stays pending
        /// through 2^31 later ones.
        var order: UInt32
        var event: Event

        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            time < other.time || (time == other.time && Int32(bitPattern: order &- other.order) < 0)
        }
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var capacity: Int
    private var order: UInt32 = 0
    /// The number of pending events.
    public private(set) var count = 0

    /// A future in which nothing happens.
    public init() {
        capacity = 64
        entries = .allocate(capacity: capacity)
    }

    deinit { entries.deallocate() }

    /// Whether nothing is pending.
    public var isEmpty: Bool { count == 0 }

    /// The time of the earliest event; the largest time there is while nothing is pending. O(1).
    @inline(__always)
    public var earliest: Nanoseconds { Nanoseconds(count == 0 ? .max : entries[0].time) }

    /// The earliest event; nil while nothing is pending. O(1).
    @inline(__always)
    public var first: Event? { count == 0 ? nil : entries[0].event }

    /// Schedules an event. O(log n), amortised over the growth of the heap.
    @inline(__always)
    public mutating func schedule(_ event: Event, at time: Nanoseconds) {
        if count == capacity { grow() }
        let entry = Entry(time: time.count, order: order, event: event)
        order &+= 1
        var hole = count
        count += 1
        while hole > 0 {
            let parent = (hole - 1) >> 1
            guard entry.precedes(entries[parent]) else { break }
            entries[hole] = entries[parent]
            hole = parent
        }
        entries[hole] = entry
    }

    /// Takes the earliest event out. O(log n).
    /// - Precondition: an event is pending.
    @inline(__always)
    public mutating func next() -> (event: Event, time: Nanoseconds) {
        precondition(count > 0, "an event is taken while one is pending")
        let first = entries[0]
        count -= 1
        if count > 0 { sink(entries[count]) }
        return (first.event, Nanoseconds(first.time))
    }

    /// Puts an entry in the place of the first one, as deep as it belongs.
    @inline(__always)
    private func sink(_ entry: Entry) {
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(entry) else { break }
            entries[hole] = entries[child]
            hole = child
        }
        entries[hole] = entry
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.update(from: entries, count: count)
        entries.deallocate()
        entries = larger
        capacity *= 2
    }
}
