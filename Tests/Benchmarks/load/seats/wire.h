// Connections that are kept, each with one request at a time.

#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_SIZE 1024
// More than any answer that is asked for.
#define ANSWER_SIZE 8192

struct connection {
  int file;
  bool is_busy;
  // What the owner has asked for, for its own use.
  int kind;
  uint32_t seat;
  int64_t due;
  size_t received;
  char answer[ANSWER_SIZE];
  struct connection *next;
};

struct wire {
  int poll;
  uint16_t port;
  // Those without a request, the longest idle first: none is idle for so long that it is closed.
  struct connection *idle, **idle_end;
  uint32_t busy;
  // The monotonic time at which there was an idle one again.
  int64_t freed;
};

// Called with each answer that has come whole; status 0 means that the connection broke. The
// connection may get another request at once, else it becomes idle.
typedef void wire_answered(void *context, struct connection *connection, int status,
                           const char *body);

// Writes why to standard error, and ends the program with status 1.
_Noreturn void give_up(const char *why);

// Nanoseconds of the monotonic clock.
int64_t monotonic_now(void);

// Opens so many connections to a port of this machine, and watches standard input.
void wire_open(struct wire *wire, uint16_t port, uint32_t count);

// Takes an idle connection, or returns NULL when there is none.
struct connection *wire_take(struct wire *wire);

// Sends a whole request.
void wire_send(struct connection *connection, const char *text, size_t length);

// Waits for answers for at most so many nanoseconds. Returns whether standard input can be read.
bool wire_wait(struct wire *wire, int64_t nanoseconds, wire_answered *answered, void *context);

#endif
