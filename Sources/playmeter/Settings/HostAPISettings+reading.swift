import Domain
import HTTPAPI

extension HostAPISettings {
  /// What rules the host API, checked for contradictions.
  init(_ reader: inout SettingsReader) {
    let secret = reader.optional(.hostSecret, SettingText.token)
    let previous = reader.optional(.hostSecretPrevious, SettingText.token)
    let regions = reader.value(.hostRegions, SettingText.regions)
    let defaultRegion = reader.value(.hostDefaultRegion, Region.init)
    let showsRooms = reader.value(.hostsPublicRooms, SettingText.flag)
    let origins = reader.value(.corsOrigins, SettingText.origins)
    let signalingURL = reader.optional(.signalingURL, SettingText.signalingURL)
    let iceServers = ICEServers(&reader)
    self.init(
      secrets: [secret, previous].compactMap(\.self),
      regions: regions,
      defaultRegion: defaultRegion,
      showsRoomsToEveryone: showsRooms,
      origins: origins,
      signalingURL: signalingURL,
      iceServers: iceServers
    )
    reader.demand(
      previous == nil || secret != nil,
      of: .hostSecretPrevious,
      with: .hostSecret,
      "must not be set without \(Setting.hostSecret.name)"
    )
    reader.demand(
      regions.contains(defaultRegion),
      of: .hostDefaultRegion,
      with: .hostRegions,
      "must be one of \(Setting.hostRegions.name)"
    )
    reader.demand(
      secret == nil || signalingURL != nil,
      of: .signalingURL,
      with: .hostSecret,
      "is required when \(Setting.hostSecret.name) is set: \(Setting.signalingURL.rule)"
    )
  }
}

extension ICEServers {
  /// The servers that clients are told.
  init(_ reader: inout SettingsReader) {
    let stunURLs = reader.optional(.stunURLs, SettingText.stunURLs) ?? []
    let turnURLs = reader.optional(.turnURLs, SettingText.turnURLs) ?? []
    let turnSecret = reader.optional(.turnSecret, SettingText.token)
    self.init(
      stunURLs: stunURLs,
      turnURLs: turnURLs,
      turnSecret: turnSecret ?? "",
      turnTTL: reader.duration(.turnTTL)
    )
    reader.demand(
      turnURLs.isEmpty || turnSecret != nil,
      of: .turnSecret,
      with: .turnURLs,
      "is required when \(Setting.turnURLs.name) is set: \(Setting.turnSecret.rule)"
    )
  }
}
