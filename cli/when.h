//  when: a time as people write it.

#ifndef BR_CLI_WHEN_H
#define BR_CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

//  "2025-06-15", "2025-06-15T12:30:00Z", UTC; "7d", "24h", "30m", "90s" before now; "today",
//  "yesterday".
//  in:   is_end: a day means its end
//  out:  *ret_ms, unix
//  ret:  0, or -1 for anything else
int cli_when (const char *text, uint64_t now_ms, bool is_end, uint64_t *ret_ms);

#endif
