/// Server types that can stand in for each other, drawn together.
///
/// Where an accelerator lies idle, a server with it serves as much as one without, for some more watts. Such
/// types differ by the same cost for every model that is to use them, so only how many servers of them are
/// used in all matters, not who uses which: U servers of a pool cost
///
///     sum of what they cost as the cheapest type + surcharge(U),
///
/// with a surcharge that is convex and piecewise linear, since the cheapest are used first. A search that
/// tells members apart looks at the same allocation over and over (symmetry; see Margot, 50 Years of Integer
/// Programming, 2010, chapter 17); one over pools looks once.
struct TypePools {
    /// A type in a pool.
    struct Member {
        let type: Int
        /// What a server of it costs beyond one of the pool's cheapest type, whichever model uses it.
        let surcharge: Double
        let count: Int
    }

    /// Each from the cheapest on; together all types.
    let pools: [[Member]]
    /// Servers of each pool.
    let totals: [Int]
    /// The price of a server of each pool's cheapest type.
    let prices: [Double]
    /// base[m,p], one row of `pools.count` numbers for each model, like the others below.
    let costs: [Double]
    let covers: [Double]
    /// How many servers of a pool a model may use; 0 where none of its types is usable.
    let limits: [Int]
    /// surcharge(U) of each pool for every U.
    private let surcharges: [[Double]]
    /// What k servers of a pool cost one model beyond their cost as its cheapest type: surcharges, or the
    /// pool's price where that is higher.
    private let ownPrices: [[Double]]
    /// What all servers of a pool are worth at its price: sum over its members of count * max(0, price -
    /// surcharge).
    private let worths: [Double]
    /// How many servers of a pool have a surcharge below its price.
    private let priced: [Int]

    /// Puts types together that are alike for all models that may use them.
    ///
    /// - Parameter isUsable: of each pair, whether the model may use the type at all.
    /// - Parameter tellsApart: keeps every type to itself.
    init(_ program: CoverProgram, prices: [Double], isUsable: [Bool], tellsApart: Bool) {
        var pools: [[Member]] = []
        for type in 0..<program.typeCount {
            let alone = Member(type: type, surcharge: 0, count: program.available[type])
            guard !tellsApart,
                let pool = pools.indices.first(where: { pool in
                    pools[pool].allSatisfy {
                        Self.surcharge(of: type, over: $0.type, program, isUsable) != nil
                    }
                }), let surcharge = Self.surcharge(of: type, over: pools[pool][0].type, program, isUsable)
            else {
                pools.append([alone])
                continue
            }
            pools[pool].append(Member(type: type, surcharge: surcharge, count: alone.count))
        }
        let sorted = pools.map { pool -> [Member] in
            let least = pool.map(\.surcharge).min() ?? 0
            return pool.map { Member(type: $0.type, surcharge: $0.surcharge - least, count: $0.count) }
                .sorted { ($0.surcharge, $0.type) < ($1.surcharge, $1.type) }
        }
        self.pools = sorted
        let totals = sorted.map { pool in pool.reduce(0) { $0 + $1.count } }
        self.totals = totals
        let poolPrices = sorted.map { pool -> Double in
            // Each priced member says what the price of the cheapest is.
            let priced = pool.filter { prices[$0.type] > 0 }
            let count = priced.reduce(0) { $0 + $1.count }
            guard count > 0 else { return 0 }
            let sum = priced.reduce(0.0) { $0 + (prices[$1.type] + $1.surcharge) * Double($1.count) }
            return sum / Double(count)
        }
        var costs: [Double] = []
        var covers: [Double] = []
        var limits: [Int] = []
        for model in 0..<program.modelCount {
            for (pool, total) in zip(sorted, totals) {
                let row = model * program.typeCount
                let usable = pool.filter { isUsable[row + $0.type] }
                let one = usable.first ?? pool[0]
                costs.append(program.cost[row + one.type] - one.surcharge)
                covers.append(program.cover[row + one.type])
                limits.append(min(total, usable.reduce(0) { $0 + program.most[row + $1.type] }))
            }
        }
        self.costs = costs
        self.covers = covers
        self.limits = limits
        self.prices = poolPrices
        surcharges = sorted.map { Self.sums($0) { $0 } }
        ownPrices = zip(sorted, poolPrices).map { pool, price in Self.sums(pool) { max($0, price) } }
        worths = zip(sorted, poolPrices).map { pool, price in
            pool.reduce(0) { $0 + Double($1.count) * max(0, price - $1.surcharge) }
        }
        priced = zip(sorted, poolPrices).map { pool, price in
            let priced = pool.filter { $0.surcharge < price }
            return priced.reduce(0) { $0 + $1.count }
        }
    }

    /// What the first servers of a pool add up to, for every number of them.
    private static func sums(_ pool: [Member], _ value: (Double) -> Double) -> [Double] {
        var sums = [0.0]
        for member in pool {
            for _ in 0..<member.count { sums.append(sums[sums.count - 1] + value(member.surcharge)) }
        }
        return sums
    }

    /// What a server of one type costs beyond one of another, where they are alike but for that.
    private static func surcharge(
        of type: Int, over other: Int, _ program: CoverProgram, _ isUsable: [Bool]
    ) -> Double? {
        var surcharge: Double?
        for model in 0..<program.modelCount {
            let (one, two) = (model * program.typeCount + type, model * program.typeCount + other)
            guard isUsable[one] || isUsable[two] else { continue }
            guard abs(program.cover[one] - program.cover[two]) <= 1e-12 * program.cover[one] else {
                return nil
            }
            let difference = program.cost[one] - program.cost[two]
            let known = surcharge ?? difference
            guard abs(difference - known) <= 1e-11 * max(program.cost[one], program.cost[two]) else {
                return nil
            }
            surcharge = known
        }
        return surcharge
    }

    /// What all servers are worth at the prices.
    var worth: Double { worths.reduce(0, +) }

    /// surcharge(U).
    func surcharge(pool: Int, use: Int) -> Double { surcharges[pool][use] }

    /// What a model pays for servers of a pool beyond their cost as its cheapest type.
    func ownPrice(pool: Int, count: Int) -> Double { ownPrices[pool][count] }

    /// What use of a pool adds at least to the bound and to the cost of its models' covers: servers left idle
    /// that have a price, and surcharges that no model sees in its own cover. For use U by models that use
    /// k[m] each that is
    ///
    ///     worth + surcharge(U) - sum_m ownPrice(k[m])  >= 0;
    ///
    /// here without what the models decided so far pay, which their covers' costs already lack.
    ///
    /// - Parameters:
    ///   - used: by the models decided so far.
    ///   - reach: how many servers the others may use at most. What they pay is convex in the number, so at
    ///     least as much if one of them uses all; then the sum falls with their use until all priced servers
    ///     are used, and does not fall beyond.
    func slack(pool: Int, used: Int, reach: Int) -> Double {
        let more = max(0, min(priced[pool] - used, reach))
        return worths[pool] + surcharges[pool][used + more] - ownPrices[pool][more]
    }

    /// The servers of each pool's types that the models get, in the order of the models: N[h,m] out of the
    /// counts by pool.
    func counts(_ byPool: [Int], _ program: CoverProgram) -> CoverProgram.Counts {
        var counts = CoverProgram.Counts(repeating: 0, count: program.modelCount * program.typeCount)
        for (pool, members) in pools.enumerated() {
            var left = members.map(\.count)
            for model in 0..<program.modelCount {
                var wanted = byPool[model * pools.count + pool]
                for (place, member) in members.enumerated() where wanted > 0 {
                    let given = min(wanted, left[place])
                    counts[model * program.typeCount + member.type] += given
                    left[place] -= given
                    wanted -= given
                }
            }
        }
        return counts
    }
}
