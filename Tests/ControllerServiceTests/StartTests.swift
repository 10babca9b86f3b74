import Testing

@testable import hercules_controller

@Suite struct StartTests {
    @Test func commandHasAName() {
        #expect(HerculesController.configuration.commandName == "hercules-controller")
    }
}
