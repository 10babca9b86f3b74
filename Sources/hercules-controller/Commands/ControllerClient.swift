import ArgumentParser
import AsyncHTTPClient
import Controlling
import Foundation
import NIOCore
import NIOSSL

/// Where a running controller is asked, and with which token.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the controller answers.", valueName: "url"))
    var address = "http://127.0.0.1:\(ListenAddress.standardPort)"

    @Option(help: ArgumentHelp("A file that holds a token alone.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("PEM file of who signed the controller's certificate.", valueName: "file"))
    var caFile: String?

    @Flag(help: "Print the answer as JSON.") var json = false

    /// Asks once.
    /// - Throws: `ValidationError` for a token that cannot be read; what the controller answers otherwise.
    func get(_ path: String) async throws -> [UInt8] {
        var settings = ExchangeSettings(url: address)
        settings.bearerFile = tokenFile
        settings.caFile = caFile
        var tls = TLSConfiguration.makeClientConfiguration()
        if let caFile { tls.trustRoots = .file(caFile) }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .init(tlsConfiguration: tls, redirectConfiguration: .disallow))
        do {
            let bytes = try await Self.exchange(client, address + path, settings)
            try await client.shutdown()
            return bytes
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private static func exchange(
        _ client: HTTPClient, _ url: String, _ settings: ExchangeSettings
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        for (name, value) in try settings.requestHeaders() { request.headers.add(name: name, value: value) }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(30))
        } catch {
            throw ClientFailure("\(url): \(error); is the controller running?")
        }
        let body = Array((try await response.body.collect(upTo: 64 << 20)).readableBytesView)
        guard response.status.code == 200 else {
            let words = String(decoding: body.prefix(2_000), as: UTF8.self)
            throw ClientFailure("\(url): HTTP \(response.status.code): \(words)")
        }
        return body
    }

    /// Asks, and prints what was answered: as JSON, or as text.
    func show<Answer: Decodable>(
        _ path: String, as _: Answer.Type, _ text: (Answer) -> [String]
    ) async throws -> Answer {
        let bytes = try await get(path)
        let answer: Answer
        do {
            answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw ClientFailure("\(address)\(path): found an answer of another kind; is this a controller?")
        }
        print(json ? String(decoding: bytes, as: UTF8.self) : text(answer).joined(separator: "\n"))
        return answer
    }
}

/// Why a controller could not be asked.
struct ClientFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
