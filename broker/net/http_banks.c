//  http_banks: the banks of one client.
//
//  A bank is in one of two lists: the busy, or those in which nothing runs, the one that
//  rests for longest in front. Besides it lies on a shelf by its origin, where the next
//  transfer finds it at once, or on none while it is full. "promised" stands for transfers
//  that were told to take a kept connection and did not get to it; curl decides about all
//  of them when it works next.

#include <stdlib.h>
#include <sys/queue.h>

#include "broker/core/alloc.h"
#include "broker/net/http_banks.h"

#define BANK_TRANSFERS 48 //  at most, each on its own connection
#define BANK_STREAMS 100  //  at most with http2: what curl puts on one connection
#define SHELVES 256       //  for origins, by their hash
#define NS_PER_MS 1000000u
#define REST_EXTRA_MS 1000 //  a resting bank outlives its connections that long

LIST_HEAD (_shelf_t, _http_bank_t);
TAILQ_HEAD (_bank_list_t, _http_bank_t);

struct _http_banks_t {
    http_bank_env_t env;
    unsigned idle_max; //  kept connections of all
    unsigned room;     //  transfers of one bank
    uint64_t rest_ns;
    http_banks_fn *fn;
    void *arg;        //  borrowed
    br_timer_t timer; //  set while a bank rests
    struct _bank_list_t busy;
    struct _bank_list_t resting;
    unsigned count;
    struct _shelf_t ready[SHELVES];
    struct _shelf_t roomy[SHELVES];
};

//  ---- shelves

static http_bank_shelf_t
s_right_shelf (const http_banks_t *self, const http_bank_t *bank)
{
    if (bank->user.idle > bank->promised)
        return HTTP_BANK_READY;
    return bank->running < self->room ? HTTP_BANK_ROOMY : HTTP_BANK_FULL;
}

static void
s_shelve (http_banks_t *self, http_bank_t *bank, http_bank_shelf_t shelf)
{
    if (shelf == bank->shelf)
        return;
    if (bank->shelf != HTTP_BANK_FULL)
        LIST_REMOVE (bank, on_shelf);
    bank->shelf = shelf;
    struct _shelf_t *shelves = shelf == HTTP_BANK_READY ? self->ready : self->roomy;
    if (shelf != HTTP_BANK_FULL)
        LIST_INSERT_HEAD (&shelves[bank->origin % SHELVES], bank, on_shelf);
}

static void
s_changed (void *arg, http_bank_t *bank)
{
    http_banks_t *self = arg;
    s_shelve (self, bank, s_right_shelf (self, bank));
}

static http_bank_t *
s_find (struct _shelf_t *shelves, uint64_t origin)
{
    http_bank_t *bank;
    LIST_FOREACH (bank, &shelves[origin % SHELVES], on_shelf)
    if (bank->origin == origin)
        return bank;
    return NULL;
}

//  ---- resting banks

static void
s_remove (http_banks_t *self, http_bank_t *bank)
{
    s_shelve (self, bank, HTTP_BANK_FULL);
    TAILQ_REMOVE (&self->resting, bank, in_set);
    self->count--;
    http_bank_destroy (&bank);
}

static void
s_sweep (void *arg)
{
    http_banks_t *self = arg;
    uint64_t now_ns = br_loop_now_ns (self->env.loop);
    for (http_bank_t *bank = TAILQ_FIRST (&self->resting); bank;
         bank = TAILQ_FIRST (&self->resting)) {
        uint64_t age_ns = now_ns - bank->rest_ns;
        if (age_ns < self->rest_ns) {
            br_timer_set (self->env.loop, &self->timer,
                          (self->rest_ns - age_ns) / NS_PER_MS + 1, s_sweep, self);
            return;
        }
        s_remove (self, bank);
    }
}

static void
s_begin_rest (http_banks_t *self, http_bank_t *bank)
{
    bank->rest_ns = br_loop_now_ns (self->env.loop);
    TAILQ_REMOVE (&self->busy, bank, in_set);
    TAILQ_INSERT_TAIL (&self->resting, bank, in_set);
    if (!br_timer_is_set (&self->timer))
        br_timer_set (self->env.loop, &self->timer, self->rest_ns / NS_PER_MS, s_sweep,
                      self);
}

static void
s_end_rest (http_banks_t *self, http_bank_t *bank)
{
    TAILQ_REMOVE (&self->resting, bank, in_set);
    TAILQ_INSERT_HEAD (&self->busy, bank, in_set);
}

//  Kept connections that lie unused give way to those that are about to be kept.
static void
s_make_room (http_banks_t *self, const http_bank_t *busy)
{
    http_bank_t *bank = TAILQ_FIRST (&self->resting);
    while (bank && (bank == busy || !bank->user.idle))
        bank = TAILQ_NEXT (bank, in_set);
    if (bank)
        s_remove (self, bank);
}

//  ---- life

static void
s_ready (void *arg, http_bank_t *bank, int fd, int mask)
{
    http_banks_t *self = arg;
    self->fn (self->arg, bank, fd, mask);
}

http_banks_t *
http_banks_new (br_loop_t *loop, http_sockets_t *sockets, const http_client_conf_t *conf,
                http_banks_fn *fn, void *arg)
{
    http_banks_t *self = BR_NEW (http_banks_t);
    self->env = (http_bank_env_t) { .loop = loop,
                                    .sockets = sockets,
                                    .arg = self,
                                    .ready = s_ready,
                                    .changed = s_changed };
    self->idle_max = conf->idle_max;
    self->room = conf->http2 ? BANK_STREAMS : BANK_TRANSFERS;
    self->rest_ns = (conf->idle_ms + REST_EXTRA_MS) * NS_PER_MS;
    self->fn = fn;
    self->arg = arg;
    TAILQ_INIT (&self->busy);
    TAILQ_INIT (&self->resting);
    for (size_t i = 0; i < SHELVES; i++) {
        LIST_INIT (&self->ready[i]);
        LIST_INIT (&self->roomy[i]);
    }
    return self;
}

void
http_banks_destroy (http_banks_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_banks_t *self = *self_p;
    TAILQ_CONCAT (&self->resting, &self->busy, in_set);
    while (!TAILQ_EMPTY (&self->resting))
        s_remove (self, TAILQ_FIRST (&self->resting));
    br_timer_cancel (self->env.loop, &self->timer);
    free (self);
    *self_p = NULL;
}

//  ---- transfers

static http_bank_t *
s_open (http_banks_t *self, uint64_t origin, br_error_t *reterr)
{
    http_bank_t *bank = http_bank_new (&self->env, origin, reterr);
    if (!bank)
        return NULL;
    bank->rest_ns = br_loop_now_ns (self->env.loop);
    TAILQ_INSERT_TAIL (&self->resting, bank, in_set);
    self->count++;
    return bank;
}

http_bank_t *
http_banks_enter (http_banks_t *self, uint64_t origin, br_error_t *reterr)
{
    http_bank_t *bank = s_find (self->ready, origin);
    bool promise = bank != NULL;
    if (!bank)
        bank = s_find (self->roomy, origin);
    if (!bank)
        bank = s_open (self, origin, reterr);
    if (!bank)
        return NULL;
    if (!bank->running)
        s_end_rest (self, bank);
    bank->running++;
    bank->promised += promise;
    s_changed (self, bank);
    return bank;
}

void
http_banks_leave (http_banks_t *self, http_bank_t *bank)
{
    bank->running--;
    if (!bank->running)
        s_begin_rest (self, bank);
    s_changed (self, bank);
}

void
http_banks_act (http_banks_t *self, http_bank_t *bank, int fd, int mask)
{
    unsigned idle = http_sockets_idle (self->env.sockets);
    if (idle >= self->idle_max && !bank->user.idle && bank->running)
        s_make_room (self, bank);
    unsigned elsewhere = http_sockets_idle (self->env.sockets) - bank->user.idle;
    unsigned left = self->idle_max > elsewhere ? self->idle_max - elsewhere : 0;
    unsigned busy = bank->running ? bank->running - 1 : 0; //  when a transfer has ended
    http_bank_bound (bank, busy + left);
    http_bank_act (bank, fd, mask);
    bank->promised = 0;
    s_changed (self, bank);
}

void
http_banks_tidy (http_banks_t *self, http_bank_t *bank)
{
    if (!bank->running && http_sockets_idle (self->env.sockets) > self->idle_max)
        s_remove (self, bank);
}

unsigned
http_banks_count (const http_banks_t *self)
{
    return self->count;
}
