/// A value that must never reach a log, an error or a debugger's dump: whoever needs it asks for it
/// by name, and everything that prints gets three asterisks.
struct Secret<Value: Sendable>: Sendable {
  /// The value itself; only for the code that signs, compares or authenticates with it.
  let revealed: Value

  /// Wraps a value.
  init(_ value: Value) {
    revealed = value
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Three asterisks, whatever the length of the value.
  var description: String { "***" }

  /// The same as `description`, for the same reason.
  var debugDescription: String { description }

  /// Without children, so that `dump` and the printing of an enclosing type show nothing either.
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
