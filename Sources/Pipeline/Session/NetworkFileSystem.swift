import Foundation

/// Databases that lie where their write-ahead log cannot be shared.
enum NetworkFileSystem {
    /// Types by which the kernel mounts folders of other machines.
    private static let types: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs", "fuse.sshfs",
        "fuse.glusterfs", "9p", "afs",
    ]

    /// What to tell about a database on a file system that other machines share; nil where it lies elsewhere.
    ///
    /// SQLite's write-ahead log works among the processes of one machine, containers included. Processes of
    /// several machines would spoil the file, and nothing on either would notice.
    static func warning(about path: String, mounts: String? = nil) -> String? {
        let text = mounts ?? (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let file = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        var longest: (point: String, type: String)?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count >= 3 else { continue }
            let point = fields[1].replacingOccurrences(of: "\\040", with: " ")
            let isAbove = point == "/" || file == point || file.hasPrefix(point + "/")
            // Of two mounts on one folder, the later hides the earlier.
            if isAbove, point.count >= longest?.point.count ?? 0 { longest = (point, fields[2]) }
        }
        guard let longest, types.contains(longest.type) else { return nil }
        return
            "warning: \(path) lies on \(longest.type); the processes of one machine may share it, those of "
            + "several may not: give each machine a file of its own and join them with `hercules db merge`"
    }
}
