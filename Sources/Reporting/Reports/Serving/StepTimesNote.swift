import Vocabulary

/// What the step times of language models rest on, pair by pair: a fit to somebody's measurements, with how
/// far it is off, or data sheets.
struct StepTimesNote {
    /// One sentence for each model that engines serve.
    let sentences: [String]

    init(_ models: [Model], on types: [ServerType], _ entries: [EfficiencyEntry]) {
        let types = Dictionary(types.map { ($0.id, $0) }) { first, _ in first }
        sentences = models.compactMap { model in
            guard let service = model.service else { return nil }
            var (fitted, computed): ([(ServerTypeID, TokenLaw)], [ServerTypeID]) = ([], [])
            for entry in entries where entry.model == model.id {
                guard let rules = entry.schedule.engineRules else { continue }
                let law = types[entry.serverType]?.accelerator?.sheet.flatMap {
                    service.law(on: $0.device, tensorParallel: rules.tensorParallel)
                }
                if let law {
                    fitted.append((entry.serverType, law))
                } else {
                    computed.append(entry.serverType)
                }
            }
            return Self.sentence(model.id, fitted, computed)
        }
    }

    private static func sentence(
        _ model: ModelID, _ fitted: [(ServerTypeID, TokenLaw)], _ computed: [ServerTypeID]
    ) -> String? {
        var parts: [String] = []
        if !fitted.isEmpty {
            let errors = fitted.map(\.1.residuals.leftOut)
            let (least, most) = (errors.min() ?? 0, errors.max() ?? 0)
            let range =
                least == most
                ? "\((most * 100).short()) %" : "\((least * 100).short()) to \((most * 100).short()) %"
            let sources = Set(fitted.map(\.1.source)).sorted().joined(separator: "; ")
            parts.append(
                "on \(fitted.map(\.0.name).enumerated) they are fitted to \(sources), off by \(range) on "
                    + "rows left out")
        }
        if !computed.isEmpty {
            parts.append(
                "on \(computed.map(\.name).enumerated) they follow from data sheets, with assumed shares of "
                    + "the peaks")
        }
        return parts.isEmpty ? nil : "Step times of \(model): \(parts.joined(separator: "; "))."
    }
}
