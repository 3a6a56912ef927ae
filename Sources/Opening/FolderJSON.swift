import ByteIO
import JSON

extension Folder {
    /// The JSON file of that name, or nil if it is not there.
    package func json(_ name: String) throws -> JSONValue? {
        guard has(name) else { return nil }
        let mapped = try MappedFile(path: file(name))
        return try JSONValue(parsing: mapped.bytes, file: mapped.path)
    }
}
