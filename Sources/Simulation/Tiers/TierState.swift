import Quantities

/// Blocks on their way between a tier and an engine.
struct TierTransfer: BitwiseCopyable {
    let request: TokenRequest
    /// The engine that loads; -1 of writes.
    let engine: Int32
    let job: Int32
    /// Which blocks of the request are loaded; of writes, the request's first blocks.
    let first: Int32
    let end: Int32
    /// Blocks that move.
    let moved: Int32
    /// Tells a write from all others.
    let write: Int32
    /// Of the engine that loads, and of the tier: what has failed since gets nothing of it.
    let life: Int32
    let era: Int32
    let start: Int64
}

/// The end of a load.
struct TierArrival: BitwiseCopyable {
    let engine: Int
    let job: Int32
    let life: Int32
}

/// A tier as it is played.
struct TierState: ~Copyable {
    let tier: CacheTier
    let blockTokens: Int
    let names: UnsafePointer<UInt64>?
    /// Engines that use it.
    let users: [Int]
    private(set) var store: TierStore
    /// Loads and writes of a link.
    private var links: [SharedLink] = []
    private var station: TransferStation?
    private let perBlock: Int64
    private var transfers = Slab<TierTransfer>(capacity: 16)
    private var counted = CacheTierFigures()
    private var lastWrite: Int32 = 0
    private var era: Int32 = 0
    /// What the cluster knows of `next`.
    var announced = Int64.max

    init(_ tier: CacheTier, users: [Int], blockTokens: Int, names: UnsafePointer<UInt64>?) {
        self.tier = tier
        self.users = users
        self.blockTokens = blockTokens
        self.names = names
        store = TierStore(capacity: tier.blocks)
        switch tier.path {
        case .link(let time, let latency):
            perBlock = time
            links = Array(repeating: SharedLink(latency: latency.count * 1000), count: 2)
        case .station(let servers, let base, let time):
            perBlock = time
            station = TransferStation(servers: servers, base: base.count * 1000)
        }
    }

    private func content(_ request: TokenRequest) -> KVContent {
        KVContent(request: request, blockTokens: blockTokens, names: names)
    }

    /// How long a load would take that began now, in picoseconds.
    func expected(blocks: Int, at now: Int64) -> Double {
        let work = Int64(blocks) * perBlock
        return station?.expected(work: work, at: now) ?? links[0].expected(work: work)
    }

    mutating func load(
        _ blocks: Range<Int>, of request: TokenRequest, job: Int32, at engine: Int32, life: Int32,
        now: Int64
    ) {
        store.hold(blocks, of: content(request))
        let transfer = TierTransfer(
            request: request, engine: engine, job: job, first: Int32(blocks.lowerBound),
            end: Int32(blocks.upperBound), moved: Int32(blocks.count), write: -1, life: life, era: era,
            start: now)
        send(transfer, line: 0, now: now)
    }

    /// Writes what the tier lacks of a request's first blocks.
    mutating func write(blocks: Int, of request: TokenRequest, now: Int64) {
        lastWrite = lastWrite == .max ? 1 : lastWrite + 1
        let (written, skipped) = store.begin(lastWrite, blocks: blocks, of: content(request))
        counted.skippedBlocks += skipped
        counted.blocksMost = max(counted.blocksMost, store.used)
        guard written > 0 else {
            return store.end(lastWrite, blocks: blocks, of: content(request))
        }
        let transfer = TierTransfer(
            request: request, engine: -1, job: -1, first: 0, end: Int32(blocks), moved: Int32(written),
            write: lastWrite, life: 0, era: era, start: now)
        send(transfer, line: 1, now: now)
    }

    private mutating func send(_ transfer: TierTransfer, line: Int, now: Int64) {
        let place = transfers.take(transfer)
        let work = Int64(transfer.moved) * perBlock
        station?.add(place, work: work, at: now)
        if station == nil { links[line].add(place, work: work, at: now) }
    }

    /// When something happens next; the largest time where nothing does.
    var next: Int64 { station?.next ?? min(links[0].next, links[1].next) }

    /// Ends the transfers that arrive at a time.
    /// - Returns: the loads among them.
    mutating func arrive(at now: Int64) -> [TierArrival] {
        let arrived =
            station?.arrived(by: now) ?? links[0].arrived(by: now) + links[1].arrived(by: now)
        var loads: [TierArrival] = []
        for place in arrived {
            let own = transfers[place]
            transfers.free(place)
            let took = Nanoseconds((now - own.start) / 1000)
            guard own.engine >= 0 else {
                if own.era == era { store.end(own.write, blocks: Int(own.end), of: content(own.request)) }
                counted.writes += 1
                counted.writtenBlocks += Int(own.moved)
                counted.writing.record(took)
                continue
            }
            if own.era == era { store.release(Int(own.first)..<Int(own.end), of: content(own.request)) }
            counted.loads += 1
            counted.loadedBlocks += Int(own.moved)
            counted.waits.record(took)
            loads.append(TierArrival(engine: Int(own.engine), job: own.job, life: own.life))
        }
        return loads
    }

    /// Forgets everything, as an engine has failed.
    mutating func clear() {
        store.clear()
        era += 1
    }

    var figures: CacheTierFigures {
        var figures = counted
        figures.blocks = tier.blocks
        figures.evictedBlocks = store.evicted
        return figures
    }

    /// Transfers under way.
    var underWay: Int { transfers.count }
}
