// The order in which seats send heartbeats: a wheel that turns once in a period. Each has a fixed
// place on it, and places are spread evenly, however many there are and whenever they came.

#ifndef WHEEL_H
#define WHEEL_H

#include <stdint.h>

// Hundredths of a second in the usual period.
#define WHEEL_SLOTS 12000
#define WHEEL_NOBODY UINT32_MAX

struct wheel {
  uint32_t first[WHEEL_SLOTS], counts[WHEEL_SLOTS];
  // The seat behind each one in the same slot.
  uint32_t *following;
  // When it began to turn, and how long a slot is due, in nanoseconds.
  int64_t begun, slot;
};

// A mark beside the wheel: what passes it is due. Several marks make each seat due several times.
struct mark {
  // Slots that it is ahead of the first mark.
  int64_t ahead;
  // Slots since the wheel began, and how many seats of the present one have passed.
  int64_t turn;
  uint32_t passed;
  // Who passes next; WHEEL_NOBODY when the slot is over.
  uint32_t next;
};

// A wheel for so many seats, without any yet, that turns once in so many seconds.
void wheel_open(struct wheel *wheel, uint32_t count, double period);

// Puts a mark a part of a turn, from 0 to 1, ahead of the first mark.
void wheel_mark(struct mark *mark, double part);

// Gives a seat its place.
void wheel_add(struct wheel *wheel, uint32_t seat);

// When the next seat passes the mark, or the next slot does, in nanoseconds of the monotonic clock.
int64_t wheel_due(const struct wheel *wheel, const struct mark *mark);

// Lets it pass: a seat, or WHEEL_NOBODY when it was the beginning of a slot.
uint32_t wheel_pass(const struct wheel *wheel, struct mark *mark);

#endif
