#define _GNU_SOURCE

#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Answers that are looked for at once.
#define BATCH 64

void give_up(const char *why) {
  fprintf(stderr, "%s%s%s\n", why, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

int64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void become_idle(struct wire *wire, struct connection *connection) {
  if (!wire->idle) wire->freed = monotonic_now();
  connection->is_busy = false;
  connection->next = NULL;
  *wire->idle_end = connection;
  wire->idle_end = &connection->next;
}

static void dial(struct wire *wire, struct connection *connection) {
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons(wire->port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  connection->file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connection->received = 0;
  int yes = 1;
  if (connection->file < 0 ||
      connect(connection->file, (struct sockaddr *)&address, sizeof address) != 0 ||
      setsockopt(connection->file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0) {
    give_up("no connection to the service");
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(wire->poll, EPOLL_CTL_ADD, connection->file, &event) != 0) give_up("epoll");
}

void wire_open(struct wire *wire, uint16_t port, uint32_t count) {
  wire->poll = epoll_create1(EPOLL_CLOEXEC);
  wire->port = port;
  wire->idle_end = &wire->idle;
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  if (wire->poll < 0 || epoll_ctl(wire->poll, EPOLL_CTL_ADD, STDIN_FILENO, &input) != 0) {
    give_up("epoll");
  }
  struct connection *all = calloc(count, sizeof *all);
  if (!all) give_up("no memory for connections");
  for (uint32_t index = 0; index < count; index++) {
    dial(wire, &all[index]);
    become_idle(wire, &all[index]);
  }
}

struct connection *wire_take(struct wire *wire) {
  struct connection *connection = wire->idle;
  if (!connection) return NULL;
  wire->idle = connection->next;
  if (!wire->idle) wire->idle_end = &wire->idle;
  connection->is_busy = true;
  wire->busy++;
  return connection;
}

void wire_send(struct connection *connection, const char *text, size_t length) {
  // Nothing else is on its way, so the socket has room for all of it. A broken connection is
  // noticed when its answer is read.
  ssize_t sent = send(connection->file, text, length, MSG_NOSIGNAL);
  if (sent >= 0 && (size_t)sent != length) give_up("a request was cut short");
}

// The body of the answer, or NULL while it is not whole. It must say its length.
static const char *whole_body(struct connection *connection) {
  char *text = connection->answer;
  text[connection->received] = 0;
  char *head_end = strstr(text, "\r\n\r\n");
  if (!head_end) return NULL;
  char *length = strcasestr(text, "\r\ncontent-length:");
  if (!length || length > head_end) give_up("an answer does not say its length");
  size_t wanted = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
  const char *body = head_end + 4;
  return (size_t)(text + connection->received - body) >= wanted ? body : NULL;
}

static void read_answer(struct wire *wire, struct connection *connection, wire_answered *answered,
                        void *context) {
  ssize_t count = recv(connection->file, connection->answer + connection->received,
                       ANSWER_SIZE - 1 - connection->received, 0);
  bool was_busy = connection->is_busy;
  if (count <= 0) {
    // The service may close what is idle; a request is lost with its connection.
    close(connection->file);
    dial(wire, connection);
    if (!was_busy) return;
    connection->answer[0] = 0;
  } else {
    connection->received += (size_t)count;
    if (!whole_body(connection)) return;
  }
  const char *body = count > 0 ? whole_body(connection) : "";
  int status = count > 0 ? atoi(connection->answer + strlen("HTTP/1.1 ")) : 0;
  connection->received = 0;
  connection->is_busy = false;
  answered(context, connection, status, body);
  if (!connection->is_busy) {
    wire->busy--;
    become_idle(wire, connection);
  }
}

bool wire_wait(struct wire *wire, int64_t nanoseconds, wire_answered *answered, void *context) {
  struct epoll_event events[BATCH];
  if (nanoseconds < 0) nanoseconds = 0;
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int count = epoll_pwait2(wire->poll, events, BATCH, &limit, NULL);
  bool has_input = false;
  for (int index = 0; index < count; index++) {
    struct connection *connection = events[index].data.ptr;
    if (connection) {
      read_answer(wire, connection, answered, context);
    } else {
      has_input = true;
    }
  }
  return has_input;
}
