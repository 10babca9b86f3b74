import CNative

/// The functions of a loaded HiGHS library.
struct HiGHSLibrary {
    let functions: CNativeHiGHS
    /// Where the library was found.
    let path: String

    /// Opens a library by file name; opening it again is cheap.
    init(name: String) throws(OptimizationError) {
        var functions = CNativeHiGHS()
        var message = [CChar](repeating: 0, count: 4096)
        let isLoaded = cnative_highs_load(name, &functions, &message, message.count) == 1
        let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard isLoaded else { throw .libraryMissing(name: name, reason: text) }
        self.functions = functions
        path = text
    }

    var version: String {
        functions.version().map { String(cString: $0) } ?? "unknown"
    }
}

/// The model statuses of the HiGHS C interface.
enum HiGHSModelStatus: Int32 {
    case notSet = 0
    case loadError = 1
    case modelError = 2
    case presolveError = 3
    case solveError = 4
    case postsolveError = 5
    case modelEmpty = 6
    case optimal = 7
    case infeasible = 8
    case unboundedOrInfeasible = 9
    case unbounded = 10
    case objectiveBound = 11
    case objectiveTarget = 12
    case timeLimit = 13
    case iterationLimit = 14
    case unknown = 15
    case solutionLimit = 16
    case interrupt = 17
}
