/// When a capacity covers a load.
public enum Coverage {
    /// The share by which a load may exceed a capacity that still covers it: what sums of rounded numbers
    /// are off by. Planner, replay and back-test judge by the same share.
    public static let tolerance = 1e-9
}
