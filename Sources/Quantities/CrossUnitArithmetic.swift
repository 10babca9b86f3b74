/// Energy is power held for a time.
public func * (power: Watts, duration: Nanoseconds) -> Joules { Joules(power.value * duration.seconds) }

/// Mean power is energy over time.
public func / (energy: Joules, duration: Nanoseconds) -> Watts { Watts(energy.value / duration.seconds) }

/// Energy efficiency: queries answered per joule.
public func / (rate: QueriesPerSecond, power: Watts) -> Double { rate.value / power.value }

/// The number of queries that a rate brings in a time.
public func * (rate: QueriesPerSecond, duration: Nanoseconds) -> Double { rate.value * duration.seconds }

/// The time to move an amount of data at a bandwidth, in seconds.
public func / (amount: Bytes, bandwidth: BytesPerSecond) -> Double { amount.value / bandwidth.value }
