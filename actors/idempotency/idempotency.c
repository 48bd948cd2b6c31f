//  idempotency: the actor: messages in front of the book.
//
//  Each claim of an ingress goes into the book (idempotency_book), which says who may go,
//  who waits and who hears an answer that is kept. After each message what is due is said.
//  A word that cannot be sent is tried again until its receiver's host is gone, since a
//  client waits for it. Who made what providers keep is another book (idempotency_objects).

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "actors/idempotency/idempotency.h"
#include "actors/idempotency/idempotency_book.h"
#include "actors/idempotency/idempotency_objects.h"
#include "broker/core/alloc.h"

#define AGAIN_MS 100   //  between two tries to send
#define EXPIRE_MS 1000 //  between two looks for what is too old

typedef struct _idempotency_t {
    br_ctx_t *ctx;
    idempotency_book_t *book;
    idempotency_objects_t *objects;
    idempotency_settings_t settings; //  in use
    idempotency_settings_t tried;
    br_timer_t again;
    br_timer_t expire;
} idempotency_t;

static void s_on_expire (void *arg);

static void
s_set_expire (idempotency_t *self)
{
    br_timer_set (br_ctx_loop (self->ctx), &self->expire, EXPIRE_MS, s_on_expire, self);
}

static void
s_on_expire (void *arg)
{
    idempotency_t *self = arg;
    idempotency_book_expire (self->book, br_ctx_now_us (self->ctx));
    s_set_expire (self);
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    if (sodium_init () < 0) {
        br_error_set (reterr, BR_ESYSTEM, "libsodium has no random numbers");
        return NULL;
    }
    idempotency_t *self = BR_NEW (idempotency_t);
    self->ctx = ctx;
    self->settings = self->tried = idempotency_settings_default ();
    self->book = idempotency_book_new (&self->settings);
    self->objects = idempotency_objects_new (ctx);
    s_set_expire (self);
    return self;
}

static void
s_destroy (void **state_p)
{
    idempotency_t *self = *state_p;
    if (!self)
        return;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->expire);
    br_timer_cancel (br_ctx_loop (self->ctx), &self->again);
    idempotency_objects_destroy (&self->objects);
    idempotency_book_destroy (&self->book);
    free (self);
    *state_p = NULL;
}

//  ---- what is said; each: 1 = all of it, 0 = the rest waits, -1 = could not be sent

static int
s_send (idempotency_t *self, const idempotency_claim_t *claim, br_verb_t verb,
        const void *fields)
{
    int rc = br_ctx_send (self->ctx, claim->from, verb, claim->call, 0, fields, NULL);
    return rc ? -1 : 1;
}

static int
s_say_go (idempotency_t *self, idempotency_claim_t *claim)
{
    struct br_idem_go go = { .answer_max = self->settings.answer_max };
    return s_send (self, claim, BR_IDEM_GO, &go);
}

static int
s_say_answer (idempotency_t *self, idempotency_claim_t *claim)
{
    if (!claim->replayed)
        idempotency_replay_init (&claim->replay, self->ctx, claim->from, claim->call,
                                 claim->answer);
    claim->replayed = true;
    static const int results[] = {
        [IDEMPOTENCY_SAID] = 1, [IDEMPOTENCY_CREDIT] = 0, [IDEMPOTENCY_BLOCKED] = -1
    };
    return results[idempotency_replay_flow (&claim->replay)];
}

static struct br_idem_refuse
s_refusal (br_code_t code)
{
    static const struct {
        br_code_t code;
        const char *text;
    } rows[] = {
        { BR_ECONFLICT,
          "this Idempotency-Key was used for another request: send a new key "
          "with a new request" },
        { BR_EBUSY, "too many requests wait for the answer to this Idempotency-Key; try "
                    "again" },
    };
    struct br_idem_refuse refuse = { .code = code, .error = br_code_about (code) };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            refuse.error = rows[i].text;
    return refuse;
}

static int
s_say_refusal (idempotency_t *self, idempotency_claim_t *claim)
{
    struct br_idem_refuse refuse = s_refusal (claim->code);
    return s_send (self, claim, BR_IDEM_REFUSE, &refuse);
}

//  Those that stand in the queue.
static int (*const s_words[]) (idempotency_t *self, idempotency_claim_t *claim) = {
    [IDEMPOTENCY_GO] = s_say_go,
    [IDEMPOTENCY_HEARS] = s_say_answer,
    [IDEMPOTENCY_REFUSED] = s_say_refusal,
};

static void s_on_again (void *arg);

//  Says what is due, each claim once.
static void
s_say_all (idempotency_t *self)
{
    bool blocked = false;
    for (size_t i = idempotency_book_ready (self->book); i > 0; i--) {
        idempotency_claim_t *claim = idempotency_book_next (self->book);
        int rc = s_words[claim->place](self, claim);
        if (rc > 0)
            idempotency_book_said (self->book, claim);
        if (rc >= 0)
            continue;
        idempotency_book_again (self->book, claim);
        blocked = true;
    }
    if (blocked)
        br_timer_set (br_ctx_loop (self->ctx), &self->again, AGAIN_MS, s_on_again, self);
}

static void
s_on_again (void *arg)
{
    s_say_all (arg);
}

//  ---- messages

static void
s_on_claim (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    idempotency_t *self = state;
    int rc = idempotency_book_claim (self->book, msg->call, msg->from,
                                     br_msg_fields (msg), br_ctx_now_us (ctx));
    if (rc) {
        struct br_idem_refuse refuse = s_refusal (BR_EBUSY);
        br_ctx_reply (ctx, msg, BR_IDEM_REFUSE, &refuse, NULL);
        return;
    }
    s_say_all (self);
}

static void
s_head (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg)
{
    idempotency_book_head (self->book, claim, br_msg_fields (msg));
}

static void
s_part (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg)
{
    idempotency_book_part (self->book, claim, msg->body);
}

static void
s_end (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg)
{
    const struct br_idem_end *end = br_msg_fields (msg);
    idempotency_book_end (self->book, claim, end->complete == 1,
                          br_ctx_now_us (self->ctx));
}

static void
s_credit (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg)
{
    const struct br_reply_credit *credit = br_msg_fields (msg);
    if (claim->replayed && idempotency_replay_credit (&claim->replay, credit->upto))
        idempotency_book_again (self->book, claim);
}

static void
s_leave (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg)
{
    (void) msg;
    idempotency_book_leave (self->book, claim);
}

//  What an ingress says of a claim of its own.
static const struct {
    br_verb_t verb;
    void (*fn) (idempotency_t *self, idempotency_claim_t *claim, const br_msg_t *msg);
} s_rows[] = {
    { BR_IDEM_HEAD, s_head },   { BR_IDEM_PART, s_part },
    { BR_IDEM_END, s_end },     { BR_REPLY_CREDIT, s_credit },
    { BR_IDEM_LEAVE, s_leave }, { BR_ATTEMPT_CANCEL, s_leave },
};

static void
s_on_word (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    idempotency_t *self = state;
    idempotency_claim_t *claim = idempotency_book_get (self->book, msg->call);
    if (!claim || !br_addr_is (claim->from, msg->from))
        return;
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        if (s_rows[i].verb == msg->verb) {
            s_rows[i].fn (self, claim, msg);
            break;
        }
    s_say_all (self);
}

static void
s_on_object (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    idempotency_t *self = state;
    if (msg->verb == BR_OBJECT_KEEP)
        idempotency_objects_on_keep (self->objects, msg);
    else
        idempotency_objects_on_ask (self->objects, msg);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    idempotency_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    idempotency_book_gone (self->book, (uint32_t) gone->host, (uint32_t) gone->life);
    idempotency_objects_gone (self->objects, (uint32_t) gone->host,
                              (uint32_t) gone->life);
    s_say_all (self);
}

//  ---- configuration, questions

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    idempotency_t *self = state;
    return idempotency_settings_read (slice, &self->tried, reterr);
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    idempotency_t *self = state;
    self->settings = self->tried;
    idempotency_book_set (self->book, &self->settings);
    return 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const idempotency_t *self = state;
    if (strcmp (command, "idempotency") != 0)
        return NULL;
    idempotency_counts_t counts = idempotency_book_counts (self->book);
    return br_strf ("{\"kept\":%zu,\"running\":%zu,\"waiting\":%zu,\"bytes\":%zu,"
                    "\"objects\":%zu,\"object_bytes\":%zu,\"object_questions\":%zu}",
                    counts.kept, counts.running, counts.waiting, counts.bytes,
                    idempotency_objects_count (self->objects),
                    idempotency_objects_bytes (self->objects),
                    idempotency_objects_asked (self->objects));
}

static const br_handler_row_t s_handlers[] = {
    { BR_IDEM_CLAIM, s_on_claim },
    { BR_IDEM_HEAD, s_on_word },
    { BR_IDEM_PART, s_on_word },
    { BR_IDEM_END, s_on_word },
    { BR_IDEM_LEAVE, s_on_word },
    { BR_OBJECT_KEEP, s_on_object },
    { BR_OBJECT_ASK, s_on_object },
    { BR_REPLY_CREDIT, s_on_word },
    { BR_ATTEMPT_CANCEL, s_on_word },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_idempotency_actor = {
    .name = "idempotency",
    .about = "keeps answers by Idempotency-Key, and knows who made stored objects",
    .role = BR_ROLE_IDEMPOTENCY,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
};
