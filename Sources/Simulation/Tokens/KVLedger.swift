/// A free or shared piece of memory.
struct KVEntry: BitwiseCopyable {
    /// Content by name; of a run of one request's blocks, the request.
    var key: UInt64
    var before: Int32
    var after: Int32
    /// Blocks: 1 of shared content.
    var count: Int32
    /// Blocks from the beginning of a run that hold whole blocks of content.
    var whole: Int32
    /// Requests that hold a shared block; its entry is in the free list while there are none.
    var holders: Int32
}

/// The blocks of an engine's memory for keys and values: how many are held, and which of the free ones still
/// hold what a later request can use.
///
/// Free blocks are taken in the order in which they were given back (LRU), as vLLM's block pool does. A
/// request gives its blocks back from the last to the first, so that beginnings of prompts live longest.
/// Content that can be shared has an entry a block; content of one request alone has one entry for all its
/// blocks, so that most workloads cost O(1) however long their prompts are.
struct KVLedger: ~Copyable {
    /// Blocks of a request that can be used without computing them.
    struct Hit: BitwiseCopyable {
        /// From shared content.
        var shared: Int32 = 0
        /// From the request's own blocks of before a preemption.
        var own: Int32 = 0
        /// Of both, those that lie in the free list, and therefore use up what is free.
        var free: Int32 = 0

        var blocks: Int { Int(shared) + Int(own) }
    }

    let keepsContent: Bool
    /// Blocks that nobody holds.
    private(set) var free: Int
    private var entries: Slab<KVEntry>
    /// The free list: taken from the head, given back at the tail.
    private var head: Int32 = -1
    private var tail: Int32 = -1
    private var places: [UInt64: Int32] = [:]

    /// - Parameter keepsContent: whether freed blocks are found again (prefix caching).
    init(capacity: Int, keepsContent: Bool) {
        self.keepsContent = keepsContent
        free = capacity
        entries = Slab(capacity: 64)
        // Memory that was never used.
        append(entries.take(entry(key: 0, count: Int32(capacity), whole: 0)))
    }

    private func entry(key: UInt64, count: Int32, whole: Int32) -> KVEntry {
        KVEntry(key: key, before: -1, after: -1, count: count, whole: whole, holders: 0)
    }

    // MARK: Looking

    /// The longest beginning of a request that is in memory, at most `limit` blocks. O(blocks that are
    /// shared).
    func hit(_ content: borrowing KVContent, limit: Int) -> Hit {
        var hit = Hit()
        guard keepsContent else { return hit }
        let shared = min(content.sharedBlocks, limit)
        while Int(hit.shared) < shared, let place = places[content.key(ofBlock: Int(hit.shared))] {
            hit.shared += 1
            if entries[place].holders == 0 { hit.free += 1 }
        }
        // A request's own blocks follow the shared ones, so they count where all of these are there.
        guard Int(hit.shared) == content.sharedBlocks, let place = places[content.ownKey] else { return hit }
        let entry = entries[place]
        hit.own = min(entry.whole, entry.count, Int32(limit) - hit.shared)
        hit.free += hit.own
        return hit
    }

    // MARK: Taking

    /// Holds what a hit found.
    mutating func hold(_ hit: Hit, of content: borrowing KVContent) {
        for block in 0..<Int(hit.shared) {
            guard let place = places[content.key(ofBlock: block)] else { continue }
            if entries[place].holders == 0 {
                unlink(place)
                free -= 1
            }
            entries[place].holders += 1
        }
        guard hit.own > 0, let place = places[content.ownKey] else { return }
        entries[place].count -= hit.own
        free -= Int(hit.own)
        // What is beyond the hit stays free, and nobody finds it any more.
        places[content.ownKey] = nil
        entries[place].key = 0
        entries[place].whole = 0
        if entries[place].count == 0 { remove(place) }
    }

    /// Takes free blocks, the longest free first; what they held is forgotten. O(entries that end).
    /// - Precondition: so many are free.
    mutating func take(_ count: Int) {
        precondition(count <= free, "blocks are taken while they are free")
        free -= count
        var left = Int32(count)
        while left > 0 {
            let place = head
            let taken = min(left, entries[place].count)
            // A run was given back from its end, so its beginning goes last.
            entries[place].count -= taken
            left -= taken
            if entries[place].count == 0 {
                forget(place)
                remove(place)
            }
        }
    }

    /// Names blocks that a request has taken, so that others find them.
    /// - Parameter blocks: which of the request's blocks, all of them shared content.
    mutating func name(_ blocks: Range<Int>, of content: borrowing KVContent, held: inout Int32) {
        guard keepsContent else { return }
        for block in blocks {
            let key = content.key(ofBlock: block)
            // Two requests may compute the same block in one step: the second keeps a nameless one.
            guard places[key] == nil else { return }
            var named = entry(key: key, count: 1, whole: 1)
            named.holders = 1
            places[key] = entries.take(named)
            held += 1
        }
    }

    // MARK: Giving back

    /// Gives a request's blocks back.
    /// - Parameters:
    ///   - total: blocks that it holds.
    ///   - named: how many of its first blocks it holds under their names.
    ///   - whole: how many of its blocks are full of content.
    ///   - isOver: whether the request has ended, so that nobody will ask for its own content.
    mutating func giveBack(
        total: Int, named: Int, whole: Int, of content: borrowing KVContent, isOver: Bool
    ) {
        free += total
        // A conversation's answer is part of its next prompt: named now that it is complete.
        let nameable = keepsContent ? min(content.sharedBlocks, whole) : 0
        let ownBlocks = total - max(named, nameable)
        if ownBlocks > 0 {
            let isKept = keepsContent && !isOver
            let own = entry(
                key: isKept ? content.ownKey : 0, count: Int32(ownBlocks),
                whole: isKept ? Int32(max(0, whole - max(named, nameable))) : 0)
            let place = entries.take(own)
            if isKept, own.whole > 0 { places[content.ownKey] = place }
            append(place)
        }
        if nameable > named {
            for block in stride(from: nameable - 1, through: named, by: -1) {
                let key = content.key(ofBlock: block)
                let isNew = places[key] == nil
                let place = entries.take(entry(key: isNew ? key : 0, count: 1, whole: isNew ? 1 : 0))
                if isNew { places[key] = place }
                append(place)
            }
        }
        for block in stride(from: named - 1, through: 0, by: -1) {
            guard let place = places[content.key(ofBlock: block)] else { continue }
            entries[place].holders -= 1
            if entries[place].holders == 0 {
                append(place)
            } else {
                free -= 1
            }
        }
    }

    // MARK: The list

    private mutating func forget(_ place: Int32) {
        let key = entries[place].key
        guard key != 0, places[key] == place else { return }
        places[key] = nil
    }

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

    private mutating func remove(_ place: Int32) {
        unlink(place)
        entries.free(place)
    }

    // MARK: Checks

    /// Named blocks that requests hold. O(entries).
    var namedHeld: Int { places.values.count { entries[$0].holders > 0 } }

    /// Whether the free list holds as many blocks as are counted free. O(entries).
    var isConsistent: Bool {
        var (sum, place) = (0, head)
        while place >= 0 {
            guard entries[place].count > 0, entries[place].holders == 0 else { return false }
            sum += Int(entries[place].count)
            place = entries[place].after
        }
        return sum == free
    }
}
