import Support
import Testing

@Suite("Reading a JSON answer")
struct JSONViewTests {
  private let text = #"""
    {"success":true,"data":{"id":"gs_1","played":60,"left":null,"share":0.5,
     "games":[{"game_id":"a"},{"game_id":"b"}]}}
    """#

  @Test("A path leads to members and elements")
  func paths() throws {
    let json = try JSONView(Array(text.utf8))
    #expect(try json.boolean("success"))
    #expect(try json.string("data.id") == "gs_1")
    #expect(try json.integer("data.played") == 60)
    #expect(try json.isNull("data.left"))
    #expect(try json.string("data.games.1.game_id") == "b")
    #expect(try json.array("data.games").count == 2)
    #expect(try json.keys() == ["success", "data"])
    #expect(json.has("data.left") && !json.has("data.right") && !json.has("data.games.2"))
  }

  @Test("A value of another type is no match: 1 is not true, 0.5 is no integer, null is not absent")
  func types() throws {
    let json = try JSONView(Array(text.utf8))
    #expect(throws: SupportError.self) { try json.integer("success") }
    #expect(throws: SupportError.self) { try json.boolean("data.played") }
    #expect(throws: SupportError.self) { try json.integer("data.share") }
    #expect(throws: SupportError.self) { try json.string("data.left") }
    #expect(throws: SupportError.self) { try json.isNull("data.right") }
  }

  @Test("What is no JSON is shown in the error")
  func malformed() {
    #expect {
      try JSONView(Array("<html>".utf8))
    } throws: { error in
      "\(error)".contains("<html>")
    }
  }
}
