import Randomness

/// Which layers of a model each of several unlike machines holds, so that most tokens pass through all layers
/// (the placement of Helix; Mei et al., ASPLOS 2025, arXiv 2406.01566).
///
/// A machine holds successive layers, and passes what it has computed to a machine whose first layer is the
/// next. How many tokens a machine takes depends on how many layers it holds.
public struct LayerPlacement: Sendable {
    /// A machine.
    public struct Machine: Hashable, Sendable {
        /// Tokens per second where it holds one layer, two, and so on, as many as fit. Not negative.
        public var rates: [Double]

        public init(rates: [Double]) { self.rates = rates }
    }

    /// The layers of one machine.
    public struct Held: Hashable, Sendable {
        public var start: Int
        /// At least 1.
        public var count: Int

        public init(start: Int, count: Int) {
            self.start = start
            self.count = count
        }

        public var end: Int { start + count }
    }

    /// A placement, with the flow that is recomputed from it.
    public struct Outcome: Hashable, Sendable {
        /// By machine; nil for one that holds nothing.
        public let held: [Held?]
        /// Tokens per second through all layers.
        public let flow: Double
        /// No placement passes more.
        public let bound: Double
    }

    public let layers: Int
    public let machines: [Machine]
    /// Tokens per second from any machine to any other.
    public let link: Double

    /// - Precondition: there is a layer.
    public init(layers: Int, machines: [Machine], link: Double = .infinity) {
        precondition(layers >= 1, "a model has a layer")
        self.layers = layers
        self.machines = machines
        self.link = link
    }

    // MARK: Flow

    /// What a placement passes: the maximum flow from the first layer to behind the last, each machine and
    /// each link carrying what it can. O(machines^3) augmenting paths at worst, few in practice.
    public func flow(_ held: [Held?]) -> Double {
        // 0 is the source, 1 the sink; tokens enter machine m at 2 + 2m and leave it at 3 + 2m.
        var network = FlowNetwork(nodes: 2 + 2 * machines.count)
        for (index, own) in held.enumerated() {
            guard let own, own.count <= machines[index].rates.count, own.end <= layers else { continue }
            network.connect(2 + 2 * index, 3 + 2 * index, capacity: machines[index].rates[own.count - 1])
            if own.start == 0 { network.connect(0, 2 + 2 * index, capacity: .infinity) }
            if own.end == layers { network.connect(3 + 2 * index, 1, capacity: .infinity) }
            for (next, other) in held.enumerated() where other?.start == own.end {
                network.connect(3 + 2 * index, 2 + 2 * next, capacity: link)
            }
        }
        return network.maximumFlow(from: 0, to: 1)
    }

    // MARK: Bound

    /// What no placement passes more than.
    ///
    /// The machines that hold a layer carry the whole flow f. Take weights v of rates of which any machines
    /// that carry f together have at least 1. Then a placement that passes f has
    /// `sum_m max_k k v(rate_mk) >= layers`. Two such weights are `min(rate, f) / f`, as rates add up, and 1
    /// for a rate of at least f and a half for any other, as it then takes two. Both fall as f rises, so that
    /// the highest f that neither excludes is found by trying the rates and bisecting between them.
    public func bound() -> Double {
        func isPossible(_ flow: Double) -> Bool {
            covers { min($0, flow) / flow } && covers { $0 >= flow ? 1 : $0 > 0 ? 0.5 : 0 }
        }
        let rates = Set(machines.flatMap(\.rates)).sorted()
        // Layers that nobody can hold pass nothing.
        guard covers({ $0 > 0 ? 1 : 0 }) else { return 0 }
        // All tokens may pass several machines side by side.
        var upper = machines.reduce(0) { $0 + ($1.rates.max() ?? 0) }
        guard !isPossible(upper) else { return upper }
        var lower = rates.last { $0 > 0 && isPossible($0) } ?? 0
        upper = min(upper, rates.first { $0 > lower } ?? upper)
        // Just above a rate the weights of two may drop at once: then that rate is the bound itself.
        guard lower == 0 || isPossible(lower * (1 + 1e-12)) else { return lower }
        for _ in 0..<Self.bisections {
            let middle = (lower + upper) / 2
            if isPossible(middle) { lower = middle } else { upper = middle }
        }
        return upper
    }

    private static let bisections = 100

    private func covers(_ weight: (Double) -> Double) -> Bool {
        let sum = machines.reduce(0) { sum, machine in
            sum + (machine.rates.enumerated().map { Double($0.offset + 1) * weight($0.element) }.max() ?? 0)
        }
        return sum >= Double(layers) * (1 - 1e-12)
    }

    // MARK: Search

    /// The best placement that is found: chains of machines that all pass a rate, for each rate that one
    /// machine has, then changes of one machine at a time while they pass more, from several drawn starts.
    /// Stops where the bound is reached.
    /// - Parameter starts: drawn placements to begin from, beside the chains.
    public func best(starts: Int = 24, seed: UInt64 = 1) -> Outcome {
        let bound = bound()
        var best: (held: [Held?], flow: Double) = (machines.map { _ in nil }, 0)
        func take(_ held: [Held?]) {
            let own = flow(held)
            if own > best.flow { best = (held, own) }
        }
        var begins: [[Held?]] = []
        for rate in Set(machines.flatMap(\.rates)).sorted(by: >) where rate > 0 {
            let chains = chains(passing: rate)
            begins.append(chains)
            take(chains)
        }
        var stream = RandomStream(seed: seed, name: "layer placement")
        for start in 0..<(begins.count + starts) where best.flow < bound * (1 - 1e-9) {
            take(climbed(from: start < begins.count ? begins[start] : drawn(&stream)))
        }
        return Outcome(held: best.held, flow: best.flow, bound: max(bound, best.flow))
    }

    /// Chains of machines one after another, those that hold most first, as long as a chain can be closed.
    private func chains(passing rate: Double) -> [Held?] {
        let most = machines.map { machine in
            machine.rates.lastIndex { $0 >= rate }.map { $0 + 1 } ?? 0
        }
        var left = machines.indices.filter { most[$0] > 0 }.sorted { (most[$1], $0) < (most[$0], $1) }
        var held = [Held?](repeating: nil, count: machines.count)
        while left.reduce(0, { $0 + most[$1] }) >= layers {
            var place = 0
            while place < layers, !left.isEmpty {
                let machine = left.removeFirst()
                let count = min(most[machine], layers - place)
                held[machine] = Held(start: place, count: count)
                place += count
            }
        }
        return held
    }

    private func drawn(_ stream: inout RandomStream) -> [Held?] {
        machines.map { machine in
            let most = min(machine.rates.count, layers)
            guard most > 0 else { return nil }
            let count = 1 + stream.integer(in: 0..<most)
            return Held(start: stream.integer(in: 0..<(layers - count + 1)), count: count)
        }
    }

    /// Moves one machine at a time to the place where most passes, until none passes more.
    private func climbed(from start: [Held?]) -> [Held?] {
        var held = start
        var flow = flow(held)
        var isBetter = true
        while isBetter {
            isBetter = false
            for machine in machines.indices {
                for place in places(of: machine, beside: held) {
                    var next = held
                    next[machine] = place
                    let passed = self.flow(next)
                    guard passed > flow * (1 + 1e-12) else { continue }
                    (held, flow, isBetter) = (next, passed, true)
                }
            }
        }
        return held
    }

    /// Places that begin where another machine ends, or end where one begins; no other helps.
    private func places(of machine: Int, beside held: [Held?]) -> [Held] {
        var (begins, ends): (Set<Int>, Set<Int>) = ([0], [layers])
        for (other, own) in held.enumerated() where other != machine {
            guard let own else { continue }
            begins.insert(own.end)
            ends.insert(own.start)
        }
        let counts = 1...max(1, min(machines[machine].rates.count, layers))
        let found =
            begins.flatMap { begin in counts.map { Held(start: begin, count: $0) } }
            + ends.flatMap { end in counts.map { Held(start: end - $0, count: $0) } }
        return Set(
            found.filter { $0.start >= 0 && $0.end <= layers && $0.count <= machines[machine].rates.count }
        )
        .sorted { ($0.start, $0.count) < ($1.start, $1.count) }
    }
}
