#include "histogram.h"

// Times below the number of steps have a bucket each. Of a longer one its highest bits count, of
// which the first is always set.
void histogram_add(struct histogram *histogram, int64_t microseconds) {
  uint64_t value = microseconds < 0 ? 0 : (uint64_t)microseconds;
  int octave = 0;
  while (value >> octave >= 2 * HISTOGRAM_STEPS) octave++;
  uint64_t step = value >> octave;
  if (step >= HISTOGRAM_STEPS) {
    octave++;
    step -= HISTOGRAM_STEPS;
  }
  if (octave >= HISTOGRAM_OCTAVES) {
    octave = HISTOGRAM_OCTAVES - 1;
    step = HISTOGRAM_STEPS - 1;
  }
  histogram->counts[octave][step]++;
  histogram->total++;
  if ((int64_t)value > histogram->longest) histogram->longest = (int64_t)value;
}

int64_t histogram_quantile(const struct histogram *histogram, double share) {
  uint64_t wanted = (uint64_t)(share * (double)histogram->total);
  uint64_t seen = 0;
  for (int octave = 0; octave < HISTOGRAM_OCTAVES; octave++) {
    for (int step = 0; step < HISTOGRAM_STEPS; step++) {
      seen += histogram->counts[octave][step];
      if (seen > wanted) {
        return octave ? (int64_t)(HISTOGRAM_STEPS + step) << (octave - 1) : step;
      }
    }
  }
  return histogram->longest;
}
