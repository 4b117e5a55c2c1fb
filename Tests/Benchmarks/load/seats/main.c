// Plays launchers and games of many seats against the service: they sit down, and from then on each
// sends both kinds of heartbeats once in a period, by a schedule that waits for nobody. A latency
// begins when its request was due: a stall is counted for all who would have come meanwhile.
//
// Usage: seats PORT FILE SEATS PERIOD CONNECTIONS. FILE is that of seats_open, PERIOD in seconds.
// Commands are lines of standard input:
//   fill COUNT RATE   so many more sit down, so many in a second
//   keep COUNT RATE   all others go, so many in a second, after a moment without heartbeats; nobody
//                     comes any more
//   window            a new stretch of time begins
//   stop              nothing more is sent; the program ends when all is answered
// Each second, and at the end of a stretch, a line of JSON tells of the stretch so far.

#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "seats.h"
#include "wheel.h"
#include "wire.h"

#define SECOND 1000000000LL
#define NEVER INT64_MAX
// Those who come or go at a time. They wait for their answers, so that they take the time that
// heartbeats leave to the servers, and no more.
#define MOST_MOVERS 16
// Between the last heartbeat of a seat and its end, in which that is answered.
#define LEAVE_PAUSE (2 * SECOND)
// Failures whose answers are shown.
#define MOST_SHOWN 5
// Between two looks at what is due and what has come. Being woken for each answer would cost more
// than the answer; so much is added to latencies at most.
#define REST (SECOND / 4000)

// Requests of one kind. Those of who comes or goes are for one seat after the other: the next one,
// and when the one before was due. Heartbeats go by the wheel.
struct lane {
  enum kind kind;
  uint32_t next;
  int64_t before;
  struct mark mark;
};

struct player {
  struct seats seats;
  struct wire wire;
  struct wheel wheel;
  struct lane beats[2];
  // Who sits down: seats from `next` to below `target`. All below `seated` have.
  struct lane comers;
  uint32_t target, seated;
  double fill_rate;
  // Who goes: seats from below `next` down to `leave_target`. The rate is 0 until somebody does.
  struct lane goers;
  uint32_t leave_target;
  double leave_rate;
  uint32_t movers;
  // The stretch: latencies of heartbeats, and by how much each was sent later than it could be.
  struct histogram latencies, delays;
  uint64_t errors, all_errors;
  int64_t begun;
  bool is_stopping;
};

static bool is_beat(enum kind kind) { return kind == GAME_BEAT || kind == LAUNCHER_BEAT; }

static void ask(struct player *player, struct connection *connection, enum kind kind,
                uint32_t seat, int64_t due) {
  char text[REQUEST_SIZE];
  connection->kind = (int)kind;
  connection->seat = seat;
  connection->due = due;
  wire_send(connection, text, seats_request(&player->seats, kind, seat, text));
}

static void note_failure(struct player *player, const struct connection *connection) {
  player->errors++;
  if (++player->all_errors <= MOST_SHOWN) {
    fprintf(stderr, "Request %d of seat %u failed:\n%s\n", connection->kind, connection->seat,
            connection->answer[0] ? connection->answer : "the connection was closed");
  }
}

// The next request of a seat that comes or goes, on the same connection, if it has one.
static void go_on(struct player *player, struct connection *connection, bool is_well) {
  static const enum kind following[] = {
    [START] = TOKEN,
    [TOKEN] = VERIFY,
    [GAME_END] = LAUNCHER_END,
  };
  enum kind kind = (enum kind)connection->kind;
  if (is_well && kind != VERIFY && kind != LAUNCHER_END) {
    connection->is_busy = true;
    ask(player, connection, following[kind], connection->seat, monotonic_now());
    return;
  }
  player->movers--;
  if (kind == GAME_END || kind == LAUNCHER_END) return;
  player->seats.all[connection->seat].state = is_well ? PLAYING : FAILED;
  if (is_well) wheel_add(&player->wheel, connection->seat);
  // The first ones who have not come yet are missing, not those behind them.
  bool may_sit = player->leave_rate == 0;
  while (may_sit && player->seated < player->comers.next &&
         player->seats.all[player->seated].state != EMPTY) {
    player->seated++;
  }
}

static void answered(void *context, struct connection *connection, int status, const char *body) {
  struct player *player = context;
  enum kind kind = (enum kind)connection->kind;
  bool is_well = status == 200 && seats_answered(&player->seats, kind, connection->seat, body);
  if (!is_well) note_failure(player, connection);
  if (is_beat(kind)) {
    histogram_add(&player->latencies, (monotonic_now() - connection->due) / 1000);
  } else {
    go_on(player, connection, is_well);
  }
}

// When the next request of a lane is due; NEVER when there is none.
static int64_t due_time(const struct player *player, const struct lane *lane) {
  if (is_beat(lane->kind)) return wheel_due(&player->wheel, &lane->mark);
  if (lane == &player->comers) {
    if (lane->next >= player->target) return NEVER;
    return lane->before + (int64_t)(SECOND / player->fill_rate);
  }
  if (lane->next <= player->leave_target) return NEVER;
  return lane->before + (int64_t)(SECOND / player->leave_rate);
}

// The lane whose request is due first. Whoever comes or goes waits for heartbeats that are due, and
// for others who do.
static struct lane *first_lane(struct player *player, int64_t now) {
  struct lane *beats = player->beats;
  struct lane *first =
    due_time(player, &beats[0]) <= due_time(player, &beats[1]) ? &beats[0] : &beats[1];
  if (due_time(player, first) <= now) return first;
  if (player->movers >= MOST_MOVERS) return first;
  if (due_time(player, &player->comers) < due_time(player, first)) first = &player->comers;
  if (due_time(player, &player->goers) < due_time(player, first)) first = &player->goers;
  return first;
}

// Takes the next seat of a lane; WHEEL_NOBODY if it has nothing to send.
static uint32_t next_seat(const struct player *player, struct lane *lane) {
  if (lane == &player->comers) return lane->next++;
  uint32_t seat = lane == &player->goers ? --lane->next : wheel_pass(&player->wheel, &lane->mark);
  if (seat == WHEEL_NOBODY || player->seats.all[seat].state != PLAYING) return WHEEL_NOBODY;
  // Who is about to go sends no heartbeats.
  return is_beat(lane->kind) && seat >= player->seated ? WHEEL_NOBODY : seat;
}

// Sends what is due, as far as connections are free.
static void send_due(struct player *player) {
  while (player->wire.idle) {
    int64_t now = monotonic_now();
    struct lane *lane = first_lane(player, now);
    int64_t due = due_time(player, lane);
    if (due > now) break;
    lane->before = due;
    uint32_t seat = next_seat(player, lane);
    if (seat == WHEEL_NOBODY) continue;
    struct connection *connection = wire_take(&player->wire);
    if (!is_beat(lane->kind)) {
      player->movers++;
    } else {
      int64_t possible = due > player->wire.freed ? due : player->wire.freed;
      histogram_add(&player->delays, (now - possible) / 1000);
    }
    ask(player, connection, lane->kind, seat, due);
  }
}

// How late the heartbeat is that should be sent next, in nanoseconds.
static int64_t arrears(const struct player *player, int64_t now) {
  int64_t late = 0;
  for (int index = 0; index < 2; index++) {
    int64_t due = due_time(player, &player->beats[index]);
    if (now - due > late) late = now - due;
  }
  return late;
}

static void report(const struct player *player, bool is_over) {
  int64_t now = monotonic_now();
  const struct histogram *latencies = &player->latencies;
  printf("{\"is_over\":%s,\"seconds\":%.3f,\"seated\":%u,\"left\":%u,\"beats\":%lu,\"errors\":%lu,"
         "\"all_errors\":%lu,\"arrears_seconds\":%.3f,\"p50\":%ld,\"p99\":%ld,\"p999\":%ld,"
         "\"longest\":%ld,\"delay\":%ld}\n",
         is_over ? "true" : "false", (double)(now - player->begun) / SECOND, player->seated,
         player->goers.next - player->leave_target, latencies->total, player->errors,
         player->all_errors, (double)arrears(player, now) / SECOND,
         histogram_quantile(latencies, 0.5), histogram_quantile(latencies, 0.99),
         histogram_quantile(latencies, 0.999), latencies->longest,
         histogram_quantile(&player->delays, 0.99));
  fflush(stdout);
}

static void begin_stretch(struct player *player) {
  memset(&player->latencies, 0, sizeof player->latencies);
  memset(&player->delays, 0, sizeof player->delays);
  player->errors = 0;
  player->begun = monotonic_now();
}

static void obey(struct player *player, const char *line) {
  uint32_t count;
  double rate;
  int64_t now = monotonic_now();
  if (sscanf(line, "fill %u %lf", &count, &rate) == 2 && rate > 0) {
    uint32_t room = player->seats.count - player->target;
    player->target += count < room ? count : room;
    player->fill_rate = rate;
    player->comers.before = now;
  } else if (sscanf(line, "keep %u %lf", &count, &rate) == 2 && rate > 0) {
    player->target = player->goers.next = player->comers.next;
    if (count < player->seated) player->seated = count;
    player->leave_target = player->seated;
    player->leave_rate = rate;
    player->goers.before = now + LEAVE_PAUSE;
  } else if (strcmp(line, "window") == 0) {
    report(player, true);
    begin_stretch(player);
  } else if (strcmp(line, "stop") == 0) {
    player->is_stopping = true;
  } else {
    errno = 0;
    give_up("a command is not known");
  }
}

// Does what standard input says; its end is the end of all.
static void read_commands(struct player *player) {
  static char text[256];
  static size_t length;
  ssize_t count = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
  if (count <= 0) exit(0);
  length += (size_t)count;
  text[length] = 0;
  char *start = text, *end;
  while ((end = strchr(start, '\n'))) {
    *end = 0;
    obey(player, start);
    start = end + 1;
  }
  length = (size_t)(text + length - start);
  memmove(text, start, length);
}

static void play(struct player *player) {
  int64_t told = monotonic_now();
  while (!player->is_stopping || player->wire.busy) {
    if (!player->is_stopping) send_due(player);
    int64_t now = monotonic_now();
    if (now - told >= SECOND) {
      told += SECOND;
      report(player, false);
    }
    int64_t until = told + SECOND;
    // Without a free connection the next thing to come is an answer.
    if (!player->is_stopping && player->wire.idle) {
      int64_t due = due_time(player, first_lane(player, now));
      if (due < until) until = due;
    }
    if (!player->is_stopping) {
      nanosleep(&(struct timespec){.tv_nsec = REST}, NULL);
      now = monotonic_now();
    }
    if (wire_wait(&player->wire, until - now, answered, player)) read_commands(player);
  }
  report(player, true);
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: seats PORT FILE SEATS PERIOD CONNECTIONS\n");
    return 2;
  }
  static struct player player = {
    .beats = {{.kind = GAME_BEAT}, {.kind = LAUNCHER_BEAT}},
    .comers = {.kind = START},
    .goers = {.kind = GAME_END},
  };
  // A seat's launcher sends half a period after its game.
  wheel_mark(&player.beats[0].mark, 0);
  wheel_mark(&player.beats[1].mark, 0.5);
  seats_open(&player.seats, words[2], (uint32_t)atol(words[3]));
  wire_open(&player.wire, (uint16_t)atoi(words[1]), (uint32_t)atoi(words[5]));
  wheel_open(&player.wheel, player.seats.count, atof(words[4]));
  begin_stretch(&player);
  play(&player);
  return 0;
}
