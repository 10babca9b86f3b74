import Foundation

/// Writes to the standard output as it is, without buffering surprises at exit.
func emit(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}
