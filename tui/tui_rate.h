//  tui_rate: how much came in each span of time, over the last spans.

#ifndef BR_TUI_RATE_H
#define BR_TUI_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define TUI_RATE_SLOTS 60 //  spans that are kept

typedef struct _tui_rate_t {
    uint32_t slot_ms; //  length of a span, milliseconds; set it before use
    uint64_t newest;  //  number of the newest span: time / slot_ms
    uint64_t slots[TUI_RATE_SLOTS];
} tui_rate_t;

//  Times never go back for long: what is older than all spans is left out.
void tui_rate_add (tui_rate_t *self, uint64_t now_ms, uint64_t amount);

//  The spans up to now, the oldest first; the newest is not over yet.
void tui_rate_read (const tui_rate_t *self, uint64_t now_ms,
                    uint64_t ret_values[TUI_RATE_SLOTS]);

//  Of the last spans that are over. spans: count, below TUI_RATE_SLOTS
uint64_t tui_rate_sum (const tui_rate_t *self, uint64_t now_ms, unsigned spans);

//  The last spans as bars of one row: eight heights, or a blank for nothing.
//  in:   spans, count; room, bytes of to, at least 1
void tui_rate_bars (const tui_rate_t *self, uint64_t now_ms, unsigned spans, char *to,
                    unsigned room);

#endif
