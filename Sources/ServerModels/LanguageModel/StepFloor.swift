import Quantities
import Simulation
import Vocabulary

/// The least time that a step can take by the data sheet of its device: weights and the cache's keys and
/// values read at the full bandwidth, matrix products at the full rate of arithmetic, nothing else.
public struct StepFloor: Sendable {
    /// A step that a law makes shorter than the data sheet allows.
    public struct Breach: Hashable, Sendable, CustomStringConvertible {
        /// The step in words, and what keeps it from being shorter.
        public let step: String
        /// Seconds by the law, and by the data sheet.
        public let found: Double
        public let least: Double

        public var description: String {
            "found \(Nanoseconds(seconds: found)) for \(step), expected at least "
                + "\(Nanoseconds(seconds: least)) by the data sheet"
        }
    }

    private let ideal: LinearStepLaw

    /// - Throws: where the device lacks a figure, or cannot share the model.
    public init(
        model: LanguageModelShape, device: CatalogDevice, rules: EngineRules
    ) throws(TokenStepLaw.Fault) {
        // Of experts a step of one token reads fewest.
        let single = EngineRules(
            tensorParallel: rules.tensorParallel, pipelineParallel: rules.pipelineParallel,
            expertParallel: rules.expertParallel, sequencesMax: 1, tokenBudget: rules.tokenBudget)
        let law = try TokenStepLaw(model: model, device: device, rules: single)
        ideal = law.law(.dataSheet)
    }

    /// Sequences and tokens of the steps that are compared.
    private static let (sequences, context, prompt) = (32, 2048, 4096)

    /// The first of a few steps that a law makes shorter, by more than its own error on rows left out: one
    /// sequence, where weights are read; a batch with its cache; a prompt, where arithmetic counts.
    public func breach(by law: TokenLaw) -> Breach? {
        let times = law.times
        let tokens = Self.sequences * Self.context
        let steps = [
            (
                "a step of one sequence, which reads the weights", times.fixed + times.sequence,
                Double(ideal.weights)
            ),
            (
                "a step of \(Self.sequences) sequences with \(Self.context) tokens each in the cache",
                times.fixed + Double(Self.sequences) * times.sequence + Double(tokens) * times.context,
                Double(ideal.weights) + Double(ideal.perContext) * Double(tokens)
            ),
            (
                "a step that reads \(Self.prompt) tokens of prompts",
                times.fixed + Double(Self.prompt) * times.prompt,
                Double(ideal.perToken) * Double(Self.prompt)
            ),
        ]
        for (step, found, picoseconds) in steps {
            let least = picoseconds * 1e-12
            guard found * (1 + law.residuals.leftOut) < least else { continue }
            return Breach(step: step, found: found, least: least)
        }
        return nil
    }
}

extension StepConstants {
    /// The whole peaks, and nothing else.
    static let dataSheet = StepConstants(
        arithmetic: 1, bandwidth: 1, hostSeconds: 0, origin: .stated("data sheet"))
}
