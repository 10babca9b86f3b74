import ArgumentParser
import Pipeline

/// Where the catalogue lies, and how it is shown.
struct CatalogOptions: ParsableArguments {
    @Option(
        helpWithDefault: ArgumentHelp("The folder with models, servers and fleets.", valueName: "folder"),
        transform: NameText.folder)
    var workloads = "Workloads"

    @OptionGroup var form: FormatOption

    @Option(help: "One kind alone: device, server, model or scenario.")
    var kind: CatalogView.Kind?
}

extension CatalogView.Kind: ExpressibleByArgument {}
