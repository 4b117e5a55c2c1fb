#define _GNU_SOURCE

#include "seats.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"

// Users have numbers of as many digits as those of Roblox.
#define FIRST_USER 1000000000u
#define DIGEST_DIGITS (2 * SHA256_DIGEST_LENGTH + 1)

static void write_hex(const unsigned char *bytes, size_t count, char *text) {
  static const char digits[] = "0123456789abcdef";
  for (size_t index = 0; index < count; index++) {
    *text++ = digits[bytes[index] >> 4];
    *text++ = digits[bytes[index] & 15];
  }
  *text = 0;
}

static bool read_cafe(FILE *file, struct cafe *cafe) {
  char secret[65];
  if (fscanf(file, "%39s %64s", cafe->name, secret) != 2 || strlen(secret) != 64) return false;
  for (int index = 0; index < 32; index++) {
    if (sscanf(secret + 2 * index, "%2hhx", &cafe->secret[index]) != 1) return false;
  }
  return true;
}

void seats_open(struct seats *seats, const char *path, uint32_t count) {
  FILE *file = fopen(path, "r");
  if (!file || fscanf(file, "%39s %127s", seats->game, seats->api_key) != 2) {
    give_up("the file of cafes cannot be read");
  }
  uint32_t room = 0;
  seats->cafe_count = 0;
  do {
    if (seats->cafe_count == room) {
      room = room ? 2 * room : 64;
      seats->cafes = realloc(seats->cafes, room * sizeof *seats->cafes);
      if (!seats->cafes) give_up("no memory for cafes");
    }
  } while (read_cafe(file, &seats->cafes[seats->cafe_count]) && ++seats->cafe_count);
  fclose(file);
  // Memory of a seat is taken when somebody sits down.
  seats->all = calloc(count, sizeof *seats->all);
  seats->count = count;
  if (!seats->all || !seats->cafe_count) give_up("no memory for seats, or no cafes");
}

// The headers that sign a start with the cafe's secret.
static int write_signature(const struct cafe *cafe, const char *path, const char *body,
                           uint32_t number, char *text, size_t size) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  char digits[DIGEST_DIGITS], nonce[40], message[256];
  SHA256((const unsigned char *)body, strlen(body), digest);
  write_hex(digest, sizeof digest, digits);
  snprintf(nonce, sizeof nonce, "%08x%08lx%08lx", number, now.tv_sec, now.tv_nsec);
  int length = snprintf(message, sizeof message, "POST\n%s\n%ld\n%s\n%s", path, now.tv_sec, nonce,
                        digits);
  HMAC(EVP_sha256(), cafe->secret, sizeof cafe->secret, (unsigned char *)message, (size_t)length,
       digest, NULL);
  write_hex(digest, sizeof digest, digits);
  return snprintf(text, size,
                  "X-Cafe-Id: %s\r\nX-Timestamp: %ld\r\nX-Nonce: %s\r\nX-Signature: %s\r\n",
                  cafe->name, now.tv_sec, nonce, digits);
}

// A whole request; `headers` are lines with their ends.
static size_t write_request(char *text, const char *line, const char *headers, const char *body) {
  int length = snprintf(text, REQUEST_SIZE,
                        "%s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        line, headers, strlen(body), body);
  if (length >= REQUEST_SIZE) give_up("a request is too long");
  return (size_t)length;
}

size_t seats_request(const struct seats *seats, enum kind kind, uint32_t number, char *text) {
  const struct seat *seat = &seats->all[number];
  char body[256] = "", headers[512];
  if (kind == START) {
    snprintf(body, sizeof body, "{\"pc_id\":\"PC-%u\",\"internal_ip\":\"192.168.0.7\"}", number);
    write_signature(&seats->cafes[number % seats->cafe_count], "/v1/launcher/session/start", body,
                    number, headers, sizeof headers);
    return write_request(text, "POST /v1/launcher/session/start", headers, body);
  }
  if (kind == VERIFY || kind == GAME_BEAT || kind == GAME_END) {
    snprintf(headers, sizeof headers, "X-Api-Key: %s\r\n", seats->api_key);
  } else {
    snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", seat->token);
  }
  switch (kind) {
    case START:
      break;
    case TOKEN:
      snprintf(body, sizeof body, "{\"game_id\":\"%s\"}", seats->game);
      return write_request(text, "POST /v1/launcher/ott", headers, body);
    case VERIFY:
      snprintf(body, sizeof body, "{\"ott\":\"%s\",\"provider_user_id\":\"%u\"}", seat->session,
               FIRST_USER + number);
      return write_request(text, "POST /v1/game/session/verify", headers, body);
    case GAME_BEAT:
      snprintf(body, sizeof body, "{\"game_session_id\":\"%s\",\"provider_user_id\":\"%u\"}",
               seat->session, FIRST_USER + number);
      return write_request(text, "PATCH /v1/game/session/heartbeat", headers, body);
    case LAUNCHER_BEAT:
      return write_request(text, "PATCH /v1/launcher/session/heartbeat", headers, body);
    case GAME_END:
      snprintf(body, sizeof body, "{\"game_session_id\":\"%s\"}", seat->session);
      return write_request(text, "DELETE /v1/game/session/end", headers, body);
    case LAUNCHER_END:
      return write_request(text, "DELETE /v1/launcher/session/end", headers, body);
  }
  return 0;
}

// Copies a member's text to where there is room for it. Texts of the service need no escapes.
static bool read_member(const char *body, const char *name, char *text, size_t size) {
  const char *start = strstr(body, name);
  if (!start) return false;
  start += strlen(name);
  const char *end = strchr(start, '"');
  if (!end || (size_t)(end - start) >= size) return false;
  memcpy(text, start, (size_t)(end - start));
  text[end - start] = 0;
  return true;
}

bool seats_answered(struct seats *seats, enum kind kind, uint32_t number, const char *body) {
  struct seat *seat = &seats->all[number];
  switch (kind) {
    case START:
      return read_member(body, "\"session_token\":\"", seat->token, sizeof seat->token);
    case TOKEN:
      return read_member(body, "\"ott\":\"", seat->session, sizeof seat->session);
    case VERIFY:
      return read_member(body, "\"game_session_id\":\"", seat->session, sizeof seat->session);
    case GAME_BEAT:
      return strstr(body, "\"result\":\"OK\"");
    case LAUNCHER_BEAT:
      // The launcher's own result, and that its player is known and may go on.
      return strstr(body, "\"game_session_id\":\"") && !strstr(body, "\"CHARGE_EXHAUSTED\"");
    case GAME_END:
    case LAUNCHER_END:
      return strstr(body, "\"result\":\"SUCCESS\"");
  }
  return false;
}
