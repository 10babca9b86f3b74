/// Why a program could not be handed to the solver or its answer not be read.
///
/// That a program is infeasible or unbounded is an answer, not an error.
public enum OptimizationError: Error, Hashable, CustomStringConvertible {
    /// The solver's library cannot be opened.
    case libraryMissing(name: String, reason: String)
    /// The library reported an error for a call on it.
    case callFailed(function: String, detail: String)
    /// The program itself is malformed.
    case malformedProgram(String)

    public var description: String {
        switch self {
        case .libraryMissing(let name, let reason):
            """
            cannot load \(name): \(reason). Searched $HERCULES_LIB_PATH, .deps/lib of the working directory \
            and of \
            the directories above the executable, and the system's library path. Install it with: \
            Scripts/setup
            """
        case .callFailed(let function, let detail): "HiGHS: \(function) failed: \(detail)"
        case .malformedProgram(let defect): "malformed program: \(defect)"
        }
    }
}
