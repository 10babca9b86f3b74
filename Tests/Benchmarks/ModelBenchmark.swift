import Catalog
import Foundation
import Profiling
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// How far the analytic server is from two public tables of real servers.
enum ModelBenchmark: Benchmark {
    static let name = "model"
    static let purpose = "the analytic server beside published speed-ups and rates of real servers"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let catalog = try Catalog(directory: "Workloads")
        let names = ["rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"]
        let models = try names.map { try catalog.model(ModelID($0)) }
        let figures = try PublishedFigure.all(models)
        for table in PublishedFigure.Table.allCases {
            let own = figures.filter { $0.table == table }
            board.show(
                Table(
                    caption: "Modelled and published: \(table.rawValue)",
                    columns: [
                        .init("model", "Model", .text), .init("condition", "At", .text),
                        .init("published", "Published", .plain), .init("modelled", "Modelled", .plain),
                        .init("factor", "Off by a factor of", .plain),
                    ],
                    rows: own.map {
                        [
                            .text($0.model.name), .text($0.condition), .number($0.published),
                            .number(Self.rounded($0.modelled)), .number(Self.rounded($0.factor)),
                        ]
                    }))
            board.figure("meanFactor \(table.rawValue)", .number(PublishedFigure.meanFactor(own)))
        }
        let perModel = names.map { name in
            (name, figures.filter { $0.model.name == name })
        }
        board.show(
            Table(
                caption: "Error by model, both tables",
                columns: [
                    .init("model", "Model", .text), .init("mean", "Mean factor", .plain),
                    .init("worst", "Worst factor", .plain),
                ],
                rows: perModel.map { name, own in
                    [
                        .text(name), .number(Self.rounded(PublishedFigure.meanFactor(own))),
                        .number(Self.rounded(own.map(\.factor).max() ?? 0)),
                    ]
                }))
        for (name, own) in perModel {
            board.figure("meanFactor \(name)", .number(PublishedFigure.meanFactor(own)))
        }
        board.bar("mean factor over all figures", PublishedFigure.meanFactor(figures), atMost: 1.3)
        board.bar("worst factor", figures.map(\.factor).max() ?? 0, atMost: 2)
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
