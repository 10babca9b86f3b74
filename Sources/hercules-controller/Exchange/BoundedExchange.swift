import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import Quantities

/// What came back over the wire.
struct ExchangeReply: Sendable {
    let status: Int
    let type: String?
    let body: [UInt8]
    /// The header Date, in Unix seconds; nil where there is none.
    let dateUnixSeconds: Double?
}

/// Requests over HTTP, within bounds of size and time. Follows no redirect, unpacks nothing, and reads no
/// more than it may.
final class BoundedExchange: Sendable {
    private let settings: ExchangeSettings
    private let client: HTTPClient
    private let bytesMax: Int

    /// - Throws: what is wrong with the certificates.
    init(_ settings: ExchangeSettings, bytesMax: Int) throws {
        self.settings = settings
        self.bytesMax = bytesMax
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
        // Asking again is decided by whoever asks, by kind and by the time that is left.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends the client; no request may follow.
    func shutdown() async { try? await client.shutdown() }

    /// Asks once.
    ///
    /// - Parameters:
    ///   - path: behind the address of the settings, with its query.
    ///   - body: JSON; nil for none.
    ///   - seconds: until the whole answer must be there.
    func send(
        _ method: String, _ path: String, body: [UInt8]? = nil, within seconds: Double
    ) async throws(ExchangeFailure) -> ExchangeReply {
        guard seconds > 0 else { throw ExchangeFailure(.deadline, "no time is left in this tick") }
        let late = "no whole answer within \(Int(seconds.rounded(.up))) s"
        do {
            return try await withThrowingTaskGroup(of: ExchangeReply.self) { group in
                group.addTask { try await self.exchange(method, path, body, seconds) }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    throw ExchangeFailure(.deadline, late)
                }
                defer { group.cancelAll() }
                guard let reply = try await group.next() else { throw CancellationError() }
                return reply
            }
        } catch let failure as ExchangeFailure {
            throw failure
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw ExchangeFailure(.deadline, late)
        } catch is CancellationError {
            throw ExchangeFailure(.deadline, "the controller ends")
        } catch {
            throw ExchangeFailure(.connection, Self.words(error))
        }
    }

    private func exchange(
        _ method: String, _ path: String, _ body: [UInt8]?, _ seconds: Double
    ) async throws -> ExchangeReply {
        let base = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        request.headers.add(name: "Accept", value: "application/json")
        for (name, value) in try settings.requestHeaders() { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(seconds * 1e9)))
        let bytes = try await read(response)
        let encoding = response.headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
        guard encoding == "identity" else {
            throw ExchangeFailure(.shape, "found an answer packed as \(encoding.prefix(20)), expected none")
        }
        return ExchangeReply(
            status: Int(response.status.code), type: response.headers.first(name: "Content-Type"),
            body: bytes,
            dateUnixSeconds: response.headers.first(name: "Date").flatMap(Self.unixSeconds))
    }

    private func read(_ response: HTTPClientResponse) async throws -> [UInt8] {
        let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        guard (length ?? 0) <= bytesMax else {
            throw ExchangeFailure(.size, "the answer has \(length ?? 0) bytes, expected at most \(bytesMax)")
        }
        var bytes: [UInt8] = []
        for try await piece in response.body {
            try Task.checkCancellation()
            guard bytes.count + piece.readableBytes <= bytesMax else {
                throw ExchangeFailure(.size, "the answer has more than \(bytesMax) bytes")
            }
            bytes += Array(piece.readableBytesView)
        }
        try Task.checkCancellation()
        if let length, bytes.count < length {
            throw ExchangeFailure(.cut, "the answer has \(bytes.count) of \(length) bytes")
        }
        return bytes
    }

    /// Errors of connections, without what may be a secret: their own words name hosts and reasons only.
    private static func words(_ error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.shortDescription }
        return String("\(error)".prefix(200))
    }

    /// A text as it may stand in a query.
    static func escaped(_ text: String) -> String {
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
