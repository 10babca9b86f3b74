import Vocabulary

extension Model {
    func canBeModelled(on type: ServerType) -> Bool { graph != nil }
}
