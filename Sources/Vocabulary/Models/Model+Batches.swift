import Quantities

/// Which values of D there are for a model.
extension Model {
    /// The one D that the model can be run at; nil where any can be.
    public var fixedBatch: Int? {
        if case .onnx(let file) = kind { file.fixedBatch } else { nil }
    }

    /// Of some values of D, those that make a difference where every query is split and none are joined: the
    /// graph's own where it takes no other, and of those that no query exceeds the smallest alone.
    public func batches(of asked: [Int]) -> [Int] {
        if let fixedBatch { return [fixedBatch] }
        let largest = querySizes.largest
        let whole = asked.filter { $0 >= largest }.min()
        return asked.filter { $0 < largest || $0 == whole }
    }

    /// Of some values of D, those at which pieces of several queries can be joined.
    public func joinedBatches(of asked: [Int]) -> [Int] {
        (fixedBatch.map { [$0] } ?? asked).filter { $0 >= 2 }
    }

    /// How long pieces may wait for others where nobody says so: not at all, and a tenth of the latency
    /// limit. Only where some D exceeds every query, which says that batches are of several queries.
    public func joinWaits(for batches: [Int]) -> [Nanoseconds] {
        let largest = querySizes.largest
        guard joinedBatches(of: batches).contains(where: { $0 > largest }), largest < Self.smallQuery else {
            return []
        }
        return [.zero, Nanoseconds(latencyTarget.limit.count / 10)]
    }

    /// Queries of as many items fill batches by themselves.
    private static let smallQuery = 8
}

extension QuerySizes {
    /// The most items that a query can have.
    public var largest: Int {
        mixture.map { part in
            switch part.component {
            case .fixed(let items): items
            case .uniform(_, let upper): upper - 1
            case .logNormal(_, _, _, let upper, _, let fallbackUpper): max(upper, fallbackUpper) - 1
            }
        }.max() ?? 1
    }
}
