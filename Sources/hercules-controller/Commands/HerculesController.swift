import ArgumentParser
import AsyncHTTPClient
import Hummingbird
import HummingbirdTLS
import Pipeline

/// The live controller: a service beside the command, with the packages that a server needs.
@main
struct HerculesController: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hercules-controller", abstract: "Drives a fleet from live loads.",
        version: Recorder.toolVersion)
}
