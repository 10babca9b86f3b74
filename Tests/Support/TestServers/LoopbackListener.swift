import Foundation

#if canImport(Glibc)
    import Glibc
    private let streamSocket = CInt(SOCK_STREAM.rawValue)
#else
    import Darwin
    private let streamSocket = SOCK_STREAM
#endif

/// A port of this machine alone that takes connections.
public final class LoopbackListener: Sendable {
    public let port: UInt16
    private let descriptor: CInt

    /// Listens on a port that the system picks.
    /// - Throws: `POSIXError` where there is none.
    public init() throws {
        let descriptor = Self.socket()
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Hands each connection on, on one thread, until the task wants no more or the listener is closed.
    /// - Parameter take: owns the descriptor that it is given; false ends the taking.
    public func accept(_ take: @escaping @Sendable (CInt) -> Bool) {
        let descriptor = descriptor
        Thread.detachNewThread {
            while true {
                #if canImport(Glibc)
                    let connection = Glibc.accept(descriptor, nil, nil)
                #else
                    let connection = Darwin.accept(descriptor, nil, nil)
                #endif
                guard connection >= 0, take(connection) else { return }
            }
        }
    }

    /// Takes no further connection.
    public func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// A socket that a client connects, or that listens.
    public static func socket() -> CInt {
        #if canImport(Glibc)
            Glibc.socket(AF_INET, streamSocket, 0)
        #else
            Darwin.socket(AF_INET, streamSocket, 0)
        #endif
    }

    public static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
