/// What one deployment takes of a server type.
public enum Footprint: Hashable, Codable, Sendable, CustomStringConvertible {
    /// So many whole servers.
    case servers(Int)
    /// So many of the accelerators of one server, which may run other deployments beside it.
    case accelerators(Int)

    /// That of a deployment on so many accelerators: a part of a server where they are fewer than it has,
    /// else as many servers as have them. A server without accelerators is taken whole.
    init(devices: Int, of type: ServerType) {
        guard let accelerators = type.accelerator?.count, accelerators > 0 else {
            self = .servers(1)
            return
        }
        self =
            devices < accelerators
            ? .accelerators(devices) : .servers((devices + accelerators - 1) / accelerators)
    }

    public var description: String {
        switch self {
        case .servers(1): "one whole server"
        case .servers(let count): "\(count) whole servers"
        case .accelerators(1): "one accelerator of a server"
        case .accelerators(let count): "\(count) accelerators of a server"
        }
    }
}
