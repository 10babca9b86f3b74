// swift-tools-version: 6.1
import Foundation
import PackageDescription

// `Scripts/test` sets HERCULES_STRICT so that a warning fails the build there, while a
// newer compiler's new warnings never stop someone who only wants to use the tool.
let isStrict = ProcessInfo.processInfo.environment["HERCULES_STRICT"] == "1"
let settings: [SwiftSetting] = isStrict ? [.unsafeFlags(["-warnings-as-errors"])] : []

/// What stands in a target's folder for readers alone. SwiftPM warns of every file that it cannot place, so
/// these are excluded; a README needs no line here. SwiftPM remembers the answer until this file changes.
func documents(in folder: String) -> [String] {
    let path = Context.packageDirectory + "/" + folder
    let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".md") || $0.hasSuffix(".png") }.sorted()
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: documents(in: "Sources/\(name)"),
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "hercules",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hercules", targets: ["hercules"]),
        .executable(name: "Benchmarks", targets: ["Benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Layer 0: nothing of this package below them.
        library("Quantities"),
        library("Randomness"),
        .target(name: "CNative", linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread")]),
        .target(
            name: "DatabaseSchema", path: "Database", exclude: ["README.md", "Seed"],
            resources: [.embedInCode("Migrations")], swiftSettings: settings),

        // Layer 1.
        library("Vocabulary", ["Quantities", "Randomness"]),
        library("Simulation", ["Quantities", "Randomness"]),
        library("Optimization", ["Quantities", "Randomness", "CNative"]),
        library("Files", ["Quantities", .product(name: "Yams", package: "Yams")]),

        // Layer 2: these do not import one another; they exchange Vocabulary values.
        library("ServerModels", ["Quantities", "Randomness", "Vocabulary", "Simulation", "Optimization"]),
        library(
            "Profiling",
            [
                "Quantities", "Randomness", "Vocabulary", "Files", "CNative",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        library("Scheduling", ["Quantities", "Randomness", "Vocabulary"]),
        library("Forecasting", ["Quantities", "Vocabulary"]),
        library("Provisioning", ["Quantities", "Randomness", "Vocabulary", "Optimization"]),
        library("Replaying", ["Quantities", "Randomness", "Vocabulary", "Simulation"]),
        library("Traces", ["Quantities", "Randomness", "Vocabulary", "Files"]),
        library("Importing", ["Quantities", "Vocabulary", "Files"]),
        library("Catalog", ["Quantities", "Vocabulary", "Files"]),
        library(
            "Store",
            [
                "Quantities", "Vocabulary", "Files", "DatabaseSchema",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library(
            "Reporting", ["Quantities", "Vocabulary", .product(name: "Yams", package: "Yams")]),
        library("Controlling", ["Quantities", "Vocabulary", "Files"]),

        // Layers 3 and 4.
        library(
            "Pipeline",
            [
                "Quantities", "Randomness", "CNative", "Vocabulary", "Simulation", "Optimization", "Files",
                "ServerModels", "Profiling", "Scheduling", "Forecasting", "Provisioning", "Replaying",
                "Traces",
                "Importing", "Catalog", "Store", "Reporting", "Controlling",
            ]),
        .executableTarget(
            name: "hercules",
            dependencies: [
                "Quantities", "Vocabulary", "Simulation", "Files", "Catalog", "Store", "Reporting",
                "Pipeline",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            // A release build hides what `OptionsTests` look at.
            swiftSettings: settings + (isStrict ? [.unsafeFlags(["-enable-testing"])] : [])),

        // What several suites share: the checked-out tree, folders of a test's own.
        .target(name: "TestSupport", path: "Tests/Support/TestSupport", swiftSettings: settings),
        tests("QuantitiesTests", ["Quantities"]),
        tests("RandomnessTests", ["Randomness"]),
        tests("VocabularyTests", ["Vocabulary", "Quantities", "Randomness"]),
        tests(
            "SimulationTests", ["Simulation", "Randomness", "Quantities", "TestSupport", "TokenScenarios"]),
        tests("OptimizationTests", ["Optimization", "Randomness", "Quantities"]),
        tests("FilesTests", ["Files", "Quantities", "TestSupport"]),
        tests(
            "ServerModelsTests",
            [
                "ServerModels", "Simulation", "Randomness", "Vocabulary", "Quantities", "Catalog",
                "Reporting", "TestSupport",
            ]),
        tests(
            "ProfilingTests",
            [
                "Profiling", "ServerModels", "Files", "Randomness", "Vocabulary", "Quantities", "TestServers",
                "TestSupport",
            ]),
        tests(
            "SchedulingTests", ["Scheduling", "ServerModels", "Randomness", "Vocabulary", "Quantities"]),
        tests("ForecastingTests", ["Forecasting", "Randomness", "Vocabulary", "Quantities"]),
        tests(
            "ProvisioningTests", ["Provisioning", "Optimization", "Randomness", "Vocabulary", "Quantities"]),
        tests("ReplayingTests", ["Replaying", "Simulation", "Randomness", "Vocabulary", "Quantities"]),
        tests(
            "OnlineTests",
            [
                "Pipeline", "Provisioning", "Replaying", "Simulation", "Randomness", "Vocabulary",
                "Quantities",
            ]),
        tests(
            "ControlTests",
            [
                "Pipeline", "Controlling", "Provisioning", "Replaying", "Catalog", "Store", "Traces", "Files",
                "Vocabulary", "Quantities", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("TracesTests", ["Traces", "Files", "Catalog", "Vocabulary", "Quantities", "TestSupport"]),
        tests(
            "ImportingTests", ["Importing", "Files", "Catalog", "Vocabulary", "Quantities", "TestSupport"]),
        tests(
            "CatalogTests",
            [
                "Catalog", "Files", "Traces", "Importing", "Vocabulary", "Quantities", "TestSupport",
                .product(name: "Yams", package: "Yams"),
            ]),
        tests(
            "StoreTests",
            [
                "Store", "DatabaseSchema", "Files", "Quantities", "Randomness", "Vocabulary",
                "StoreCrashChild",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["Fixtures"]),
        tests(
            "ReportingTests",
            ["Reporting", "Vocabulary", "Quantities", .product(name: "Yams", package: "Yams")]),
        tests("ControllingTests", ["Controlling", "Files", "Vocabulary", "Quantities", "TestSupport"]),
        tests(
            "PipelineTests",
            [
                "Pipeline", "ServerModels", "Profiling", "Scheduling", "Catalog", "Files", "Traces", "Store",
                "Vocabulary", "Quantities", "TestSupport",
            ]),
        tests(
            "OptionsTests",
            [
                "hercules", "Pipeline", "Catalog", "Store", "Simulation", "Files", "Vocabulary", "Quantities",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests(
            "EndToEndTests",
            [
                "hercules", "Benchmarks", "Store", "Randomness", "Vocabulary", "Quantities", "TestServers",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Goldens"]),
        tests("TidyTests", ["DatabaseSchema", "hercules"]),

        // What `Scripts/benchmark` runs.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Quantities", "Randomness", "Vocabulary", "Simulation", "Optimization", "Files",
                "ServerModels", "Profiling", "Scheduling", "Forecasting", "Provisioning", "Replaying",
                "Traces",
                "Importing", "Catalog", "Store", "Reporting", "Controlling", "Pipeline", "TestServers",
                "TokenScenarios",
            ], path: "Tests/Benchmarks", exclude: documents(in: "Tests/Benchmarks"), swiftSettings: settings),

        // Servers that several targets' tests ask.
        .target(
            name: "TestServers", path: "Tests/Support/TestServers", exclude: ["https-server.py"],
            swiftSettings: settings),

        // Clusters drawn at random, which tests and the benchmark of serving play.
        .target(
            name: "TokenScenarios", dependencies: ["Simulation", "Randomness", "Quantities"],
            path: "Tests/Support/TokenScenarios", swiftSettings: settings),

        // What the store's tests start as a process of its own, to kill it.
        .executableTarget(
            name: "StoreCrashChild", dependencies: ["Store", "Quantities", "Vocabulary"],
            path: "Tests/Support/StoreCrashChild", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

// The live controller is a product of its own: its packages take minutes to build, so that nothing else waits
// for them. `Scripts/controller` sets HERCULES_CONTROLLER.
if ProcessInfo.processInfo.environment["HERCULES_CONTROLLER"] == "1" {
    package.products.append(.executable(name: "hercules-controller", targets: ["hercules-controller"]))
    package.dependencies += [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ]
    package.targets += [
        .executableTarget(
            name: "hercules-controller",
            dependencies: [
                "Quantities", "Vocabulary", "Files", "Catalog", "Store", "Reporting", "Controlling",
                "Pipeline",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: documents(in: "Sources/hercules-controller"),
            resources: [.embedInCode("Dashboard/page")],
            // A release build hides what `ControllerServiceTests` look at.
            swiftSettings: settings + (isStrict ? [.unsafeFlags(["-enable-testing"])] : [])),
        tests(
            "ControllerServiceTests",
            [
                "hercules-controller", "Controlling", "Reporting", "Vocabulary", "Quantities", "TestServers",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
    ]
}
