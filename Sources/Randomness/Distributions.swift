#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension RandomStream {
    /// An exponential variate of mean 1, by inversion.
    @inlinable
    public mutating func exponential() -> Double { Self.exponential(ofUniform: uniform()) }

    /// The exponential variate of mean 1 that belongs to a uniform one in 0..<1.
    @inlinable
    public static func exponential(ofUniform uniform: Double) -> Double { -log(1 - uniform) }

    /// A standard normal variate (Box and Muller 1958; the second of the pair is not kept, so that the number
    /// of words drawn is the same at every call).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// exp(mu + sigma * Z) with Z standard normal.
    public mutating func logNormal(mu: Double, sigma: Double) -> Double { exp(mu + sigma * normal()) }
}
