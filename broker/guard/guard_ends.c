//  guard_ends: what an event of a stream says of the end of a text.

#include "broker/guard/guard_ends.h"

static bool
s_is_meant (const br_text_end_t *end, uint64_t number)
{
    return end->all || (end->channel && end->channel == number)
           || (end->is_choice && br_texts_choice (number) == end->choice);
}

guard_end_t
guard_ends_of (const br_text_event_t *told, uint64_t number, bool behind, bool may_wait)
{
    guard_end_t is = GUARD_GOES_ON;
    for (size_t i = 0; i < told->nends; i++) {
        const br_text_end_t *end = &told->ends[i];
        if (end->behind != behind || !s_is_meant (end, number))
            continue;
        if (!end->may_go_on || !may_wait)
            return GUARD_ENDS;
        is = GUARD_MAY_END;
    }
    return is;
}
