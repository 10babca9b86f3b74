import Files
import Quantities
import Vocabulary

/// Why a stage cannot do what it was asked to.
public enum PipelineError: UsageFault, Equatable {
    /// No scenario was named and the database has seen none.
    case noScenario(database: String)
    /// Models on the machine at hand for which there are no usable measurements.
    case notProfiled(models: [ModelID], serverType: ServerTypeID)
    /// Pairs that no search has been run for.
    case notSearched(pairs: [String], count: Int)
    /// Nothing is known of any model on any server type of the fleet, and nothing can be found out here.
    case noFigures(models: [ModelID], pairs: [String], count: Int)
    /// A pair whose efficiency entry somebody else measured, without service times to simulate it by.
    case noServiceTimes(model: ModelID, serverType: ServerTypeID)
    /// A schedule that takes several servers. Plans count single ones.
    case notAWholeServer(
        model: ModelID, serverType: ServerTypeID, schedule: Schedule, found: Footprint)
    /// A load over time is needed, and the scenario names none.
    case noTrace(scenario: String)
    /// A name that is none of those known.
    case unknownName(kind: String, found: String, known: [String])
    /// A name that the catalogue does not have, with the one that was probably meant.
    case notInCatalogue(what: String, found: String, nearest: String?)
    /// A value that does not fit the scenario or trace it was given for.
    case badValue(name: String, found: String, expected: String)
    /// An objective of costs that nobody has given, which would count as nothing.
    case unpriced(UnpricedCost)
    /// A file that could not be written.
    case notWritten(OutputRefusal)
    /// No rule of a profile job matches the name of this host.
    case hostNotInJob(job: String, host: String, patterns: [String])
    /// None of a job's schedules fits this host.
    case nothingToMeasure(job: String, cores: Int)
    /// No job of that name is stored, or none at all.
    case noJob(name: String?, database: String, known: [String])
    /// A profile asks for sparse and dense threads where nothing can split the model.
    case cannotSplit(found: String, expected: String)
    /// A cluster whose engines cannot be played: a model that does not fit, a figure that is missing.
    case unplayable(file: String, fault: String)
    /// The file of a study, or what it makes of its scenario, has faults.
    case unusableStudy(FileError)
    /// An accuracy is asked for that no variant of a task has.
    case floorOutOfReach(String)
    /// A latency target of a pipeline that not even a single request can keep.
    case targetOutOfReach(String)
    /// A scenario with pipelines, of which there are plans and nothing else.
    case plansPipelinesAlone(scenario: String)
    /// A part of the toolchain that `Scripts/setup` installs is missing.
    case notInstalled(what: String)

    /// Whether a name was typed that nothing is known by, or a value that does not fit the rest.
    public var isUsage: Bool {
        switch self {
        case .unknownName, .notInCatalogue, .badValue, .unpriced, .unusableStudy: true
        case .noJob(let name, _, _): name != nil
        case .notWritten(let refusal): refusal.isUsage
        case .noScenario, .notProfiled, .notSearched, .noFigures, .noServiceTimes, .notAWholeServer,
            .noTrace, .hostNotInJob, .nothingToMeasure, .cannotSplit, .unplayable, .floorOutOfReach,
            .targetOutOfReach, .plansPipelinesAlone, .notInstalled:
            false
        }
    }

    public var description: String {
        switch self {
        case .noScenario(let database):
            "no scenario was named, and \(database) holds none yet: name one, for example "
                + "`hercules run Workloads/scenarios/quickstart.yaml`"
        case .notProfiled(let models, let serverType):
            "no measurements of \(models.map(\.name).joined(separator: ", ")) on \(serverType) "
                + "with these profile settings: run `hercules profile` on that machine first"
        case .notSearched(let pairs, let count):
            "no efficiency entry for \(pairs.joined(separator: ", "))"
                + (count > pairs.count ? " and \(count - pairs.count) more pairs" : "")
                + ": run `hercules search` first"
        case .noFigures(let models, let pairs, let count):
            "no figure is known of \(models.map(\.name).joined(separator: ", ")) on any server type: "
                + "expected one of "
                + pairs.joined(separator: ", ")
                + (count > pairs.count ? " and \(count - pairs.count) more" : "")
                + ": import one with `hercules import csv FILE`"
        case .noServiceTimes(let model, let serverType):
            "no service times are known of model '\(model)' on server type '\(serverType)', "
                + "as where figures are imported: it cannot be simulated query by query"
        case .notAWholeServer(let model, let serverType, let schedule, let found):
            "model '\(model)' on server type '\(serverType)': found schedule \(schedule), which takes "
                + "\(found), expected one that fits one server: plans count single servers"
        case .noTrace(let scenario):
            "scenario \(scenario): found no trace, expected one under `trace` in its file, or loads on the "
                + "command line"
        case .unknownName(let kind, let found, let known):
            "unknown \(kind) '\(found)': expected \(NameSuggestion.oneOf(known, insteadOf: found))"
        case .notInCatalogue(let what, let found, let nearest):
            "found '\(found)', expected the name of \(what)"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "")
                + " (`hercules catalog list` shows them)"
        case .badValue(let name, let found, let expected):
            "\(name): found '\(found)', expected \(expected)"
        case .unpriced(let unpriced): "\(unpriced)"
        case .notWritten(let refusal): "\(refusal)"
        case .hostNotInJob(let job, let host, let patterns):
            "job \(job): found the host '\(host)', expected one that a rule under `hosts` matches: "
                + "\(patterns.joined(separator: ", "))"
        case .nothingToMeasure(let job, let cores):
            "job \(job): found no schedule with M x O of at most \(cores), the cores of this host"
        case .noJob(let name, let database, let known):
            "\(database): found no profile job\(name.map { " '\($0)'" } ?? ""), expected "
                + (known.isEmpty
                    ? "one that was begun: `hercules profile Workloads/jobs/harness.yaml` begins one"
                    : NameSuggestion.oneOf(known, insteadOf: name ?? ""))
        case .cannotSplit(let found, let expected):
            "profile.partitions: sparseDense: found \(found), expected \(expected)"
        case .unplayable(let file, let fault): "\(file): \(fault)"
        case .unusableStudy(let error): "\(error)"
        case .floorOutOfReach(let what), .targetOutOfReach(let what): what
        case .plansPipelinesAlone(let scenario):
            "scenario \(scenario): found pipelines, which are planned and not replayed: run `hercules plan`"
        case .notInstalled(let what): "\(what) was not found; install it with: Scripts/setup"
        }
    }
}
