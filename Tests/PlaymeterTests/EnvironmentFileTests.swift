import Testing

@testable import playmeter

@Suite("The file of settings")
struct EnvironmentFileTests {
  private func read(_ text: String) -> EnvironmentFile { EnvironmentFile(text: text, name: "f") }

  @Test(
    "A line means what it means to systemd",
    arguments: [
      ("PLAYMETER_X=a=b c", "a=b c"), ("  PLAYMETER_X= a \t\r", "a"),
      ("PLAYMETER_X=\"a b\"", "a b"), ("PLAYMETER_X='a \"b'", "a \"b"), ("PLAYMETER_X=", ""),
      ("PLAYMETER_X=a'b", "a'b"), ("PLAYMETER_X=1\nPLAYMETER_X=2", "2"),
      ("PLAYMETER_X=a # b", "a # b"),
    ]
  )
  func values(text: String, value: String) {
    let file = read(text)
    #expect(file.values == ["PLAYMETER_X": value])
    #expect(file.faults.isEmpty)
  }

  @Test("Comments, blank lines and other programs' variables are passed over")
  func passedOver() {
    let file = read("# PLAYMETER_X=1\n; PLAYMETER_X=1\n\n  \nPATH=\"a\\b\n")
    #expect(file.values.isEmpty)
    #expect(file.faults.isEmpty)
  }

  @Test(
    "A line that could be misread is a fault that names the line but not the value",
    arguments: [
      "export PLAYMETER_X=hush", "PLAYMETER_X hush", "PLAYMETER_X=\"hush", "PLAYMETER_X=hush\\",
      "PLAYMETER_X=\"hush\" more", "=hush", "1PLAYMETER=hush", "PLAYMETER_X='hu'sh'",
    ]
  )
  func misleading(line: String) {
    let file = read("\n" + line)
    #expect(file.values.isEmpty)
    #expect(file.faults.count == 1)
    #expect(file.faults.first?.subject == "f:2")
    #expect(file.faults.first?.description.contains("hush") == false)
  }

  @Test("A file's faults and unknown names stop the start, together with the others")
  func together() throws {
    let file = try ScratchFile("export A=1\nPLAYMETER_GRAC=1s\nPLAYMETER_PARTITIONS=0\n")
    let faults = Given.faults([:], file: file.path)
    #expect(faults.count == 3)
    #expect(faults.first == "\(file.path):1: the line is not NAME=value")
    #expect(faults.last?.contains("(in the file); did you mean PLAYMETER_GRACE?") == true)
  }

  @Test("A file that cannot be read is the only fault")
  func unreadable() {
    #expect(
      Given.faults(["PLAYMETER_PARTITIONS": "0"], file: "/nowhere")
        == ["--env-file: /nowhere cannot be read: No such file or directory"]
    )
  }
}
