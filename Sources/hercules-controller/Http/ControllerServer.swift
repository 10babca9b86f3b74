import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// Carries requests from sockets to the interface, and its answers back.
struct ControllerServer: Sendable {
    /// Bounds on those who connect.
    enum Limit {
        static let connections = 1_200
        static let idleSeconds: Int64 = 90
        static let bodySeconds = 15
        static let headerBytes = 16 << 10
    }

    let api: ControllerApi
    let logger: Logger

    /// The service that listens.
    /// - Parameter onListening: is told the port, which the system picks where 0 was asked for.
    /// - Throws: what is wrong with the certificate or its key.
    func service(onListening: @escaping @Sendable (Int) -> Void) throws -> any Service {
        let address = api.gate.address
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: .seconds(Limit.idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Limit.headerBytes, maxHeaderListSize: Limit.headerBytes,
                    maxHeaderFieldCount: 100)))
        let server =
            if let certificate = address.certificate, let key = address.key {
                try HTTPServerBuilder.tls(http, tlsConfiguration: Self.tls(certificate, key))
            } else { http }
        return Application(
            responder: ApiResponder(api: api), server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Limit.connections)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? address.port) },
            logger: logger)
    }

    private static func tls(_ certificate: String, _ key: String) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        tls.minimumTLSVersion = .tlsv12
        return tls
    }
}

/// What is known of a connection.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Of the peer, without its port.
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Turns the server's requests into ours, and our answers into the server's.
struct ApiResponder: HTTPResponder {
    let api: ControllerApi

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let answer: ApiResponse
        do {
            answer = await api.answer(try await take(request, context))
        } catch let problem as ApiProblem {
            var response = problem.response
            response.headers += api.gate.protection
            response.headers.append(("Connection", "close"))
            answer = response
        }
        return response(answer, isHead: request.method == .head)
    }

    /// Reads a request within the bounds of size and time.
    private func take(_ request: Request, _ context: ConnectionContext) async throws -> ApiRequest {
        var headers: [String: [String]] = [:]
        for field in request.headers {
            headers[field.name.canonicalName, default: []].append(field.value)
        }
        if let authority = request.head.authority { headers["host"] = [authority] }
        let target = request.head.path ?? "/"
        var body: [UInt8] = []
        if request.method != .get, request.method != .head {
            let isPush = target.hasPrefix("/v1/push")
            let max = isPush ? ApiRequest.Limit.pushBytes : ApiRequest.Limit.bodyBytes
            body = try await Self.body(request.body, max: max)
        }
        return try ApiRequest(
            method: request.method.rawValue, target: target, headers: headers, body: body,
            address: context.address)
    }

    private static func body(_ body: RequestBody, max: Int) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                for try await piece in body {
                    guard bytes.count + piece.readableBytes <= max else {
                        throw ApiProblem(.tooLarge, "the body has more than \(max) bytes")
                    }
                    bytes += Array(piece.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: .seconds(ControllerServer.Limit.bodySeconds))
                throw ApiProblem(.badRequest, "the body took too long")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private func response(_ answer: ApiResponse, isHead: Bool) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            let length = bytes.count
            if isHead {
                headers[.contentLength] = String(length)
                return Response(status: status, headers: headers, body: .init())
            }
            // An answer that says there is none must not name a length.
            if status == .noContent {
                return Response(status: status, headers: headers, body: .init { try await $0.finish(nil) })
            }
            return Response(
                status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let next):
            if isHead { return Response(status: status, headers: headers, body: .init()) }
            return Response(
                status: status, headers: headers,
                body: .init { writer in
                    while let piece = await next() { try await writer.write(ByteBuffer(bytes: piece)) }
                    try await writer.finish(nil)
                })
        }
    }
}
