import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Language models as services, fitted laws and servers for them, as a person writes them, rightly and
/// wrongly.
@Suite struct TokenServiceFileTests {
    private static let head = """
        id: m
        title: t
        source: s
        latency_quantile: 0.95
        latency_limit_ms: 500
        query_sizes: {fixed_items: 1}

        """
    private static let requests = """
          requests:
            - {name: a, share: 0.25, prompt: {fixed: 100}, output: {fixed: 10}}
            - {name: b, share: 0.75, prompt: {fixed: 200}, output: {uniform: {lower: 5, upper: 8}}}

        """
    private static let laws = """
        id: fits
        source: "a test"
        laws:
          - device: l4
            tensor_parallel: 2
            backend: "vllm 1"
            step_ms: 12.5
            sequence_us: 40
            context_ns: 60
            prompt_us: 70
            rows: 12
            error: 0.01
            left_out_error: 0.02
            left_out_error_p90: 0.05

        """

    private func refusal(_ body: String, laws: String? = nil) throws -> String? {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.write(Self.head + body, to: "models/m.yaml")
        if let laws { try copy.write(laws, to: "llm/laws/fits.yaml") }
        return message(without: copy.path) { _ = try copy.catalog.model("m") }
    }

    @Test func aServiceIsReadWithItsLaws() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.write(
            Self.head + "language:\n  config: llama-3.1-8b\n  tpot_limit_ms: 40\n  laws: fits\n"
                + Self.requests, to: "models/m.yaml")
        try copy.write(Self.laws, to: "llm/laws/fits.yaml")
        let service = try #require(try copy.catalog.model("m").service)
        #expect(service.shape.name == "llama-3.1-8b" && service.outputTokenMax == 0.04)
        #expect(service.classes.map(\.name) == ["a", "b"] && service.longestRequest == 207)
        let law = try #require(service.law(on: "l4", tensorParallel: 2))
        #expect(abs(law.times.fixed - 0.0125) < 1e-15 && abs(law.times.sequence - 4e-5) < 1e-18)
        #expect(abs(law.times.context - 6e-8) < 1e-20 && abs(law.times.prompt - 7e-5) < 1e-18)
        #expect(law.residuals.isTrusted && law.source == "a test")
        #expect(service.law(on: "l4", tensorParallel: 1) == nil)
        #expect(service.targets(try copy.catalog.model("m").latencyTarget).firstToken == 0.5)
    }

    @Test func whatIsMissingOrWrongIsNamed() throws {
        let none = try refusal("language:\n  config: llama-3.1-8b\n")
        #expect(none?.contains("language.requests: found nothing") == true, "\(none ?? "")")
        let unknown = try refusal("language:\n  config: lama\n" + Self.requests)
        #expect(unknown?.contains("found 'lama', expected a language model") == true, "\(unknown ?? "")")
        let shares = try refusal(
            "language:\n  config: llama-3.1-8b\n  requests:\n"
                + "    - {name: a, share: 0.5, prompt: {fixed: 1}, output: {fixed: 1}}\n")
        #expect(shares?.contains("shares that add up to 0.5") == true, "\(shares ?? "")")
        let long = try refusal(
            "language:\n  config: llama-3.1-8b\n  requests:\n"
                + "    - {name: a, prompt: {fixed: 131_000}, output: {fixed: 1000}}\n")
        #expect(long?.contains("requests of at least 132000 tokens (a)") == true, "\(long ?? "")")
        let laws = try refusal("language:\n  config: llama-3.1-8b\n  laws: nobody\n" + Self.requests)
        #expect(laws?.contains("found 'nobody', expected fitted laws") == true, "\(laws ?? "")")
        let both = try refusal(
            "language:\n  config: llama-3.1-8b\n" + Self.requests + "predict_layers: [1]\n")
        #expect(both?.contains("this key beside language") == true, "\(both ?? "")")
    }

    @Test func lawsAreReadOnceEach() throws {
        let body = "language:\n  config: llama-3.1-8b\n  laws: fits\n" + Self.requests
        let item = Self.laws.split(separator: "\n").dropFirst(3).joined(separator: "\n")
        let twice = try refusal(body, laws: Self.laws + item + "\n")
        #expect(twice?.contains("found l4 with tensor_parallel 2 a second time") == true, "\(twice ?? "")")
        let missing = try refusal(body, laws: Self.laws.replacing("    prompt_us: 70\n", with: ""))
        #expect(missing?.contains("prompt_us") == true, "\(missing ?? "")")
        let negative = try refusal(body, laws: Self.laws.replacing("step_ms: 12.5", with: "step_ms: -1"))
        #expect(negative?.contains("step_ms: found -1, expected") == true, "\(negative ?? "")")
    }

    @Test func aServerSaysWhatJoinsItsCards() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let type = try copy.catalog.serverType("dgx-h100")
        let sheet = try #require(type.accelerator?.sheet)
        #expect(sheet.device == "h100-sxm5-80gb" && sheet.link.bandwidth == 450e9)
        let device = sheet.device(of: try #require(type.accelerator))
        #expect(device[.bf16] == 989.4 && device[.fp8] == 1978.9)
        #expect(device[.memory] == 80 && device[.bandwidth] == 3350)
        #expect(try copy.catalog.serverType("cpu-t3-l40s").accelerator?.sheet == nil)
    }
}
