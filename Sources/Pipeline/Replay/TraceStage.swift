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
        let catalog = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
        var recipe = try catalog.traceRecipe(file.deletingPathExtension().lastPathComponent)
        if let seed { recipe.seed = seed }
        return TraceCSV.text(of: TraceGenerator.trace(recipe))
    }

    /// A trace of any layout as the CSV that every verb reads, and what its import had to mend.
    public static func converted(_ change: ScenarioChanges.TraceChange) throws -> (
        text: String, summary: String
    ) {
        let (trace, summary) = try change.read()
        return (TraceCSV.text(of: trace), "\(summary)\n")
    }

    /// What a trace file holds and what its import had to mend.
    public static func summary(of change: ScenarioChanges.TraceChange) throws -> String {
        let (_, summary) = try change.read()
        return "\(summary)\n"
    }
}
