import Foundation
import Optimization
import Quantities
import Vocabulary

/// Fits the constants of a software stack to published runs of whole batches, one at a time.
///
/// Least squares on the logarithms of latency by batch. What a fit is worth shows where a device or a model
/// is left out of it and then predicted.
package struct StackCalibration {
    /// One published run.
    package struct Run: Sendable {
        package let device: String
        package let model: String
        package let accelerator: Accelerator
        package let costs: OperatorCosts
        package let items: Int
        /// What the server computed, at one request in flight: neither the way to it nor the wait.
        package let seconds: Double

        /// - Precondition: the accelerator's peak is that of the stack's precision.
        package init(
            device: String, model: String, accelerator: Accelerator, costs: OperatorCosts, items: Int,
            seconds: Double
        ) {
            self.device = device
            self.model = model
            self.accelerator = accelerator
            self.costs = costs
            self.items = items
            self.seconds = seconds
        }
    }

    /// A run with what a fit that may not have seen it says of it.
    package struct Prediction: Sendable {
        package let run: Run
        package let seconds: Double

        /// By what factor it is off, at least 1.
        package var factor: Double { max(seconds / run.seconds, run.seconds / seconds) }
    }

    package let capturesGraphs: Bool
    private let start: SoftwareStack.Constants

    package init(capturesGraphs: Bool) {
        self.capturesGraphs = capturesGraphs
        start = SoftwareStack.Constants(
            denseEfficiency: 0.4, halfBatchItems: 500, gatherEfficiency: 0.3, rowOverheadSeconds: 2e-9,
            operatorOverheadSeconds: 5e-6, requestOverheadSeconds: 100e-6)
    }

    /// The constants that miss the runs least. The fit starts again where it ended until it stands still.
    /// - Precondition: there are runs.
    package func fit(_ runs: [Run]) -> SoftwareStack.Constants {
        precondition(!runs.isEmpty, "runs to fit to")
        var point = Self.logarithms(of: start)
        var last = Double.infinity
        for _ in 0..<20 {
            let found = NelderMead().minimum(from: point) { squaredError(runs, Self.constants($0)) }
            point = found.point
            if last - found.value < 1e-6 { break }
            last = found.value
        }
        return Self.constants(point)
    }

    package func predictions(_ runs: [Run], _ constants: SoftwareStack.Constants) -> [Prediction] {
        runs.map { Prediction(run: $0, seconds: seconds($0, constants)) }
    }

    /// Each run as the fit to all runs of other devices or models predicts it.
    package func leavingOut(_ key: (Run) -> String, of runs: [Run]) -> [Prediction] {
        var predictions: [Prediction] = []
        for name in Set(runs.map(key)).sorted() {
            let others = runs.filter { key($0) != name }
            guard !others.isEmpty else { continue }
            predictions += self.predictions(runs.filter { key($0) == name }, fit(others))
        }
        return predictions
    }

    private func squaredError(_ runs: [Run], _ constants: SoftwareStack.Constants) -> Double {
        runs.reduce(0) {
            let difference = log(seconds($1, constants) / $1.seconds)
            return $0 + difference * difference
        }
    }

    private func seconds(_ run: Run, _ constants: SoftwareStack.Constants) -> Double {
        let card = run.accelerator
        // What crosses the link is not in the published times.
        let device = Accelerator(
            name: card.name, count: 1, peak: card.peak, memory: card.memory, bandwidth: card.bandwidth,
            hostLink: BytesPerSecond(.infinity), launchOverhead: card.launchOverhead)
        let service = DeviceService(
            costs: run.costs, accelerator: device,
            constants: DeviceConstants(
                constants, capturesGraphs: capturesGraphs, launch: card.launchOverhead, transfer: .zero),
            copies: 1, gathering: 1, receives: .zero)
        return service.meanTime(items: run.items).seconds
    }

    // MARK: - Coordinates

    private static func logarithms(of constants: SoftwareStack.Constants) -> [Double] {
        [
            constants.denseEfficiency, constants.halfBatchItems, constants.gatherEfficiency,
            constants.rowOverheadSeconds, constants.operatorOverheadSeconds,
            constants.requestOverheadSeconds,
        ].map { log($0) }
    }

    /// Shares end at 1; a time below a tenth of a nanosecond is none.
    private static func constants(_ point: [Double]) -> SoftwareStack.Constants {
        let values = point.map { exp(min($0, 50)) }
        return SoftwareStack.Constants(
            denseEfficiency: min(values[0], 1), halfBatchItems: values[1],
            gatherEfficiency: min(values[2], 1), rowOverheadSeconds: values[3],
            operatorOverheadSeconds: values[4], requestOverheadSeconds: values[5])
    }
}
