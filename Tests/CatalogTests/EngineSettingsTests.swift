import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// What a file says of an engine behind an address: whom to trust, who asks, and what to send along.
@Suite struct EngineSettingsTests {
    private static let text = """
        id: small
        title: A small job
        seed: 1
        models: [example-chat]
        engines:
          - name: openai
            url: https://models.example.org/v1/completions
            headers: ["X-Variant: 7b", "X-Zone: a"]
            ca_file: authority.pem
            token_file: /etc/tokens/one
        server: this-host
        schedules: [{ threads: 1, batch: 1 }]
        loads: [closed]
        cell_seconds: 0.25

        """
    private static let known = KnownNames(
        engines: ["openai", "null"], serverEngines: ["openai"])

    private func job(replacing old: String = "", with new: String = "") throws -> (ProfileJob, String) {
        let copy = try WorkingCopy(ofWorkloads: true)
        let path = try copy.write(
            old.isEmpty ? Self.text : Self.text.replacingOccurrences(of: old, with: new),
            to: "jobs/small.yaml")
        return (
            try Catalog(forScenarioAt: path).profileJob(at: path, known: Self.known).job,
            URL(fileURLWithPath: path).deletingLastPathComponent().path
        )
    }

    @Test func filesLieBesideTheOneThatNamesThem() throws {
        let (job, folder) = try job()
        let engine = try #require(job.engines.first)
        #expect(engine.headers == ["X-Variant: 7b", "X-Zone: a"])
        #expect(engine.caFile == "\(folder)/authority.pem")
        #expect(engine.token == .file(path: "/etc/tokens/one"))
        let other = try self.job(
            replacing: "token_file: /etc/tokens/one", with: "token_environment: SERVER_TOKEN")
        #expect(other.0.engines.first?.token == .environment(variable: "SERVER_TOKEN"))
    }

    @Test(arguments: [
        (
            "\"X-Zone: a\"", "\"Authorization: Bearer sk-secret\"",
            "headers[1]: found the header 'Authorization', expected a header without a secret; token_file or "
                + "token_environment name where a bearer token is found"
        ),
        (
            "\"X-Zone: a\"", "\"x-API-key: sk-secret\"",
            "found the header 'x-API-key', expected a header without"
        ),
        ("\"X-Zone: a\"", "\"sk-secret\"", "expected 'Name: value' in visible ASCII characters"),
        ("\"X-Zone: a\"", "\"X-Zone:\"", "expected 'Name: value'"),
        (
            "\"X-Zone: a\"", "\"X-Zone: a\\r\\nX: sk-secret\"",
            "found the header 'X-Zone', expected 'Name: value'"
        ),
        (
            "\"X-Zone: a\"", "\"Content-Length: 3\"",
            "expected a header other than those the client sets itself"
        ),
        ("\"X-Zone: a\"", "[1]", "headers[1]: found a list, expected 'Name: value' in quotes"),
        (
            "token_file: /etc/tokens/one", "token_file: a\n    token_environment: B",
            "found both token_file and token_environment, expected one of them"
        ),
        (
            "name: openai", "name: \"null\"",
            "engines[0].headers: found headers for the engine null, expected an engine that asks a server: "
                + "openai"
        ),
        (
            "token_file:", "token:",
            "engines[0].token: found an unknown key, expected one of name, url, command, concurrency, headers"
        ),
    ])
    func mistakesAreNamedWithoutTheSecret(old: String, new: String, words: String) throws {
        let message = try #require(message { _ = try job(replacing: old, with: new) })
        #expect(message.contains(words), "\(message)")
        #expect(message.contains("jobs/small.yaml:") && !message.contains("sk-secret"), "\(message)")
    }

    @Test func sameEngineWithAnotherTokenIsTheSameEngine() throws {
        let message = message {
            _ = try job(
                replacing: "server: this-host",
                with: """
                      - name: openai
                        url: https://models.example.org/v1/completions
                        headers: ["X-Variant: 7b", "X-Zone: a"]
                        token_environment: ANOTHER
                    server: this-host
                    """)
        }
        #expect(message?.contains("found openai a second time") == true, "\(message ?? "no error")")
    }

    @Test func whatIsTrustedIsNoPartOfWhatIsMeasured() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ settings: EngineSettings) throws -> String {
            String(decoding: try encoder.encode(settings), as: UTF8.self)
        }
        // Digests of stored measurements are made from these texts.
        var settings = EngineSettings(name: "openai", url: "http://a/b", concurrency: [1, 4])
        let before = #"{"concurrency":[1,4],"name":"openai","url":"http://a/b"}"#
        #expect(try json(settings) == before)
        settings.caFile = "ca.pem"
        settings.token = .environment(variable: "TOKEN")
        #expect(try json(settings.deciding) == before)
        #expect(try JSONDecoder().decode(EngineSettings.self, from: encoder.encode(settings)) == settings)
        settings.headers = ["X-Variant: 7b"]
        #expect(try json(settings.deciding) != before)
    }
}
