/// Step times from measured kernels: what the layers take by tokens, what sampling takes by sequences, and
/// what attention takes by the prompt piece, its context, the generating sequences and their mean context.
///
/// Interpolated linearly along every axis, as kernels are linear in each: interpolating in logarithms on a
/// grid that doubles overstates attention by a tenth. Beyond the last point the last segment goes on.
public struct StepTables: Sendable {
    /// A curve through points.
    public struct Curve: Sendable {
        let places: [Double]
        let values: [Double]

        /// - Precondition: at least one point, places ascend.
        public init(_ points: [(place: Double, value: Double)]) {
            precondition(!points.isEmpty, "a curve has points")
            precondition(
                zip(points, points.dropFirst()).allSatisfy { $0.place < $1.place }, "places ascend")
            places = points.map(\.place)
            values = points.map(\.value)
        }

        /// O(log points).
        public subscript(place: Double) -> Double {
            let at = Axis.locate(place, in: places)
            let upper = min(at.index + 1, values.count - 1)
            return values[at.index] + at.share * (values[upper] - values[at.index])
        }
    }

    /// Times by several figures, each level of branches for one of them. Branches of one level may have
    /// unlike points, as sweeps of kernels do that were refined here and there.
    public struct Branches: Sendable {
        let places: [Double]
        /// Empty at the last level.
        let branches: [Branches]
        /// Empty above the last level.
        let values: [Double]

        /// From points in any order; of several with the same figures the last one counts.
        /// - Precondition: at least one point, and all have the same number of figures, at least one.
        public init(_ points: [(figures: [Double], value: Double)]) {
            self.init(points[...].map { (figures: $0.figures[...], value: $0.value) })
        }

        private init(_ points: [(figures: ArraySlice<Double>, value: Double)]) {
            precondition(!points.isEmpty, "branches have points")
            var groups: [Double: [(figures: ArraySlice<Double>, value: Double)]] = [:]
            for point in points {
                guard let first = point.figures.first else { preconditionFailure("points have figures") }
                groups[first, default: []].append((point.figures.dropFirst(), point.value))
            }
            places = groups.keys.sorted()
            let lists = places.compactMap { groups[$0] }
            let isLast = points[0].figures.count == 1
            values = isLast ? lists.map { $0[$0.count - 1].value } : []
            branches = isLast ? [] : lists.map { Branches($0) }
        }

        /// Linear along every level. O(2^levels log points).
        func value(_ figures: SIMD4<Double>, level: Int = 0) -> Double {
            let at = Axis.locate(figures[level], in: places)
            let upper = min(at.index + 1, places.count - 1)
            func end(_ index: Int) -> Double {
                branches.isEmpty ? values[index] : branches[index].value(figures, level: level + 1)
            }
            let low = end(at.index)
            return at.share == 0 ? low : low + at.share * (end(upper) - low)
        }

        /// The line that the last level follows at a place, and where it begins and ends. Time never falls
        /// along it: where noise of a measurement has it fall, it stays.
        func line(_ place: Double) -> (atZero: Double, rise: Double, start: Double, end: Double) {
            guard places.count > 1 else { return (values[0], 0, 0, .infinity) }
            let at = Axis.locate(place, in: places).index
            let rise = max(0, (values[at + 1] - values[at]) / (places[at + 1] - places[at]))
            return (
                values[at] - rise * places[at], rise, at == 0 ? 0 : places[at],
                at + 2 >= places.count ? .infinity : places[at + 1]
            )
        }
    }

    /// A place on an axis: between the point at `index` and the next one.
    struct Axis {
        var index: Int
        var share: Double

        static func locate(_ place: Double, in points: [Double]) -> Axis {
            guard points.count > 1 else { return Axis(index: 0, share: 0) }
            var (low, high) = (0, points.count - 1)
            while high - low > 1 {
                let middle = (low + high) / 2
                if points[middle] <= place { low = middle } else { high = middle }
            }
            return Axis(index: low, share: (place - points[low]) / (points[low + 1] - points[low]))
        }
    }

    private let dense: Curve
    private let perSequence: Curve
    /// By the prompt piece, its context, the generating sequences and their mean context.
    private let attention: Branches
    /// Of steps that only generate: by sequences, then by mean context.
    private let generation: Branches
    /// What the host adds to every step.
    let host: Int64

    /// - Parameters:
    ///   - dense: picoseconds of everything but attention and sampling, by tokens of the step.
    ///   - perSequence: picoseconds of the output layer and sampling, by sampled sequences.
    ///   - attention: picoseconds of the attention of all layers, by four figures; steps that only generate
    ///     have a prompt piece and its context of 0.
    ///   - host: picoseconds that kernels do not account for.
    public init(dense: Curve, perSequence: Curve, attention: Branches, host: Int64) {
        precondition(attention.places[0] == 0, "some steps only generate")
        self.dense = dense
        self.perSequence = perSequence
        self.attention = attention
        generation = attention.branches[0].branches[0]
        self.host = host
    }

    /// The same kernels under another host term.
    public func withHost(_ host: Int64) -> StepTables {
        StepTables(dense: dense, perSequence: perSequence, attention: attention, host: host)
    }

    func longestStep(tokens: Double, memory: Double) -> Double {
        let reading = attention.value(SIMD4(tokens, memory, 0, 0))
        let generating = [1, tokens].map { attention.value(SIMD4(0, 0, $0, memory / $0)) }
        let others = dense[tokens] + perSequence[tokens]
        return Double(host) + max(reading, generating[0], generating[1]) + others
    }

    func decodeLine(sequences: Int, context: Int, width: Int) -> DecodeLine {
        let count = Double(max(sequences, 1))
        let tokens = count * Double(width)
        let at = Axis.locate(count, in: generation.places)
        let upper = min(at.index + 1, generation.places.count - 1)
        let mean = Double(context) / count
        let (low, high) = (generation.branches[at.index].line(mean), generation.branches[upper].line(mean))
        let rise = max(0, low.rise + at.share * (high.rise - low.rise))
        let atZero = low.atZero + at.share * (high.atZero - low.atZero)
        let (start, end) = (max(low.start, high.start) * count, min(low.end, high.end) * count)
        let slope = min(rise / count, 1e12).rounded()
        // Beyond the largest batch of the table differences go on, which must not make a step of no time.
        let base = max(1 - slope * start, atZero + dense[tokens] + perSequence[tokens])
        return DecodeLine(
            base: host + Int64(min(max(-1e17, base), 1e15).rounded()), slope: Int64(slope),
            contextEnd: end < 1e15 ? max(context + 1, Int(end.rounded(.up))) : .max)
    }

    func time(of step: StepShape, width: Int) -> Int64 {
        let tokens = Double(step.prefillTokens)
        // One piece with the same number of compared pairs stands for several.
        let context = max(0, (Double(step.prefillPairsDoubled) / tokens - tokens) / 2)
        let decodeContext = step.decodes == 0 ? 0 : Double(step.decodeContext) / Double(step.decodes)
        let kernels = attention.value(SIMD4(tokens, context, Double(step.decodes), decodeContext))
        let sampling = step.sampled == 0 ? 0 : perSequence[Double(step.sampled)]
        let sum = kernels + dense[tokens + Double(step.decodes * width)] + sampling
        // A table whose last segment falls goes on to fall: no step takes less than nothing.
        return host + Int64(min(max(1, sum), 1e15).rounded())
    }
}
