import Catalog
import Files
import Profiling
import Quantities
import Store
import Vocabulary

/// What a study's file comes to: the scenario of every cell.
public struct StudyPlan: Sendable {
    public let study: Study
    /// The scenario before any axis is at a value.
    let base: Scenario
    /// Of every cell, in order.
    let scenarios: [Scenario]
    let host: Host

    /// Reads a study's file and resolves all cells. Everything that is wrong is said in one run.
    /// - Parameter seed: of every random stream, instead of the scenario's own.
    /// - Throws: `PipelineError.unusableStudy`, or `.badValue` where the seed has no effect.
    public init(path: String, seed: UInt64?) throws {
        let host = try HostProbe().host()
        let resolved: ResolvedStudy
        let plain: Scenario
        do throws(FileError) {
            resolved = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
                .study(at: path, host: Session.detected(host), known: .builtIn)
            plain = try resolved.base()
        } catch { throw PipelineError.unusableStudy(error) }
        if let seed, resolved.varies("seed") {
            throw PipelineError.badValue(
                name: "seed", found: "\(seed)", expected: "none, as an axis of the study sets it")
        }
        var changes = ScenarioChanges()
        changes.seed = seed
        base = try changes.applied(to: plain, known: .builtIn)
        let cells = Array(0..<resolved.study.cellCount)
        let read = try cells.concurrentMap { cell in
            Result { () throws(FileError) -> Scenario in try resolved.scenario(ofCell: cell) }
        }
        var problems = FileProblems()
        for cell in read { if case .failure(let error) = cell { problems.add(error) } }
        do throws(FileError) { try problems.throwAll() } catch { throw PipelineError.unusableStudy(error) }
        scenarios = try read.map { try changes.applied(to: $0.get(), known: .builtIn) }
        for scenario in scenarios { _ = try scenario.requiredTrace() }
        study = resolved.study
        self.host = host
    }
}
