import Foundation

/// One answer, apart from the server that sends it.
struct ApiResponse: Sendable {
    /// What is sent.
    enum Body: Sendable {
        case bytes([UInt8])
        /// Pieces that are made while they are sent; ends with nil.
        case stream(@Sendable () async -> [UInt8]?)
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body

    init(status: Int, type: String?, bytes: [UInt8], headers: [(name: String, value: String)] = []) {
        self.status = status
        self.headers = headers + (type.map { [("Content-Type", $0)] } ?? [])
        body = .bytes(bytes)
    }

    /// An answer that is made while it is sent.
    init(type: String, stream: @escaping @Sendable () async -> [UInt8]?) {
        status = 200
        headers = [("Content-Type", type), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")]
        body = .stream(stream)
    }

    /// A value as JSON. Numbers that are none become text, as Prometheus writes them.
    static func json(
        _ value: some Encodable, status: Int = 200, headers: [(name: String, value: String)] = []
    ) throws -> ApiResponse {
        ApiResponse(
            status: status, type: "application/json", bytes: try JSONText.bytes(value),
            headers: headers + [("Cache-Control", "no-store")])
    }

    static let noContent = ApiResponse(
        status: 204, type: nil, bytes: [], headers: [("Cache-Control", "no-store")])
}

/// JSON with its keys in order, so that equal values have equal texts.
enum JSONText {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        return Array(try encoder.encode(value))
    }
}
