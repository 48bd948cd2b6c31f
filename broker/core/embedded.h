//  embedded: files of conf/ and docs/ that are part of the program, so that one binary is enough.
//  The functions are in a file that conf/embed.sh makes during the build.

#ifndef BR_EMBEDDED_H
#define BR_EMBEDDED_H

#include <stddef.h>

//  The bytes of a file, with a zero behind them that does not count; NULL when there is no
//  such file. Names are relative to conf/, like "providers/openai.yaml".
const char *br_embedded (const char *name, size_t *ret_size);

//  The names by index, from 0; NULL behind the last one.
const char *br_embedded_name (size_t index);

#endif
