import CNative
import Vocabulary

/// OpenVINO's C interface, loaded at run time.
final class OpenVINOLibrary: @unchecked Sendable {
    // Unchecked: the table is written once before anyone sees it, and the library's own functions are
    // thread-safe except where one object is used by two threads.

    let functions: cnative_ov_functions
    /// The build that the library names, for example `2026.4.1-22982-0ff8a6ce64e`.
    let version: String

    init(name: String) throws(ProfilingError) {
        var message = [CChar](repeating: 0, count: 1024)
        guard let table = cnative_openvino_open(name, &message, message.count) else {
            throw .notInstalled(what: name, reason: Self.text(message))
        }
        functions = table.pointee
        var found = cnative_ov_version()
        guard functions.version_get(&found) == CNATIVE_OV_OK, let build = found.build else {
            throw .engineFailed(engine: "openvino", call: "version", model: "-", message: Self.text(message))
        }
        version = String(cString: build)
        functions.version_free(&found)
    }

    /// Turns a status into an error that carries the library's own words.
    func check(_ status: Int32, _ call: String, model: ModelID) throws(ProfilingError) {
        guard status != CNATIVE_OV_OK else { return }
        var message = "status \(status)"
        if let text = functions.last_error() {
            // The library reports where in its source it threw, line by line; the last line says what is
            // wrong.
            let lines = String(cString: text).split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
            if let last = lines.last { message += ": \(last)" }
            functions.text_free(text)
        }
        throw .engineFailed(engine: "openvino", call: call, model: model, message: message)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
