/// What the steps of one engine take: its law, and what its rules make of it.
struct StepTiming: Sendable {
    let law: StepLaw
    let speculation: Speculation?
    /// Whether the host works on the next step while the device works on this one.
    let overlapsHost: Bool
    /// Tokens that a generating sequence puts through a step: its own and the drafted ones.
    let width: Int

    init(law: StepLaw, setup: EngineSetup) {
        self.law = law
        speculation = setup.speculation
        overlapsHost = setup.plansAhead
        width = setup.tokensPerDecode
    }

    /// The line of steps that only generate.
    /// - Parameter isOverlapped: whether the step before was running while this one was planned.
    func line(_ shape: StepShape, isOverlapped: Bool) -> DecodeLine {
        var line = law.decodeLine(
            sequences: shape.decodes, context: shape.decodeContext, width: width)
        if speculation != nil { add(drafting(shape), to: &line) }
        guard overlapsHost, isOverlapped else { return line }
        let host = law.host(sequences: shape.decodes)
        line.base -= host
        guard line.time(context: shape.decodeContext) < host else { return line }
        // The device is the faster one until its context has grown.
        var end = line.contextEnd
        if line.slope > 0 { end = min(end, Int((host - line.base) / line.slope) + 1) }
        return DecodeLine(base: host, slope: 0, contextEnd: end)
    }

    /// The time of a step that reads.
    func time(_ shape: StepShape, isOverlapped: Bool) -> Int64 {
        var time = law.time(of: shape, width: width)
        if speculation != nil, shape.decodes > 0 {
            time += drafting(shape).time(context: shape.decodeContext)
        }
        guard overlapsHost, isOverlapped else { return time }
        let host = law.host(sequences: shape.decodes + shape.prefillSequences)
        return max(host, time - host)
    }

    /// What drafting adds to a step.
    private func drafting(_ shape: StepShape) -> DecodeLine {
        guard let speculation else { return DecodeLine(base: 0, slope: 0) }
        guard speculation.draftShare > 0 else { return DecodeLine(base: speculation.draftTime, slope: 0) }
        let single = law.decodeLine(sequences: shape.decodes, context: shape.decodeContext, width: 1)
        let share = speculation.draftShare * Double(speculation.drafted)
        return DecodeLine(
            base: speculation.draftTime + Int64((share * Double(single.base)).rounded()),
            slope: Int64((share * Double(single.slope)).rounded()), contextEnd: single.contextEnd)
    }

    private func add(_ other: DecodeLine, to line: inout DecodeLine) {
        line.base += other.base
        line.slope += other.slope
        line.contextEnd = min(line.contextEnd, other.contextEnd)
    }
}
