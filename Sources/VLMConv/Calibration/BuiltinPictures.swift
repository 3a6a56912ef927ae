/// What the built-in pictures show: what cameras see and what people draw, as far as a few lines can imitate it.
extension PictureCanvas {
    static let kinds: [@Sendable (inout PictureCanvas) -> Void] = [
        { $0.landscape() }, { $0.shapes() }, { $0.page() }, { $0.stone() }, { $0.chart() }, { $0.lights() },
        { $0.facade() }, { $0.cloth() },
    ]

    /// Ridges one behind the other under a sky with a sun, the nearer the darker.
    private mutating func landscape() {
        let (haze, seed) = (colour(150...235), next())
        gradient(colour(60...200), haze)
        let radius = number(14...34 as ClosedRange<Float>)
        ellipse(
            x: number(0...1) * Float(width), y: number(0.1...0.4) * Float(height), radii: [radius, radius],
            softness: 0.3, [255, 240, 200])
        let near = colour(10...110)
        for ridge in 0..<5 {
            let depth = Float(ridge) / 4
            let base = Float(height) * (0.4 + 0.14 * Float(ridge))
            let tone = haze + (near - haze) * (0.25 + 0.75 * depth)
            let canvas = self
            paint { x, y, now in
                let crest = base + (canvas.noise(x, 0, cell: 140, seed: seed &+ UInt64(ridge)) - 0.5) * 150
                guard y > crest else { return now }
                return tone * (0.7 + 0.6 * canvas.noise(x, y, cell: 18 + 10 * depth, octaves: 4, seed: seed &+ 99))
            }
        }
        grain(6)
    }

    /// Plain things on a plain ground: balls with a highlight, boxes, sticks.
    private mutating func shapes() {
        gradient(colour(90...220), colour(90...220))
        for _ in 0..<number(2...5) {
            let x = number(0.15...0.85) * Float(width)
            let y = number(0.15...0.85) * Float(height)
            let size = number(22...60 as ClosedRange<Float>)
            let fill = colour()
            switch number(0...2) {
            case 0:
                ellipse(
                    x: x, y: y + size * 0.9, radii: [size, size * 0.25], softness: 0.9, opacity: 0.5, [20, 20, 20])
                ellipse(x: x, y: y, radii: [size, size], fill)
                let light = fill + (Colour(repeating: 255) - fill) * 0.7
                ellipse(x: x - size * 0.3, y: y - size * 0.3, radii: [size * 0.5, size * 0.5], softness: 1, light)
            case 1:
                paint(x: x - size...x + size, y: y - size * 0.8...y + size * 0.8) { _, _, _ in fill }
                paint(x: x - size...x + size, y: y + size * 0.6...y + size * 0.8) { _, _, now in now * 0.6 }
            default:
                let end = SIMD2(x + number(-90...90), y + number(-90...90))
                stroke(from: [x, y], to: end, thickness: number(5...22), fill)
            }
        }
        grain(number(0...9))
    }

    /// Lines of strokes that look like writing.
    private mutating func page() {
        let (paper, ink) = (colour(215...250), colour(0...90))
        gradient(paper, paper * 0.95)
        var size = number(14...30 as ClosedRange<Float>)
        var y = size
        while y < Float(height) - size {
            var x = number(14...40 as ClosedRange<Float>)
            let end = Float(width) * number(0.55...0.95)
            while x < end {
                for _ in 0..<number(2...4) {
                    let a = SIMD2(x + number(0...0.5) * size, y + number(0...0.8) * size)
                    let b = SIMD2(x + number(0...0.5) * size, y + number(0...0.8) * size)
                    stroke(from: a, to: b, thickness: max(1, size * 0.1), ink)
                }
                x += size * (number(0...6) == 0 ? 1.1 : 0.62)
            }
            y += size * 1.4
            if number(0...5) == 0 { size = number(12...26) }
        }
        grain(4)
    }

    /// Veins through a mottled ground.
    private mutating func stone() {
        let (one, other, seed) = (colour(60...240), colour(20...200), next())
        let (cell, vein) = (number(40...130 as ClosedRange<Float>), number(0.02...0.09 as ClosedRange<Float>))
        let canvas = self
        paint { x, y, _ in
            let value = canvas.noise(x, y, cell: cell, octaves: 6, seed: seed)
            let mottle = canvas.noise(x, y, cell: 12, octaves: 3, seed: seed &+ 5)
            let ground = one + (other - one) * value
            return (abs(value - 0.5) < vein * mottle ? other * 0.5 : ground) * (0.85 + 0.3 * mottle)
        }
        grain(5)
    }

    /// Bars and a line over a grid, as in a report.
    private mutating func chart() {
        gradient([252, 252, 252], [244, 244, 246])
        let (left, bottom, right) = (Float(44), Float(height) - 40, Float(width) - 20)
        for step in 0..<6 {
            let y = bottom - Float(step) * (bottom - 24) / 5
            stroke(from: [left, y], to: [right, y], thickness: 1, [205, 208, 212])
            stroke(from: [16, y], to: [36, y], thickness: 3, [120, 120, 120])
        }
        let (count, fill, line) = (number(4...9), colour(30...220), colour(0...160))
        let pitch = (right - left) / Float(count)
        var last: SIMD2<Float>?
        for bar in 0..<count {
            let x = left + pitch * (Float(bar) + 0.2)
            let top = bottom - number(0.1...0.95) * (bottom - 24)
            paint(x: x...x + pitch * 0.6, y: top...bottom) { _, _, _ in fill }
            let point = SIMD2(x + pitch * 0.3, bottom - number(0.1...0.95) * (bottom - 24))
            if let last { stroke(from: last, to: point, thickness: 2.5, line) }
            last = point
            stroke(from: [x, bottom + 12], to: [x + pitch * 0.5, bottom + 12], thickness: 4, [120, 120, 120])
        }
        stroke(from: [left, 20], to: [left, bottom], thickness: 2, [60, 60, 60])
        stroke(from: [left, bottom], to: [right, bottom], thickness: 2, [60, 60, 60])
    }

    /// Lamps out of focus in the dark.
    private mutating func lights() {
        gradient(colour(0...40), colour(0...70))
        for _ in 0..<number(18...46) {
            let radius = number(4...34 as ClosedRange<Float>)
            ellipse(
                x: number(0...1) * Float(width), y: number(0...1) * Float(height), radii: [radius, radius],
                softness: number(0.1...1), opacity: number(0.3...0.9), colour(60...255))
        }
        grain(8)
    }

    /// Rows of windows, some of them lit.
    private mutating func facade() {
        let (wall, seed) = (colour(70...210), next())
        let canvas = self
        paint { x, y, _ in wall * (0.8 + 0.4 * canvas.noise(x, y, cell: 30, seed: seed)) }
        let (columns, rows) = (number(3...7), number(3...8))
        let (w, h) = (Float(width) / Float(columns), Float(height) / Float(rows))
        for row in 0..<rows {
            for column in 0..<columns {
                let (x, y) = (Float(column) * w, Float(row) * h)
                let pane: Colour = number(0...3) == 0 ? [250, 220, 140] : colour(20...80)
                paint(x: x + w * 0.18...x + w * 0.82, y: y + h * 0.15...y + h * 0.85) { _, _, _ in [235, 235, 230] }
                paint(x: x + w * 0.22...x + w * 0.78, y: y + h * 0.2...y + h * 0.8) { _, py, _ in
                    pane * (0.7 + 0.5 * (py - y) / h)
                }
                stroke(
                    from: [x + w / 2, y + h * 0.2], to: [x + w / 2, y + h * 0.8], thickness: 2, [225, 225, 220])
            }
        }
        grain(6)
    }

    /// Woven stripes with folds.
    private mutating func cloth() {
        let (one, other, seed) = (colour(), colour(), next())
        let (across, down) = (number(9...40 as ClosedRange<Float>), number(9...40 as ClosedRange<Float>))
        let canvas = self
        paint { x, y, _ in
            let bend = canvas.noise(x, y, cell: 90, octaves: 3, seed: seed) * 60
            let u = Int(((x + bend) / across).rounded(.down)) & 1
            let v = Int(((y + bend) / down).rounded(.down)) & 1
            let shade = 0.55 + 0.9 * canvas.noise(x + bend, y, cell: 60, octaves: 2, seed: seed &+ 3)
            return (one + (other - one) * (Float(u + v) / 2)) * shade
        }
        grain(7)
    }
}
