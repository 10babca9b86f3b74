import Quantities
import Vocabulary

/// Of which models something can be computed, and what computes it. A family of models is one line here and
/// one implementation of `ServerModel`.
public enum ServerModelFamilies {
    private typealias Family =
        @Sendable (Model, ServerType, ServerModelSettings) -> (any ServerModel)?

    /// Each makes a server model of the models it knows, and nil of others. The first that does counts.
    private static let all: [Family] = [
        { try? RecommendationServerModel($0, on: $1, settings: $2) },
        { try? EdgeServerModel($0, on: $1, settings: $2) },
        { try? LanguageServerModel($0, on: $1, settings: $2) },
    ]

    /// What a server of a type would do with a model; nil where nothing can be computed, so that only
    /// measurements or others' figures can say.
    public static func make(
        _ model: Model, on serverType: ServerType, _ settings: ServerModelSettings
    ) -> (any ServerModel)? {
        for family in all {
            if let made = family(model, serverType, settings) { return made }
        }
        return nil
    }

    /// Whether something can be computed of a model on a server type.
    public static func canModel(_ model: Model, on serverType: ServerType) -> Bool {
        make(model, on: serverType, ServerModelSettings(batches: [1], queries: .exactly(1), seed: 0)) != nil
    }
}
