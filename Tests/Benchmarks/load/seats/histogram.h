// Counts times by their length, in buckets that are about 1 % wide.

#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

// Steps within a doubling, and doublings: up to 2^36 microseconds, 19 hours.
#define HISTOGRAM_STEPS 64
#define HISTOGRAM_OCTAVES 31

struct histogram {
  uint64_t counts[HISTOGRAM_OCTAVES][HISTOGRAM_STEPS];
  uint64_t total;
  int64_t longest;
};

// Counts a time in microseconds; a negative one is none.
void histogram_add(struct histogram *histogram, int64_t microseconds);

// The time in microseconds within which such a share of all was, from 0 to 1; 0 of none.
int64_t histogram_quantile(const struct histogram *histogram, double share);

#endif
