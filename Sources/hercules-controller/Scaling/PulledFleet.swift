import Controlling

/// A fleet that scalers bring about: they ask for the plan, and nothing is sent to anybody. An order is taken
/// on as soon as it is written down, as from then on it is what scalers are told.
struct PulledFleet: FleetActuator {
    func fleet(at _: ControlTime) async -> FleetReading {
        .unknown(detail: "scalers fetch the plan and say nothing of what runs")
    }

    func order(_: FleetOrder) async -> OrderAnswer { .accepted }
}
