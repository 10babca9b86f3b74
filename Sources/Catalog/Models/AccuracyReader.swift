import Files
import Quantities
import Vocabulary

/// Reads the `accuracy` of a model.
enum AccuracyReader {
    private enum Key: String, SectionKey {
        case value, samples, interval
        case dataSet = "data_set"
        case split, provenance, precision
    }

    static func accuracy(_ value: YAMLValue) throws(FileError) -> ModelAccuracy {
        let section = try value.section(Key.self)
        try section.require(.value, .samples, .dataSet, .split, .provenance, .precision)
        let share = try section[.value].number(.from(0, to: 1))
        let interval = try section.optional(.interval).map { (value) throws(FileError) in
            let ends = try value.filledList(max: 2)
            guard ends.count == 2 else { throw value.refusal(expected: "two shares") }
            let (low, high) = (
                try ends[0].number(.from(0, to: 1)), try ends[1].number(.from(0, to: 1))
            )
            guard low <= share, share <= high else {
                throw value.refusal(expected: "an interval that contains the value, \(share)")
            }
            return low...high
        }
        return ModelAccuracy(
            value: Fraction(share), samples: try section[.samples].wholeNumber(), interval: interval,
            dataSet: try section[.dataSet].text(), split: try section[.split].text(),
            provenance: try section[.provenance].word(), precision: try section[.precision].word())
    }
}
