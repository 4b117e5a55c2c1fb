import Foundation
import RedisClient
import Testing

@testable import playmeter

@Suite("Secrets")
struct SecretTests {
  private static let marker = "zq9secret"

  @Test("A faulty secret is never part of the error", arguments: Setting.all.filter(\.isSecret))
  func faults(setting: Setting) throws {
    let value = Self.marker + " \u{7F}"
    let file = try ScratchFile(value)
    let environments = [
      [setting.name: value],
      [setting.name + "_FILE": file.path],
      [setting.name: value, setting.name + "_FILE": file.path],
      [setting.name + "_X": value],
    ]
    for environment in environments where setting != .redisPassword || environment.count == 2 {
      let faults = Given.faults(environment)
      #expect(!faults.isEmpty)
      #expect(!faults.joined().contains(Self.marker))
    }
  }

  @Test("Secrets are neither in a description of the settings nor in a dump")
  func descriptions() throws {
    let configuration = try Given.settings([
      "PLAYMETER_ADMIN_TOKEN": Self.marker,
      "PLAYMETER_REDIS_URL": "redis://user:\(Self.marker)@h",
      "PLAYMETER_MASTER_KEY_PREVIOUS": Given.masterKey,
    ])
    var dumped = ""
    dump(configuration, to: &dumped)
    dump([configuration.masterKeys], to: &dumped)
    dump(configuration.adminToken, to: &dumped)
    let texts = [
      dumped, "\(configuration)", String(reflecting: configuration),
      "\(configuration.masterKeys)", String(reflecting: [configuration.masterKeys]),
      "\(String(describing: configuration.adminToken))",
    ]
    // 0x5e and 0xc7 are the first bytes of the key, should it ever be printed as numbers.
    for text in texts {
      for secret in [Self.marker, Given.masterKey, "94, 199"] { #expect(!text.contains(secret)) }
    }
  }

  @Test("A secret can be read from a file, whose one last line feed does not count")
  func fromFile() throws {
    let file = try ScratchFile("token\n")
    let configuration = try Given.settings(["PLAYMETER_ADMIN_TOKEN_FILE": file.path])
    #expect(configuration.adminToken?.revealed == "token")
    let two = try ScratchFile("pass\n\n")
    let other = try Given.settings(["PLAYMETER_REDIS_PASSWORD_FILE": two.path])
    #expect(other.redis.password == "pass\n")
  }

  @Test("A secret that is set twice is a fault, also across environment and file")
  func setTwice() throws {
    let secret = try ScratchFile("token")
    let settings = try ScratchFile("PLAYMETER_ADMIN_TOKEN_FILE=\(secret.path)\n")
    let environment = ["PLAYMETER_ADMIN_TOKEN": "token"]
    #expect(
      Given.faults(environment, file: settings.path) == [
        "PLAYMETER_ADMIN_TOKEN: is set together with PLAYMETER_ADMIN_TOKEN_FILE; "
          + "set only one of them"
      ]
    )
  }

  @Test("A secret's file that is missing, empty, too long or no text is a fault that names it")
  func badFiles() throws {
    let empty = try ScratchFile("\n")
    let long = try ScratchFile(String(repeating: "a", count: 5000))
    let cases = [
      ("/nowhere/token", "/nowhere/token cannot be read: No such file or directory"),
      ("/tmp", "/tmp cannot be read: "),
      (empty.path, "the file is empty"),
      (long.path, "\(long.path) is longer than 4096 bytes"),
    ]
    for (path, expected) in cases {
      let faults = Given.faults(["PLAYMETER_ADMIN_TOKEN_FILE": path])
      #expect(faults.count == 1)
      #expect(faults.first?.hasPrefix("PLAYMETER_ADMIN_TOKEN_FILE: \(expected)") == true)
    }
  }

  @Test("A master key whose file is missing is reported once, not also as not set")
  func oneFaultOnly() {
    let environment = ["PLAYMETER_MASTER_KEY": "", "PLAYMETER_MASTER_KEY_FILE": "/nowhere"]
    #expect(Given.faults(environment).count == 1)
  }

  @Test("A credential of systemd goes before the file, and not together with a value")
  func credential() throws {
    let file = try ScratchFile("token\n")
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "playmeter-credentials-\(UInt64.random(in: .min ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: directory) } }
    try Data("passed\n".utf8).write(to: directory.appending(path: "PLAYMETER_ADMIN_TOKEN"))
    let passed = ["CREDENTIALS_DIRECTORY": directory.path]
    let both = passed.merging(["PLAYMETER_ADMIN_TOKEN_FILE": file.path]) { $1 }
    #expect(try Given.settings(both).adminToken?.revealed == "passed")
    #expect(try Given.settings(passed).redis.password == nil)
    let twice = passed.merging(["PLAYMETER_ADMIN_TOKEN": "token"]) { $1 }
    #expect(
      Given.faults(twice) == [
        "PLAYMETER_ADMIN_TOKEN: is set although systemd passes it; set it in one place"
      ]
    )
  }
}
