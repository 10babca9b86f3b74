import Quantities
import Randomness
import Store
import Testing
import Vocabulary

@Suite struct BlobTests {
    private static let histograms = [
        LatencyHistogram(bins: []), Samples.histogram(from: 0, bins: 1),
        Samples.histogram(from: -5_000, bins: 300),
        LatencyHistogram(
            bins: [
                LatencyHistogram.Bin(latency: Nanoseconds(.min + 1), count: 1),
                LatencyHistogram.Bin(latency: Nanoseconds(-1), count: 127),
                LatencyHistogram.Bin(latency: .zero, count: 128),
                LatencyHistogram.Bin(latency: Nanoseconds(.max), count: .max - 256),
            ]),
    ]

    private static let sampleLists = [
        [],
        [
            ServiceSample(items: 0, time: .zero), ServiceSample(items: .max, time: Nanoseconds(.max)),
            ServiceSample(items: .min, time: Nanoseconds(.min + 1)),
            ServiceSample(items: -1, time: Nanoseconds(-1)),
        ],
        Samples.measurement.serviceSamples,
    ]

    /// The check value that every description of this CRC gives.
    @Test func theChecksumIsTheUsualOne() {
        #expect(CRC32.checksum(Array("123456789".utf8)[...]) == 0xCBF4_3926)
    }

    @Test(arguments: histograms) func histogramsComeBack(histogram: LatencyHistogram) throws {
        #expect(try HistogramBlob.decode(HistogramBlob.encode(histogram)) == histogram)
    }

    @Test(arguments: sampleLists) func serviceSamplesComeBack(samples: [ServiceSample]) throws {
        #expect(try ServiceSampleBlob.decode(ServiceSampleBlob.encode(samples)) == samples)
    }

    @Test func theLayoutIsTheDocumentedOne() {
        let histogram = LatencyHistogram(
            bins: [
                LatencyHistogram.Bin(latency: Nanoseconds(300), count: 5),
                LatencyHistogram.Bin(latency: Nanoseconds(310), count: 200),
            ])
        // Two bins; 300 zigzags to 600 = 0xD8 0x04; 5; 10 further on; 200 = 0xC8 0x01.
        #expect(HistogramBlob.encode(histogram).dropLast(4) == [0x11, 2, 0xD8, 0x04, 5, 10, 0xC8, 0x01])
        let samples = [
            ServiceSample(items: 64, time: Nanoseconds(1_000)),
            ServiceSample(items: 64, time: Nanoseconds(999)),
        ]
        // Items 64 zigzag to 128 = 0x80 0x01; 1000 to 2000 = 0xD0 0x0F; the difference -1 to 1.
        #expect(ServiceSampleBlob.encode(samples).dropLast(4) == [0x21, 2, 0x80, 1, 0xD0, 0x0F, 0x80, 1, 1])
    }

    @Test func aBinCostsFewBytes() {
        let blob = HistogramBlob.encode(Samples.histogram(from: 9_000_001, bins: 500))
        #expect(blob.count < 500 * 5)
    }

    @Test func everySingleBitErrorIsFound() throws {
        let blob = HistogramBlob.encode(Samples.measurement.latencies)
        for position in blob.indices {
            for bit in 0..<8 {
                var corrupted = blob
                corrupted[position] ^= 1 << UInt8(bit)
                #expect(throws: BlobFault.self, "byte \(position), bit \(bit)") {
                    try HistogramBlob.decode(corrupted)
                }
            }
        }
    }

    @Test func everyTruncationIsFound() {
        let histogram = HistogramBlob.encode(Samples.measurement.latencies)
        let samples = ServiceSampleBlob.encode(Samples.measurement.serviceSamples)
        for length in histogram.indices {
            #expect(throws: BlobFault.self) { try HistogramBlob.decode(Array(histogram.prefix(length))) }
        }
        for length in samples.indices {
            #expect(throws: BlobFault.self) { try ServiceSampleBlob.decode(Array(samples.prefix(length))) }
        }
    }

    @Test func oneKindIsNotTakenForAnother() {
        let empty = HistogramBlob.encode(LatencyHistogram(bins: []))
        #expect(throws: BlobFault.self) { try ServiceSampleBlob.decode(empty) }
    }

    /// Well-framed payloads that break a rule of what is inside.
    @Test(
        arguments: [
            [], [2, 0, 1], [1, 0, 0], [2, 0, 1, 0, 1], [1, 0, 1, 0], [0x80, 0], [1, 0x80, 0, 1],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
            // Two counts whose sum passes 2^63, and a latency that wraps round.
            [2, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 1],
            [2, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1],
        ] as [[UInt8]])
    func aBadPayloadIsRefused(payload: [UInt8]) {
        #expect(throws: BlobFault.self) {
            try HistogramBlob.decode(BlobFrame.seal(payload, as: .latencyHistogramV1))
        }
    }

    /// Random bytes, bare and well framed, never crash a decoder; and what it accepts is exactly what the
    /// encoder would have written.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func randomBytesNeverCrash(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var accepted = 0
        for _ in 0..<5_000 {
            let payload = (0..<Int.random(in: 0...40, using: &generator)).map { index -> UInt8 in
                // A small first byte, which is a plausible count, and many small numbers.
                let isSmall = index == 0 || Bool.random(using: &generator)
                return UInt8.random(in: isSmall ? 0...6 : 0...255, using: &generator)
            }
            #expect(throws: BlobFault.self) { try HistogramBlob.decode(payload) }
            let histogramBlob = BlobFrame.seal(payload, as: .latencyHistogramV1)
            if let histogram = try? HistogramBlob.decode(histogramBlob) {
                accepted += 1
                #expect(HistogramBlob.encode(histogram) == histogramBlob)
            }
            let sampleBlob = BlobFrame.seal(payload, as: .serviceSamplesV1)
            if let samples = try? ServiceSampleBlob.decode(sampleBlob) {
                accepted += 1
                #expect(ServiceSampleBlob.encode(samples) == sampleBlob)
            }
        }
        #expect(accepted > 50, "the random payloads hardly ever reach the end of a decoder")
    }

    @Test(arguments: [11, 12] as [UInt64]) func randomHistogramsComeBack(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let latencies = Set(
                (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                    Int64.random(in: .min + 1 ... .max, using: &generator)
                        >> Int64.random(in: 0...62, using: &generator)
                })
            let histogram = LatencyHistogram(
                bins: latencies.sorted().map {
                    LatencyHistogram.Bin(
                        latency: Nanoseconds($0), count: Int.random(in: 1...1 << 50, using: &generator))
                })
            #expect(try HistogramBlob.decode(HistogramBlob.encode(histogram)) == histogram)
        }
    }
}
