import ArgumentParser
import Pipeline

/// Where the catalogue lies, and how it is shown.
struct CatalogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder with models, servers and fleets; Workloads or, where that is not here, the shipped "
                + "catalogue unless given.", valueName: "folder"),
        completion: .directory, transform: NameText.folder)
    var workloads: String?

    @OptionGroup var form: FormatOption

    @Option(help: "One kind alone: device, server, model or scenario.")
    var kind: CatalogView.Kind?
}

extension CatalogView.Kind: ExpressibleByArgument {}
