import Foundation
import Testing

@testable import playmeter

@Suite("The example file of settings")
struct EnvironmentExampleTests {
  private let text: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "config/playmeter.env.example"))
    text = String(decoding: data, as: UTF8.self)
  }

  /// The lines `#NAME=default`, without the sign that comments them out.
  private var settingLines: [String] {
    text.split(separator: "\n").filter { $0.hasPrefix("#PLAYMETER_") }
      .map { String($0.dropFirst()) }
  }

  @Test("It lists every setting of the table with its default, in the same order, and no other")
  func sameAsTable() {
    #expect(settingLines == Setting.all.map { "\($0.name)=\($0.defaultText)" })
  }

  @Test("As it is delivered it sets nothing")
  func setsNothing() {
    let file = EnvironmentFile(text: text, name: "example")
    #expect(file.values.isEmpty)
    #expect(file.faults.isEmpty)
    #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
  }

  @Test("Its values need no quotes, so every reader of such files sees the same")
  func plainValues() {
    let uncommented = settingLines.joined(separator: "\n")
    let values = EnvironmentFile(text: uncommented, name: "example").values
    #expect(values.count == Setting.all.count)
    for (name, value) in values {
      #expect(!value.contains { $0.isWhitespace || "\"'\\$#".contains($0) })
      #expect(name.utf8.allSatisfy { (65...90).contains($0) || $0 == UInt8(ascii: "_") })
    }
  }

  @Test("The defaults it lists are accepted as they stand")
  func defaultsAreValid() throws {
    let file = try ScratchFile(settingLines.joined(separator: "\n"))
    #expect(Given.faults([:], file: file.path).isEmpty)
  }

  @Test("It has the line that the installer fills in, and says how a key is made")
  func masterKey() {
    #expect(text.split(separator: "\n").filter { $0 == "#PLAYMETER_MASTER_KEY=" }.count == 1)
    #expect(text.contains("openssl rand -hex 32"))
  }

  @Test("Every range that it names is the one that is enforced")
  func ranges() {
    let prose = text.replacingOccurrences(of: "\n# ", with: " ")
    for setting in Setting.all {
      guard let range = setting.durations else { continue }
      let bounds = [range.lowerBound, range.upperBound].map(DurationText.text)
      let comment = prose.components(separatedBy: "#\(setting.name)=").first ?? ""
      let paragraph = comment.components(separatedBy: "\n\n").last ?? ""
      #expect(paragraph.contains("\(bounds[0]) to \(bounds[1])"), "\(setting.name)")
    }
  }
}
