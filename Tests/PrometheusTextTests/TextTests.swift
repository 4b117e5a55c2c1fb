import CoreMetrics
import Testing

@testable import PrometheusText

@Suite("The text of a scrape")
struct TextTests {
  private let registry = PrometheusRegistry(
    declaring: [
      .init("b_total", .counter, "Counts \"b\" in C:\\dir\nand elsewhere."),
      .init("a", .gauge, "What a is."),
      .init("wait_seconds", .histogram(seconds: [0.001, 0.5, 2]), "Waits."),
      .init("unused_total", .counter, "Nobody asked for it."),
      .init("cpu_seconds_total", .counter, "Fractions."),
    ]
  )

  /// The text without what the registry says of itself.
  private var text: String {
    let own = "# HELP playmeter_metrics_dropped_series_total"
    return String(registry.text.split(separator: own, omittingEmptySubsequences: false)[0])
  }

  @Test("Metrics come in the order of their declarations, series in that of their labels")
  func order() {
    Counter(label: "b_total", dimensions: [("z", "1"), ("y", "2")], factory: registry).increment()
    Counter(label: "b_total", dimensions: [("y", "1")], factory: registry).increment(by: 7)
    Gauge(label: "a", factory: registry).record(-3)
    #expect(
      text == """
        # HELP b_total Counts "b" in C:\\\\dir\\nand elsewhere.
        # TYPE b_total counter
        b_total{y="1"} 7
        b_total{y="2",z="1"} 1
        # HELP a What a is.
        # TYPE a gauge
        a -3

        """
    )
  }

  @Test(
    "A label's value is escaped, whatever it holds",
    arguments: [
      ("plain", "plain"), (#"say "no""#, #"say \"no\""#), (#"C:\dir"#, #"C:\\dir"#),
      ("two\nlines", #"two\nlines"#), (#"\n"#, #"\\n"#), ("한글 {x}=,", "한글 {x}=,"), ("", ""),
    ]
  )
  func escaping(value: String, written: String) {
    Gauge(label: "a", dimensions: [("name", value)], factory: registry).record(1)
    #expect(text.hasSuffix("a{name=\"\(written)\"} 1\n"))
  }

  @Test(
    "Numbers are written so that nothing of them is lost",
    arguments: [
      (0, "0"), (1.5, "1.5"), (-0.25, "-0.25"), (1e15, "1000000000000000"), (1e-7, "1e-07"),
      (.infinity, "+Inf"), (-.infinity, "-Inf"), (1_772_798_400.125, "1772798400.125"),
    ] as [(Double, String)]
  )
  func numbers(value: Double, written: String) {
    Gauge(label: "a", factory: registry).record(value)
    #expect(text.hasSuffix("\na \(written)\n"))
  }

  @Test("A gauge that is not known is absent, before its first value and after")
  func unknown() {
    let gauge = Gauge(label: "a", factory: registry)
    #expect(text == "")
    gauge.record(0)
    #expect(text.hasSuffix("\na 0\n"))
    gauge.record(Double.nan)
    #expect(text == "")
  }

  @Test("A meter counts up and down from 0")
  func meter() {
    let meter = Meter(label: "a", factory: registry)
    #expect(text.hasSuffix("\na 0\n"))
    meter.increment()
    meter.increment(by: 2)
    meter.decrement()
    #expect(text.hasSuffix("\na 2\n"))
  }

  @Test("A counter never goes back")
  func monotone() {
    let counter = Counter(label: "b_total", factory: registry)
    counter.increment(by: 5)
    counter.increment(by: -2)
    #expect(text.hasSuffix("\nb_total 5\n"))
    let seconds = FloatingPointCounter(label: "cpu_seconds_total", factory: registry)
    seconds.increment(by: 0.25)
    seconds.increment(by: -1.0)
    seconds.increment(by: 0.5)
    #expect(text.hasSuffix("\ncpu_seconds_total 0.75\n"))
  }

  @Test("A histogram counts each duration at every bound that holds it, and adds them up exactly")
  func histogram() {
    let timer = Timer(label: "wait_seconds", dimensions: [("of", "x")], factory: registry)
    timer.recordNanoseconds(1_000_000)
    timer.recordNanoseconds(1_000_001)
    timer.recordMilliseconds(500)
    timer.recordSeconds(3)
    timer.recordNanoseconds(-5)
    #expect(
      text == """
        # HELP wait_seconds Waits.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{of="x",le="0.001"} 2
        wait_seconds_bucket{of="x",le="0.5"} 4
        wait_seconds_bucket{of="x",le="2"} 4
        wait_seconds_bucket{of="x",le="+Inf"} 5
        wait_seconds_sum{of="x"} 3.502000001
        wait_seconds_count{of="x"} 5

        """
    )
  }

  @Test("Whoever asks for the same labels gets the same series, whatever their order")
  func shared() {
    Counter(label: "b_total", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment()
    Counter(label: "b_total", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
    #expect(text.hasSuffix("b_total{x=\"1\",y=\"2\"} 2\n"))
  }

  @Test("No update of many threads is lost")
  func concurrency() async {
    let counter = Counter(label: "b_total", factory: registry)
    let meter = Meter(label: "a", factory: registry)
    let timer = Timer(label: "wait_seconds", factory: registry)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<10_000 {
            counter.increment()
            meter.increment()
            timer.recordMilliseconds(1)
          }
        }
      }
    }
    #expect(text.contains("\nb_total 40000\n"))
    #expect(text.contains("\na 40000\n"))
    #expect(text.contains("\nwait_seconds_sum 40\n"))
    #expect(text.hasSuffix("\nwait_seconds_count 40000\n"))
  }
}

@Suite("The bound of the series")
struct BoundTests {
  @Test("10,000 labels make no more lines than the bound, and those refused are counted")
  func bounded() {
    let registry = PrometheusRegistry(
      declaring: [
        .init("a_total", .counter, "Counts."),
        .init("wait_seconds", .histogram(seconds: [1]), "Waits."),
      ],
      maximum: 100
    )
    for number in 0..<10_000 {
      let labels = [("path", "/\(number)")]
      Counter(label: "a_total", dimensions: labels, factory: registry).increment()
    }
    // A histogram would need four lines.
    Timer(label: "wait_seconds", factory: registry).recordSeconds(1)
    let samples = registry.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(samples.count == 100)
    #expect(samples.filter { $0.hasPrefix("a_total{") }.count == 99)
    #expect(samples.last == "playmeter_metrics_dropped_series_total 9902")
    // What is there already still counts.
    let known = Counter(label: "a_total", dimensions: [("path", "/0")], factory: registry)
    known.increment()
    #expect(registry.text.contains("a_total{path=\"/0\"} 2\n"))
  }

  @Test("A mistake in the names of metrics stops the program at its start")
  func mistakes() async {
    await #expect(processExitsWith: .failure) {
      _ = MetricDeclaration("1a", .gauge, "")
    }
    await #expect(processExitsWith: .failure) {
      _ = MetricDeclaration("a_seconds", .histogram(seconds: [2, 1]), "")
    }
    await #expect(processExitsWith: .failure) {
      _ = Counter(label: "unknown_total", factory: PrometheusRegistry(declaring: []))
    }
    await #expect(processExitsWith: .failure) {
      let registry = PrometheusRegistry(declaring: [.init("a", .gauge, "")])
      _ = Counter(label: "a", factory: registry)
    }
  }
}
