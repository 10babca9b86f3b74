import Foundation

/// Where another server answers, and what it wants to see first. Secrets stand in files, never here.
struct ExchangeSettings: Hashable, Sendable {
    /// For example `http://127.0.0.1:9090`, with the prefix of a path where there is one.
    var url: String
    /// For the questions of one tick, with all that is asked again.
    var deadlineSeconds = 10.0
    /// Files, read again for every request.
    var bearerFile: String?
    var basicUser: String?
    var basicPasswordFile: String?
    /// PEM files, read at the start.
    var caFile: String?
    var certificate: String?
    var key: String?
    /// Sent with every request, for example `X-Scope-OrgID`.
    var headers: [String: String] = [:]
    /// Whether the server's clock is compared with ours: not while ours is simulated.
    var comparesClocks = true

    /// The headers of one request.
    /// - Throws: where a file cannot be read. What it holds is never repeated.
    func requestHeaders() throws(ExchangeFailure) -> [(name: String, value: String)] {
        var all = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        if let bearerFile { all.append(("Authorization", "Bearer \(try Self.secret(bearerFile))")) }
        if let basicUser, let basicPasswordFile {
            let pair = Data("\(basicUser):\(try Self.secret(basicPasswordFile))".utf8)
            all.append(("Authorization", "Basic \(pair.base64EncodedString())"))
        }
        return all
    }

    private static func secret(_ path: String) throws(ExchangeFailure) -> String {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: 16 << 10), let text = String(data: data, encoding: .utf8)
        else { throw ExchangeFailure(.denied, "\(path) cannot be read") }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty, secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ExchangeFailure(.denied, "\(path) holds no token on one line")
        }
        return secret
    }
}
