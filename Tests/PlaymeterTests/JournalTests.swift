import Foundation
import Logging
import Synchronization
import Testing

@testable import playmeter

@Suite("The journal of systemd")
struct JournalTests {
  @Test("It is what the variable names, and only while standard error is that")
  func stream() throws {
    let file = try ScratchFile("")
    let handle = try FileHandle(forUpdating: URL(filePath: file.path))
    defer { try? handle.close() }
    var status = stat()
    #expect(fstat(handle.fileDescriptor, &status) == 0)
    let name = "\(status.st_dev):\(status.st_ino)"
    for (value, isJournal) in [
      (name, true), (name + "0", false), ("0" + name, false), ("", false), ("1:1", false),
    ] {
      let environment = ["JOURNAL_STREAM": value]
      #expect(
        Journal.isStandardError(environment: environment, file: handle.fileDescriptor) == isJournal
      )
    }
    #expect(!Journal.isStandardError(environment: [:], file: handle.fileDescriptor))
    #expect(!Journal.isStandardError(environment: ["JOURNAL_STREAM": name], file: -1))
  }

  @Test("Each line begins with its priority there, and nowhere else")
  func priority() {
    let lines = Mutex<[String]>([])
    func logger(showsPriority: Bool) -> Logger {
      Logger(label: "test") { label in
        LineLogHandler(
          label: label,
          level: .trace,
          format: .json,
          showsPriority: showsPriority,
          write: { line in lines.withLock { $0.append(line) } }
        )
      }
    }
    let journal = logger(showsPriority: true)
    for level in Logger.Level.allCases { journal.log(level: level, "hello") }
    let priorities = lines.withLock { $0.map { String($0.prefix(4)) } }
    #expect(priorities == ["<7>{", "<7>{", "<6>{", "<5>{", "<4>{", "<3>{", "<2>{"])
    logger(showsPriority: false).critical("hello")
    #expect(lines.withLock { $0.last?.hasPrefix("{") } == true)
  }
}
