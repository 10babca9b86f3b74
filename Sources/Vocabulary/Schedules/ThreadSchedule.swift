import Quantities

/// How the threads of one server, or the copies on its accelerators, run one model.
///
/// The letters are those of the Hercules paper: *M* co-located inference threads, *O* operator workers in
/// each, and *D*, the batch size. A query of `size` items is split into `ceil(size / D)` pieces that wait in
/// one queue. Where batches are joined, a thread takes as many waiting pieces as fit into D.
public struct ThreadSchedule: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Which part of the model runs where.
    public enum Partition: String, Codable, Sendable, CaseIterable {
        /// The whole model in each host thread.
        case whole
        /// Embedding lookups and dense layers in separate host thread groups, as a pipeline.
        case sparseDense
        /// The whole model on the accelerator; queries are fused into launches of at most `batch` items.
        case accelerator
        /// Embeddings pooled by the host, dense layers on the accelerator, which may hold the hottest rows
        /// itself.
        case hostSparse
    }

    /// Equal host threads with a queue of their own.
    public struct ThreadGroup: Hashable, Codable, Sendable {
        /// M of the group.
        public let threads: Int
        /// O of the group.
        public let workers: Int

        /// - Precondition: both are at least 1.
        public init(threads: Int, workers: Int) {
            precondition(threads >= 1 && workers >= 1, "a thread group's numbers are at least 1")
            self.threads = threads
            self.workers = workers
        }

        /// Cores that the group keeps busy at most.
        public var cores: Int { threads * workers }
    }

    public let partition: Partition
    /// M: co-located inference threads on the host, or copies on each accelerator. In `sparseDense`, the
    /// dense group.
    public let threads: Int
    /// O: operator workers inside each thread; 1 on an accelerator.
    public let workers: Int
    /// D: items in a piece, or the fusion limit on an accelerator.
    public let batch: Int
    /// The host threads that pool embeddings for the dense layers. nil where the partition has none, and in
    /// schedules that leave it open: then every core that the dense group leaves runs one of them.
    public let sparse: ThreadGroup?
    /// Share of the embedding rows, the most read ones, that the accelerator of `hostSparse` holds; nil
    /// elsewhere, and where it holds none.
    public let hotFraction: Fraction?
    /// In which the runtime computes; `default` is what it takes by itself.
    public let precision: Precision
    /// How long a thread that has a piece waits for others to join it in one batch; zero takes what is
    /// waiting already. nil where a thread takes one piece at a time.
    public let joinWait: Nanoseconds?

    /// - Precondition: every number is at least 1, `hotFraction` lies in 0...1, and `joinWait` is not
    ///   negative.
    public init(
        partition: Partition, threads: Int, workers: Int, batch: Int, sparse: ThreadGroup? = nil,
        hotFraction: Fraction? = nil, precision: Precision = .default, joinWait: Nanoseconds? = nil
    ) {
        precondition(joinWait.map { $0 >= .zero } ?? true, "nobody waits for less than no time")
        precondition(threads >= 1 && workers >= 1 && batch >= 1, "a schedule's numbers are at least 1")
        precondition(hotFraction.map { (0...1).contains($0.value) } ?? true, "a share of rows lies in 0...1")
        self.partition = partition
        self.threads = threads
        self.workers = workers
        self.batch = batch
        self.sparse = sparse
        self.hotFraction = hotFraction
        self.precision = precision
        self.joinWait = joinWait
    }

    /// Cores that the thread groups named keep busy at most; copies on an accelerator count for nothing here.
    public var hostCores: Int {
        switch partition {
        case .whole, .sparseDense: threads * workers + (sparse?.cores ?? 0)
        case .accelerator, .hostSparse: sparse?.cores ?? 0
        }
    }

    /// The host threads that pool embeddings, on a server of so many cores: those named, or, where that is
    /// left open, a thread on every core that the dense group leaves, and at least one.
    public func sparseGroup(cores: Int) -> ThreadGroup {
        let taken = partition == .sparseDense ? threads * workers : 0
        return sparse ?? ThreadGroup(threads: max(cores - taken, 1), workers: 1)
    }

    public var description: String {
        var text = "\(partition.rawValue) M=\(threads) O=\(workers) D=\(batch)"
        if let sparse { text += " sparse M=\(sparse.threads) O=\(sparse.workers)" }
        if let hotFraction { text += " hot=\(hotFraction)" }
        if precision != .default { text += " \(precision.rawValue)" }
        if let joinWait { text += " joined wait=\(joinWait)" }
        return text
    }

    public static func < (left: ThreadSchedule, right: ThreadSchedule) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }

    private var order: [Double] {
        let place = Double(Partition.allCases.firstIndex(of: partition) ?? 0)
        return [
            place, Double(workers), Double(threads), Double(batch), Double(sparse?.workers ?? 0),
            Double(sparse?.threads ?? 0), hotFraction?.value ?? 0,
            Double(Precision.allCases.firstIndex(of: precision) ?? 0),
            joinWait.map { Double($0.count) } ?? -1,
        ]
    }
}

/// What stands at its default is left out, so that digests of schedules are what they were before there was
/// a choice.
extension ThreadSchedule: Codable {
    private enum CodingKeys: String, CodingKey {
        case partition, threads, workers, batch, sparse, hotFraction, precision, joinWait
    }

    /// - Throws: `DecodingError` also where a number is out of its range: what is decoded may have been
    ///   edited.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let counts = try [CodingKeys.threads, .workers, .batch].map {
            try values.decode(Int.self, forKey: $0)
        }
        let hot = try values.decodeIfPresent(Fraction.self, forKey: .hotFraction)
        let wait = try values.decodeIfPresent(Nanoseconds.self, forKey: .joinWait)
        guard counts.allSatisfy({ $0 >= 1 }), hot.map({ (0...1).contains($0.value) }) ?? true,
            wait.map({ $0 >= .zero }) ?? true
        else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected counts of at least 1, a share of rows and a wait"))
        }
        self.init(
            partition: try values.decode(Partition.self, forKey: .partition), threads: counts[0],
            workers: counts[1], batch: counts[2],
            sparse: try values.decodeIfPresent(ThreadGroup.self, forKey: .sparse), hotFraction: hot,
            precision: try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .default,
            joinWait: wait)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(partition, forKey: .partition)
        try values.encode(threads, forKey: .threads)
        try values.encode(workers, forKey: .workers)
        try values.encode(batch, forKey: .batch)
        try values.encodeIfPresent(sparse, forKey: .sparse)
        try values.encodeIfPresent(hotFraction, forKey: .hotFraction)
        if precision != .default { try values.encode(precision, forKey: .precision) }
        try values.encodeIfPresent(joinWait, forKey: .joinWait)
    }
}
