//  tui_text: words and numbers as a terminal may show them: strangers choose the names of
//  models and routes, and a terminal obeys what it is sent.

#ifndef BR_TUI_TEXT_H
#define BR_TUI_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TUI_WORD 24 //  bytes that each number below fits into, with its end

//  Takes the next character of UTF-8 and moves on; 0 at the end. Control characters, marks
//  of direction, and bytes that are no UTF-8 come as '?'; what has no width is left out.
uint32_t tui_text_next (const char **at);

//  1, or 2 for wide characters.
unsigned tui_text_width (uint32_t code);

//  Columns of all of it.
unsigned tui_text_columns (const char *text);

//  Writes a character as UTF-8, without an end; returns its bytes, at most 4.
size_t tui_text_put (uint32_t code, char *to);

//  A clean copy, cut at a character's end; NULL is empty. room: bytes of to, at least 1.
void tui_text_copy (char *to, size_t room, const char *from);

//  ---- numbers; each writes TUI_WORD bytes at most, and returns them

//  "950", "12.3k", "4.56M"
char *tui_text_count (uint64_t count, char *to);

//  "$0", "<$0.000001", "$0.000123", "$12.35", rounded to what a reader needs.
char *tui_text_money (int64_t nusd, char *to);

//  "12 ms", "3.4 s", "5m 12s", "3h 02m", "4d 01h"
char *tui_text_span (uint64_t ms, char *to);

//  "14:03:59", local time of day
char *tui_text_clock (uint64_t unix_ms, char *to);

#endif
