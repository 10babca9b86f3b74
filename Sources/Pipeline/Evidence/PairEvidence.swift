import Profiling
import Quantities
import Store
import Vocabulary

/// What is known of one model on one server type, the strongest kind only.
package enum PairEvidence: Sendable {
    /// Cells measured on this machine under the scenario's settings.
    case measuredHere(MeasuredCells)
    /// Cells that a job measured on a host that stands for the type.
    case measuredElsewhere(MeasuredCells)
    /// Figures that somebody else measured; at least one.
    case imported([ImportedFigure])
    /// Nothing was measured, but a server model can compute it.
    case modelled
    /// Nothing is known.
    case nothing(Remedy)

    /// How evidence of a pair can be had.
    package enum Remedy: Hashable, Sendable {
        /// This machine is of the type: it can be measured.
        case profiling
        /// Only figures from elsewhere can say.
        case importing
    }

    /// nil where nothing is known.
    package var kind: EvidenceKind? {
        switch self {
        case .measuredHere: .measuredHere
        case .measuredElsewhere: .measuredElsewhere
        case .imported: .imported
        case .modelled: .modelled
        case .nothing: nil
        }
    }

    /// The measured cells; nil where nothing was measured.
    package var cells: MeasuredCells? {
        switch self {
        case .measuredHere(let cells), .measuredElsewhere(let cells): cells
        case .imported, .modelled, .nothing: nil
        }
    }

    /// Whether a search on this machine can find an entry, as far as is known beforehand.
    package var isSearchable: Bool {
        switch self {
        case .nothing(let remedy): remedy == .profiling
        case .measuredHere, .measuredElsewhere, .imported, .modelled: true
        }
    }
}

/// Cells of one pair, one for each schedule, with what their schedules did with all threads busy.
package struct MeasuredCells: Sendable {
    /// At least one; ordered by schedule.
    package let loaded: [StoredMeasurement]
    /// Reads the saturated runs: they are not needed where every outcome is stored.
    package let saturations: @Sendable () throws -> [Schedule: LoadRun]

    /// The cell of a schedule; nil where it was not measured.
    package func cell(of schedule: Schedule) -> LoadRun? {
        loaded.last { $0.measurement.schedule == schedule }?.measurement
    }
}
