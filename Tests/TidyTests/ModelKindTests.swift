import Foundation
import Testing

/// What can be computed of a model is asked of its server model, and what runs it of its engine. Whoever
/// composes, searches, plans or reports does not ask what kind a model is.
@Suite struct ModelKindTests {
    /// They define, read, keep, run or compute models.
    private static let mayAsk: Set<String> = [
        "Vocabulary", "Catalog", "Store", "Profiling", "ServerModels",
    ]

    @Test func nobodyElseAsksWhatKindAModelIs() throws {
        let folder = SourceTree.root.appendingPathComponent("Sources").path
        let targets = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            !Self.mayAsk.contains($0)
        }
        #expect(targets.contains("Pipeline") && targets.contains("Scheduling"))
        for target in targets {
            for file in SourceTree.files(under: "Sources/\(target)", endings: ["swift"]) {
                for (index, line) in try SourceTree.text(file).components(separatedBy: "\n").enumerated() {
                    let asks = ["model.graph", "RecommendationGraph", "case .recommendation", "case .onnx"]
                        .contains { line.contains($0) }
                    #expect(!asks, "\(file):\(index + 1): \(line)")
                }
            }
        }
    }
}
