import RedisClient

/// What keeps the service from billing on a Redis now, as an operator asks for it.
extension RedisRequirements {
  /// Looks at Redis, at its clock and at what it remembers of the ledger.
  ///
  /// - Parameters:
  ///   - now: The time of this machine, in Unix seconds.
  ///   - watermark: What is known of the ledger outside Redis.
  /// - Returns: Faults and warnings, each with what mends it. There is no warning where durability
  ///   does not matter, and what the service's Redis user may not ask is not looked at.
  public func findings(
    on client: RedisClient,
    now: Int64,
    knowing watermark: LedgerWatermark
  ) async -> (faults: [String], warnings: [String]) {
    let fence = LedgerFence(keys: keys, watermark: watermark)
    let known = watermark.all
    do throws(RedisError) {
      let replies = try await client.send(pipeline: commands)
      let lines = try await client.send(pipeline: fence.commands(for: known))
      let others = [
        clockFault(in: replies, now: now),
        LedgerFence.fault(of: fence.forgotten(of: known, in: lines)),
      ]
      let text = replies.first?.textIfAny ?? ""
      let faults =
        faults(in: replies) + others.compactMap(\.self) + writeFaults(Self.fields(ofInfo: text))
      guard durability == .strict else { return (faults, []) }
      let loss = await lossWarning(of: client)
      return (faults, [loss].compactMap(\.self) + warnings(inInfo: text))
    } catch {
      return (["\(error)"], [])
    }
  }

  /// Why Redis refuses to write although it may be written to.
  func writeFaults(_ info: [String: String]) -> [String] {
    var faults: [String] = []
    if let used = memoryPercent(info), used >= 100 {
      faults.append(RedisServerError.fullFault(more: "more than \(info["maxmemory"] ?? "")"))
    }
    if info["min_slaves_good_slaves"] == "0" {
      faults.append(
        "Redis refuses to write without its replicas (min-replicas-to-write), and none is in step: "
          + "start one, or wait until it is"
      )
    }
    return faults
  }

  private func memoryPercent(_ info: [String: String]) -> Int? {
    guard let used = info["used_memory"].flatMap(Int.init),
      let most = info["maxmemory"].flatMap(Int.init), most > 0
    else { return nil }
    return used / (most / 100 + 1)
  }
}

/// What an operator should know of a Redis that is fit all the same.
extension RedisRequirements {
  /// A server that fills its memory refuses writes; above this share of it somebody should know.
  private static let fullPercent = 80

  func warnings(inInfo text: String) -> [String] {
    let info = Self.fields(ofInfo: text)
    return [versionWarning(info), rewriteWarning(info), memoryWarning(info)].compactMap(\.self)
      + replicaWarnings(info)
  }

  private func lossWarning(of client: RedisClient) async -> String? {
    guard let reply = try? await client.send(RedisCommand("CONFIG", "GET", "appendfsync")),
      let policy = reply.texts.last, policy != "always"
    else { return nil }
    let most = policy == "everysec" ? "the last second" : "half a minute"
    return "Redis may lose \(most) of what it has acknowledged when the power fails (appendfsync "
      + "\(policy)): run CONFIG SET appendfsync always and set it in redis.conf"
  }

  private func versionWarning(_ info: [String: String]) -> String? {
    guard let version = info["redis_version"].flatMap(RedisVersion.init),
      let better = version.better
    else { return nil }
    return "Redis \(version) lets whoever may run scripts take the server over "
      + "(CVE-2025-49844): install \(better) or later"
  }

  private func rewriteWarning(_ info: [String: String]) -> String? {
    guard info["aof_last_bgrewrite_status"] == "err" else { return nil }
    return "Redis could not renew its append-only file, which grows until it can: look into its "
      + "log, free memory or disk, and run BGREWRITEAOF"
  }

  private func memoryWarning(_ info: [String: String]) -> String? {
    guard let percent = memoryPercent(info), (Self.fullPercent..<100).contains(percent) else {
      return nil
    }
    return "Redis uses \(percent) % of its maxmemory and will refuse to bill when it is full: run "
      + "CONFIG SET maxmemory with more than \(info["maxmemory"] ?? "") bytes and set it in "
      + "redis.conf"
  }

  /// `slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0`.
  private func replicaWarnings(_ info: [String: String]) -> [String] {
    info.filter { $0.key.wholeMatch(of: /slave\d+/) != nil }.sorted { $0.key < $1.key }
      .compactMap { _, text in
        let parts = text.split(separator: ",").map { $0.split(separator: "=").map(String.init) }
        let fields = Dictionary(parts.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { $1 }
        guard let state = fields["state"], state != "online" else { return nil }
        let place = "\(fields["ip"] ?? "?"):\(fields["port"] ?? "?")"
        return "the replica \(place) is not in step (\(state)): wait until it is online, or look "
          + "into its log"
      }
  }
}
