//  guard_tally: rows that are searched in order; there are few.

#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_tally.h"
#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/guard/guard_words.h"

#define JSON_MAX (1u << 18) //  bytes of an answer to the operator
#define OTHERS "other"      //  families that found no row

typedef struct {
    char *family;
    guard_action_t action;
    guard_direction_t direction;
    uint64_t count; //  since the start
    uint64_t failed;
    uint64_t told_count; //  of them
    uint64_t told_failed;
} row_t;

struct _guard_tally_t {
    br_ctx_t *ctx;
    row_t rows[GUARD_TALLY_MAX];
    size_t size; //  rows in use
    br_timer_t timer;
};

guard_tally_t *
guard_tally_new (br_ctx_t *ctx)
{
    guard_tally_t *self = BR_NEW (guard_tally_t);
    self->ctx = ctx;
    return self;
}

void
guard_tally_destroy (guard_tally_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_tally_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    for (size_t i = 0; i < self->size; i++)
        free (self->rows[i].family);
    free (self);
    *self_p = NULL;
}

//  ---- to the metrics

static void
s_tell (guard_tally_t *self, br_addr_t metrics, row_t *row)
{
    struct br_guard_found found = { .family = row->family };
    found.action = guard_action_name (row->action);
    found.direction = guard_direction_name (row->direction);
    found.count = row->count - row->told_count;
    found.failed = row->failed - row->told_failed;
    if (found.count == 0 && found.failed == 0)
        return;
    if (br_ctx_send (self->ctx, metrics, BR_GUARD_FOUND, (br_id_t) { 0, 0 }, 0, &found,
                     NULL))
        return; //  it goes with the next ones
    row->told_count = row->count;
    row->told_failed = row->failed;
}

static void
s_on_timer (void *arg)
{
    guard_tally_t *self = arg;
    br_addr_t metrics = br_ctx_find (self->ctx, "metrics");
    if (!br_addr_is_set (metrics))
        return;
    for (size_t i = 0; i < self->size; i++)
        s_tell (self, metrics, &self->rows[i]);
}

//  ---- counting

static row_t *
s_row (guard_tally_t *self, const char *family, guard_action_t action,
       guard_direction_t direction)
{
    for (size_t i = 0; i < self->size; i++) {
        row_t *row = &self->rows[i];
        if (row->action == action && row->direction == direction
            && strcmp (row->family, family) == 0)
            return row;
    }
    //  The last ones are for what finds no room.
    size_t room = GUARD_TALLY_MAX - (size_t) GUARD_ACTIONS * GUARD_DIRECTIONS;
    if (self->size >= room && strcmp (family, OTHERS) != 0)
        return s_row (self, OTHERS, action, direction);
    row_t *row = &self->rows[self->size++];
    row->family = br_strdup (family);
    row->action = action;
    row->direction = direction;
    return row;
}

void
guard_tally_add (guard_tally_t *self, const char *family, guard_action_t action,
                 guard_direction_t direction, uint64_t count, bool failed)
{
    row_t *row = s_row (self, family, action, direction);
    *(failed ? &row->failed : &row->count) += count;
    if (!br_timer_is_set (&self->timer))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, GUARD_TALLY_MS, s_on_timer,
                      self);
}

char *
guard_tally_json (const guard_tally_t *self)
{
    br_buf_t buf;
    br_buf_init (&buf, JSON_MAX);
    json_writer_t writer = json_writer (&buf);
    json_open (&writer, NULL, '[');
    for (size_t i = 0; i < self->size; i++) {
        const row_t *row = &self->rows[i];
        json_open (&writer, NULL, '{');
        json_put_string (&writer, "family", row->family);
        json_put_string (&writer, "action", guard_action_name (row->action));
        json_put_string (&writer, "direction", guard_direction_name (row->direction));
        json_put_integer (&writer, "count", (int64_t) row->count);
        json_put_integer (&writer, "failed", (int64_t) row->failed);
        json_close (&writer, '}');
    }
    json_close (&writer, ']');
    char *text = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return text;
}
