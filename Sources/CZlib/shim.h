/*
 * What Archive calls in zlib: gzopen, gzread, gzwrite, gzseek, gzclearerr, gzerror and gzclose. All
 * are plain functions. gzopen also reads files that are not compressed, so one reader serves both.
 */
#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

#endif
