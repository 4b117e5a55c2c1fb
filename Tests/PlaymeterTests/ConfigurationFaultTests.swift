import Testing

@testable import playmeter

@Suite("Settings that are wrong")
struct ConfigurationFaultTests {
  @Test("Without a master key nothing starts")
  func required() {
    #expect(
      Given.faults(["PLAYMETER_MASTER_KEY": ""])
        == ["PLAYMETER_MASTER_KEY: is required: 64 hexadecimal digits (32 bytes)"]
    )
  }

  @Test("All faults are listed at once, one line each")
  func allAtOnce() {
    let environment = [
      "PLAYMETER_MASTER_KEY": "",
      "PLAYMETER_PARTITIONS": "4097",
      "PLAYMETER_GRACE": "5",
      "PLAYMETER_SESION_TTL": "1s",
      "PLAYMETER_REDIS_URL": "http://x",
    ]
    #expect(throws: ConfigurationError.self) { try Given.settings(environment) }
    let faults = Given.faults(environment)
    let subjects = faults.map { $0.prefix { $0 != ":" } }
    #expect(
      subjects == [
        "PLAYMETER_REDIS_URL", "PLAYMETER_PARTITIONS", "PLAYMETER_MASTER_KEY", "PLAYMETER_GRACE",
        "PLAYMETER_SESION_TTL",
      ]
    )
    #expect(!faults.contains { $0.contains("\n") })
    let error = ConfigurationError(faults: [SettingFault("A", "b"), SettingFault("C", "d")])
    #expect(error.description == "2 settings are wrong:\n  A: b\n  C: d")
  }

  @Test("A fault names the variable, the rule and the value")
  func wording() {
    #expect(
      Given.faults(["PLAYMETER_PARTITIONS": "0"])
        == ["PLAYMETER_PARTITIONS: must be a whole number from 1 to 4096, not \"0\""]
    )
  }

  @Test("A value in a fault cannot forge a line and is not shown in full length")
  func shownValue() {
    let long = "a\nb\u{1B}[31m" + String(repeating: "x", count: 1000)
    let fault = Given.faults(["PLAYMETER_LOG_FORMAT": long]).first ?? ""
    #expect(fault.contains("not \"a\\nb\\u{1b}[31mxx"))
    #expect(fault.count < 200)
    #expect(fault.hasSuffix("x…\""))
  }

  @Test(
    "A value that breaks its setting's rule is refused",
    arguments: [
      ("HTTP_ADDRESS", "8080"), ("HTTP_ADDRESS", ":8080"), ("MANAGEMENT_ADDRESS", "::1:9090"),
      ("TRUSTED_PROXIES", "10.0.0.1/8"), ("TRUSTED_PROXIES", "10.0.0.0/8,"),
      ("TRUSTED_PROXIES", Array(repeating: "10.0.0.0/8", count: 65).joined(separator: ",")),
      ("REDIS_URL", "redis://"), ("REDIS_PREFIX", "PM"), ("REDIS_PREFIX", "a:b"),
      ("REDIS_PREFIX", "abcdefghijklmnopq"), ("PARTITIONS", "0"), ("PARTITIONS", "4097"),
      ("PARTITIONS", "+64"), ("PARTITIONS", "6.4"), ("REDIS_DURABILITY", "Strict"),
      ("MASTER_KEY", "12"), ("MASTER_KEY", String(repeating: "g", count: 64)),
      ("MASTER_KEY_PREVIOUS", String(repeating: "0", count: 63)), ("ADMIN_TOKEN", "two words"),
      ("ADMIN_TOKEN", String(repeating: "a", count: 257)), ("HEARTBEAT_INTERVAL", "99ms"),
      ("HEARTBEAT_INTERVAL", "61m"), ("SESSION_TTL", "240"), ("LAUNCHER_TTL", "-240s"),
      ("OTT_TTL", "1.5m"), ("GRACE", "0s"), ("ENDED_MEMORY", "2d"), ("BILLING_TICK", "2h"),
      ("SESSION_RECORD_RETENTION", "3651d"), ("LOG_LEVEL", "verbose"), ("LOG_FORMAT", "JSON"),
      ("REDIS_REPLICAS", "6"), ("REDIS_REPLICAS", "-1"),
    ]
  )
  func invalid(name: String, value: String) {
    let faults = Given.faults(["PLAYMETER_" + name: value])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("PLAYMETER_\(name): ") == true)
  }

  @Test(
    "Settings that contradict each other are refused",
    arguments: [
      (["HEARTBEAT_INTERVAL": "240s"], ["SESSION_TTL", "LAUNCHER_TTL"]),
      (["SESSION_TTL": "120s"], ["SESSION_TTL"]),
      (["LAUNCHER_TTL": "1m"], ["LAUNCHER_TTL"]),
      (["BILLING_TICK": "241s"], ["BILLING_TICK"]),
      (["ENDED_MEMORY": "59s"], ["ENDED_MEMORY"]),
      (["SESSION_RECORD_RETENTION": "599s"], ["SESSION_RECORD_RETENTION"]),
      (["MANAGEMENT_ADDRESS": "0.0.0.0:8080"], ["MANAGEMENT_ADDRESS"]),
      (["REDIS_URL": "redis://:a@h", "REDIS_PASSWORD": "b"], ["REDIS_PASSWORD"]),
      (["REDIS_SENTINEL_PASSWORD": "a"], ["REDIS_SENTINEL_PASSWORD"]),
      (["REDIS_CA": "/ca"], ["REDIS_CA"]),
      (["TLS_CERTIFICATE": "/c"], ["TLS_PRIVATE_KEY"]),
      (["TLS_PRIVATE_KEY": "/k"], ["TLS_CERTIFICATE"]),
      (["TLS_ADMIN_CA": "/ca"], ["TLS_ADMIN_CA"]),
    ]
  )
  func contradictions(values: [String: String], faulty: [String]) {
    let pairs = values.map { ("PLAYMETER_" + $0.key, $0.value) }
    let faults = Given.faults(Dictionary(uniqueKeysWithValues: pairs))
    let subjects = faults.map { String($0.prefix { $0 != ":" }) }
    #expect(subjects == faulty.map { "PLAYMETER_" + $0 })
  }

  @Test("A value that is wrong by itself is not also blamed for contradicting others")
  func noFalseContradiction() {
    let environments = [
      ["SESSION_TTL": "x", "HEARTBEAT_INTERVAL": "400s", "LAUNCHER_TTL": "500s"],
      ["HEARTBEAT_INTERVAL": "x", "SESSION_TTL": "110s"],
    ]
    for environment in environments {
      let pairs = environment.map { ("PLAYMETER_" + $0.key, $0.value) }
      #expect(Given.faults(Dictionary(uniqueKeysWithValues: pairs)).count == 1)
    }
  }

  @Test("An unknown name stops the start, with a guess when one letter or two are wrong")
  func unknownNames() {
    #expect(
      Given.faults(["PLAYMETER_MASTER_KEI": "v"]) == [
        "PLAYMETER_MASTER_KEI: there is no such setting (in the environment); "
          + "did you mean PLAYMETER_MASTER_KEY?"
      ]
    )
    #expect(
      Given.faults(["PLAYMETER_FLUX": "v"])
        == ["PLAYMETER_FLUX: there is no such setting (in the environment)"]
    )
    #expect(Given.faults(["PLAYMETER_": ""]).count == 1)
    #expect(Given.faults(["OTHER_PLAYMETER_X": "v"]).isEmpty)
  }

  @Test(
    "What is no setting of this version is unknown",
    arguments: ["PLAYMETER_TEST_CLOCK", "PLAYMETER_TLS_CIPHERS", "PLAYMETER_PARTITIONS_FILE"]
  )
  func notSettings(name: String) {
    let faults = Given.faults([name: "1"])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("\(name): there is no such setting") == true)
  }
}
