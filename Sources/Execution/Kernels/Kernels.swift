/// The arithmetic under the graph, by topic in the files of this folder.
///
/// These are the module's only files with pointers: a fence has one gate. The callers hand over whole matrices, and every
/// function checks once, by precondition, that their sizes fit each other. Sums run in an order that depends on sizes
/// alone, so that results can be repeated bit for bit.
package enum Kernels {
    package typealias Vector = SIMD8<Float>
    static let width = Vector.scalarCount

    @inline(__always)
    static func load(_ p: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    static func load(_ p: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(p)) }

    @inline(__always)
    static func store(_ v: Vector, _ p: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
    }

    /// Replaces `count` elements by `f` of them. The tail goes through the same vector function, so a value's
    /// image does not depend on where it stands.
    @inline(__always)
    static func map(_ p: UnsafeMutablePointer<Float>, count: Int, _ f: (Vector) -> Vector) {
        var i = 0
        while i + width <= count {
            store(f(load(p + i)), p + i)
            i += width
        }
        if i < count {
            var tail = Vector.zero
            for j in i..<count { tail[j - i] = p[j] }
            tail = f(tail)
            for j in i..<count { p[j] = tail[j - i] }
        }
    }

    /// Replaces `count` elements of `p` by `f` of them and those of `q`.
    @inline(__always)
    static func combine(
        _ p: UnsafeMutablePointer<Float>, _ q: UnsafePointer<Float>, count: Int,
        _ f: (Vector, Vector) -> Vector
    ) {
        var i = 0
        while i + width <= count {
            store(f(load(p + i), load(q + i)), p + i)
            i += width
        }
        while i < count {
            p[i] = f(Vector(repeating: p[i]), Vector(repeating: q[i]))[0]
            i += 1
        }
    }

    @inline(__always)
    static func sum(
        _ p: UnsafePointer<Float>, count: Int, _ f: (Vector) -> Vector
    ) -> Float {
        var (a, b) = (Vector.zero, Vector.zero)
        var i = 0
        while i + 2 * width <= count {
            a += f(load(p + i))
            b += f(load(p + i + width))
            i += 2 * width
        }
        var total = (a + b).sum()
        while i < count {
            total += f(Vector(repeating: p[i]))[0]
            i += 1
        }
        return total
    }

    @inline(__always)
    static func maximum(_ p: UnsafePointer<Float>, count: Int) -> Float {
        var greatest = Vector(repeating: -.infinity)
        var i = 0
        while i + width <= count {
            let v = load(p + i)
            greatest.replace(with: v, where: v .> greatest)
            i += width
        }
        var result = greatest.max()
        while i < count {
            if p[i] > result { result = p[i] }
            i += 1
        }
        return result
    }

    @inline(__always)
    static func multiplyAdd(
        _ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ sum: UnsafeMutablePointer<Float>, count: Int
    ) {
        var i = 0
        while i + width <= count {
            store(load(sum + i) + load(p + i) * load(q + i), sum + i)
            i += width
        }
        while i < count {
            sum[i] += p[i] * q[i]
            i += 1
        }
    }

    /// Rows of a matrix that one job of a cheap operation takes.
    static let rowsPerJob = 32

    /// Rows for whose sake a cheap operation is shared among threads.
    static func share(_ x: borrowing Rows, _ body: (Range<Int>) -> Void) {
        x.context.run(x.rows, by: rowsPerJob, body)
    }
}
