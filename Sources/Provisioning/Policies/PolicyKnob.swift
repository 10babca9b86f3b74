import Quantities
import Vocabulary

/// What is turned to see a policy take more or less risk: the same for all policies of a kind, so that each
/// is compared at its best.
public enum PolicyKnob: Sendable {
    /// The headroom on a forecast.
    case headroom
    /// The risk that headroom is bought for, at one price for all models, where a scenario says so; else the
    /// headroom. Rules of thumb have no price to pay.
    case risk
    /// The utilisation that is tracked.
    case targetUtilisation
    /// The use of engines' memory above which servers are added.
    case memoryUse
    /// The peak that is provisioned for good.
    case peak
    /// Nothing.
    case none

    /// The settings to play, ascending, the scenario's own among them.
    public func settings(_ replay: ReplaySettings) -> [PolicySetting] {
        let own = own(replay)
        return Set(values(around: own.value, follows: own.knob == .violationTarget) + [own.value]).sorted()
            .map {
                PolicySetting(knob: own.knob, value: $0)
            }
    }

    /// The setting that the scenario has.
    public func own(_ replay: ReplaySettings) -> PolicySetting {
        let online = replay.online ?? OnlineSettings()
        switch self {
        case .risk where replay.headroomRule != .risk: return PolicyKnob.headroom.own(replay)
        case .headroom where online.overProvisionAdaptation > .zero, .risk:
            return PolicySetting(
                knob: .violationTarget,
                value: ((1 - replay.overProvision.quantile.value) * 1e12).rounded() / 1e12)
        case .headroom: return PolicySetting(knob: .headroomFactor, value: 1)
        case .targetUtilisation:
            return PolicySetting(
                knob: .targetUtilisation, value: online.reactive.targetUtilisation.value)
        case .memoryUse:
            let tracking = online.tracking ?? TrackingSettings()
            return PolicySetting(
                knob: .targetUtilisation, value: (tracking.scaleUpAbove * 1e12).rounded() / 1e12)
        case .peak: return PolicySetting(knob: .peakFactor, value: 1)
        case .none: return PolicySetting(knob: .none, value: 1)
        }
    }

    private func values(around own: Double, follows misses: Bool) -> [Double] {
        switch self {
        case .headroom where misses, .risk where misses:
            [0.1, 0.25, 0.5, 2, 4, 8].map { ($0 * own * 1e12).rounded() / 1e12 }.filter { $0 < 0.5 }
        case .headroom, .risk: [0, 0.25, 0.5, 0.75, 1.25, 1.5, 2, 3]
        case .targetUtilisation, .memoryUse: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1]
        case .peak: [0.6, 0.7, 0.8, 0.85, 0.9, 0.95]
        case .none: []
        }
    }
}

extension PolicySetting {
    /// Settings of a replay with this one in place.
    public func applied(to replay: ReplaySettings) -> ReplaySettings {
        var changed = replay
        switch knob {
        case .violationTarget: changed.overProvision.quantile = Quantile(1 - value)
        case .targetUtilisation:
            var online = replay.online ?? OnlineSettings()
            online.reactive.targetUtilisation = Fraction(value)
            var tracking = online.tracking ?? TrackingSettings()
            tracking.fullAt = Fraction(value) + tracking.spareMin
            online.tracking = tracking
            changed.online = online
        case .headroomFactor, .peakFactor, .none: break
        }
        return changed
    }

    /// What the headroom R is multiplied by.
    public var headroomFactor: Double { knob == .headroomFactor ? value : 1 }

    /// What the peaks of a static plan are multiplied by.
    public var peakFactor: Double { knob == .peakFactor ? value : 1 }
}
