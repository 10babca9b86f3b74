/// An error that may lie in what a person typed rather than in a file, a machine or the state of a database.
///
/// Any layer may find it: a name is known to the command, to a scenario or to a database only. The command
/// ends with exit code 64 and the usage of its verb where one is thrown that says so.
public protocol UsageFault: Error, CustomStringConvertible {
    /// Whether other words on the command line would have been accepted.
    var isUsage: Bool { get }
}
