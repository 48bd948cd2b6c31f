//  guard_looks: what is whole is looked at in slices; a stream of events piece by piece.
//
//  Pieces wait a little first: what the same turn has to send goes out meanwhile, so that a
//  call feels nothing of those who only look.

#include <stdlib.h>

#include "actors/guard/guard_looks.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "broker/guard/guard_stream.h"

#define PIECE_COST 256 //  bytes that a piece counts besides its own

typedef struct _work_t {
    guard_looks_t *looks;
    struct _work_t *next; //  of all
    struct _work_t **prev;
    guard_conf_t *conf;
    guard_look_t what;
    guard_findings_t findings;
    bool is_open;     //  it is in the map, more pieces may come
    bool is_too_long; //  it is not looked at
    //  ---- of a body
    br_blob_t *whole;
    br_buf_t pieces;
    guard_body_t *body;
    guard_job_t *job;
    //  ---- of a stream of events
    guard_stream_t *stream;
} work_t;

//  What came, and was not looked at yet.
typedef struct _piece_t {
    struct _piece_t *next;
    guard_conf_t *conf;
    guard_look_t look;
    br_blob_t *body; //  or NULL
} piece_t;

struct _guard_looks_t {
    const guard_env_t *env;
    br_call_map_t *open; //  answers that are not complete, by call
    work_t *first;
    piece_t *pieces; //  owned, the oldest first
    piece_t **last_piece;
    size_t piece_count;
    br_timer_t timer;
};

guard_looks_t *
guard_looks_new (const guard_env_t *env)
{
    guard_looks_t *self = BR_NEW (guard_looks_t);
    self->env = env;
    self->open = br_call_map_new (GUARD_LOOKS_MAX);
    self->last_piece = &self->pieces;
    return self;
}

//  Tells what was found, and forgets all else.
static void
s_finish (work_t *work)
{
    const guard_env_t *env = work->looks->env;
    guard_findings_tell (&work->findings, env->ctx, env->tally, work->conf->rules,
                         work->what.direction, work->what.call);
    if (work->is_open)
        br_call_map_take (work->looks->open, work->what.call);
    *work->prev = work->next;
    if (work->next)
        work->next->prev = work->prev;
    guard_queue_drop (env->queue, &work->job);
    guard_body_destroy (&work->body);
    guard_stream_destroy (&work->stream);
    br_blob_destroy (&work->whole);
    br_buf_free (&work->pieces);
    guard_conf_let_go (&work->conf);
    free (work);
}

static void
s_on_finding (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    work_t *work = arg;
    guard_findings_add (&work->findings, finding, place);
}

static work_t *
s_new (guard_looks_t *self, guard_conf_t *conf, const guard_look_t *look)
{
    work_t *work = BR_NEW (work_t);
    work->looks = self;
    work->conf = guard_conf_ref (conf);
    work->what = *look;
    br_buf_init (&work->pieces, GUARD_LOOK_BYTES_MAX);
    work->next = self->first;
    work->prev = &self->first;
    if (work->next)
        work->next->prev = &work->next;
    self->first = work;
    return work;
}

//  ---- a body

static void
s_on_done (void *arg)
{
    work_t *work = arg;
    work->job = NULL;
    s_finish (work);
}

static void
s_look_at_whole (work_t *work)
{
    const guard_look_t *what = &work->what;
    if (work->is_open)
        br_call_map_take (work->looks->open, what->call);
    work->is_open = false;
    work->body = guard_body_new (work->conf->rules, what->sets, what->direction,
                                 GUARD_WARN, GUARD_WARN, what->surface,
                                 br_blob_data (work->whole), br_blob_size (work->whole),
                                 s_on_finding, work);
    guard_job_t *job = guard_queue_add (work->looks->env->queue, work->body, s_on_done,
                                        work);
    if (job)
        work->job = job; //  else it is over, and was freed
}

//  A body in pieces; one that is too long is not looked at.
static void
s_collect (work_t *work, br_blob_t *body, bool is_last)
{
    if (!work->is_too_long
        && br_buf_add (&work->pieces, br_blob_data (body), br_blob_size (body))) {
        work->is_too_long = true;
        br_buf_free (&work->pieces);
    }
    if (!is_last)
        return;
    if (work->is_too_long) {
        s_finish (work);
        return;
    }
    size_t size;
    uint8_t *data = br_buf_take (&work->pieces, &size);
    work->whole = br_blob_take (data, size);
    s_look_at_whole (work);
}

//  ---- a stream of events

static void
s_stream (work_t *work, br_blob_t *body, bool is_last)
{
    const guard_look_t *what = &work->what;
    if (!work->stream)
        work->stream = guard_stream_new (work->conf->rules, what->sets, GUARD_WARN,
                                         GUARD_WARN, what->surface, s_on_finding, work);
    guard_stream_push (work->stream, br_blob_data (body), br_blob_size (body), NULL);
    if (!is_last)
        return;
    guard_stream_end (work->stream, NULL);
    s_finish (work);
}

static void
s_take (guard_looks_t *self, guard_conf_t *conf, const guard_look_t *look,
        br_blob_t *body)
{
    work_t *work = look->direction == GUARD_DOWN
                       ? br_call_map_get (self->open, look->call)
                       : NULL;
    if (!work) {
        if (!guard_rules_has (conf->rules, look->sets, look->direction, GUARD_WARN))
            return;
        work = s_new (self, conf, look);
        if (look->is_last && !look->is_events) {
            work->whole = br_blob_ref (body);
            s_look_at_whole (work);
            return;
        }
        work->is_open = br_call_map_put (self->open, look->call, work) == 0;
        if (!work->is_open) {
            s_finish (work);
            return;
        }
    }
    if (work->what.is_events)
        s_stream (work, body, look->is_last);
    else
        s_collect (work, body, look->is_last);
}

//  ---- pieces that wait

//  Looks at the oldest ones, up to so many bytes and one piece more.
static void
s_look_at (guard_looks_t *self, size_t most)
{
    for (size_t done = 0; self->pieces && done < most;) {
        piece_t *piece = self->pieces;
        self->pieces = piece->next;
        if (!self->pieces)
            self->last_piece = &self->pieces;
        self->piece_count--;
        done += br_blob_size (piece->body) + PIECE_COST;
        s_take (self, piece->conf, &piece->look, piece->body);
        br_blob_destroy (&piece->body);
        guard_conf_let_go (&piece->conf);
        free (piece);
    }
}

static void
s_on_timer (void *arg)
{
    guard_looks_t *self = arg;
    s_look_at (self, GUARD_SLICE);
    if (self->pieces)
        br_timer_set (br_ctx_loop (self->env->ctx), &self->timer, 0, s_on_timer, self);
}

//  ---- public functions

void
guard_looks_destroy (guard_looks_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_looks_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->env->ctx), &self->timer);
    s_look_at (self, SIZE_MAX);
    while (self->first)
        s_finish (self->first);
    br_call_map_destroy (&self->open);
    free (self);
    *self_p = NULL;
}

void
guard_looks_add (guard_looks_t *self, guard_conf_t *conf, const guard_look_t *look,
                 br_blob_t *body)
{
    piece_t *piece = BR_NEW (piece_t);
    piece->conf = guard_conf_ref (conf);
    piece->look = *look;
    piece->body = br_blob_ref (body);
    *self->last_piece = piece;
    self->last_piece = &piece->next;
    self->piece_count++;
    if (self->piece_count == GUARD_PIECES_MAX)
        s_look_at (self, SIZE_MAX);
    else if (!br_timer_is_set (&self->timer))
        br_timer_set (br_ctx_loop (self->env->ctx), &self->timer, GUARD_LOOK_MS,
                      s_on_timer, self);
}

void
guard_looks_end (guard_looks_t *self, br_id_t call)
{
    s_look_at (self, SIZE_MAX);
    work_t *work = br_call_map_get (self->open, call);
    if (work)
        s_finish (work);
}

void
guard_looks_gone (guard_looks_t *self, uint32_t host, uint32_t life)
{
    size_t count;
    s_look_at (self, SIZE_MAX);
    void **open = br_call_map_values (self->open, &count);
    for (size_t i = 0; i < count; i++) {
        work_t *work = open[i];
        if (work->what.from.host == host && work->what.from.life == life)
            s_finish (work);
    }
    free (open);
}
