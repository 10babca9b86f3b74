import CNative
import Foundation

/// The plotting library that reports carry inside.
package enum PlotlyScript {
    private static let file = "share/plotly.min.js"

    /// Where it lies.
    /// - Throws: `PipelineError.notInstalled`.
    package static func path() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard cnative_dependency_find(file, &buffer, buffer.count) == 1 else {
            throw PipelineError.notInstalled(what: ".deps/\(file), which draws the plots,")
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func text() throws -> String {
        let path = try path()
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw PipelineError.notInstalled(what: "\(path), which draws the plots,")
        }
    }
}
