// Seats at PCs of cafes: what their launchers and games send, and what they remember of answers.

#ifndef SEATS_H
#define SEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind { START, TOKEN, VERIFY, GAME_BEAT, LAUNCHER_BEAT, GAME_END, LAUNCHER_END };

enum state { EMPTY, PLAYING, FAILED };

struct seat {
  // The launcher's, with which it goes on after its signed start.
  char token[128];
  // The one-time token until it is used, then the game session.
  char session[40];
  uint8_t state;
};

struct cafe {
  char name[40];
  unsigned char secret[32];
};

struct seats {
  struct seat *all;
  uint32_t count;
  struct cafe *cafes;
  uint32_t cafe_count;
  char game[40];
  char api_key[128];
};

// Room for so many seats of the cafes in a file. Its first line has the game and its API key, each
// further one a cafe and its launcher secret in hexadecimal digits.
void seats_open(struct seats *seats, const char *path, uint32_t count);

// Writes the request of a kind for a seat, and returns its length. It fits into 1,024 bytes.
size_t seats_request(const struct seats *seats, enum kind kind, uint32_t number, char *text);

// Whether the body of an answer is as it should be; what later requests need of it is remembered.
bool seats_answered(struct seats *seats, enum kind kind, uint32_t number, const char *body);

#endif
