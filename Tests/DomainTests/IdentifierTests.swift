import Testing

@testable import Domain

struct IdentifierTests {
  @Test("CRC-16 is the one of Redis Cluster: its check value is 31C3")
  func checkValue() {
    #expect(Partition.crc16("123456789".utf8) == 0x31C3)
  }

  @Test("An identifier carries its partition and reads back as itself")
  func roundTrip() throws {
    for number in [0, 1, 63, 4095] {
      let id = GameSessionID.random(in: Partition(number: number))
      #expect(id.partition.number == number)
      #expect(GameSessionID(id.description, partitionCount: 4096) == id)
      #expect(GameSessionID(id.description, partitionCount: number) == nil)
    }
  }

  @Test("Identifiers are UUIDs of version 8 and differ")
  func format() throws {
    let pattern = /gs_0007[0-9a-f]{4}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
    let ids = (0..<1_000).map { _ in GameSessionID.random(in: Partition(number: 7)).description }
    #expect(ids.allSatisfy { $0.wholeMatch(of: pattern) != nil })
    #expect(Set(ids).count == ids.count)
  }

  @Test(
    "What is no identifier of ours is refused",
    arguments: [
      "", "gs_", "gs_00070000-0000-4000-8000-000000000000",
      "ls_00070000-0000-8000-8000-00000000000",
      "gs_00070000-0000-8000-8000-00000000000G", "gs_00070000-0000-8000-8000-000000000000 ",
      "GS_00070000-0000-8000-8000-000000000000", "gs_0007000000000-8000-8000-00000000000",
    ]
  )
  func refused(text: String) {
    #expect(GameSessionID(text, partitionCount: 64) == nil)
  }

  @Test("Names keep to their alphabets")
  func names() {
    #expect(CafeID("north-1") != nil)
    #expect(CafeID("-north") == nil)
    #expect(CafeID("North") == nil)
    #expect(CafeID(String(repeating: "a", count: 65)) == nil)
    #expect(PCID("PC_7.a:b-c") != nil)
    #expect(PCID("") == nil)
    #expect(PCID("PC 7") == nil)
    #expect(PCID("PC|7") == nil)
    #expect(ProviderUserID("ünder") == nil)
  }
}
