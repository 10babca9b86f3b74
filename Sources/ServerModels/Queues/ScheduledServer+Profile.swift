import Quantities
import Simulation

extension ScheduledServer {
    /// The server as the request-level simulation sees it: the same pieces, stages, threads and service times
    /// as `QueueSimulation` plays.
    public var simulationProfile: ServerProfile {
        ServerProfile(
            pieceItemsMax: schedule.batch,
            stages: stages.map { stage in
                let service = stage.service
                let times: ServerProfile.ServiceTime
                if stage.fusionLimit != nil || service.isFixed {
                    // Joined launches take the mean, as everywhere; tabulated, because a simulation asks very
                    // often.
                    let itemsMax = max(schedule.batch, stage.fusionLimit ?? 0)
                    times = .fixed([.zero] + (1...itemsMax).map { service.meanTime(items: $0) })
                } else {
                    times = .drawn { service.time(items: $0, draw: $1) }
                }
                return ServerProfile.Stage(
                    threads: stage.servers, fusionLimit: stage.fusionLimit, service: times,
                    competition: stage.fusionLimit != nil
                        ? nil
                        : stage.effect.map {
                            ServerProfile.Competition(
                                byBusyThreads: $0.byBusyThreads, afterIdle: $0.afterIdle, wakeUp: $0.wakeUp)
                        })
            })
    }
}
