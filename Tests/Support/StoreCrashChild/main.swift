// Writes measurements into a database until it is killed, or until it has written as many as it was told.
//
//     StoreCrashChild DATABASE TEMPLATE FIRST COUNT
//
// After each commit it prints the row number and the digest of what it saved. Standard output is written
// without a buffer, so a line that the parent has read stands for a save that had returned.

import Foundation
import Quantities
import Store
import Vocabulary

/// One complete measurement, of which the child saves variants.
struct Template: Decodable {
    let measurement: LoadRun
    let verdict: Verdict
    let model: Model
    let serverType: ServerType

    /// The same measurement with figures of its own: a seed, a rate and a histogram that follow from the
    /// number.
    func variant(_ number: UInt64) -> LoadRun {
        var variant = measurement
        variant.seed = number
        variant.completedRate = QueriesPerSecond(Double(number) / 7)
        variant.latencies = LatencyHistogram(
            bins: (1...1000).map { index in
                LatencyHistogram.Bin(
                    latency: Nanoseconds(Int64(index) * 1_000 + Int64(number)), count: index + Int(number))
            })
        return variant
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let first = UInt64(arguments[3]), let count = UInt64(arguments[4]) else {
    FileHandle.standardError.write(Data("usage: StoreCrashChild DATABASE TEMPLATE FIRST COUNT\n".utf8))
    exit(64)
}

do {
    let template = try JSONDecoder().decode(
        Template.self, from: Data(contentsOf: URL(fileURLWithPath: arguments[2])))
    let store = try Store(path: arguments[1])
    let settings = ContentDigest(ofText: "child")
    for number in first..<(first + count) {
        let variant = template.variant(number)
        let id = try store.save(
            variant, verdict: template.verdict, model: template.model, serverType: template.serverType,
            settingsDigest: settings)
        let digest = try ContentDigest(of: variant)
        FileHandle.standardOutput.write(Data("\(id) \(digest)\n".utf8))
    }
    try store.close()
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
