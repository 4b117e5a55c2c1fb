import Domain
import RedisClient
import RedisStore

/// The keys of a partition as they lie in Redis.
struct PartitionState {
  private(set) var cafes: [String: [String: String]] = [:]
  private(set) var meters: [String: [String: String]] = [:]
  private(set) var pcs: [String: [String: String]] = [:]
  private(set) var live: [String: Set<String>] = [:]
  private(set) var sessionKeys: Set<String> = []
  private(set) var launcherKeys: Set<String> = []
  private(set) var seats: Set<String> = []
  private(set) var due: Set<String> = []
  private(set) var grace: Set<String> = []
  private(set) var aside: [String: String] = [:]
  private(set) var sequence: Int64 = 0

  var isEmpty: Bool { cafes.isEmpty && meters.isEmpty && pcs.isEmpty }

  init(_ link: RedisLink, _ partition: Partition) async throws {
    let base = "\(link.keys.prefix):{p\(partition.number)}:"
    for key in try await link.client.texts("KEYS", base + "*") {
      let name = String(key.dropFirst(base.count))
      try await read(key, name, link.client)
    }
  }

  private mutating func read(_ key: String, _ name: String, _ client: RedisClient) async throws {
    if name == "due" { due = Set(try await client.texts("ZRANGE", key, "0", "-1")) }
    if name == "grace" { grace = Set(try await client.texts("SMEMBERS", key)) }
    if name == "aside" { aside = try await client.hash(key) }
    if name == "clock" {
      sequence = PackedClock(try await client.send(PackedClock.reading(key)))?.sequence ?? 0
    }
    guard let colon = name.firstIndex(of: ":") else { return }
    let id = String(name[colon...].dropFirst())
    switch name[..<colon] {
    case "account":
      let names = ["balance", "spending", "pcs", "low", "status"]
      cafes[id] = Dictionary(uniqueKeysWithValues: zip(names, try await client.words(key)))
    case "meter": meters[id] = PackedMeter(try await client.send(PackedMeter.reading(key)))?.fields
    case "pc":
      let words = try await client.words(key)
      pcs[id] = zip(["launcher", "session"], words).filter { !$1.isEmpty }
        .reduce(into: [:]) { $0[$1.0] = $1.1 }
    case "live": live[id] = Set(try await client.texts("SMEMBERS", key))
    case "session": sessionKeys.insert(id)
    case "launcher": launcherKeys.insert(id)
    case "seat": seats.insert(id)
    default: break
    }
  }
}

extension RedisClient {
  fileprivate func texts(_ name: String, _ arguments: String...) async throws -> [String] {
    let reply = try await send(RedisCommand(arguments: [name] + arguments))
    guard case .array(let values) = reply else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  fileprivate func words(_ key: String) async throws -> [String] {
    guard case .string(let text) = try await send(RedisCommand("GET", key)) else {
      return ["", ""]
    }
    return text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  fileprivate func hash(_ key: String) async throws -> [String: String] {
    let fields = try await texts("HGETALL", key)
    let pairs = stride(from: 0, to: fields.count, by: 2).map { (fields[$0], fields[$0 + 1]) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}

extension Audit {
  /// I9: `due`, `pc`, `live`, `session`, `meter` and the cafes' totals tell the same story.
  mutating func checkAgreement(_ sessions: [String: Story], _ state: PartitionState) {
    let open = Set(sessions.filter { $0.value.end == nil }.keys)
    let live = state.live.values.reduce(into: Set()) { $0.formUnion($1) }
    expect(open == Set(state.meters.keys), "I9: open \(open), meters \(state.meters.keys)")
    expect(open == live, "I9: open sessions \(open), live sets \(live)")
    expect(state.sessionKeys.isSubset(of: open), "I9: a session key without a meter")
    expect(state.aside.isEmpty, "I9: set aside: \(state.aside)")
    let inGrace = Set(state.meters.filter { $0.value["state"] == "grace" }.keys)
    expect(state.grace == inGrace, "I9: in grace \(inGrace), the set says \(state.grace)")
    for (id, meter) in state.meters {
      checkMeter(id, meter, sessions[id], state)
    }
    for (cafe, row) in state.cafes {
      let meters = state.meters.values.filter { $0["cafe"] == cafe }
      let spending = meters.reduce(0) { $0 + (Int64($1["rate"] ?? "") ?? 0) }
      expect(row["spending"] == String(spending), "I9: \(cafe) spends \(spending), says \(row)")
      let pcs = state.pcs.keys.filter { $0.hasPrefix(cafe + ":") }.count
      expect(row["pcs"] == String(pcs), "I9: \(cafe) has \(pcs) PCs, says \(row)")
    }
    checkPCs(state)
  }

  private mutating func checkMeter(
    _ id: String,
    _ meter: [String: String],
    _ story: Story?,
    _ state: PartitionState
  ) {
    let pc = "\(meter["cafe"] ?? ""):\(meter["pc"] ?? "")"
    expect(state.pcs[pc]?["session"] == id, "I9: \(id) is not the session of \(pc)")
    expect(state.due.contains(id), "I9: \(id) is never due")
    guard let story else { return }
    let billed = Int64(meter["billed"] ?? "") ?? -1
    expect(meter["charged"] == String(story.charged), "I3: \(id) \(meter), lines \(story.charged)")
    expect(
      story.charged == story.cost(billed),
      "I3: \(id) charged \(story.charged) for \(billed) s"
    )
    expect(meter["seq"] == String(story.lines.count), "I6: \(id) seq \(meter["seq"] ?? "")")
  }

  private mutating func checkPCs(_ state: PartitionState) {
    let launchersDue = Set(state.due.filter { $0.contains("|") }.map { $0.prefix { $0 != "|" } })
    for (pc, row) in state.pcs {
      expect(!row.isEmpty, "I9: \(pc) is empty")
      if let session = row["session"] {
        expect(state.meters[session] != nil, "I9: \(pc) has the session \(session) without a meter")
      }
      if let launcher = row["launcher"] {
        expect(launchersDue.contains(launcher[...]), "I9: launcher \(launcher) is never due")
      }
    }
    let sessionsDue = state.due.filter { !$0.contains("|") }
    expect(sessionsDue.isSubset(of: Set(state.meters.keys)), "I9: due without a meter")
    let placed = Set(state.pcs.values.compactMap { $0["launcher"] })
    expect(state.launcherKeys.isSubset(of: placed), "I9: a launcher key without a place")
    expect(state.seats == placed, "I9: seats \(state.seats), launchers on PCs \(placed)")
  }
}
