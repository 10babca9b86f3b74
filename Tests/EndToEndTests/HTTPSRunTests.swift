import Foundation
import Store
import TestServers
import Testing

/// Servers over https that ask for a token, profiled through the command.
@Suite(
    .serialized,
    .enabled(if: HTTPSServer.missing == nil, "these tests need openssl and python3"))
struct HTTPSRunTests {
    private static let secret = "sk-a-secret-of-this-run-77"
    private let workloads: SmallWorkloads
    private let server: HTTPSServer

    init() throws {
        workloads = try SmallWorkloads()
        server = try HTTPSServer(token: Self.secret)
        try workloads.write("token.txt", "\(Self.secret)\n")
    }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        let outcome = try HerculesCommand.run(arguments, in: workloads.folder)
        // Whatever happens, the secret is in nothing that is shown or kept.
        #expect(!outcome.output.contains(Self.secret) && !outcome.errors.contains(Self.secret))
        for file in try FileManager.default.contentsOfDirectory(
            at: workloads.folder, includingPropertiesForKeys: nil) where !file.hasDirectoryPath
        {
            #expect(try Data(contentsOf: file).range(of: Data(Self.secret.utf8)) == nil, "\(file)")
        }
        return outcome
    }

    /// A job beside whose file, one folder up, the token lies.
    private func writeJob(ca: String, token: String = "../token.txt", engine: String = "") throws {
        try workloads.writeJob(
            rates: [20], schedules: "[{ threads: 1, batch: 1 }]", seconds: 0.3,
            engines:
                "[{ name: openai, url: \"\(server.url)\", ca_file: \(ca), token_file: \(token)\(engine) }]",
            models: "[example-chat]")
    }

    @Test func aJobMeasuresWithATokenThatIsKeptNowhere() throws {
        try writeJob(ca: server.caFile)
        let run = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(run.status == 0 && run.errors.contains("measured 1 cells"), "\(run.errors)")
        #expect(server.log.last == "POST /v1/completions Bearer \(Self.secret)")
        let path = workloads.folder.appendingPathComponent("hercules.sqlite").path
        let measurements = try Store(path: path).measurements().map(\.measurement)
        #expect(measurements.first?.tokens?.outputTokens ?? 0 > 0)
        #expect(measurements.allSatisfy { $0.engineVersion.hasPrefix("tls-test") })

        // The same authority and token at other paths are the same job.
        try FileManager.default.copyItem(
            atPath: server.caFile, toPath: workloads.folder.path + "/Workloads/ca.pem")
        try workloads.write("other.txt", Self.secret)
        try writeJob(ca: "../ca.pem", token: "../other.txt")
        let again = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(again.status == 0 && again.errors.contains("measured 0 cells"), "\(again.errors)")
        #expect(try Store(path: path).jobs().count == 1)
        // Another header may reach another model.
        try writeJob(ca: "../ca.pem", engine: ", headers: [\"X-Variant: 7b\"]")
        let other = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(other.status == 0 && other.errors.contains("measured 1 cells, reused 0"), "\(other.errors)")
    }

    @Test func aServerThatRepeatsTheTokenDoesNotBringItIntoTheDatabase() throws {
        let strict = try HTTPSServer(token: "another")
        let access = "ca_file: \(strict.caFile), token_file: ../token.txt"
        try workloads.writeJob(
            rates: [20], schedules: "[{ threads: 1, batch: 1 }]", seconds: 0.1, extra: "attempts_max: 1",
            engines: "[{ name: openai, url: \"\(strict.url)\", \(access) }]",
            models: "[example-chat]")
        let run = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(run.status == 1)
        #expect(run.errors.contains("Incorrect API key provided: (token)"), "\(run.errors)")
        #expect(strict.log.last?.hasSuffix("Bearer \(Self.secret)") == true)
    }

    @Test func aScenarioIsMeasuredWithOptionsOfTheCommandLine() throws {
        let shipped = HerculesCommand.repository.appendingPathComponent("Workloads/scenarios/chat.yaml")
        let text = try String(contentsOf: shipped, encoding: .utf8)
        try workloads.write(
            "scenarios/chat.yaml", text.replacingOccurrences(of: "fleet: single", with: "fleet: host"))
        let unknown = try hercules(
            "profile", "Workloads/scenarios/chat.yaml", "--engine", "openai", "--endpoint", server.url,
            "--token-file", "Workloads/token.txt")
        #expect(unknown.status == 1)
        #expect(
            unknown.errors.contains("found a certificate that is not accepted")
                && unknown.errors.contains("ca_file"), "\(unknown.errors)")
        let run = try hercules(
            "profile", "Workloads/scenarios/chat.yaml", "--engine", "openai", "--endpoint", server.url,
            "--ca-file", server.caFile, "--token-file", "Workloads/token.txt", "--concurrency", "1",
            "--cell-seconds", "0.3", "--header", "X-Variant: 7b")
        #expect(run.status == 0 && run.errors.contains("measured 1 cells"), "\(run.errors)")
    }

    @Test func whatCannotTakeEffectOrWouldShowASecretIsWrongUsage() throws {
        func refusal(_ arguments: String...) throws -> String {
            let outcome = try HerculesCommand.run(
                ["profile", "Workloads/scenarios/host.yaml"] + arguments, in: workloads.folder)
            #expect(outcome.status == 64, "\(outcome.errors)")
            #expect(!outcome.errors.contains("sk-other"))
            return outcome.errors
        }
        #expect(try refusal("--ca-file", "x").contains("need --engine"))
        #expect(
            try refusal("--engine", "null", "--token-file", "x").contains(
                "have no effect on --engine null: leave them out"))
        #expect(
            try refusal("--engine", "openai", "--header", "Authorization: Bearer sk-other").contains(
                "--header: found the header 'Authorization', expected a header without a secret"))
        #expect(
            try refusal("--engine", "openai", "--token-file", "x", "--token-environment", "Y").contains(
                "found both --token-file and --token-environment"))
    }

    @Test func doctorNamesTheLibrary() throws {
        let doctor = try hercules("doctor", "--format", "csv")
        #expect(doctor.output.contains("HTTP client,ok,libcurl/"), "\(doctor.output)")
    }
}
