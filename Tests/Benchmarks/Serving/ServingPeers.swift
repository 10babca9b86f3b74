import Foundation
import Reporting

/// Another simulator of serving in the same run, where one is installed.
enum ServingPeers {
    private static let python = ".deps/peers/vidur/bin/python"

    private struct Answer: Decodable {
        let peer: String
        let requests: Int?
        let seconds: Double?
        let failed: String?
    }

    static func run(_ board: inout BenchmarkBoard) {
        board.note(
            "Published, not measured here: AISimulate 36,000 requests/s (its own report, 1,000 requests of "
                + "1,024 and 128 tokens, warm, on an M3 Pro); LLMServingSim 8 to 31 requests/s (its PR 67); "
                + "Vidur 8.6 s and BLIS 2.5 to 5.7 s a run in the median (a comparison of simulators).")
        guard FileManager.default.isExecutableFile(atPath: python) else {
            board.note(
                "Vidur is not installed, so no peer runs beside: Scripts/peers/vidur-serve --install does.")
            return
        }
        do {
            let answer = try asked()
            guard let requests = answer.requests, let seconds = answer.seconds, seconds > 0 else {
                board.note(
                    "\(answer.peer) is installed and did not run: \(answer.failed ?? "it said nothing").")
                return
            }
            let rate = Double(requests) / seconds
            board.note("\(answer.peer): \(requests) requests in \(seconds) s, \(Int(rate)) requests/s.")
            board.figure("vidurRequestsPerSecond", .number(rate))
        } catch {
            board.note("Vidur is installed and did not run: \(error).")
        }
    }

    private static func asked() throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["Scripts/peers/vidur-serve"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = data.split(separator: 0x0A)
        return try JSONDecoder().decode(Answer.self, from: Data(lines.last ?? Data()))
    }
}
