#include "wheel.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

// 2^32 divided by the golden ratio: multiples of it fall evenly on a circle, whatever their number.
#define GOLDEN 2654435769u

void wheel_open(struct wheel *wheel, uint32_t count, double period) {
  memset(wheel->first, 0xff, sizeof wheel->first);
  wheel->following = malloc(count * sizeof *wheel->following);
  if (!wheel->following) give_up("no memory for the wheel");
  wheel->begun = monotonic_now();
  wheel->slot = (int64_t)(period * 1e9 / WHEEL_SLOTS);
}

void wheel_mark(struct mark *mark, double part) {
  *mark = (struct mark){.ahead = (int64_t)(part * WHEEL_SLOTS), .next = WHEEL_NOBODY};
}

void wheel_add(struct wheel *wheel, uint32_t seat) {
  uint32_t slot = (uint32_t)((uint64_t)(uint32_t)(seat * GOLDEN) * WHEEL_SLOTS >> 32);
  wheel->following[seat] = wheel->first[slot];
  wheel->first[slot] = seat;
  wheel->counts[slot]++;
}

static size_t slot_under(const struct mark *mark) {
  return (size_t)((mark->turn + mark->ahead) % WHEEL_SLOTS);
}

int64_t wheel_due(const struct wheel *wheel, const struct mark *mark) {
  int64_t start = wheel->begun + mark->turn * wheel->slot;
  if (mark->next == WHEEL_NOBODY) return start + wheel->slot;
  return start + wheel->slot * mark->passed / wheel->counts[slot_under(mark)];
}

uint32_t wheel_pass(const struct wheel *wheel, struct mark *mark) {
  uint32_t seat = mark->next;
  if (seat == WHEEL_NOBODY) {
    mark->turn++;
    mark->passed = 0;
    mark->next = wheel->first[slot_under(mark)];
  } else {
    mark->passed++;
    mark->next = wheel->following[seat];
  }
  return seat;
}
