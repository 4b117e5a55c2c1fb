import PrometheusText

extension MetricCatalog {
  /// What lines of the ledger tell. Each line is archived once, by one instance.
  private static let archived =
    "Counted when this instance archives the line, so sums over instances are exact; absent "
    + "without an archive."

  static let money: [MetricDeclaration] = [
    .init(
      "playmeter_billing_lag_seconds",
      .gauge,
      "By how much the most delayed entry of the latest round of billing was late. Absent when "
        + "that round failed."
    ),
    .init(
      "playmeter_billing_last_round_timestamp_seconds",
      .gauge,
      "When this instance last looked at every partition without a fault, in Unix seconds."
    ),
    .init(
      "playmeter_billing_ticks_total",
      .counter,
      "Due entries, sessions and launchers, that this instance stepped."
    ),
    .init(
      "playmeter_billing_set_aside",
      .gauge,
      "Entries that could not be billed and wait for an operator. Counted in Redis every 15 s: "
        + "take the largest, not the sum. Absent while Redis is away."
    ),
    .init(
      "playmeter_debited_mgcoin_total",
      .counter,
      "Milli-G-coin debited for play. " + archived
    ),
    .init(
      "playmeter_reversed_mgcoin_total",
      .counter,
      "Milli-G-coin credited back at the end of sessions. " + archived
    ),
    .init(
      "playmeter_topped_up_mgcoin_total",
      .counter,
      "Milli-G-coin that cafes paid in. " + archived
    ),
    .init("playmeter_sessions_started_total", .counter, "Sessions that began. " + archived),
    .init(
      "playmeter_sessions_exhausted_total",
      .counter,
      "Times that a session spent its cafe's money and went into grace. " + archived
    ),
    .init(
      "playmeter_sessions_resumed_total",
      .counter,
      "Times that a top-up brought a session out of grace. " + archived
    ),
    .init(
      "playmeter_sessions_ended_total",
      .counter,
      "Sessions that ended, by end reason. " + archived
    ),
    .init("playmeter_reversals_total", .counter, "Lines that credit a debit back. " + archived),
    .init("playmeter_ledger_lines_total", .counter, "Lines of the ledger, by kind. " + archived),
    .init(
      "playmeter_webhook_notices_total",
      .counter,
      "Notices that this instance told the webhook (told), and tries that failed (failed)."
    ),
  ]

  static let accounts: [MetricDeclaration] = [
    .init(
      "playmeter_ledger_last_seq",
      .gauge,
      "The ledger's last line numbers, summed over the partitions, as far as this instance has "
        + "seen them: take the largest, not the sum."
    ),
    .init(
      "playmeter_archive_lag_lines",
      .gauge,
      "Lines that are known and not archived, of the partitions that this instance archives or "
        + "fails to archive. Absent without an archive."
    ),
    .init(
      "playmeter_archive_faulty_groups",
      .gauge,
      "Groups of partitions that this instance tries to archive in vain. Absent without an archive."
    ),
    .init(
      "playmeter_reconcile_residual_mgcoin",
      .gauge,
      "Sum of the differences between the ledger and what it should say, as this instance's latest "
        + "run found; absent before its first."
    ),
    .init(
      "playmeter_reconcile_findings",
      .gauge,
      "What this instance's latest run found wrong; absent before its first."
    ),
    .init(
      "playmeter_reconcile_coverage_ratio",
      .gauge,
      "Share of the ended sessions and of the cafes that this instance's latest run recomputed."
    ),
    .init(
      "playmeter_reconcile_last_run_timestamp_seconds",
      .gauge,
      "When this instance's latest run was over, in Unix seconds. One instance runs for all: take "
        + "the largest."
    ),
    .init(
      "playmeter_reconcile_last_run_duration_seconds",
      .gauge,
      "How long this instance's latest run took."
    ),
    .init(
      "playmeter_reconcile_failures_total",
      .counter,
      "Runs of this instance that could not read the ledger or Redis."
    ),
  ]

  /// A loop that is late by a millisecond is busy, one that is late by a second stands still.
  private static let lagBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  ]

  static let process: [MetricDeclaration] = [
    .init("process_cpu_seconds_total", .counter, "User and system CPU time in seconds."),
    .init("process_resident_memory_bytes", .gauge, "Resident memory in bytes."),
    .init("process_open_fds", .gauge, "Open file descriptors."),
    .init("process_max_fds", .gauge, "Most file descriptors that may be open."),
    .init("process_start_time_seconds", .gauge, "When the process started, in Unix seconds."),
    .init(
      "playmeter_event_loop_lag_seconds",
      .histogram(seconds: lagBounds),
      "By how much a task of an event loop ran late; each loop has one a second."
    ),
    .init("playmeter_build_info", .gauge, "1, with the version of the program as a label."),
  ]
}
