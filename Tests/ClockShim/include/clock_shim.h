/*
 * Moves the wall clock of a redis-server that the tests start. The library is preloaded
 * (LD_PRELOAD), never linked: a test process that linked it would move its own clock too, so there
 * is nothing to declare here but the names that both sides agree on.
 *
 * The environment variable PLAYMETER_TEST_CLOCK holds the path of a file of at least 16 bytes: two
 * signed 64-bit integers in the machine's byte order, the milliseconds to add to the real time, and
 * the Unix time in milliseconds at which the clock is held, or 0 while it runs. The file is mapped,
 * so a change is seen by the next call. Without the variable, or when the file cannot be mapped,
 * the clock is the real one.
 *
 * Moved are gettimeofday, time and clock_gettime for CLOCK_REALTIME and CLOCK_REALTIME_COARSE.
 * Monotonic clocks and the time-outs of system calls stay real.
 */
#ifndef CLOCK_SHIM_H
#define CLOCK_SHIM_H

#define CLOCK_SHIM_VARIABLE "PLAYMETER_TEST_CLOCK"

#endif
