import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import Quantities

/// What came back over the wire.
struct PrometheusReply: Sendable {
    let status: Int
    let type: String?
    let body: [UInt8]
    /// The header Date, in Unix seconds; nil where there is none.
    let dateUnixSeconds: Double?
}

/// Sends questions and brings back what was answered, within bounds of size and time.
protocol PrometheusTransport: Sendable {
    /// - Parameters:
    ///   - path: for example `/api/v1/query`.
    ///   - form: names and values of the question.
    ///   - seconds: until the whole answer must be there.
    func send(
        path: String, form: [(name: String, value: String)], within seconds: Double
    ) async throws(PrometheusFailure) -> PrometheusReply
}

/// The transport over HTTP. Follows no redirect, unpacks nothing, and reads no more than it may.
final class HTTPPrometheusTransport: PrometheusTransport {
    private let settings: PrometheusSettings
    private let client: HTTPClient

    /// - Throws: what is wrong with the certificates.
    init(_ settings: PrometheusSettings) throws {
        self.settings = settings
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = settings.caFile { tls.trustRoots = .file(file) }
        if let certificate = settings.certificate, let key = settings.key {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(10)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        // Asking again is decided here, by kind and by the time that is left.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends the client; no request may follow.
    func shutdown() async { try? await client.shutdown() }

    func send(
        path: String, form: [(name: String, value: String)], within seconds: Double
    ) async throws(PrometheusFailure) -> PrometheusReply {
        guard seconds > 0 else { throw PrometheusFailure(.deadline, "no time is left in this tick") }
        do {
            return try await withThrowingTaskGroup(of: PrometheusReply.self) { group in
                group.addTask { try await self.exchange(path, form, seconds) }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    throw PrometheusFailure(.deadline, "no whole answer within \(Int(seconds.rounded(.up))) s")
                }
                defer { group.cancelAll() }
                guard let reply = try await group.next() else { throw CancellationError() }
                return reply
            }
        } catch let failure as PrometheusFailure {
            throw failure
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw PrometheusFailure(.deadline, "no whole answer within \(Int(seconds.rounded(.up))) s")
        } catch is CancellationError {
            throw PrometheusFailure(.deadline, "the controller ends")
        } catch {
            throw PrometheusFailure(.connection, Self.words(error))
        }
    }

    private func exchange(
        _ path: String, _ form: [(name: String, value: String)], _ seconds: Double
    ) async throws -> PrometheusReply {
        let base = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
        let query = form.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: base + path + "?" + query)
        request.headers.add(name: "Accept", value: "application/json")
        for (name, value) in try settings.requestHeaders() { request.headers.add(name: name, value: value) }
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(seconds * 1e9)))
        let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        guard (length ?? 0) <= PrometheusAnswer.Limit.bytes else {
            throw PrometheusFailure(.size, "the answer has \(length ?? 0) bytes")
        }
        var body: [UInt8] = []
        for try await piece in response.body {
            try Task.checkCancellation()
            guard body.count + piece.readableBytes <= PrometheusAnswer.Limit.bytes else {
                throw PrometheusFailure(.size, "the answer has more than \(PrometheusAnswer.Limit.bytes) bytes")
            }
            body += Array(piece.readableBytesView)
        }
        try Task.checkCancellation()
        if let length, body.count < length {
            throw PrometheusFailure(.cut, "the answer has \(body.count) of \(length) bytes")
        }
        let encoding = response.headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
        guard encoding == "identity" else {
            throw PrometheusFailure(.shape, "found an answer packed as \(encoding.prefix(20)), expected none")
        }
        return PrometheusReply(
            status: Int(response.status.code), type: response.headers.first(name: "Content-Type"), body: body,
            dateUnixSeconds: response.headers.first(name: "Date").flatMap(Self.unixSeconds))
    }

    /// Errors of connections, without what may be a secret: their own words name hosts and reasons only.
    private static func words(_ error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.shortDescription }
        return String("\(error)".prefix(200))
    }

    private static func escaped(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers send.
    static func unixSeconds(_ text: String) -> Double? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let date = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return CalendarTime.unixNanoseconds(of: date).map { Double($0) / 1e9 }
    }
}
