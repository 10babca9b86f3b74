import Foundation
import Quantities
import Vocabulary

/// What engines that ask a server have in common: its address, its patience and its words.
struct EndpointClient: Sendable {
    let engine: String
    let address: HTTPAddress
    let timeout: Nanoseconds
    static let timeoutDefault = Nanoseconds(seconds: 60)

    init(engine: String, settings: EngineSettings) throws(ProfilingError) {
        guard let url = settings.url else {
            throw .badSetting(
                engine: engine, key: "url", found: "nothing",
                expected: "an address such as http://127.0.0.1:8000")
        }
        guard let address = HTTPAddress(url) else {
            throw .badSetting(
                engine: engine, key: "url", found: "'\(url)'",
                expected: "http://HOST:PORT/PATH; for https put a local proxy in front")
        }
        self.engine = engine
        self.address = address
        timeout = settings.timeout ?? Self.timeoutDefault
    }

    func connection() -> HTTPConnection { HTTPConnection(address, timeout: timeout) }

    /// A successful answer's JSON object.
    static func object(_ body: [UInt8], of url: String) throws(ProfilingError) -> [String: Any] {
        let parsed = try? JSONSerialization.jsonObject(with: Data(body))
        guard let object = parsed as? [String: Any] else {
            throw .answerInvalid(
                source: url, key: "", found: "'\(String(decoding: body.prefix(80), as: UTF8.self))'",
                expected: "a JSON object")
        }
        return object
    }

    /// The error of a status that is no success, with the server's own words where it gives some.
    static func refusal(
        _ status: Int, _ body: [UInt8], url: String, engine: String, model: ModelID
    ) -> ProfilingError {
        let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
        let inner = object?["error"] as? [String: Any]
        let words =
            inner?["message"] as? String ?? object?["error"] as? String ?? object?["message"] as? String
            ?? object?["detail"] as? String ?? String(decoding: body.prefix(200), as: UTF8.self)
        return .engineFailed(
            engine: engine, call: "POST \(url)", model: model, message: "status \(status): \(words)")
    }
}

/// JSON text from parts that the standard encoder is too slow for or cannot order.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20: quoted += String(format: "\\u%04x", scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
