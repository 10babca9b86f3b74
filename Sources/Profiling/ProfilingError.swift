import Vocabulary

/// What can go wrong while profiling; every message names what was found and what was expected.
public enum ProfilingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A library or tool that `Scripts/setup` installs is not there.
    case notInstalled(what: String, reason: String)
    /// A call of an inference engine failed.
    case engineFailed(engine: String, call: String, model: ModelID, message: String)
    /// The engine's view of a model's inputs differs from the graph's.
    case inputsDiffer(model: ModelID, found: [String], expected: [String])
    /// A model ran, and its outputs do not hold a result for every item.
    case outputsDiffer(model: ModelID, items: Int, found: String)
    /// The model's graph takes one number of items at once and no other.
    case batchFixed(model: ModelID, found: Int, expected: Int)
    /// The script that writes ONNX files failed.
    case generationFailed(model: ModelID, directory: String, message: String)
    /// A file of the system could not be read or did not hold what it should.
    case unreadable(path: String, reason: String)
    /// The schedule asks for more cores than there are.
    case scheduleDoesNotFit(schedule: Schedule, cores: Int)
    /// The engine schedules for itself and has no such axis.
    case scheduleNotSupported(schedule: Schedule, engine: String, expected: String)
    /// The engine, or this processor, does not compute in the precision.
    case precisionNotSupported(engine: String, asked: Precision, found: String, expected: [Precision])
    /// The engine does not take pieces of several queries in one batch.
    case joiningNotSupported(schedule: Schedule, engine: String)
    /// This machine cannot run the schedule's partition.
    case partitionNotSupported(schedule: Schedule, engine: String)
    /// This machine runs threads and batches; an engine that batches by itself is not started here.
    case kindOfScheduleNotSupported(schedule: Schedule, engine: String)
    /// A setting that an engine needs is missing or of no use.
    case badSetting(engine: String, key: String, found: String, expected: String)
    /// A server could not be asked, or did not answer.
    case requestFailed(url: String, reason: String)
    /// A program could not be run to its end.
    case programFailed(program: String, reason: String)
    /// What a server or a program answered is not what was agreed.
    case answerInvalid(source: String, key: String, found: String, expected: String)
    /// The engine cannot run a model of this kind.
    case kindNotSupported(model: ModelID, found: String, engine: String, expected: String)
    /// A power meter that was asked for, or might be there, does not work.
    case noMeter(what: String, reason: String, remedy: String)

    /// Whether a model ran wrongly or not at all, rather than that it was not asked, or asked wrongly.
    public var isOfTheModel: Bool {
        switch self {
        case .engineFailed, .inputsDiffer, .outputsDiffer, .answerInvalid: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .notInstalled(let what, let reason):
            "\(what) was not found (\(reason)); install it with: Scripts/setup"
        case .engineFailed(let engine, let call, let model, let message):
            "\(engine): \(call) failed for model \(model): \(message)"
        case .inputsDiffer(let model, let found, let expected):
            "model \(model): found inputs \(found.joined(separator: ", ")), "
                + "expected \(expected.joined(separator: ", "))"
        case .outputsDiffer(let model, let items, let found):
            "model \(model): found \(found) for \(items) items, expected \(items) rows: the runtime reports "
                + "success without the work, so nothing of it is kept"
        case .batchFixed(let model, let found, let expected):
            "model \(model): found D = \(found), expected D = \(expected), which its graph fixes"
        case .generationFailed(let model, let directory, let message):
            "no ONNX file for model \(model) in \(directory): \(message)"
        case .unreadable(let path, let reason):
            "\(path): \(reason)"
        case .scheduleDoesNotFit(let schedule, let cores):
            "schedule \(schedule): found M x O = \(schedule.columns.hostCores), "
                + "expected at most \(cores), the cores of this machine"
        case .scheduleNotSupported(let schedule, let engine, let expected):
            "schedule \(schedule): found M = \(schedule.columns.threads), O = \(schedule.columns.workers), "
                + "D = \(schedule.columns.batch), "
                + "expected \(expected), as \(engine) only knows requests in flight"
        case .precisionNotSupported(let engine, let asked, let found, let expected):
            "precision \(asked.rawValue) with \(engine): found \(found), expected one of "
                + expected.map(\.rawValue).joined(separator: ", ")
        case .joiningNotSupported(let schedule, let engine):
            "schedule \(schedule): found batches that are joined, expected `whole` with an engine that takes "
                + "them, which \(engine) is not"
        case .partitionNotSupported(let schedule, let engine):
            "schedule \(schedule): found partition \(schedule.columns.partition.rawValue), expected "
                + "\(engine == "openvino" ? "whole or sparseDense, which" : "whole, the one that") \(engine) "
                + "runs on this machine"
        case .kindOfScheduleNotSupported(let schedule, let engine):
            "schedule \(schedule): found the rules of an engine that batches by itself, expected threads and "
                + "batches, which \(engine) runs on this machine"
        case .badSetting(let engine, let key, let found, let expected):
            "engine \(engine): \(key): found \(found), expected \(expected)"
        case .requestFailed(let url, let reason): "\(url): \(reason)"
        case .programFailed(let program, let reason): "\(program): \(reason)"
        case .answerInvalid(let source, let key, let found, let expected):
            "\(source): answer\(key.isEmpty ? "" : ": \(key)"): found \(found), expected \(expected)"
        case .kindNotSupported(let model, let found, let engine, let expected):
            "model \(model): found \(found), expected \(expected), which \(engine) runs"
        case .noMeter(let what, let reason, let remedy):
            "power meter \(what): \(reason); \(remedy)"
        }
    }
}
