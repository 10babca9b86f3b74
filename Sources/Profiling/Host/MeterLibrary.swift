import CNative

/// A vendor's library that tells the power of its devices, loaded at run time.
struct MeterLibrary {
    let name: String
    private let handle: UnsafeMutableRawPointer

    /// - Parameter remedy: where the library comes from, for who lacks it.
    init(_ name: String, remedy: String) throws(ProfilingError) {
        var message = [CChar](repeating: 0, count: 1024)
        guard let handle = cnative_library_open(name, &message, message.count) else {
            let reason = String(
                decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .noMeter(what: name, reason: reason, remedy: remedy)
        }
        self.name = name
        self.handle = handle
    }

    /// A function of the library.
    /// - Parameter type: a C function type with the function's signature; a wrong one is undefined behaviour.
    func function<Function>(_ symbol: String, as type: Function.Type) throws(ProfilingError) -> Function {
        guard let address = cnative_library_symbol(handle, symbol) else {
            throw .unreadable(path: name, reason: "found no function \(symbol), expected one")
        }
        return unsafeBitCast(address, to: type)
    }

    /// Throws unless a call returned 0.
    /// - Parameter meaning: of the numbers it may return instead, by the library's documentation.
    func check(
        _ status: Int32, _ call: String, meaning: (Int32) -> String
    ) throws(ProfilingError) {
        guard status != 0 else { return }
        throw .unreadable(path: name, reason: "\(call) returned \(status) (\(meaning(status))), expected 0")
    }
}
