import CNative
import Vocabulary

/// ONNX Runtime's C interface, loaded at run time.
final class OnnxRuntimeLibrary: @unchecked Sendable {
    // Unchecked: the table is written once before anyone sees it; the environment is made for several
    // threads.

    let functions: cnative_ort_functions
    let environment: OpaquePointer
    /// The library's own allocator.
    let allocator: OpaquePointer
    /// Describes memory of the processor.
    let memory: OpaquePointer
    /// For example `1.31.1`.
    let version: String

    init(name: String) throws(ProfilingError) {
        var message = [CChar](repeating: 0, count: 1024)
        guard let table = cnative_onnxruntime_open(name, &message, message.count) else {
            let text = String(
                decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .notInstalled(what: name, reason: text)
        }
        functions = table.pointee
        version = String(cString: functions.version)
        var (environment, allocator, memory): (OpaquePointer?, OpaquePointer?, OpaquePointer?)
        let errorsOnly: Int32 = 3
        try Self.check(
            functions, functions.env_create(errorsOnly, "hercules", &environment), "environment", "-")
        try Self.check(functions, functions.allocator_default(&allocator), "allocator", "-")
        let (deviceAllocator, defaultKind): (Int32, Int32) = (0, 0)
        try Self.check(
            functions, functions.memory_cpu(deviceAllocator, defaultKind, &memory), "memory", "-")
        guard let environment, let allocator, let memory else {
            throw .engineFailed(engine: "onnxruntime", call: "start", model: "-", message: "no environment")
        }
        self.environment = environment
        self.allocator = allocator
        self.memory = memory
    }

    deinit {
        functions.memory_release(memory)
        functions.env_release(environment)
    }

    /// Turns a status into an error that carries the library's own words, and releases it.
    func check(_ status: OpaquePointer?, _ call: @autoclosure () -> String, _ model: ModelID)
        throws(ProfilingError)
    {
        guard status != nil else { return }
        try Self.check(functions, status, call(), model)
    }

    private static func check(
        _ functions: cnative_ort_functions, _ status: OpaquePointer?, _ call: String, _ model: ModelID
    ) throws(ProfilingError) {
        guard let status else { return }
        let message = functions.error_message(status).map { String(cString: $0) } ?? "no message"
        functions.status_release(status)
        throw .engineFailed(engine: "onnxruntime", call: call, model: model, message: message)
    }
}
