import ArgumentParser
import Pipeline
import Vocabulary

/// Which imported figures a curve goes through.
struct FittedModelOption: ParsableArguments {
    @Option(
        help: "Only this model, by the name it was imported under.",
        transform: NameText.filled("the name of a model"))
    var model: String?
}

/// Reads which curve is meant: `throughput-over-concurrency` and so on.
enum CurveText {
    static let names = FittedCurve.allCases.map(\.name)

    static let curve: OptionReading<FittedCurve> = NameText.choice("curve") { $0.name }
}
