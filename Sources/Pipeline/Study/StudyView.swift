import Foundation
import Reporting
import Store
import Vocabulary

/// What people see of a study.
public struct StudyView {
    private let run: StudyRun

    public init(_ run: StudyRun) { self.run = run }

    /// The study in one of its forms; text leaves single cells to the other forms.
    public func text(as rendering: Rendering) throws -> String {
        let report = try report(showsCells: !rendering.isText)
        return rendering.render(report) { StudyJSON(run.study, cells: run.cells).text }
    }

    /// Writes everything as one self-contained HTML file.
    /// - Parameter database: what the report must not be written over.
    /// - Returns: the absolute path.
    public func writeHTML(to path: String, database: String) throws -> String {
        try ReportStage.write(report(showsCells: true), to: path, database: database)
    }

    private func report(showsCells: Bool) throws -> Report {
        StudyReport(run.study, cells: run.cells, showsCells: showsCells).report(
            seed: run.seed, versions: [Report.NamedText.tool],
            inputs: [
                Report.NamedText(
                    name: "study \(run.study.id)",
                    text: "SHA-256 \(try ContentDigest(of: run.study).hexadecimal.prefix(16))")
            ])
    }

    /// The cells that a study comes to.
    public static func dryRun(_ plan: StudyPlan, as rendering: Rendering) -> String {
        StudyOutlookDocument(plan.study).text(as: rendering)
    }
}
