import Foundation
import Quantities
import Vocabulary

/// Two public tables of real servers, and how far the analytic server is from them.
///
/// - Speed-ups of a GTX 1080 Ti over Skylake by batch, read off the charts of DeepRecSys (Gupta et al., ISCA
///   2020) to +-0.05.
/// - Queries/s of single instances on AWS, from the repository of Kairos (Li et al., HPDC 2023, MIT licence),
///   whose queries have DeepRecSys' sizes with a mean of 239 items.
///
/// Both are read as the work of *one* inference thread of one operator worker without a pause, because so the
/// two agree best: the same constants then miss a figure by a factor of 1.28 in the mean, against 1.47 where
/// the Skylake stands for eight threads and 1.67 where it stands for all of its 20 cores. (Of the instances
/// with 8 and with 2 virtual processors, too, the larger serves only 1.0 to 1.4 times as much.)
package struct PublishedFigure: Sendable {
    package enum Table: String, Sendable, CaseIterable {
        case speedUp = "GTX 1080 Ti over Skylake"
        case instance = "queries/s of an AWS instance"
    }

    package let table: Table
    package let model: ModelID
    /// A batch size, or the name of an instance.
    package let condition: String
    package let published: Double
    package let modelled: Double

    /// By what factor the modelled figure is off, at least 1.
    package var factor: Double { max(published / modelled, modelled / published) }

    /// Both tables for those models that are given.
    /// - Parameter models: the eight recommendation models under their own names.
    package static func all(
        _ models: [Model], parameters: RooflineParameters = .init()
    ) throws(ServerModelError) -> [PublishedFigure] {
        var figures: [PublishedFigure] = []
        for model in models {
            if let published = speedUps[model.id] {
                let host = try time(on: Servers.skylake, of: model, .whole, parameters)
                let device = try time(on: Servers.gtx1080Ti, of: model, .accelerator, parameters)
                for (batch, value) in zip(batches, published) {
                    figures.append(
                        PublishedFigure(
                            table: .speedUp, model: model.id, condition: "batch \(batch)", published: value,
                            modelled: host(batch) / device(batch)))
                }
            }
            if let published = instanceRates[model.id] {
                for (instance, value) in zip(Servers.instances, published) {
                    let partition: ThreadSchedule.Partition =
                        instance.accelerator == nil ? .whole : .accelerator
                    let time = try time(on: instance, of: model, partition, parameters)
                    figures.append(
                        PublishedFigure(
                            table: .instance, model: model.id, condition: instance.id.name, published: value,
                            modelled: 1 / time(meanItems)))
                }
            }
        }
        return figures
    }

    /// The factor that is exceeded as much as it is undercut, in logarithms: the geometric mean.
    package static func meanFactor(_ figures: [PublishedFigure]) -> Double {
        exp(figures.reduce(0) { $0 + log($1.factor) } / Double(max(figures.count, 1)))
    }

    private static let meanItems = 239
    private static let batches = [1, 16, 64, 256, 1024]
    private static let speedUps: [ModelID: [Double]] = [
        "wnd": [0.47, 0.83, 1.63, 3.28, 4.61], "rm1": [0.37, 0.82, 1.02, 1.12, 1.10],
        "rm2": [0.44, 1.02, 1.19, 1.18, 1.17], "rm3": [0.70, 1.83, 2.44, 3.05, 3.13],
        "ncf": [0.25, 0.37, 0.95, 1.70, 2.91], "mtwnd": [0.43, 0.75, 1.38, 2.66, 3.96],
        "din": [0.25, 0.41, 0.54, 0.97, 1.35], "dien": [0.37, 0.52, 0.79, 1.45, 1.98],
    ]
    /// In the order of `Servers.instances`.
    private static let instanceRates: [ModelID: [Double]] = [
        "ncf": [861, 690, 499, 407], "wnd": [246, 126, 106, 68], "mtwnd": [167, 100, 89, 57],
        "dien": [106, 70, 63, 41], "rm2": [15.0, 10.7, 10.4, 6.4],
    ]

    /// Seconds by items of one thread, or of one copy on the device.
    private static func time(
        on type: ServerType, of model: Model, _ partition: ThreadSchedule.Partition,
        _ parameters: RooflineParameters
    ) throws(ServerModelError) -> (Int) -> Double {
        let server = try AnalyticServer(type, running: model, parameters: parameters)
        let stages = server.scheduled(
            by: ThreadSchedule(partition: partition, threads: 1, workers: 1, batch: batches.last ?? 1)
        ).stages
        return { items in stages.reduce(0) { $0 + $1.service.meanTime(items: items).seconds } }
    }

    /// The servers of the two tables, by their data sheets.
    private enum Servers {
        /// DeepRecSys names a server-class Skylake; its peak here is that of one core of a Xeon Gold 6138.
        static let skylake = server("skylake", cores: 20, clock: 1.9e9, memory: 128e9, accelerator: nil)
        static let gtx1080Ti = server(
            "skylake-gtx-1080-ti", cores: 20, clock: 1.9e9, memory: 128e9,
            accelerator: card("NVIDIA GTX 1080 Ti", peak: 11.34e12, memory: 11, bandwidth: 484e9))
        /// Clocks are those that vector code on all cores may hold: assumptions, as AWS gives none.
        static let instances = [
            server(
                "g4dn.xlarge", cores: 2, clock: 2.5e9, memory: 20e9,
                accelerator: card("NVIDIA T4", peak: 8.1e12, memory: 16, bandwidth: 320e9)),
            server("c5n.2xlarge", cores: 4, clock: 3.0e9, memory: 20e9, accelerator: nil),
            server("r5n.large", cores: 1, clock: 2.6e9, memory: 20e9, accelerator: nil),
            server("t3.xlarge", cores: 2, clock: 2.5e9, memory: 20e9, accelerator: nil),
        ]

        private static func server(
            _ name: String, cores: Int, clock: Double, memory: Double, accelerator: Accelerator?
        ) -> ServerType {
            ServerType(
                id: ServerTypeID(name), title: name,
                // 64 single-precision operations per cycle: two AVX-512 units.
                processor: Processor(
                    cores: cores, peakPerCore: FlopsPerSecond(64 * clock), lastLevelCache: Bytes(27.5e6)),
                memory: MemorySystem(capacity: Bytes(1e12), bandwidth: BytesPerSecond(memory)),
                nearMemory: nil, accelerator: accelerator,
                power: PowerCurve(
                    hostIdle: Watts(0), hostPeak: Watts(0), acceleratorIdle: Watts(0),
                    acceleratorPeak: Watts(0), halfLoadFactor: 1), isThisHost: false, sources: [])
        }

        private static func card(
            _ name: String, peak: Double, memory: Double, bandwidth: Double
        ) -> Accelerator {
            Accelerator(
                name: name, count: 1, peak: FlopsPerSecond(peak), memory: Bytes(memory * 1_073_741_824),
                bandwidth: BytesPerSecond(bandwidth), hostLink: BytesPerSecond(12e9),
                launchOverhead: Nanoseconds(10_000))
        }
    }
}
