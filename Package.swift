// swift-tools-version: 6.1
import Foundation
import PackageDescription

// `Scripts/test` sets HERCULES_STRICT so that a warning fails the build there, while a
// newer compiler's new warnings never stop someone who only wants to use the tool.
let isStrict = ProcessInfo.processInfo.environment["HERCULES_STRICT"] == "1"
let settings: [SwiftSetting] = isStrict ? [.unsafeFlags(["-warnings-as-errors"])] : []

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
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
        .target(name: "CNative", linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread")]),
        .target(
            name: "DatabaseSchema", path: "Database", exclude: ["README.md", "Seed"],
            resources: [.embedInCode("Migrations")], swiftSettings: settings),

        // Layer 1.
        library("Vocabulary", ["Quantities"]),
        library("Simulation", ["Quantities"]),
        library("Optimization", ["Quantities", "CNative"]),

        // Layer 2: these do not import one another; they exchange Vocabulary values.
        library(
            "Profiling",
            [
                "Quantities", "Vocabulary", "Simulation", "CNative",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        library("Scheduling", ["Quantities", "Vocabulary", "Simulation"]),
        library("Provisioning", ["Quantities", "Vocabulary", "Optimization"]),
        library("Replaying", ["Quantities", "Vocabulary", "Simulation"]),
        library(
            "Catalog", ["Quantities", "Vocabulary", .product(name: "Yams", package: "Yams")]),
        library(
            "Store",
            [
                "Quantities", "Vocabulary", "DatabaseSchema",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        library(
            "Reporting", ["Quantities", "Vocabulary", .product(name: "Yams", package: "Yams")]),

        // Layers 3 and 4.
        library(
            "Pipeline",
            [
                "Quantities", "CNative", "Vocabulary", "Simulation", "Optimization", "Profiling",
                "Scheduling", "Provisioning", "Replaying", "Catalog", "Store", "Reporting",
            ]),
        .executableTarget(
            name: "hercules",
            dependencies: [
                "Pipeline", "Quantities", "Vocabulary",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),

        tests("QuantitiesTests", ["Quantities"]),
        tests("VocabularyTests", ["Vocabulary", "Quantities"]),
        tests("SimulationTests", ["Simulation", "Quantities"]),
        tests("OptimizationTests", ["Optimization", "Quantities"]),
        tests(
            "ProfilingTests",
            ["Profiling", "Catalog", "Simulation", "Vocabulary", "Quantities", "TestServers"]),
        tests("SchedulingTests", ["Scheduling", "Simulation", "Vocabulary", "Quantities"]),
        tests("ProvisioningTests", ["Provisioning", "Optimization", "Vocabulary", "Quantities"]),
        tests("ReplayingTests", ["Replaying", "Simulation", "Vocabulary", "Quantities"]),
        tests(
            "OnlineTests",
            ["Pipeline", "Provisioning", "Replaying", "Simulation", "Vocabulary", "Quantities"]),
        tests(
            "CatalogTests",
            [
                "Catalog", "Replaying", "Vocabulary", "Quantities", .product(name: "Yams", package: "Yams"),
            ]),
        tests(
            "StoreTests",
            [
                "Store", "DatabaseSchema", "Quantities", "Vocabulary", "StoreCrashChild",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            "ReportingTests",
            ["Reporting", "Vocabulary", "Quantities", .product(name: "Yams", package: "Yams")]),
        tests(
            "PipelineTests",
            ["Pipeline", "Profiling", "Scheduling", "Catalog", "Vocabulary", "Quantities"]),
        tests(
            "EndToEndTests", ["hercules", "Store", "Vocabulary", "Quantities", "TestServers"],
            exclude: ["Goldens"]),
        tests("TidyTests", ["DatabaseSchema", "hercules"]),

        // What `Scripts/benchmark` runs.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Quantities", "Vocabulary", "Simulation", "Optimization", "Profiling", "Scheduling",
                "Provisioning", "Replaying", "Catalog", "Store", "Reporting", "Pipeline",
            ], path: "Tests/Benchmarks", swiftSettings: settings),

        // Servers that several targets' tests ask.
        .target(
            name: "TestServers", path: "Tests/Support/TestServers", exclude: ["https-server.py"],
            swiftSettings: settings),

        // What the store's tests start as a process of its own, to kill it.
        .executableTarget(
            name: "StoreCrashChild", dependencies: ["Store", "Quantities", "Vocabulary"],
            path: "Tests/Support/StoreCrashChild", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
