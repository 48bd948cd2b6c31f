//  texts_ends: which channels an event ends. What does not fit is told as the end of all.

#include <string.h>

#include "broker/proto/texts_ends.h"

void
texts_ends_init (texts_ends_t *self)
{
    memset (self, 0, sizeof *self);
}

//  What is told by "all" alone may go on when all of it may.
static void
s_add_all (br_text_event_t *event, bool may_go_on)
{
    br_text_end_t it = { .all = true, .may_go_on = may_go_on };
    for (size_t i = 0; i < event->nends; i++)
        it.may_go_on = it.may_go_on && event->ends[i].may_go_on;
    event->ends[0] = it;
    event->nends = 1;
}

void
texts_ends_add (texts_ends_t *self, texts_end_t end, uint64_t channel, uint64_t choice)
{
    br_text_event_t *event = &self->event;
    bool may_go_on = end == TEXTS_MAY_END_CHOICE || end == TEXTS_MAY_END_ALL;
    bool is_all = end == TEXTS_ENDS_ALL || end == TEXTS_MAY_END_ALL;
    bool is_choice = end == TEXTS_ENDS_CHOICE || end == TEXTS_MAY_END_CHOICE;
    if (end == TEXTS_GOES_ON || (!is_all && !is_choice && channel == 0))
        return;
    if (is_all || event->nends == BR_TEXT_ENDS_MAX
        || (event->nends && event->ends[0].all)) {
        s_add_all (event, may_go_on);
        return;
    }
    event->ends[event->nends++] = (br_text_end_t) { .is_choice = is_choice,
                                                    .choice = is_choice ? choice : 0,
                                                    .channel = is_choice ? 0 : channel,
                                                    .may_go_on = may_go_on };
}

void
texts_ends_note (texts_ends_t *self, uint64_t channel)
{
    for (size_t i = 0; i < self->npieces; i++)
        if (self->pieces[i] == channel)
            return;
    if (self->npieces < TEXTS_PIECES_MAX)
        self->pieces[self->npieces++] = channel;
}

static bool
s_is_ended (const br_text_end_t *end, uint64_t channel)
{
    if (end->is_choice)
        return end->choice == br_texts_choice (channel);
    return end->all || end->channel == channel;
}

void
texts_ends_order (texts_ends_t *self)
{
    for (size_t i = 0; i < self->event.nends; i++) {
        br_text_end_t *end = &self->event.ends[i];
        end->behind = self->npieces == TEXTS_PIECES_MAX;
        for (size_t k = 0; k < self->npieces && !end->behind; k++)
            end->behind = s_is_ended (end, self->pieces[k]);
    }
}
