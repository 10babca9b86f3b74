import Quantities

/// What an accelerator's data sheet says that engines of language models depend on, and what joins the
/// accelerators of one server.
public struct AcceleratorSheet: Hashable, Codable, Sendable {
    /// Its name in the catalogue.
    public let device: String
    /// Peak rates by format, dense, in TFLOPS or TOPS; formats that it lacks are not there.
    public let peaks: [String: Double]
    public let link: AcceleratorLink

    public init(_ device: CatalogDevice, link: AcceleratorLink) {
        self.device = device.name
        self.link = link
        peaks = Self.formats.reduce(into: [:]) { peaks, figure in peaks[figure.rawValue] = device[figure] }
    }

    private static let formats: [DeviceFigure] = [.bf16, .fp16, .fp8, .int8]

    /// The device as engines are described with it.
    /// - Parameter accelerator: that the sheet belongs to.
    public func device(of accelerator: Accelerator) -> CatalogDevice {
        var numbers: [DeviceFigure: Double] = [
            .bandwidth: accelerator.bandwidth.value / 1e9, .memory: accelerator.memory.value / gibibyte,
        ]
        for figure in Self.formats { numbers[figure] = peaks[figure.rawValue] }
        return CatalogDevice(
            kind: .accelerator, name: device, title: accelerator.name, vendor: nil,
            documents: [CatalogDevice.Document(citation: "the catalogue's \(device)", url: nil)],
            values: numbers.mapValues { CatalogDevice.Value(number: $0, document: 0) })
    }
}

private let gibibyte = 1_073_741_824.0
