import Quantities
import Simulation
import Vocabulary

/// One of several copies of a model on one accelerator.
struct DeviceService: ServiceTimes {
    let costs: OperatorCosts
    let accelerator: Accelerator
    let constants: DeviceConstants
    let copies: Int
    /// Share of the row reads done here.
    let gathering: Double
    /// What crosses the host link for each item besides the dense features.
    let receives: Bytes

    var isFixed: Bool { true }

    func time(items: Int, draw: Double) -> Nanoseconds { meanTime(items: items) }

    func meanTime(items: Int) -> Nanoseconds {
        let batch = Double(items)
        let efficiency = constants.denseEfficiency * batch / (batch + constants.halfBatch)
        var device = costs.denseFlopsPerItem * batch / (accelerator.peak.value * efficiency)
        var launches = Double(costs.denseOperators)
        if gathering > 0 {
            let gathered = batch * gathering
            device +=
                costs.gatherBytesPerItem * gathered
                / (accelerator.bandwidth * constants.gatherEfficiency)
            device += Double(costs.gatherRowsPerItem) * gathered * constants.rowSeconds
            launches += Double(costs.gatherOperators)
        }
        let sent = costs.denseInputBytesPerItem + receives
        let transfer =
            constants.requestSeconds
            + sent * batch / accelerator.hostLink * Double(copies)
        // Copies overlap one another's launches, but share the device and the link.
        return Nanoseconds(
            seconds: device * Double(copies) + transfer + launches * constants.operatorSeconds)
    }
}

/// The constants of an accelerator's software, as the roofline needs them.
struct DeviceConstants: Hashable, Sendable {
    let denseEfficiency: Double
    let halfBatch: Double
    let gatherEfficiency: Double
    let rowSeconds: Double
    /// Of one operator, what starting its kernel costs included.
    let operatorSeconds: Double
    /// Of one run, whatever is in it.
    let requestSeconds: Double

    /// Those of the stack that an accelerator names, or else of an unoptimised framework.
    init(of accelerator: Accelerator, _ parameters: RooflineParameters) {
        guard let stack = accelerator.software else {
            denseEfficiency = parameters.deviceDenseEfficiency
            halfBatch = parameters.deviceHalfBatch
            gatherEfficiency = parameters.deviceGatherEfficiency
            rowSeconds = parameters.deviceRowOverhead
            operatorSeconds = (accelerator.launchOverhead + parameters.deviceOperatorOverhead).seconds
            requestSeconds = parameters.transferOverhead.seconds
            return
        }
        self = DeviceConstants(
            stack.constants, capturesGraphs: stack.capturesGraphs, launch: accelerator.launchOverhead,
            transfer: parameters.transferOverhead)
    }

    /// Those of a stack. They are fitted to what runs on the device; the way there is added as for any
    /// software.
    init(
        _ constants: SoftwareStack.Constants, capturesGraphs: Bool, launch: Nanoseconds, transfer: Nanoseconds
    ) {
        denseEfficiency = constants.denseEfficiency
        halfBatch = constants.halfBatchItems
        gatherEfficiency = constants.gatherEfficiency
        rowSeconds = constants.rowOverheadSeconds
        operatorSeconds = constants.operatorOverheadSeconds + (capturesGraphs ? 0 : launch.seconds)
        requestSeconds =
            constants.requestOverheadSeconds + (capturesGraphs ? launch.seconds : 0) + transfer.seconds
    }
}
