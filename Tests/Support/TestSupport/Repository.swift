import Foundation
import Testing

/// The root of the package and what lies around it.
package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    package static let workloads = "\(root)/Workloads"

    /// The folder of real data that lies beside a developer's checkout, or wherever `HERCULES_TEST_DATA`
    /// says. Not every machine has it: tests that need it are skipped there, which the test run prints.
    package static let sharedData =
        ProcessInfo.processInfo.environment["HERCULES_TEST_DATA"] ?? "\(root)/../shared/data"
    package static let hasSharedData = FileManager.default.fileExists(atPath: sharedData)
    package static let sharedDataComment: Comment = "the real data of ../shared/data are not on this machine"

    /// The folder of small inputs that failed once, beside the real data.
    package static let sharedCases = "\(sharedData)/../cases"
    package static let hasSharedCases = FileManager.default.fileExists(atPath: sharedCases)
    package static let sharedCasesComment: Comment = "the inputs of ../shared/cases are not on this machine"

    /// The YAML files of the shipped workloads, relative to their folder, in order.
    package static let yamlFiles: [String] = {
        let paths = FileManager.default.enumerator(atPath: workloads)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".yaml") }.sorted()
    }()
}
