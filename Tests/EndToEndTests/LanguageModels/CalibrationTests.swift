import Foundation
import TestSupport
import Testing

/// Fits of one engine without a cluster's file, through the command.
@Suite(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
struct CalibrationTests {
    private struct Fit: Decodable {
        struct Constants: Decodable {
            let mfu: Double
            let mbu: Double
        }
        struct Errors: Decodable {
            let ttft: Double
            let tpot: Double
            let e2e: Double
        }
        let fitted: Constants
        let meanErrors: Errors
        let mape: Errors
    }

    private func calibrate(_ words: [String]) throws -> HerculesCommand.Outcome {
        let run = try HerculesCommand.run(
            [
                "llm", "calibrate",
                "\(Repository.sharedData)/llmservingsim/RTX4090/Llama-3.1-8B/requests.jsonl",
                "--model", "llama-3.1-8b", "--device", "geforce-rtx-4090",
            ] + words, in: FileManager.default.temporaryDirectory)
        #expect(run.status == 0, "\(run.errors)")
        return run
    }

    private static let warning = "Fitted constants lie above"

    /// The run says `num_gpu_blocks: 2588`. With them, means are off by 2 % at most, as the fit of a whole
    /// cluster's file is.
    @Test func blocksOfTheRunMakeAFitThatTheDeviceCanReach() throws {
        let words = ["--blocks", "2588"]
        let fit = try JSONDecoder().decode(
            Fit.self, from: Data(try calibrate(words + ["--format", "json"]).output.utf8))
        #expect(fit.fitted.mfu < 1 && fit.fitted.mbu < 1)
        #expect(abs(fit.meanErrors.ttft) < 0.02 && abs(fit.meanErrors.tpot) < 0.02)
        #expect(fit.mape.e2e < 0.02)
        #expect(try !calibrate(words).output.contains(Self.warning))
    }

    /// Blocks computed from memory are not those of the run: the fit makes up for it with arithmetic that no
    /// such device has, and says so.
    @Test func constantsAboveThePeaksAreAWarning() throws {
        #expect(try calibrate([]).output.contains(Self.warning))
    }
}
