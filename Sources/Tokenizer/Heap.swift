protocol HeapElement {
    func isBetter(than other: Self) -> Bool
}

/// A binary heap with the best element first.
struct Heap<Element: HeapElement> {
    private var items: [Element] = []

    mutating func push(_ item: Element) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard item.isBetter(than: items[parent]) else { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = item
    }

    mutating func pop() -> Element? {
        guard let best = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return best }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1].isBetter(than: items[child]) { child += 1 }
            guard items[child].isBetter(than: last) else { break }
            items[hole] = items[child]
            hole = child
        }
        items[hole] = last
        return best
    }
}
