/// What is going to happen, by its time; what was added first comes first among equals.
///
/// A binary heap: time in a simulation moves from one of its entries to the next.
struct Agenda<Item> {
  private struct Entry {
    let time: Int64
    let order: Int
    let item: Item

    func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
  }

  private var heap: [Entry] = []
  private var added = 0

  mutating func add(_ item: Item, at time: Int64) {
    added += 1
    heap.append(Entry(time: time, order: added, item: item))
    var child = heap.count - 1
    while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes the earliest entry away; nil when there is none.
  mutating func next() -> (time: Int64, item: Item)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.time, first.item)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isBefore(heap[least]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
