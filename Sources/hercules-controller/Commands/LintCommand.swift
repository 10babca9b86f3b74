import ArgumentParser
import Files
import Foundation

struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Say what in Kubernetes manifests will not carry out a plan as it is.",
        discussion: """
            Reads HorizontalPodAutoscalers, ScaledObjects and Deployments: tolerances that swallow small \
            steps, waiting times in series, bounds, second masters, replicas that a manifest sets back. \
            Exits with 1 where something swallows the plan.

            Example: hercules controller lint manifests/*.yaml
            """)

    @Argument(help: "YAML files.") var files: [String]

    func run() throws {
        var lint = ScalerLint()
        for file in files {
            do {
                try lint.add(yaml: FileContents.text(of: file, expected: "Kubernetes manifests"))
            } catch {
                throw ValidationError("\(file): \(error)")
            }
        }
        lint.finish()
        for finding in lint.findings { print(finding) }
        let swallowing = lint.findings.count { $0.weight == .swallows }
        print(
            "\(lint.objectCount) objects: \(swallowing) findings swallow the plan, "
                + "\(lint.findings.count - swallowing) delay it")
        if swallowing > 0 { throw ExitCode.failure }
    }
}
