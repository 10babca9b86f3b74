import ArgumentParser

/// Where networks and boxes are looked for, and how what is found is shown.
struct EdgeOptions: ParsableArguments {
    @OptionGroup var catalogue: ServingCatalogueOptions

    @Option(
        help: ArgumentHelp("Also write the report as HTML, with plots.", valueName: "file"),
        transform: NameText.file)
    var output: String?
}
