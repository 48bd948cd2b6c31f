//  tui_rate: a ring of spans of time.

#include "tui/tui_rate.h"
#include "tui/tui_text.h"

#define BAR_LOWEST 0x2581 //  the lowest of eight blocks
#define BAR_STEPS 8

//  Empties the spans between the newest and this one.
static void
s_go_on (tui_rate_t *self, uint64_t slot)
{
    if (slot - self->newest >= TUI_RATE_SLOTS)
        self->newest = slot - TUI_RATE_SLOTS;
    while (self->newest < slot)
        self->slots[++self->newest % TUI_RATE_SLOTS] = 0;
}

void
tui_rate_add (tui_rate_t *self, uint64_t now_ms, uint64_t amount)
{
    uint64_t slot = now_ms / self->slot_ms;
    if (slot > self->newest)
        s_go_on (self, slot);
    if (self->newest - slot < TUI_RATE_SLOTS)
        self->slots[slot % TUI_RATE_SLOTS] += amount;
}

static uint64_t
s_value (const tui_rate_t *self, uint64_t slot)
{
    bool is_kept = slot <= self->newest && self->newest - slot < TUI_RATE_SLOTS;
    return is_kept ? self->slots[slot % TUI_RATE_SLOTS] : 0;
}

void
tui_rate_read (const tui_rate_t *self, uint64_t now_ms,
               uint64_t ret_values[TUI_RATE_SLOTS])
{
    uint64_t slot = now_ms / self->slot_ms;
    for (uint64_t i = 0; i < TUI_RATE_SLOTS; i++)
        ret_values[i] = s_value (self, slot - (TUI_RATE_SLOTS - 1 - i));
}

uint64_t
tui_rate_sum (const tui_rate_t *self, uint64_t now_ms, unsigned spans)
{
    uint64_t slot = now_ms / self->slot_ms, sum = 0;
    for (uint64_t i = 1; i <= spans; i++)
        sum += s_value (self, slot - i);
    return sum;
}

void
tui_rate_bars (const tui_rate_t *self, uint64_t now_ms, unsigned spans, char *to,
               unsigned room)
{
    uint64_t values[TUI_RATE_SLOTS], most = 1;
    unsigned size = 0;
    tui_rate_read (self, now_ms, values);
    unsigned first = spans < TUI_RATE_SLOTS ? TUI_RATE_SLOTS - spans : 0;
    for (unsigned i = first; i < TUI_RATE_SLOTS; i++)
        most = values[i] > most ? values[i] : most;
    for (unsigned i = first; i < TUI_RATE_SLOTS && size + 4 < room; i++) {
        double share = (double) values[i] / (double) most;
        unsigned step = (unsigned) (share * (BAR_STEPS - 1));
        size += (unsigned) tui_text_put (values[i] ? BAR_LOWEST + step : ' ', to + size);
    }
    to[size] = 0;
}
