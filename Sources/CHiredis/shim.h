/*
 * The part of hiredis' reply parser that Swift cannot call by itself. Compiles against hiredis
 * 0.14 and 1.x, whose types differ: array lengths are `int` in one and `size_t` in the other, and
 * only 1.x has the field `maxelements` and replies of RESP3.
 */
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * What takes the parts of a reply, in their order, as the reader comes upon them; no objects of
 * hiredis' own are made. Each function says whether the part was accepted; a refusal ends the
 * reader with an error. Bytes are only there during the call.
 */
typedef struct {
  void *context;
  bool (*text)(void *context, int type, const char *bytes, size_t length);
  bool (*integer)(void *context, long long number);
  bool (*null)(void *context);
  bool (*array)(void *context, int type, size_t elements);
} replySink;

/* A sink with the table that hiredis wants, which is handed on as every task's `privdata`. */
typedef struct {
  replySink sink;
  redisReplyObjectFunctions functions;
  size_t maximumElements;
} sinkReader;

/* The reader takes any object but NULL for a part that was made. It never looks into it. */
static inline void *sinkPart(const redisReadTask *task, bool isAccepted) {
  return isAccepted ? task->privdata : NULL;
}

static inline void *sinkText(const redisReadTask *task, char *bytes, size_t length) {
  const replySink *sink = (const replySink *)task->privdata;
  return sinkPart(task, sink->text(sink->context, task->type, bytes, length));
}

static inline void *sinkInteger(const redisReadTask *task, long long number) {
  const replySink *sink = (const replySink *)task->privdata;
  return sinkPart(task, sink->integer(sink->context, number));
}

static inline void *sinkNull(const redisReadTask *task) {
  const replySink *sink = (const replySink *)task->privdata;
  return sinkPart(task, sink->null(sink->context));
}

/*
 * hiredis 0.14 lets an array header claim any length, so it is refused here; the reader reports the
 * refusal as "Out of memory".
 */
static inline void *sinkElements(const redisReadTask *task, size_t elements) {
  const sinkReader *reader = (const sinkReader *)task->privdata;
  if (elements > reader->maximumElements) {
    return NULL;
  }
  return sinkPart(task, reader->sink.array(reader->sink.context, task->type, elements));
}

#if HIREDIS_MAJOR >= 1

static inline void *sinkArray(const redisReadTask *task, size_t elements) {
  return sinkElements(task, elements);
}

/* RESP2 has neither. */
static inline void *sinkDouble(const redisReadTask *task, double number, char *text,
                               size_t length) {
  (void)task, (void)number, (void)text, (void)length;
  return NULL;
}

static inline void *sinkBool(const redisReadTask *task, int flag) {
  (void)task, (void)flag;
  return NULL;
}

#else

static inline void *sinkArray(const redisReadTask *task, int elements) {
  return elements < 0 ? NULL : sinkElements(task, (size_t)elements);
}

#endif

/* A reader that hands its replies to a sink; NULL when there is no memory. */
static inline redisReader *sinkReaderCreate(replySink sink, int maximumElements) {
  sinkReader *own = (sinkReader *)calloc(1, sizeof(sinkReader));
  if (own == NULL) {
    return NULL;
  }
  own->sink = sink;
  own->maximumElements = (size_t)maximumElements;
  own->functions.createString = sinkText;
  own->functions.createArray = sinkArray;
  own->functions.createInteger = sinkInteger;
  own->functions.createNil = sinkNull;
#if HIREDIS_MAJOR >= 1
  own->functions.createDouble = sinkDouble;
  own->functions.createBool = sinkBool;
#endif
  redisReader *reader = redisReaderCreateWithFunctions(&own->functions);
  if (reader == NULL) {
    free(own);
    return NULL;
  }
  reader->privdata = own;
#if HIREDIS_MAJOR >= 1
  reader->maxelements = maximumElements;
#endif
  return reader;
}

static inline void sinkReaderFree(redisReader *reader) {
  void *own = reader->privdata;
  redisReaderFree(reader);
  free(own);
}

/* The text of the last error: `errstr` is a C array, which Swift sees as a tuple of 128. */
static inline const char *sinkReaderError(const redisReader *reader) { return reader->errstr; }

#endif
