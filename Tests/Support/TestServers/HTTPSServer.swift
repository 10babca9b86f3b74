import Foundation

/// An OpenAI-compatible server over https on a port of this machine, with a certificate of its own making.
public final class HTTPSServer {
    /// The programs that such a server needs and this machine lacks, in words; nil where all are there.
    public static let missing: String? = {
        let names = ["openssl", "python3"].filter { (try? run([$0, "version"], orHelp: true)) == nil }
        return names.isEmpty ? nil : "\(names.joined(separator: " and ")) not found"
    }()

    /// What could not be run.
    public struct Failed: Error {
        public let program: String
    }

    public let url: String
    /// The server's own certificate, which is its authority as well.
    public let caFile: String
    private let process = Process()
    private let folder: URL

    /// - Parameters:
    ///   - token: what requests must carry; empty for none.
    ///   - names: the hosts that the certificate is for.
    public init(token: String = "", names: String = "DNS:localhost,IP:127.0.0.1") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("https-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
        try Self.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=\(names)", "-out", certificate, "-keyout", key,
        ])
        caFile = certificate
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("https-server.py").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, certificate, key, token, folder.path + "/log"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard Int(port) != nil else { throw Failed(program: script) }
        url = "https://127.0.0.1:\(port)"
    }

    deinit {
        // Threads of tests block the gentler signals, and a child inherits that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// One line for each connection and each request, with its `Authorization`.
    public var log: [String] {
        let text = (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// - Parameter orHelp: whether any exit status will do, as long as the program was found.
    private static func run(_ arguments: [String], orHelp: Bool = false) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // `env` says 127 for a program that it does not find.
        guard process.terminationStatus == 0 || (orHelp && process.terminationStatus != 127) else {
            throw Failed(program: arguments[0])
        }
    }
}
