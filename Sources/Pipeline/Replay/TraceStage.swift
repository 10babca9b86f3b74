import Catalog
import Foundation
import Quantities
import Replaying
import Traces
import Vocabulary

/// Traces outside a scenario: made from a recipe, or looked at.
public enum TraceStage {
    /// The CSV of a recipe's trace.
    /// - Parameter seed: nil for the recipe's own.
    public static func generated(fromRecipeAt path: String, seed: UInt64?) throws -> String {
        let file = URL(fileURLWithPath: path)
        let catalog = try Catalog(forScenarioAt: path)
        var recipe = try catalog.traceRecipe(file.deletingPathExtension().lastPathComponent)
        if let seed { recipe.seed = seed }
        return TraceCSV.text(of: TraceGenerator.trace(recipe))
    }

    /// A trace of any layout as the CSV that every verb reads, and what its import had to mend.
    public static func converted(_ change: ScenarioChanges.TraceChange) throws -> (
        text: String, summary: String
    ) {
        let (trace, summary) = try TraceImporter(options: change.options).read(path: change.path)
        return (TraceCSV.text(of: trace), "\(summary)\n")
    }

    /// What a trace file holds and what its import had to mend.
    public static func summary(of change: ScenarioChanges.TraceChange) throws -> String {
        let (_, summary) = try TraceImporter(options: change.options).read(path: change.path)
        return "\(summary)\n"
    }
}

/// Reading options as people type them.
public enum TraceReading {
    /// The options of words; nil stands for the default.
    /// - Throws: `PipelineError.unknownName` or `.badOption`.
    public static func options(
        timeColumn: String?, loadColumns: [String], loadKind: String?, timeFormat: String?, gaps: String?,
        gapRowsMax: Int?, intervalSeconds: Double?, layout: String? = nil, timeZone: String? = nil
    ) throws -> TraceImportOptions {
        var options = TraceImportOptions(timeColumn: timeColumn)
        if let layout { options.layout = try choice(layout, "layout of a trace") }
        if let loadKind { options.loadKind = try choice(loadKind, "load kind") }
        if let timeFormat { options.timeFormat = try choice(timeFormat, "time format") }
        if let timeZone {
            guard let zone = LocalTimeZone(timeZone) else {
                throw PipelineError.badOption(
                    name: "--time-zone", found: timeZone, expected: LocalTimeZone.expected)
            }
            options.timeZone = zone
        }
        if let gaps { options.gapFill = try choice(gaps, "way to fill gaps") }
        if let gapRowsMax {
            guard gapRowsMax >= 0 else {
                throw PipelineError.badOption(
                    name: "--gap-rows-max", found: "\(gapRowsMax)", expected: "a number that is not negative")
            }
            options.gapRowsMax = gapRowsMax
        }
        if let intervalSeconds {
            guard intervalSeconds.isFinite, intervalSeconds > 0, intervalSeconds <= 86_400 else {
                throw PipelineError.badOption(
                    name: "--interval-seconds", found: "\(intervalSeconds)", expected: "seconds in 0...86400")
            }
            options.interval = Nanoseconds(seconds: intervalSeconds)
        }
        options.loads = try loads(loadColumns)
        return options
    }

    private static func loads(_ texts: [String]) throws -> TraceImportOptions.Loads {
        guard !texts.isEmpty else { return .allOtherColumns }
        let pairs = texts.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        if pairs.allSatisfy({ $0.count == 1 }) { return .columns(texts) }
        guard pairs.allSatisfy({ $0.count == 2 }) else {
            throw PipelineError.badOption(
                name: "--load-column", found: texts.joined(separator: " "),
                expected: "either columns alone or model=column throughout")
        }
        var models: [ModelID: String] = [:]
        for pair in pairs {
            guard models.updateValue(pair[1], forKey: ModelID(pair[0])) == nil else {
                throw PipelineError.badOption(
                    name: "--load-column", found: pair.joined(separator: "="),
                    expected: "each model at most once")
            }
        }
        return .models(models)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String, _ kind: String
    ) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            throw PipelineError.unknownName(kind: kind, found: text, known: Choice.allCases.map(\.rawValue))
        }
        return choice
    }
}
