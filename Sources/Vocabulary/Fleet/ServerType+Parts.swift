import Quantities

extension ServerType {
    /// The most parts that a box without accelerators is divided into.
    public static let partsMax = 8

    /// Into how many equal parts a box is divided for models that share it: its accelerators, or where it has
    /// none, the largest power of two up to `partsMax` that divides its cores.
    public var parts: Int {
        if let accelerator, accelerator.count > 0 { return accelerator.count }
        let cores = processor?.cores ?? 1
        var parts = 1
        while parts < Self.partsMax, cores % (parts * 2) == 0 { parts *= 2 }
        return parts
    }

    /// What a model has of a box that it shares: as large a share of cores, caches, memory, bandwidth,
    /// accelerators and watts as of the parts.
    ///
    /// Cores are set aside whole, as a `cpuset` sets them aside, so that a remainder stays idle. That a share
    /// has its share of the memory's bandwidth is what all shares together have at full load.
    /// - Parameter taken: parts, from 1 to all.
    /// - Returns: nil where a share would have no core, or nothing is known of the parts.
    public func share(of taken: Int) -> ServerType? {
        let all = parts
        guard taken < all else { return taken == all ? self : nil }
        guard taken > 0, let processor, let memory, edge == nil else { return nil }
        let fraction = Double(taken) / Double(all)
        let cores = processor.cores * taken / all
        guard cores > 0 else { return nil }
        return ServerType(
            id: id, title: "\(title), \(taken) of \(all) parts",
            processor: Processor(
                cores: cores, peakPerCore: processor.peakPerCore,
                lastLevelCache: Bytes(processor.lastLevelCache.value * fraction)),
            memory: MemorySystem(
                capacity: Bytes(memory.capacity.value * fraction),
                bandwidth: BytesPerSecond(memory.bandwidth.value * fraction)),
            nearMemory: nearMemory, accelerator: accelerator.map { $0.withCount(taken) },
            power: power.scaled(by: fraction), isThisHost: isThisHost, sources: sources,
            pricePerHour: pricePerHour.map { $0 * fraction })
    }
}

extension Accelerator {
    fileprivate func withCount(_ count: Int) -> Accelerator {
        Accelerator(
            name: name, count: count, peak: peak, memory: memory, bandwidth: bandwidth, hostLink: hostLink,
            launchOverhead: launchOverhead, software: software, sheet: sheet)
    }
}

extension PowerCurve {
    fileprivate func scaled(by fraction: Double) -> PowerCurve {
        PowerCurve(
            hostIdle: hostIdle * fraction, hostPeak: hostPeak * fraction,
            acceleratorIdle: acceleratorIdle * fraction, acceleratorPeak: acceleratorPeak * fraction,
            halfLoadFactor: halfLoadFactor)
    }
}
