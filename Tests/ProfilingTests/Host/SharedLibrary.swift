import Foundation
import Testing

/// Shared libraries that stand in for vendors' own.
enum SharedLibrary {
    static func compile(_ source: String, to path: String, defining numbers: [String: Int]) throws {
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            ["cc", "-shared", "-fPIC", "-o", path] + numbers.map { "-D\($0.key)=\($0.value)" } + [source]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "the C compiler failed")
    }
}
