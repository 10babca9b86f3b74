import Foundation
import Testing

/// The seams of the pipeline are the only way to what they do (`Sources/README.md`).
@Suite struct SeamTests {
    private struct Seam {
        let texts: [String]
        /// Files that may hold the texts, with their reason where they are not the seam itself.
        let files: [String: String]
    }

    private static let seams = [
        // A measurement: with the lock, the meters, the verdict and the repetition.
        Seam(
            texts: ["HostProfiler(", ".measureBoth(", ".saturate(", ".confirm(\n", "DisturbedRuns.run("],
            files: [
                "Measure/Measurer.swift": "the seam",
                "Jobs/JobStage.swift": "asks the profiler that the measurer hands it for a job's load",
            ]),
        // A row of the database: with its run, version and time.
        Seam(
            texts: [
                "store.save(", "store.beginSearch(", "store.append(", "store.beginRun(", "store.addJob(",
                "store.complete(", "store.merge(", "WallClock.unixSeconds", "ImportOrigin(",
            ],
            files: [
                "Session/Recorder.swift": "the seam",
                "Control/ControllerBooks.swift": "the same for a live controller, whose rows name its run",
            ]),
        // Side by side.
        Seam(texts: ["concurrentPerform"], files: ["Session/ConcurrentMap.swift": "the seam"]),
        // What is known of a pair.
        Seam(
            texts: ["importedFigures(model:", "MeasuredElsewhere(", "MeasurementFilter()"],
            files: [
                "Evidence/Evidence.swift": "the seam",
                "Import/FitStage.swift": "fits curves through figures, whoever serves them",
                "Report/ReportStage.swift": "lists the live checks of a model",
            ]),
    ]

    @Test func nothingGoesAroundASeam() throws {
        let files = SourceTree.files(under: "Sources/Pipeline", endings: ["swift"])
        #expect(files.count > 30)
        for seam in Self.seams {
            var found: Set<String> = []
            for file in files {
                let text = try SourceTree.text(file)
                guard let bypass = seam.texts.first(where: text.contains) else { continue }
                let name = String(file.dropFirst("Sources/Pipeline/".count))
                found.insert(name)
                #expect(seam.files[name] != nil, "\(file) has '\(bypass)', which only \(seam.files.keys) may")
            }
            // A list that nothing is found by would pass whatever the code does.
            #expect(found == Set(seam.files.keys), "found \(found), expected \(seam.files.keys)")
        }
    }
}
