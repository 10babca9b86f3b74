/// Content that a tier holds: a shared block, or the first blocks that one request has alone.
struct TierEntry: BitwiseCopyable {
    let key: UInt64
    var before: Int32 = -1
    var after: Int32 = -1
    /// Blocks: 1 of shared content.
    var count: Int32
    /// Loads under way; the entry is in the list of what may go while there are none.
    var holders: Int32 = 0
    /// The write that will end it; -1 of what can be found.
    var writer: Int32
    /// The write that last asked for it, which takes no room from it.
    var stamp: Int32
}

/// The blocks of a tier by name, and in which order they go (LRU).
///
/// Room is taken when a write begins. Blocks of a prompt are put back from the last to the first, so that
/// beginnings live longest, as on the device.
struct TierStore: ~Copyable {
    let capacity: Int
    /// Blocks that are held or being written.
    private(set) var used = 0
    private(set) var evicted = 0
    private var entries = Slab<TierEntry>(capacity: 64)
    private var places: [UInt64: Int32] = [:]
    private var head: Int32 = -1
    private var tail: Int32 = -1

    init(capacity: Int) { self.capacity = capacity }

    // MARK: Looking

    /// The end of the blocks that can be loaded behind those before `start`. O(blocks that are shared).
    func reach(_ content: borrowing KVContent, from start: Int, limit: Int) -> Int {
        var end = start
        let shared = min(content.sharedBlocks, limit)
        while end < shared, ready(content.key(ofBlock: end)) >= 0 { end += 1 }
        guard end >= content.sharedBlocks else { return end }
        let own = ready(content.ownKey)
        return own < 0 ? end : max(end, min(limit, content.sharedBlocks + Int(entries[own].count)))
    }

    private func ready(_ key: UInt64) -> Int32 {
        guard let place = places[key], entries[place].writer < 0 else { return -1 }
        return place
    }

    // MARK: Loads

    /// Keeps blocks while they are loaded.
    mutating func hold(_ blocks: Range<Int>, of content: borrowing KVContent) {
        let shared = content.sharedBlocks
        for block in blocks where block < shared { hold(content.key(ofBlock: block)) }
        if blocks.upperBound > shared { hold(content.ownKey) }
    }

    private mutating func hold(_ key: UInt64) {
        guard let place = places[key] else { return }
        if entries[place].holders == 0 { unlink(place) }
        entries[place].holders += 1
    }

    mutating func release(_ blocks: Range<Int>, of content: borrowing KVContent) {
        let shared = content.sharedBlocks
        if blocks.upperBound > shared { release(content.ownKey) }
        for block in blocks.reversed() where block < shared { release(content.key(ofBlock: block)) }
    }

    private mutating func release(_ key: UInt64) {
        guard let place = places[key], entries[place].holders > 0 else { return }
        entries[place].holders -= 1
        if entries[place].holders == 0 { append(place) }
    }

    // MARK: Writes

    /// Takes room for what the tier has not yet of a request's first blocks, in place of what was used least
    /// recently, but never of the request's own beginning.
    /// - Returns: blocks to be written, and those that find no room.
    mutating func begin(
        _ write: Int32, blocks: Int, of content: borrowing KVContent
    ) -> (written: Int, skipped: Int) {
        let shared = min(content.sharedBlocks, blocks)
        let own = Int32(blocks - shared)
        var missing = 0
        for block in 0..<shared where !stamp(content.key(ofBlock: block), write) { missing += 1 }
        var ownMissing = own
        if own > 0, let place = places[content.ownKey] {
            entries[place].stamp = write
            // What is cut short is written again from where it ends, unless it is in use.
            let isAtRest = entries[place].writer < 0 && entries[place].holders == 0
            ownMissing = isAtRest ? max(0, own - entries[place].count) : 0
        }
        guard missing + Int(ownMissing) > 0 else { return (0, 0) }
        var written = 0
        for block in 0..<shared where places[content.key(ofBlock: block)] == nil {
            guard makeRoom(for: 1, write) == 1 else { break }
            add(content.key(ofBlock: block), count: 1, write)
            written += 1
        }
        if written == missing, ownMissing > 0 {
            let room = Int32(makeRoom(for: Int(ownMissing), write))
            written += Int(room)
            if room > 0 { extend(content.ownKey, by: room, write) }
        }
        return (written, missing + Int(ownMissing) - written)
    }

    private mutating func extend(_ key: UInt64, by count: Int32, _ write: Int32) {
        guard let place = places[key] else { return add(key, count: count, write) }
        unlink(place)
        entries[place].writer = write
        entries[place].count += count
        used += Int(count)
    }

    /// What a write brought can be found; all of the request's blocks were used last.
    mutating func end(_ write: Int32, blocks: Int, of content: borrowing KVContent) {
        let shared = min(content.sharedBlocks, blocks)
        if blocks > shared { settle(content.ownKey, write) }
        for block in stride(from: shared - 1, through: 0, by: -1) {
            settle(content.key(ofBlock: block), write)
        }
    }

    private mutating func settle(_ key: UInt64, _ write: Int32) {
        guard let place = places[key], entries[place].holders == 0 else { return }
        if entries[place].writer < 0 {
            unlink(place)
        } else {
            guard entries[place].writer == write else { return }
            entries[place].writer = -1
        }
        append(place)
    }

    /// - Returns: whether the tier has it or is about to.
    private mutating func stamp(_ key: UInt64, _ write: Int32) -> Bool {
        guard let place = places[key] else { return false }
        entries[place].stamp = write
        return true
    }

    private mutating func add(_ key: UInt64, count: Int32, _ write: Int32) {
        places[key] = entries.take(TierEntry(key: key, count: count, writer: write, stamp: write))
        used += Int(count)
    }

    /// - Returns: how many of so many blocks there is room for.
    private mutating func makeRoom(for count: Int, _ write: Int32) -> Int {
        while capacity - used < count, head >= 0, entries[head].stamp != write {
            // A run of blocks goes from its end.
            let place = head
            let taken = min(entries[place].count, Int32(count - (capacity - used)))
            entries[place].count -= taken
            used -= Int(taken)
            evicted += Int(taken)
            guard entries[place].count == 0 else { continue }
            places[entries[place].key] = nil
            unlink(place)
            entries.free(place)
        }
        return min(count, capacity - used)
    }

    /// Forgets everything; what moves meanwhile is never found.
    mutating func clear() {
        evicted += used
        for place in places.values { entries.free(place) }
        places.removeAll(keepingCapacity: true)
        (head, tail, used) = (-1, -1, 0)
    }

    // MARK: The list

    private mutating func append(_ place: Int32) {
        entries[place].before = tail
        entries[place].after = -1
        if tail >= 0 { entries[tail].after = place } else { head = place }
        tail = place
    }

    private mutating func unlink(_ place: Int32) {
        let (before, after) = (entries[place].before, entries[place].after)
        if before >= 0 { entries[before].after = after } else { head = after }
        if after >= 0 { entries[after].before = before } else { tail = before }
    }

    // MARK: Checks

    /// Whether every block is in the list, being loaded or being written, and all fit. O(entries).
    var isConsistent: Bool {
        var (listed, place) = (0, head)
        while place >= 0 {
            guard entries[place].holders == 0, entries[place].writer < 0 else { return false }
            listed += Int(entries[place].count)
            place = entries[place].after
        }
        let others = places.values.reduce(0) {
            entries[$1].holders > 0 || entries[$1].writer >= 0 ? $0 + Int(entries[$1].count) : $0
        }
        return listed + others == used && used <= capacity
    }
}
