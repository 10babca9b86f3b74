import Optimization
import Quantities
import Vocabulary

/// Why no plan could be made. That the demand does not fit the fleet is not among them: it is a plan's
/// status.
public enum ProvisioningError: Error, Hashable, CustomStringConvertible {
    /// The efficiency table says nothing about a model on a server type of the fleet.
    case missingEfficiency(model: ModelID, serverType: ServerTypeID)
    /// An efficiency entry holds a figure that cannot be planned with.
    case invalidEfficiency(model: ModelID, serverType: ServerTypeID, found: String, expected: String)
    /// A model's load is negative or not a number.
    case invalidLoad(model: ModelID, found: QueriesPerSecond)
    /// The fleet holds a negative number of a server type.
    case invalidServerCount(serverType: ServerTypeID, found: Int)
    /// A constraint names what is not there, or cannot be kept whatever the load.
    case invalidConstraint(what: String, found: String, expected: String)
    /// A weight or a price of the objective is not a number of at least 0.
    case invalidCost(model: ModelID, serverType: ServerTypeID, found: Double)
    /// An observation lacks a model that is provisioned.
    case missingObservation(model: ModelID)
    /// An interval repeats, goes back or is beyond what a clock counts to.
    case intervalOutOfOrder(found: Int, last: Int?)
    /// No policy has that name.
    case unknownPolicy(name: String, known: [String])
    /// The policy `current` was asked for, and nobody said what runs today.
    case needsCurrent
    /// No variant of a task is as accurate as its answers have to be.
    case floorOutOfReach(task: ModelID, floor: Fraction, best: ModelID, accuracy: Fraction)
    /// The solver failed.
    case solver(OptimizationError)

    public var description: String {
        switch self {
        case .missingEfficiency(let model, let serverType):
            """
            no efficiency entry for model \(model) on server type \(serverType): run `hercules search` for \
            that \
            pair first
            """
        case .invalidEfficiency(let model, let serverType, let found, let expected):
            """
            the efficiency entry of model \(model) on server type \(serverType) has \(found), \
            expected \(expected)
            """
        case .invalidLoad(let model, let found):
            "the load of model \(model) is \(found), expected a finite number of at least 0"
        case .invalidServerCount(let serverType, let found):
            "the fleet has \(found) servers of type \(serverType), expected at least 0"
        case .invalidConstraint(let what, let found, let expected):
            "\(what): found \(found), expected \(expected)"
        case .invalidCost(let model, let serverType, let found):
            """
            a server of type \(serverType) running \(model) costs \(found) in the objective, expected a \
            finite number \
            of at least 0: look at the weights and prices
            """
        case .missingObservation(let model):
            "the observed demand has no load for model \(model); a model without queries has the load 0"
        case .intervalOutOfOrder(let found, let last):
            "interval \(found): expected one after \(last.map(String.init) ?? "the start, from 0 on")"
        case .unknownPolicy(let name, let known):
            "no policy is called \(name); known policies: \(known.joined(separator: ", "))"
        case .needsCurrent:
            "policy current: found no allocation of what runs today, expected `replay.current` in the "
                + "scenario"
        case .floorOutOfReach(let task, let floor, let best, let accuracy):
            "task \(task): found an accuracy of \(floor) asked for, expected at most that of its best "
                + "variant, \(best) with \(accuracy)"
        case .solver(let error): error.description
        }
    }
}
