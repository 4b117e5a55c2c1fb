import Foundation
import Testing

@testable import Support

@Suite("Programs started by tests")
struct ChildProcessTests {
  /// The system closes the lifeline when the test process dies; closing it here is the same event.
  @Test("The guard kills a program whose test process has died")
  func orphan() async throws {
    let child = try start("sleep 60")
    #expect(child.exitStatus == nil)
    child.severLifeline()
    #expect(try await child.wait(within: .seconds(5)) == SIGKILL)
  }

  @Test("The guard kills a frozen program too")
  func frozenOrphan() async throws {
    let directory = try TemporaryDirectory()
    let output = "\(directory.path)/output"
    let child = try start("echo up; sleep 60", output: output)
    // Frozen earlier, it could not have started its guard yet.
    try await Waiting.until("the program's start", within: .seconds(5)) {
      FileManager.default.contents(atPath: output) == Data("up\n".utf8)
    }
    child.signal(SIGSTOP)
    child.severLifeline()
    #expect(try await child.wait(within: .seconds(5)) == SIGKILL)
  }

  @Test("The exit status, the signal and both outputs are reported")
  func results() async throws {
    let directory = try TemporaryDirectory()
    let output = "\(directory.path)/output"
    let child = try start("echo out; echo err >&2; exit 7", output: output)
    #expect(try await child.wait(within: .seconds(5)) == 7)
    #expect(FileManager.default.contents(atPath: output) == Data("out\nerr\n".utf8))
    child.signal(SIGTERM)
    #expect(child.exitStatus == 7)
  }

  @Test("A program gets none of the test's open files")
  func openFiles() async throws {
    let directory = try TemporaryDirectory()
    let ours = "\(directory.path)/ours"
    let file = open(ours, O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    let output = "\(directory.path)/output"
    let child = try start("ls -l /proc/$$/fd", output: output)
    #expect(try await child.wait(within: .seconds(5)) == 0)
    let list = String(
      decoding: FileManager.default.contents(atPath: output) ?? Data(),
      as: UTF8.self
    )
    #expect(list.contains(output))
    #expect(!list.contains(ours))
  }

  @Test("Waiting for a program is bounded")
  func boundedWait() async throws {
    let child = try start("sleep 60")
    await #expect(throws: SupportError.self) { try await child.wait(within: .milliseconds(20)) }
  }

  private func start(_ script: String, output: String = "/dev/null") throws -> ChildProcess {
    try ChildProcess(
      program: "/bin/sh",
      arguments: ["-c", script],
      environment: ["PATH": "/usr/bin:/bin"],
      output: output,
      error: output
    )
  }
}
