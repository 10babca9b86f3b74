import Catalog
import Foundation
import ServerModels
import Testing
import Vocabulary

@Suite("The analytic server beside published figures")
struct CalibrationTests {
    /// What was reached with eight constants for sixty figures: per model the mean factor over both tables,
    /// rounded up.
    static let reached: [(model: ModelID, factor: Double)] = [
        ("rm1", 1.30), ("rm2", 1.24), ("rm3", 1.22), ("ncf", 1.31), ("wnd", 1.21), ("mtwnd", 1.28),
        ("din", 1.34),
        ("dien", 1.47),
    ]

    private func figures() throws -> [PublishedFigure] {
        let workloads = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Workloads").path
        let catalog = try Catalog(directory: workloads)
        return try PublishedFigure.all(try Self.reached.map { try catalog.model($0.model) })
    }

    @Test("The error of every model against both tables stays within what was reached")
    func errors() throws {
        let figures = try figures()
        #expect(figures.count == 8 * 5 + 5 * 4)
        for (model, bound) in Self.reached {
            let own = figures.filter { $0.model == model }
            let mean = PublishedFigure.meanFactor(own)
            let text = own.map {
                "\($0.condition) \(String(format: "%.3g", $0.modelled)) for \($0.published)"
            }
            print(
                """
                \(model): off by a factor of \(String(format: "%.2f", mean)): \
                \(text.joined(separator: ", "))
                """
            )
            #expect(mean <= bound)
        }
        let mean = PublishedFigure.meanFactor(figures)
        print("all: off by a factor of \(String(format: "%.3f", mean))")
        #expect(mean <= 1.3)
    }

    @Test("The speed-up rises with the batch for every model, as it does in the charts")
    func shape() throws {
        for (model, _) in Self.reached {
            let own = try figures().filter { $0.model == model && $0.table == .speedUp }.map(\.modelled)
            #expect(own == own.sorted() && own[0] < 1)
        }
    }
}
