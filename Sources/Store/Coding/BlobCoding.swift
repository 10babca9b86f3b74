import Quantities
import Vocabulary

/// Latency histograms as bytes.
///
/// The payload is the number of bins, then for each bin the distance from the latency before it (the first
/// from zero, signed) and its count: a few bytes a bin. Every histogram has exactly one encoding.
package enum HistogramBlob {
    package static func encode(_ histogram: LatencyHistogram) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt64(histogram.bins.count))
        var previous: Int64?
        for bin in histogram.bins {
            let latency = bin.latency.count
            if let previous {
                // Wrapping, because the distance between two signed numbers may need all 64 bits.
                writer.append(UInt64(bitPattern: latency &- previous))
            } else {
                writer.append(signed: latency)
            }
            writer.append(UInt64(bin.count))
            previous = latency
        }
        return BlobFrame.seal(writer.bytes, as: .latencyHistogramV1)
    }

    /// - Throws: `BlobFault` for any bytes that `encode` does not produce; it never traps.
    package static func decode(_ blob: [UInt8]) throws(BlobFault) -> LatencyHistogram {
        var reader = ByteReader(try BlobFrame.open(blob, as: .latencyHistogramV1))
        let count = try reader.count(bytesPerElementMin: 2)
        var bins: [LatencyHistogram.Bin] = []
        bins.reserveCapacity(count)
        var total = 0
        for _ in 0..<count {
            let latency = try nextLatency(after: bins.last?.latency.count, from: &reader)
            guard let occurrences = Int(exactly: try reader.number()), occurrences > 0 else {
                throw BlobFault(found: "a bin count of 0 or beyond 2^63", expected: "a positive count")
            }
            let (sum, overflow) = total.addingReportingOverflow(occurrences)
            guard !overflow else {
                throw BlobFault(found: "counts that add up beyond 2^63", expected: "a smaller total")
            }
            total = sum
            bins.append(LatencyHistogram.Bin(latency: Nanoseconds(latency), count: occurrences))
        }
        try reader.expectEnd()
        return LatencyHistogram(bins: bins)
    }

    private static func nextLatency(
        after previous: Int64?, from reader: inout ByteReader
    ) throws(BlobFault) -> Int64 {
        guard let previous else { return try reader.signedNumber() }
        let latency = previous &+ Int64(bitPattern: try reader.number())
        guard latency > previous else {
            throw BlobFault(found: "a latency of \(latency) after \(previous)", expected: "a larger one")
        }
        return latency
    }
}

/// Service samples as bytes, in the order they were taken.
///
/// The payload is the number of samples, then for each its items and the difference of its time from the time
/// before it (the first from zero), both signed.
package enum ServiceSampleBlob {
    package static func encode(_ samples: [ServiceSample]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt64(samples.count))
        var previous: Int64 = 0
        for sample in samples {
            writer.append(signed: Int64(sample.items))
            writer.append(signed: sample.time.count &- previous)
            previous = sample.time.count
        }
        return BlobFrame.seal(writer.bytes, as: .serviceSamplesV1)
    }

    /// - Throws: `BlobFault` for any bytes that `encode` does not produce; it never traps.
    package static func decode(_ blob: [UInt8]) throws(BlobFault) -> [ServiceSample] {
        var reader = ByteReader(try BlobFrame.open(blob, as: .serviceSamplesV1))
        let count = try reader.count(bytesPerElementMin: 2)
        var samples: [ServiceSample] = []
        samples.reserveCapacity(count)
        var time: Int64 = 0
        for _ in 0..<count {
            let items = try reader.signedNumber()
            time &+= try reader.signedNumber()
            samples.append(ServiceSample(items: Int(items), time: Nanoseconds(time)))
        }
        try reader.expectEnd()
        return samples
    }
}
