/// Room for values that come and go, each under a number that is used again once it is free.
///
/// Taking and freeing a place are O(1); the memory is that of the most values held at once.
struct Slab<Element: BitwiseCopyable>: ~Copyable {
    private var elements: UnsafeMutablePointer<Element>
    private var freed: UnsafeMutablePointer<Int32>
    private var freedCount = 0
    private var capacity: Int
    /// The number of places that have ever been taken: the most values held at once.
    private(set) var placesUsed = 0

    init(capacity: Int = 256) {
        self.capacity = capacity
        elements = .allocate(capacity: capacity)
        freed = .allocate(capacity: capacity)
    }

    deinit {
        elements.deallocate()
        freed.deallocate()
    }

    /// The number of values held now.
    var count: Int { placesUsed - freedCount }

    /// All places that were ever taken; some may be free.
    var places: Range<Int32> { 0..<Int32(placesUsed) }

    subscript(place: Int32) -> Element {
        @inline(__always) get { elements[Int(place)] }
        @inline(__always) nonmutating _modify { yield &elements[Int(place)] }
    }

    /// Takes a place for a value.
    @inline(__always)
    mutating func take(_ value: Element) -> Int32 {
        let place: Int32
        if freedCount > 0 {
            freedCount -= 1
            place = freed[freedCount]
        } else {
            if placesUsed == capacity { grow() }
            place = Int32(placesUsed)
            placesUsed += 1
        }
        elements[Int(place)] = value
        return place
    }

    /// Gives a place back.
    @inline(__always)
    mutating func free(_ place: Int32) {
        freed[freedCount] = place
        freedCount += 1
    }

    private mutating func grow() {
        precondition(capacity < Int(Int32.max) / 2, "fewer than a thousand million values are held at once")
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.update(from: elements, count: placesUsed)
        elements.deallocate()
        elements = larger
        let moreFreed = UnsafeMutablePointer<Int32>.allocate(capacity: capacity * 2)
        moreFreed.update(from: freed, count: freedCount)
        freed.deallocate()
        freed = moreFreed
        capacity *= 2
    }
}
