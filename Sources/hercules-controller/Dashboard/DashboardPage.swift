import Foundation
import Pipeline

/// The dashboard as the browser gets it: one page, its style sheet, its script and the plotting library, all
/// from this server.
enum DashboardPage {
    static let html = asset(PackageResources.index_html, type: "text/html; charset=utf-8")
    static let script = asset(PackageResources.dashboard_js, type: "text/javascript; charset=utf-8")
    static let style = asset(PackageResources.dashboard_css, type: "text/css; charset=utf-8")

    private static func asset(_ bytes: [UInt8], type: String) -> ApiResponse {
        ApiResponse(status: 200, type: type, bytes: bytes, headers: [("Cache-Control", "no-cache")])
    }

    /// Read once: it has some megabytes.
    private static let plotlyBytes = try? Data(contentsOf: URL(fileURLWithPath: PlotlyScript.path()))

    /// - Throws: a problem where the library is not installed; the page says so and goes on without plots.
    static func plotly() throws(ApiProblem) -> ApiResponse {
        guard let plotlyBytes else {
            throw ApiProblem(.notFound, "the plotting library is not installed")
        }
        return ApiResponse(
            status: 200, type: "text/javascript; charset=utf-8", bytes: Array(plotlyBytes),
            headers: [("Cache-Control", "max-age=86400")])
    }
}
