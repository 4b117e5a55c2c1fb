import Domain
import Foundation
import Logging
import RedisClient
import RedisStore
import Testing

@testable import playmeter

@Suite("Settings that are right")
struct ConfigurationTests {
  @Test("With nothing but the master key every published default holds")
  func defaults() throws {
    let configuration = try Given.settings()
    #expect(configuration.httpAddress.description == "0.0.0.0:8080")
    #expect(configuration.managementAddress.description == "127.0.0.1:9090")
    #expect(configuration.trustedProxies.isEmpty)
    #expect(configuration.redis.address == .tcp(host: "127.0.0.1", port: 6379))
    #expect(configuration.redis.database == 0)
    #expect(configuration.redis.password == nil)
    #expect(configuration.redisPrefix == "pm")
    #expect(configuration.partitionCount == 64)
    #expect(configuration.durability == .strict)
    #expect(configuration.masterKeys.revealed.count == 1)
    #expect(configuration.adminToken == nil)
    #expect(configuration.timings == Timings())
    #expect(configuration.settlementTimeZone.identifier == "Asia/Seoul")
    #expect(configuration.reconcileInterval == .every(.seconds(3600)))
    #expect(configuration.logLevel == .info)
    #expect(configuration.logFormat == .json)
  }

  @Test("Every setting reaches the place where it is used")
  func everySetting() throws {
    let configuration = try Given.settings([
      "PLAYMETER_HTTP_ADDRESS": "[::]:80",
      "PLAYMETER_MANAGEMENT_ADDRESS": "localhost:0",
      "PLAYMETER_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32",
      "PLAYMETER_REDIS_URL": "unix:///run/redis.sock?db=3",
      "PLAYMETER_REDIS_PASSWORD": "p@ss word",
      "PLAYMETER_REDIS_PREFIX": "pm_2-x",
      "PLAYMETER_PARTITIONS": "4096",
      "PLAYMETER_REDIS_DURABILITY": "relaxed",
      "PLAYMETER_MASTER_KEY": String(repeating: "0f", count: 32),
      "PLAYMETER_MASTER_KEY_PREVIOUS": String(repeating: "A0", count: 32),
      "PLAYMETER_ADMIN_TOKEN": "token",
      "PLAYMETER_SETTLEMENT_TIME_ZONE": "Europe/Berlin",
      "PLAYMETER_RECONCILE_INTERVAL": "off",
      "PLAYMETER_LOG_LEVEL": "debug",
      "PLAYMETER_LOG_FORMAT": "text",
    ])
    #expect(configuration.httpAddress.host == "::")
    #expect(configuration.httpAddress.port == 80)
    #expect(configuration.managementAddress.port == 0)
    #expect(configuration.trustedProxies.map(\.description) == ["10.0.0.0/8", "2001:db8::/32"])
    #expect(configuration.redis.address == .unixSocket(path: "/run/redis.sock"))
    #expect(configuration.redis.database == 3)
    #expect(configuration.redis.password == "p@ss word")
    #expect(configuration.redisPrefix == "pm_2-x")
    #expect(configuration.partitionCount == 4096)
    #expect(configuration.durability == .relaxed)
    #expect(
      configuration.masterKeys.revealed
        == [Array(repeating: 0x0F, count: 32), Array(repeating: 0xA0, count: 32)]
    )
    #expect(configuration.adminToken?.revealed == "token")
    #expect(configuration.settlementTimeZone.identifier == "Europe/Berlin")
    #expect(configuration.reconcileInterval == .off)
    #expect(configuration.logLevel == .debug)
    #expect(configuration.logFormat == .text)
  }

  @Test("Each duration reaches its place among the timings")
  func timings() throws {
    let configuration = try Given.settings([
      "PLAYMETER_HEARTBEAT_INTERVAL": "200ms",
      "PLAYMETER_SESSION_TTL": "401ms",
      "PLAYMETER_LAUNCHER_TTL": "402ms",
      "PLAYMETER_OTT_TTL": "3s",
      "PLAYMETER_GRACE": "4s",
      "PLAYMETER_ENDED_MEMORY": "5m",
      "PLAYMETER_BILLING_TICK": "100ms",
      "PLAYMETER_SESSION_RECORD_RETENTION": "2d",
      "PLAYMETER_OUTAGE_HOLD": "90s",
      "PLAYMETER_LOW_BALANCE_MINUTES": "120, 5",
    ])
    var expected = Timings()
    expected.heartbeatInterval = .milliseconds(200)
    expected.sessionTTL = .milliseconds(401)
    expected.launcherTTL = .milliseconds(402)
    expected.tokenTTL = .seconds(3)
    expected.grace = .seconds(4)
    expected.endedMemory = .seconds(300)
    expected.billingTick = .milliseconds(100)
    expected.recordRetention = .seconds(2 * 86_400)
    expected.outageHold = .seconds(90)
    expected.lowBalanceMinutes = [120, 5]
    #expect(configuration.timings == expected)
    let off = try Given.settings([
      "PLAYMETER_OUTAGE_HOLD": "off", "PLAYMETER_LOW_BALANCE_MINUTES": "off",
    ])
    #expect(off.timings.outageHold == nil)
    #expect(off.timings.lowBalanceMinutes.isEmpty)
  }

  @Test("The environment wins over the file, and an empty value counts as none")
  func precedence() throws {
    let file = try ScratchFile(
      """
      PLAYMETER_REDIS_PREFIX=file
      PLAYMETER_PARTITIONS=7
      PLAYMETER_LOG_LEVEL=
      """
    )
    let environment = ["PLAYMETER_REDIS_PREFIX": "env", "PLAYMETER_PARTITIONS": ""]
    let configuration = try Given.settings(environment, file: file.path)
    #expect(configuration.redisPrefix == "env")
    #expect(configuration.partitionCount == 7)
    #expect(configuration.logLevel == .info)
  }

  @Test("What is read is exactly what the table of settings lists, and in its order")
  func table() {
    let source = SettingsSource(environment: [:], file: EnvironmentFile())
    var reader = SettingsReader(source)
    _ = Configuration(&reader)
    #expect(reader.settingsRead == Setting.all)
    #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
  }

  @Test("Only what holds a secret can be given as a file")
  func secretNames() {
    #expect(
      Setting.all.compactMap(\.fileName) == [
        "PLAYMETER_REDIS_URL_FILE", "PLAYMETER_REDIS_PASSWORD_FILE",
        "PLAYMETER_REDIS_SENTINEL_PASSWORD_FILE",
        "PLAYMETER_MASTER_KEY_FILE", "PLAYMETER_MASTER_KEY_PREVIOUS_FILE",
        "PLAYMETER_ADMIN_TOKEN_FILE", "PLAYMETER_ADMIN_TOKEN_PREVIOUS_FILE",
        "PLAYMETER_HOST_SECRET_FILE", "PLAYMETER_HOST_SECRET_PREVIOUS_FILE",
        "PLAYMETER_TURN_SECRET_FILE",
        "PLAYMETER_WEBHOOK_URL_FILE", "PLAYMETER_WEBHOOK_SECRET_FILE",
      ]
    )
  }
}
