import Quantities
import Vocabulary

extension OverProvisionRule {
    /// R for one model: the quantile of its relative growth over each of the last `window`
    /// intervals, never negative; `initial` while fewer were seen or where no growth can be computed.
    ///
    /// The quantile is the smallest growth that at least that share of the growths does not exceed. Growth out of
    /// zero load has no ratio and is left out. O(window log window).
    ///
    /// - Parameter history: the loads seen, the latest last.
    public func rate(after history: [QueriesPerSecond]) -> Fraction {
        guard history.count >= window else { return initial }
        let recent = history.suffix(window + 1)
        let growths = zip(recent, recent.dropFirst()).compactMap { earlier, later in
            earlier > .zero ? later / earlier - 1 : nil
        }.sorted()
        guard !growths.isEmpty else { return initial }
        let rank = min(growths.count, max(1, Int((quantile.value * Double(growths.count)).rounded(.up))))
        return Fraction(max(0, growths[rank - 1]))
    }
}
