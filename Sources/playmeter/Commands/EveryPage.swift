import Domain

/// Lists that come in pages.
enum EveryPage {
  /// All rows, page after page.
  static func rows<Row>(
    _ page: (PageRequest) async throws -> Page<Row>
  ) async throws -> [Row] {
    let limit = PageRequest.limits.upperBound
    var next = try await page(PageRequest(limit: limit))
    var rows = next.rows
    while let cursor = next.nextCursor {
      next = try await page(PageRequest(cursor: cursor, limit: limit))
      guard next.nextCursor != cursor else {
        let text = "a list does not come to its end: its cursor stands still"
        throw AdministrationError.fault(.broken(text))
      }
      rows += next.rows
    }
    return rows
  }
}
