extension String {
    /// Whether `part` stands somewhere in this name.
    ///
    /// Not `contains`: where a module imports a package that imports Foundation, that is Foundation's, and a statically
    /// linked tool gets all of it.
    package func has(_ part: StaticString) -> Bool {
        part.withUTF8Buffer { part in utf8.firstRange(of: part) != nil }
    }
}
