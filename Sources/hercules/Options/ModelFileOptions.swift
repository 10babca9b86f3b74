import ArgumentParser
import Pipeline
import Quantities

/// What an ONNX file does not say about itself.
struct ModelFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of an ONNX file: the latency that is asked of it, such as 20ms or p99:50ms; p95:100ms unless "
                + "given.", valueName: "target"), transform: LatencyTargetText.target)
    var latencyTarget: SearchRequest.Target?

    @Option(
        help: ArgumentHelp("Of an ONNX file: how many items a query holds; 1 unless given.", valueName: "n"),
        transform: NumberText.whole(from: 1, to: 1_000_000))
    var queryItems: Int?

    @Option(
        help: ArgumentHelp(
            "Of an ONNX file: the size of a free dimension other than the batch; 128 unless given.",
            valueName: "name=n"), transform: NamedText.sizes)
    var dimension: [Named<String, Int>] = []

    @Option(
        help: ArgumentHelp(
            "Where to write the HTML report; of an ONNX file MODEL.html unless given.", valueName: "file"),
        completion: .file(), transform: NameText.file)
    var output: String?

    func validate() throws { _ = try dimension.byName("--dimension") }

    /// What is asked for of a file.
    func request(_ path: String) throws -> ModelFileRequest {
        var request = ModelFileRequest(path: path)
        request.target = latencyTarget
        request.items = queryItems
        request.sizes = try dimension.byName("--dimension")
        return request
    }

    /// - Throws: where something was said that only a model file can do with.
    func requireNone() throws {
        let given = [
            ("--latency-target", latencyTarget != nil), ("--query-items", queryItems != nil),
            ("--dimension", !dimension.isEmpty),
        ].filter(\.1).map(\.0)
        guard given.isEmpty else {
            throw ValidationError(
                "\(given.joined(separator: ", ")): for ONNX files; a scenario's model files say it themselves"
            )
        }
    }

    /// Writes the report of a model file, and says where; where the plotting library is missing and nobody
    /// asked for a report, says that instead.
    func report(_ reports: ReportStage, of session: Session, _ options: SharedOptions) throws {
        do {
            let path = try reports.writeHTML(to: output ?? "\(session.scenario.id).html")
            options.format == .text ? emit("report: \(path)\n") : options.progress.note("report: \(path)")
        } catch let error as PipelineError {
            guard case .notInstalled = error, output == nil else { throw error }
            options.progress.note("no report was written: \(error)")
        }
    }
}
