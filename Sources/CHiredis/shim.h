/*
 * The part of hiredis' reply parser that Swift cannot call by itself. Compiles against hiredis
 * 0.14 and 1.x, whose types differ: array lengths are `int` in one and `size_t` in the other, and
 * only 1.x has the field `maxelements`.
 */
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <stdlib.h>

/* The text of the last error: `errstr` is a C array, which Swift sees as a tuple of 128. */
static inline const char *boundedReaderError(const redisReader *reader) { return reader->errstr; }

#if HIREDIS_MAJOR >= 1

static inline redisReader *boundedReaderCreate(int maximumElements) {
  redisReader *reader = redisReaderCreate();
  if (reader != NULL) {
    reader->maxelements = maximumElements;
  }
  return reader;
}

static inline void boundedReaderFree(redisReader *reader) { redisReaderFree(reader); }

#else

/*
 * hiredis 0.14 allocates whatever length an array header claims, up to 16 GiB for 13 bytes of
 * input. So the function that makes arrays is wrapped by one that refuses; the reader reports the
 * refusal as "Out of memory". The table is handed on as `privdata`, which hiredis copies into
 * every task.
 */
typedef struct {
  redisReplyObjectFunctions bounded;
  redisReplyObjectFunctions *standard;
  int maximumElements;
} boundedFunctions;

static inline void *boundedArray(const redisReadTask *task, int elements) {
  const boundedFunctions *functions = (const boundedFunctions *)task->privdata;
  if (elements > functions->maximumElements) {
    return NULL;
  }
  return functions->standard->createArray(task, elements);
}

static inline redisReader *boundedReaderCreate(int maximumElements) {
  redisReader *reader = redisReaderCreate();
  boundedFunctions *functions = (boundedFunctions *)malloc(sizeof(boundedFunctions));
  if (reader == NULL || functions == NULL) {
    if (reader != NULL) {
      redisReaderFree(reader);
    }
    free(functions);
    return NULL;
  }
  functions->standard = reader->fn;
  functions->bounded = *reader->fn;
  functions->bounded.createArray = boundedArray;
  functions->maximumElements = maximumElements;
  reader->fn = &functions->bounded;
  reader->privdata = functions;
  return reader;
}

/* The reader frees a half-read reply through the table, so the table goes last. */
static inline void boundedReaderFree(redisReader *reader) {
  void *functions = reader->privdata;
  redisReaderFree(reader);
  free(functions);
}

#endif

#endif
