import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct SeriesTests {
    /// Words of a few kinds: all alike, few distinct ones, close ones, and any at all.
    private func words(_ kind: Int, _ count: Int, seed: UInt64) -> [UInt64] {
        var stream = RandomStream(seed: seed, name: "series")
        return (0..<count).map { _ in
            switch kind {
            case 0: 7
            case 1: UInt64(stream.uniform() * 40) << 50
            case 2: 0x4072_C400_0000_0000 + UInt64(stream.uniform() * 1e9)
            default: UInt64(stream.uniform() * 1.8e19)
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3], [1, 2, 3, 255, 1023, 1024])
    func chunksKeepEveryWord(kind: Int, count: Int) throws {
        let words = words(kind, count, seed: 3)
        let chunk = SeriesChunk(words)
        #expect(chunk.count == count)
        #expect((0..<count).map { chunk[$0] } == words)
        var all: [UInt64] = []
        chunk.append(to: &all)
        #expect(all == words)
        #expect(chunk.allSatisfy { words.contains($0) })
        #expect(chunk == SeriesChunk(words), "equal words, equal bytes")
        if let (form, bytes) = chunk.coded {
            #expect(SeriesChunk(form: form, bytes: bytes, count: count) == chunk)
            #expect(bytes.count <= 1 + 8 * count)
            #expect(SeriesChunk(form: form, bytes: bytes.dropLast(), count: count) == nil)
            #expect(SeriesChunk(form: form, bytes: bytes, count: count + 1) == nil)
        } else {
            #expect(Set(words).count == 1)
        }
    }

    @Test func fewDistinctWordsTakeAboutAByteEach() throws {
        let chunk = SeriesChunk(words(1, 1024, seed: 9))
        let coded = try #require(chunk.coded)
        #expect(coded.form == .table && coded.bytes.count < 1024 + 8 * 41)
        let close = try #require(SeriesChunk(words(2, 1024, seed: 9)).coded)
        #expect(close.form == .prefix && close.bytes.count <= 1 + 4 + 4 * 1024)
    }

    @Test func aSeriesIsTheSameHoweverItWasMade() {
        let numbers = (0..<5000).map { $0 % 7 == 3 ? nil : Double($0 / 5) * 0.1 }
        let series = NumberSeries(numbers)
        #expect(Array(series) == numbers)
        #expect(series.count == 5000 && series[4999] == numbers[4999])
        var walked: [Double?] = []
        series.forEach { walked.append($0) }
        #expect(walked == numbers)
        #expect(series.known.count == numbers.compactMap { $0 }.count && series.hasKnown)
        #expect(NumberSeries(words: WordSeries(chunks: series.words.allChunks)) == series)
        let unknown = NumberSeries(Array(repeating: Double?.none, count: 3000))
        #expect(!unknown.hasKnown && unknown.orZero == Array(repeating: 0, count: 3000))
        #expect(unknown.words == WordSeries(constant: NumberSeries.unknown, count: 3000))
        #expect(NumberSeries([Double.nan])[0] == nil, "what is not a number is not known")
    }

    @Test func allocationsComeBackStepByStep() {
        var stream = RandomStream(seed: 5, name: "steps")
        var listed: [ServingStep] = []
        for index in 0..<500 {
            var allocation = listed.last?.serving ?? Allocation()
            let model = ModelID("m\(Int(stream.uniform() * 3))")
            allocation[model, ServerTypeID("t\(Int(stream.uniform() * 4))")] = Int(stream.uniform() * 5)
            listed.append(ServingStep(at: Nanoseconds(Int64(index) * 7), serving: allocation))
        }
        var steps = AllocationSteps(listed)
        #expect(Array(steps) == listed)
        #expect([0, 63, 64, 65, 499].map { steps[$0] } == [0, 63, 64, 65, 499].map { listed[$0] })
        #expect(steps.allocation(at: 7 * 130 + 3) == listed[130].serving)
        #expect(steps.allocation(at: -1) == Allocation() && steps.step(at: -1) == nil)
        #expect(steps == AllocationSteps(listed.map { $0 }))
        // Other numbering, same steps.
        var numbered = AllocationSteps(
            pairs: ["t9", "t3", "t2", "t1", "t0"].flatMap { (type: String) -> [ModelOnServer] in
                ["m2", "m1", "m0"].map { (model: String) -> ModelOnServer in
                    ModelOnServer(model: ModelID(model), serverType: ServerTypeID(type))
                }
            })
        for step in listed { numbered.append(step.serving, at: step.at.count) }
        #expect(numbered == steps)
        var held: Int64 = 0
        steps.forEachStretch(until: 4000) { stretch, counts in
            held += Int64(stretch.count)
            #expect(counts.count == steps.pairs.count)
        }
        #expect(held == 4000)
        for left in stride(from: 499, through: 120, by: -1) {
            steps.removeLast()
            #expect(steps.count == left && steps.last == listed[left - 1])
        }
        steps.append(listed[120].serving, at: listed[120].at.count)
        #expect(Array(steps) == Array(listed.prefix(121)))
    }

    @Test func theDecisionLogComesBackLineByLine() {
        func actions(_ index: Int) -> [ProvisionerAction] {
            (0..<index % 4).map { (number: Int) -> ProvisionerAction in
                if number == 1 {
                    return .stop(model: "m1", serverType: ServerTypeID("t\(index % 2)"), count: index + 1)
                }
                return .start(model: "m0", serverType: "t3", count: number + 1)
            }
        }
        let listed = (0..<300).map { (index: Int) -> DecisionEntry in
            let model: ModelID? = index % 3 == 0 ? nil : ModelID("m\(index % 5)")
            let before: QueriesPerSecond? = index % 4 == 0 ? nil : QueriesPerSecond(Double(index))
            return DecisionEntry(
                at: Nanoseconds(Int64(index)), reason: DecisionReason.allCases[index % 8], model: model,
                neededBefore: before, neededNow: QueriesPerSecond(Double(index) / 3),
                actions: actions(index))
        }
        let log = DecisionLog(listed)
        #expect(Array(log) == listed && log[17] == listed[17])
        #expect(log == DecisionLog(listed) && log != DecisionLog(listed.dropLast()))
    }

    @Test func theOrderOfReasonsAndStatusesIsWhatDatabasesHold() {
        #expect(
            DecisionReason.allCases.map(\.rawValue) == [
                "first", "load_rose", "load_fell", "better_plan", "follow_up", "servers_changed",
                "headroom_cut", "overload",
            ])
        #expect(Plan.Status.allCases.map(\.rawValue) == ["optimal", "feasible", "infeasible"])
    }
}
