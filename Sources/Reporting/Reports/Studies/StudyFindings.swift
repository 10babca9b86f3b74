import Quantities
import Vocabulary

/// What a study's cells say in plain words, computed from them: where the subject pays against each other
/// policy, and where that policy is as good.
struct StudyFindings {
    /// A saving of less than this, either way, counts as none.
    static let asGood = 0.005

    /// A cell in which two policies could be compared.
    private struct Compared {
        let position: Int
        let saved: Double
        /// Whether the interval lies on one side of zero; nil without an interval.
        let isCertain: Bool?
    }

    let study: Study
    let cells: [StudyCellResult]

    /// The policies that are compared with, in the order in which they were played.
    var baselines: [String] {
        cells.compactMap(\.outcome).reduce(into: []) { names, outcome in
            for saving in outcome.savings where !names.contains(saving.baseline) {
                names.append(saving.baseline)
            }
        }
    }

    /// The policy whose savings are asked for; several where an axis varies it.
    var subjects: [String] {
        Set(cells.compactMap(\.outcome?.subject)).sorted()
    }

    /// A paragraph for each policy that is compared with.
    var paragraphs: [String] { baselines.map(paragraph) }

    private func paragraph(against baseline: String) -> String {
        let subject = subjects.count == 1 ? subjects[0] : "the subject"
        let violation = compared(with: baseline, by: .violation)
        let done = cells.count { $0.outcome != nil }
        guard !violation.isEmpty else {
            return "Against \(baseline): in none of \(done.counted("cell")) do settings of both bracket a "
                + "common share of violated pairs, and nothing is extrapolated."
        }
        var sentences = [Self.overall(violation, of: done, subject, baseline)]
        sentences += along(violation)
        if let best = violation.max(by: { $0.saved < $1.saved }), best.saved > Self.asGood {
            sentences.append(
                "It pays most at \(study.name(of: best.position)): \(Self.percent(best.saved)).")
        }
        if let even = whereEven(violation) { sentences.append("\(baseline) is as good wherever \(even).") }
        let unserved = compared(with: baseline, by: .unserved)
        if !unserved.isEmpty {
            let mean = Self.mean(unserved)
            sentences.append(
                "At equal shares of unserved queries the mean over \(unserved.count.counted("cell")) is "
                    + "\(Self.percent(mean)).")
        }
        return sentences.joined(separator: " ")
    }

    private static func overall(
        _ compared: [Compared], of done: Int, _ subject: String, _ baseline: String
    ) -> String {
        let (pays, loses) = (
            compared.count { $0.saved >= asGood }, compared.count { $0.saved <= -asGood }
        )
        let saved = compared.map(\.saved)
        let mean = mean(compared)
        let certain = compared.filter { $0.isCertain == true && $0.saved >= asGood }.count
        let hasIntervals = compared.contains { $0.isCertain != nil }
        var text =
            "Against \(baseline), at equal shares of violated pairs, \(subject) "
            + "\(mean < 0 ? "loses" : "saves") \(percent(abs(mean))) of drawn energy in the mean over "
            + "\(compared.count) of "
            + "\(done.counted("cell")) (\(percent(saved.min() ?? 0)) to \(percent(saved.max() ?? 0))): at "
            + "least \(percent(asGood)) in \(pays)"
        if hasIntervals { text += " (in \(certain) with an interval above zero)" }
        text += ", less either way in \(compared.count - pays - loses)"
        text += loses == 0 ? ", and in none does it lose as much." : ", and it loses as much in \(loses)."
        return text
    }

    /// How the mean moves along each axis on which it moves by more than nothing, the widest first.
    private func along(_ compared: [Compared]) -> [String] {
        let axes = study.axes.indices.compactMap { axis -> (spread: Double, text: String)? in
            let means = means(compared, along: axis)
            guard means.count > 1, let least = means.min(by: { $0.mean < $1.mean }),
                let greatest = means.max(by: { $0.mean < $1.mean }),
                greatest.mean - least.mean >= Self.asGood
            else { return nil }
            let values = means.map { "\(Self.percent($0.mean)) at \($0.label)" }
            return (
                greatest.mean - least.mean, "Along \(study.axes[axis].name) the mean is \(values.enumerated)."
            )
        }
        if axes.isEmpty { return ["No axis moves the mean by \(Self.percent(Self.asGood))."] }
        return axes.sorted { $0.spread > $1.spread }.map(\.text)
    }

    /// The means of the cells at each value of an axis, in the axis's order; values without cells are left
    /// out.
    private func means(_ compared: [Compared], along axis: Int) -> [(label: String, mean: Double)] {
        study.axes[axis].labels.enumerated().compactMap { index, label in
            let there = compared.filter { study.coordinates(of: $0.position)[axis] == index }
            return there.isEmpty ? nil : (label, Self.mean(there))
        }
    }

    /// The values at which no cell saves or loses anything; nil where there are none.
    private func whereEven(_ compared: [Compared]) -> String? {
        let texts = study.axes.indices.compactMap { axis -> String? in
            let labels = study.axes[axis].labels.enumerated().compactMap { index, label -> String? in
                let there = compared.filter { study.coordinates(of: $0.position)[axis] == index }
                let isEven = !there.isEmpty && there.allSatisfy { abs($0.saved) < Self.asGood }
                return isEven ? label : nil
            }
            guard !labels.isEmpty else { return nil }
            return "\(study.axes[axis].name) is \(labels.joined(separator: " or "))"
        }
        return texts.isEmpty ? nil : texts.joined(separator: ", or ")
    }

    private func compared(
        with baseline: String, by measure: EqualServiceSaving.Measure
    ) -> [Compared] {
        cells.compactMap { cell in
            guard let drawn = cell.outcome?.saving(against: baseline, by: measure)?.drawnEnergy else {
                return nil
            }
            let isCertain = drawn.low.flatMap { low in
                drawn.high.map { high in low > .zero || high < .zero }
            }
            return Compared(position: cell.position, saved: drawn.fraction.value, isCertain: isCertain)
        }
    }

    private static func mean(_ compared: [Compared]) -> Double {
        compared.reduce(0) { $0 + $1.saved } / Double(max(1, compared.count))
    }

    static func percent(_ share: Double) -> String { Fraction(share).readable }
}
