/// Which deployments to run on shared boxes, and how much of each load every one takes:
///
///     minimise    sum_t boxCost_t B_t + sum_g cost_g n_g + sum_gw unitCost_gw x_gw
///     subject to  sum_g x_gw >= demand_w                        for every bucket w
///                 sum_w x_gw / rate_gw <= fill n_g              for every column g
///                 the pieces of all deployments pack into the boxes,  B_t <= available_t
///                 atLeast_g <= n_g <= atMost_g,  n_g and B_t whole,  x_gw >= 0
///
/// A *bucket* is a part of the load that is alike, such as the requests of one model with like lengths. A
/// *column* is one way to deploy: what a deployment of it takes and how fast it serves each bucket. A *box*
/// holds accelerators and powers up as a whole: its cost is paid once, however few of them are taken.
///
/// A *piece* is a number of accelerators that lie in one box; a deployment that spans boxes lists several.
/// See ``BoxPacking`` for how pieces share a box.
public struct FootprintProgram: Hashable, Sendable {
    /// Boxes that are alike.
    public struct BoxType: Hashable, Sendable {
        /// What one powered box costs, whatever runs on it. Not negative.
        public var cost: Double
        /// Accelerators in one box.
        public var size: Int
        /// How many boxes there are.
        public var available: Int
        /// What one powered box takes of the budget. Not negative.
        public var secondCost: Double

        public init(cost: Double, size: Int, available: Int, secondCost: Double = 0) {
            self.cost = cost
            self.size = size
            self.available = available
            self.secondCost = secondCost
        }
    }

    /// A part of the load.
    public struct Bucket: Hashable, Sendable {
        /// Requests per second. Not negative.
        public var demand: Double
        /// Where not all load fits, buckets of a higher priority are served first.
        public var priority: Int
        /// Whether one column takes all of it, as a load that is not divided. Its deployments share it.
        public var isWhole: Bool

        public init(demand: Double, priority: Int = 0, isWhole: Bool = false) {
            self.demand = demand
            self.priority = priority
            self.isWhole = isWhole
        }
    }

    /// That a column can serve a bucket.
    public struct Service: Hashable, Sendable {
        public var bucket: Int
        /// Requests per second that one deployment serves when it serves nothing else. Positive.
        public var rate: Double
        /// What a request per second costs beyond the deployment's own cost. Not negative.
        public var unitCost: Double

        public init(bucket: Int, rate: Double, unitCost: Double = 0) {
            self.bucket = bucket
            self.rate = rate
            self.unitCost = unitCost
        }
    }

    /// Accelerators of one box.
    public struct Piece: Hashable, Sendable {
        public var boxType: Int
        public var accelerators: Int

        public init(boxType: Int, accelerators: Int) {
            self.boxType = boxType
            self.accelerators = accelerators
        }
    }

    /// Which part of a request's work a column does.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        /// All of it.
        case whole
        /// The first part; every request of it goes on to a column with the role `decode`.
        case prefill
        /// The second part.
        case decode
    }

    /// One way to deploy.
    public struct Column: Hashable, Sendable {
        /// What a deployment costs beside its boxes. Not negative.
        public var cost: Double
        public var pieces: [Piece]
        /// The buckets it serves, none twice; it cannot serve any other.
        public var services: [Service]
        public var role: Role
        public var atLeast: Int
        /// nil for no limit.
        public var atMost: Int?
        /// What a deployment takes of the budget. Not negative.
        public var secondCost: Double

        public init(
            cost: Double, pieces: [Piece], services: [Service], role: Role = .whole, atLeast: Int = 0,
            atMost: Int? = nil, secondCost: Double = 0
        ) {
            self.cost = cost
            self.pieces = pieces
            self.services = services
            self.role = role
            self.atLeast = atLeast
            self.atMost = atMost
            self.secondCost = secondCost
        }
    }

    /// A limit on what goes from prefill to decode columns. What limits a single deployment, such as its
    /// own network port, belongs into its rates.
    public struct Link: Hashable, Sendable {
        /// What it carries per second, in the unit of the amounts.
        public var capacity: Double
        /// What one request of each bucket puts on it; nothing for buckets that are missing.
        public var amounts: [Int: Double]

        public init(capacity: Double, amounts: [Int: Double]) {
            self.capacity = capacity
            self.amounts = amounts
        }
    }

    public var boxTypes: [BoxType]
    public var buckets: [Bucket]
    public var columns: [Column]
    public var links: [Link]
    /// The share of its rate that a deployment is loaded with at most, above 0.
    public var fill: Double
    /// The second costs of all boxes and deployments add up to at most this; nil for no limit.
    public var budget: Double?

    public init(
        boxTypes: [BoxType], buckets: [Bucket], columns: [Column], links: [Link] = [], fill: Double = 1,
        budget: Double? = nil
    ) {
        self.boxTypes = boxTypes
        self.buckets = buckets
        self.columns = columns
        self.links = links
        self.fill = fill
        self.budget = budget
    }
}

// MARK: - What is wrong with a program

extension FootprintProgram {
    /// The first thing that makes no sense, by number of box type, bucket or column; nil where all does.
    var defect: String? {
        guard fill > 0, fill.isFinite else { return "the fill is \(fill), expected a positive number" }
        if let budget, !Self.isAmount(budget) {
            return "the budget is \(budget), expected a number that is not negative"
        }
        for (number, type) in boxTypes.enumerated() {
            guard type.size > 0, type.available >= 0 else {
                return "box type \(number) has \(type.available) boxes of \(type.size) accelerators"
            }
            guard Self.isAmount(type.cost), Self.isAmount(type.secondCost) else {
                return "box type \(number) costs \(type.cost) and \(type.secondCost), expected no less than 0"
            }
        }
        for (number, bucket) in buckets.enumerated() where !Self.isAmount(bucket.demand) {
            return "the demand of bucket \(number) is \(bucket.demand), expected a number not negative"
        }
        for (number, link) in links.enumerated() {
            let isFine = link.amounts.allSatisfy {
                buckets.indices.contains($0.key) && Self.isAmount($0.value)
            }
            guard Self.isAmount(link.capacity), isFine else {
                return "link \(number) has a negative figure or names a bucket that is missing"
            }
        }
        for (number, column) in columns.enumerated() {
            if let defect = defect(of: column) { return "column \(number): \(defect)" }
        }
        return nil
    }

    private func defect(of column: Column) -> String? {
        guard Self.isAmount(column.cost), Self.isAmount(column.secondCost) else {
            return "the cost is \(column.cost) and \(column.secondCost), expected no less than 0"
        }
        guard column.atLeast >= 0, column.atMost ?? .max >= column.atLeast else {
            return "at least \(column.atLeast) and at most \(column.atMost ?? .max) deployments"
        }
        for piece in column.pieces {
            guard boxTypes.indices.contains(piece.boxType) else { return "no box type \(piece.boxType)" }
            let size = boxTypes[piece.boxType].size
            guard 1...size ~= piece.accelerators else {
                return "a piece of \(piece.accelerators) accelerators, expected 1...\(size), a box's"
            }
        }
        var seen: Set<Int> = []
        for service in column.services {
            guard buckets.indices.contains(service.bucket), seen.insert(service.bucket).inserted else {
                return "bucket \(service.bucket) is served twice or does not exist"
            }
            guard service.rate > 0, service.rate.isFinite, Self.isAmount(service.unitCost) else {
                return "bucket \(service.bucket) at rate \(service.rate) and unit cost \(service.unitCost)"
            }
        }
        return nil
    }

    private static func isAmount(_ value: Double) -> Bool { value >= 0 && value.isFinite }
}
