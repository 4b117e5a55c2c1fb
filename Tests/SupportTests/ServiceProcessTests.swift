import Support
import Testing

@Suite("The built program as a process")
struct ServiceProcessTests {
  @Test("A command's exit status and output come back")
  func usage() async throws {
    let result = try await ServiceProcess.runCommand(["no-such-command"], environment: [:])
    #expect(result.status == 2)
    #expect(result.standardError.contains("no-such-command"))
  }

  @Test("A service that cannot start is reported with its own words")
  func noMasterKey() async throws {
    await #expect {
      try await ServiceProcess.start(environment: [:])
    } throws: { error in
      "\(error)".contains("PLAYMETER_MASTER_KEY")
    }
  }
}
