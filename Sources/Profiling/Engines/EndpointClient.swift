import Foundation
import Quantities
import Vocabulary

/// What engines that ask a server have in common: its address, its patience and its words.
struct EndpointClient: Sendable {
    let engine: String
    let address: HTTPAddress
    private let timeout: Nanoseconds
    private let access: HTTPAccess
    private static let timeoutDefault = Nanoseconds(seconds: 60)
    /// How long an answer that is no success may be.
    static let refusedBytesMax = 64 << 10

    /// Adds a part of an answer that is no success to what is there of it.
    static func collect(
        _ bytes: UnsafeRawBufferPointer, of status: Int, into refused: inout [UInt8]
    ) throws(HTTPMalformed) {
        guard refused.count + bytes.count <= refusedBytesMax else {
            let words = String(decoding: refused.prefix(80), as: UTF8.self)
            throw HTTPMalformed(
                found: "status \(status) with more than \(refusedBytesMax) bytes that begin '\(words)'",
                expected: "status 200")
        }
        refused += bytes
    }

    init(engine: String, settings: EngineSettings) throws(ProfilingError) {
        guard let url = settings.url else {
            throw .badSetting(
                engine: engine, key: "url", found: "nothing",
                expected: "an address such as http://127.0.0.1:8000")
        }
        guard let address = HTTPAddress(url) else {
            throw .badSetting(
                engine: engine, key: "url", found: "'\(url)'",
                expected: "http://HOST:PORT/PATH or https://HOST:PORT/PATH, without user, query and fragment")
        }
        self.engine = engine
        self.address = address
        timeout = settings.timeout ?? Self.timeoutDefault
        access = try HTTPAccess(engine: engine, settings: settings)
    }

    private init(_ client: EndpointClient, path: String) {
        engine = client.engine
        address = client.address.at(path)
        timeout = client.timeout
        access = client.access
    }

    /// The same server at another path.
    func at(_ path: String) -> EndpointClient { EndpointClient(self, path: path) }

    /// A connection of its own.
    /// - Parameter bodyBytesMax: how long an answer may be; as long as tensors are unless given.
    func connection(bodyBytesMax: Int? = nil) throws(ProfilingError) -> HTTPConnection {
        var limits = HTTPAnswer.Limits()
        limits.bodyBytes = bodyBytesMax ?? limits.bodyBytes
        return try HTTPConnection(address, timeout: timeout, access: access, limits: limits)
    }

    /// What a server says of itself and of its models is short.
    static let metadataBytesMax = 1 << 20

    /// A server's words as they may be shown and stored: without the secret that it was sent.
    func shown(_ words: String) -> String { access.withoutToken(words) }

    /// A successful answer's JSON object.
    func object(_ body: [UInt8], of url: String) throws(ProfilingError) -> [String: Any] {
        let parsed = try? JSONSerialization.jsonObject(with: Data(body))
        guard let object = parsed as? [String: Any] else {
            let words = shown(String(decoding: body.prefix(Self.refusedBytesMax), as: UTF8.self))
            throw .answerInvalid(
                source: url, key: "", found: "'\(words.prefix(80))'", expected: "a JSON object")
        }
        return object
    }

    /// The error of a status that is no success, with the server's own words where it gives some.
    func refusal(_ status: Int, _ body: [UInt8], url: String, model: ModelID) -> ProfilingError {
        let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
        let inner = object?["error"] as? [String: Any]
        let words =
            inner?["message"] as? String ?? object?["error"] as? String ?? object?["message"] as? String
            ?? object?["detail"] as? String ?? String(decoding: body, as: UTF8.self)
        return .engineFailed(
            engine: engine, call: "POST \(url)", model: model,
            message: "status \(status): \(shown(words).prefix(500))\(Self.remedy(status))")
    }

    /// What may help where a server wants to know who asks.
    static func remedy(_ status: Int) -> String {
        guard [401, 403].contains(status) else { return "" }
        return "; token_file or token_environment name where a token is found"
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
