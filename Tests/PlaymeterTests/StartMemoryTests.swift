import Foundation
import Glibc
import Testing

@testable import playmeter

@Suite("What the start has left in memory")
struct StartMemoryTests {
  private static let length = 64 * 1024
  private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))

  /// A file of the given bytes, mapped as the parts of a program are.
  private func mapped(
    _ byte: UInt8,
    _ protection: Int32,
    _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "playmeter-\(UUID())")
    try Data(repeating: byte, count: Self.length).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let file = try FileHandle(forReadingFrom: path)
    let start = mmap(nil, Self.length, protection, MAP_PRIVATE, file.fileDescriptor, 0)
    let bytes = UnsafeMutableRawBufferPointer(start: start, count: Self.length)
    try #require(start != MAP_FAILED)
    defer { munmap(start, Self.length) }
    try body(bytes)
  }

  /// How many pages of a mapping the process has (proc(5)): the highest of a page's 64 bits.
  private func pageCount(_ bytes: UnsafeMutableRawBufferPointer) throws -> Int {
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/pagemap"))
    let first = UInt64(UInt(bitPattern: bytes.baseAddress)) / UInt64(Self.pageBytes)
    try file.seek(toOffset: first * 8)
    let count = Self.length / Self.pageBytes
    let entries = try #require(try file.read(upToCount: count * 8))
    return (0..<count).count { entries[entries.startIndex + $0 * 8 + 7] & 0x80 != 0 }
  }

  @Test("Pages of code are given back, and are there again when they are needed")
  func code() throws {
    try mapped(0x90, PROT_READ | PROT_EXEC) { bytes in
      #expect(bytes.allSatisfy { $0 == 0x90 })
      let before = try pageCount(bytes)
      #expect(before == Self.length / Self.pageBytes)
      StartMemory.giveBack()
      let after = try pageCount(bytes)
      #expect(after == 0)
      #expect(bytes.allSatisfy { $0 == 0x90 })
    }
  }

  @Test("What was written stays")
  func data() throws {
    try mapped(1, PROT_READ | PROT_WRITE) { bytes in
      for index in bytes.indices { bytes[index] = 2 }
      // As the linker does with addresses that it has put in place.
      mprotect(bytes.baseAddress, Self.length, PROT_READ)
      StartMemory.giveBack()
      #expect(bytes.allSatisfy { $0 == 2 })
    }
  }
}
