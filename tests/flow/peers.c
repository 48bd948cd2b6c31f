//  peers: scripted providers and a counting meter.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/failure.h"
#include "broker/core/slip.h"
#include "tests/flow/peers.h"

#define PIECE_MAX (PIECE_LARGE + 64)
#define WORDS_MAX 4096

typedef struct {
    br_ctx_t *ctx;
    book_t *book;
} peer_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    peer_t *self = BR_NEW (peer_t);
    self->ctx = ctx;
    return self;
}

static void
s_destroy (void **state_p)
{
    free (*state_p);
    *state_p = NULL;
}

void
peers_set_book (br_ctx_t *ctx, book_t *book)
{
    peer_t *self = ctx->state;
    self->book = book;
}

void
book_destroy (book_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (size_t i = 0; i < (*self_p)->settles_size; i++)
        free ((*self_p)->settles[i].words);
    free (*self_p);
    *self_p = NULL;
}

//  "call-2" is of client 2.
static unsigned
s_client (const char *request_id)
{
    const char *dash = strchr (request_id, '-');
    return dash ? (unsigned) strtoul (dash + 1, NULL, 10) % 4 : 0;
}

//  ---- providers

//  As Chat has them. A single answer is whole with its first piece.
static void
s_guarded_piece (const attempt_t *attempt, unsigned i, br_buf_t *buf)
{
    if (!attempt->stream && i > 0) {
        br_buf_addc (buf, '\n');
        return;
    }
    br_buf_adds (buf, attempt->stream ? "data: " : "");
    br_buf_addf (buf, "{\"choices\":[{\"index\":0,\"%s\":{\"content\":\"%u.%u.%u%s\"}}]}",
                 attempt->stream ? "delta" : "message", attempt->client, attempt->number,
                 i, attempt->blocked == i + 1 ? " " PIECE_BLOCKED : "");
    br_buf_adds (buf, attempt->stream ? "\n\n" : "");
}

void
peers_piece (const attempt_t *attempt, unsigned i, br_buf_t *buf)
{
    if (attempt->guarded) {
        s_guarded_piece (attempt, i, buf);
        return;
    }
    const char *form = attempt->stream ? "data: %u.%u.%u\n\n" : "[%u.%u.%u]";
    size_t start = buf->size;
    br_buf_addf (buf, form, attempt->client, attempt->number, i);
    while (attempt->large && buf->size - start < PIECE_LARGE)
        br_buf_adds (buf, "0123456789abcdef0123456789abcdef");
}

static bool
s_is_mine (const peer_t *self, const attempt_t *attempt)
{
    br_addr_t me = br_ctx_self (self->ctx);
    return attempt->host == me.host && attempt->life == me.life;
}

static bool
s_is_live (const attempt_t *attempt)
{
    return attempt->state == ATTEMPT_RUNS || attempt->state == ATTEMPT_FLOWS;
}

static void
s_done (br_ctx_t *ctx, attempt_t *attempt, br_outcome_t outcome)
{
    struct br_attempt_done done = { .outcome = outcome, .usage_known = 1 };
    attempt->outcome = outcome;
    if (outcome == BR_OUTCOME_CANCELLED)
        done.code = attempt->code ? attempt->code : BR_ECANCELLED;
    else if (outcome == BR_OUTCOME_FAILED)
        done.code = BR_EUPCUT;
    done.status = attempt->seq ? 200 : 0;
    done.output_tokens = attempt->pieces;
    attempt->state = ATTEMPT_ENDED;
    if (!attempt->router_gone)
        br_ctx_send (ctx, attempt->router, BR_ATTEMPT_DONE, attempt->call,
                     attempt->number, &done, NULL);
}

static void
s_send_down (br_ctx_t *ctx, attempt_t *attempt, br_verb_t verb, const void *fields,
             br_blob_t *body)
{
    attempt->seq++;
    int rc = br_ctx_send (ctx, attempt->down, verb, attempt->call, attempt->number,
                          fields, body);
    if (rc)
        s_done (ctx, attempt, BR_OUTCOME_CANCELLED);
}

//  The head or a delta, with the next piece.
static void
s_say_piece (br_ctx_t *ctx, attempt_t *attempt, bool is_head)
{
    br_buf_t buf;
    br_buf_init (&buf, PIECE_MAX);
    peers_piece (attempt, attempt->pieces++, &buf);
    br_blob_t *body = br_blob_new (buf.data, buf.size);
    br_buf_free (&buf);
    attempt->upto += br_blob_size (body);
    attempt->state = ATTEMPT_FLOWS;
    if (is_head) {
        struct br_reply_head head = { .upto = attempt->upto, .status = 200 };
        head.content_type = attempt->stream ? "text/event-stream" : "application/json";
        head.provider = br_ctx_instance (ctx);
        head.model = "m";
        s_send_down (ctx, attempt, BR_REPLY_HEAD, &head, body);
    } else {
        struct br_reply_delta delta = { .seq = attempt->seq, .upto = attempt->upto };
        s_send_down (ctx, attempt, BR_REPLY_DELTA, &delta, body);
    }
    br_blob_destroy (&body);
}

//  The last word down; attempt.done is a step of its own.
static void
s_say_last (br_ctx_t *ctx, attempt_t *attempt, bool well)
{
    attempt->state = ATTEMPT_SAID;
    attempt->complete = well;
    attempt->outcome = well ? BR_OUTCOME_OK : BR_OUTCOME_FAILED;
    if (well) {
        struct br_reply_end end = { .seq = attempt->seq, .usage_known = 1 };
        end.output_tokens = attempt->pieces;
        s_send_down (ctx, attempt, BR_REPLY_END, &end, NULL);
    } else {
        struct br_reply_error error = { .seq = attempt->seq, .code = BR_EUPCUT };
        error.error = "the provider broke off";
        error.attempts = attempt->number;
        s_send_down (ctx, attempt, BR_REPLY_ERROR, &error, NULL);
    }
}

static const struct {
    char word;
    br_failure_t failure;
    br_code_t code;
    unsigned status;
    uint64_t retry_after_ms;
    const char *text;
} s_failures[] = {
    { 'f', BR_FAILURE_CUT, BR_EUPCUT, 0, 0, "the provider broke off" },
    { 'o', BR_FAILURE_OVERLOADED, BR_EUPBAD, 503, 0, "the provider is overloaded" },
    { 'l', BR_FAILURE_RATE, BR_EUPLIMIT, 429, 60000, "the provider wants a pause" },
    { 'c', BR_FAILURE_CONTEXT, BR_ECONTEXT, 400, 0, "the input is too long" },
    { 'F', BR_FAILURE_REQUEST, BR_EUPBAD, 400, 0, "the provider refuses" },
};

//  To the router; without one, down the slip.
static void
s_say_fail (br_ctx_t *ctx, attempt_t *attempt, char word)
{
    size_t row = 0;
    while (s_failures[row].word != word)
        row++;
    struct br_attempt_fail fail = { .code = s_failures[row].code };
    fail.status = s_failures[row].status;
    fail.failure = s_failures[row].failure;
    fail.retry_after_ms = s_failures[row].retry_after_ms;
    fail.error = s_failures[row].text;
    attempt->outcome = BR_OUTCOME_FAILED;
    int rc = -1;
    if (!attempt->router_gone)
        rc = br_ctx_send (ctx, attempt->router, BR_ATTEMPT_FAIL, attempt->call,
                          attempt->number, &fail, NULL);
    attempt->router_gone = attempt->router_gone || rc;
    if (rc)
        s_say_last (ctx, attempt, false);
    attempt->state = ATTEMPT_ENDED;
}

//  What comes before its own words.
static unsigned
s_place (const peer_t *self, const attempt_t *attempt)
{
    return (unsigned) (attempt - self->book->attempts) + 1;
}

//  As upstream does: the router first, then down the slip; without a router it is the end.
static void
s_say_broken (br_ctx_t *ctx, attempt_t *attempt)
{
    struct br_attempt_broken broken = { .code = BR_EUPCUT, .failure = BR_FAILURE_CUT };
    struct br_reply_broken down = { .seq = attempt->seq, .code = BR_EUPCUT };
    broken.error = down.error = "the provider broke off";
    broken.usage_known = 1;
    broken.output_tokens = attempt->pieces;
    char *place = br_strf ("%u", s_place (ctx->state, attempt));
    br_blob_t *state = br_blob_new (place, strlen (place));
    int rc = -1;
    if (!attempt->router_gone)
        rc = br_ctx_send (ctx, attempt->router, BR_ATTEMPT_BROKEN, attempt->call,
                          attempt->number, &broken, state);
    br_blob_destroy (&state);
    free (place);
    attempt->router_gone = attempt->router_gone || rc;
    if (rc)
        s_say_last (ctx, attempt, false);
    else
        s_send_down (ctx, attempt, BR_REPLY_BROKEN, &down, NULL);
    attempt->state = ATTEMPT_ENDED;
}

//  Before its first word an attempt fails, and the answer of a client that did not ask for
//  more ends.
static void
s_break (br_ctx_t *ctx, attempt_t *attempt)
{
    if (attempt->state == ATTEMPT_RUNS)
        s_say_fail (ctx, attempt, 'f');
    else if (attempt->continues)
        s_say_broken (ctx, attempt);
    else
        s_say_last (ctx, attempt, false);
}

const char *
peers_part (const char *script, unsigned number)
{
    const char *next = strchr (script, '|');
    for (; number && next; number--, next = strchr (script, '|'))
        script = next + 1;
    return script;
}

const char *
peers_word (char word)
{
    static const struct {
        char word;
        const char *text;
    } rows[] = { { 'h', "head" },      { 'd', "delta" },    { 'H', "bad head" },
                 { 'D', "bad delta" }, { 'e', "end" },      { 'x', "error" },
                 { 'f', "failure" },   { 'o', "overload" }, { 'l', "limit" },
                 { 'c', "overflow" },  { 'F', "refusal" },  { 'b', "break" },
                 { '.', "done" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].word == word)
            return rows[i].text;
    return NULL;
}

char
peers_next_word (const attempt_t *attempt)
{
    if (attempt->state == ATTEMPT_SAID)
        return '.';
    return s_is_live (attempt) && *attempt->script != '|' ? *attempt->script : 0;
}

void
peers_say (br_ctx_t *ctx, attempt_t *attempt)
{
    char word = peers_next_word (attempt);
    if (word && word != '.')
        attempt->script++;
    if (word == 'H' || word == 'D')
        attempt->blocked = attempt->pieces + 1;
    switch (word) {
    case 'h':
    case 'd': s_say_piece (ctx, attempt, word == 'h'); break;
    case 'H':
    case 'D': s_say_piece (ctx, attempt, word == 'H'); break;
    case 'e':
    case 'x': s_say_last (ctx, attempt, word == 'e'); break;
    case 'b': s_break (ctx, attempt); break;
    case 'f':
    case 'o':
    case 'l':
    case 'c':
    case 'F': s_say_fail (ctx, attempt, word); break;
    case '.': s_done (ctx, attempt, attempt->outcome); break;
    default: break;
    }
}

static unsigned
s_read_place (book_t *book, br_bytes_t state)
{
    char text[16] = "";
    if (state.size == 0)
        return 0;
    if (state.size < sizeof text)
        memcpy (text, state.data, state.size);
    unsigned place = (unsigned) strtoul (text, NULL, 10);
    if (place && place < book->attempts_size)
        return place;
    book->misuse = "an attempt goes on from none";
    return 0;
}

static void
s_on_start (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    const peer_t *self = state;
    book_t *book = self->book;
    const struct br_attempt_start *start = br_msg_fields (msg);
    br_slip_t slip;
    if (book->attempts_size == BOOK_ATTEMPTS_MAX || br_slip_decode (start->slip, &slip)) {
        book->misuse = "a malformed attempt.start, or one too many";
        return;
    }
    unsigned earlier = 0; //  of this call, here
    for (size_t i = 0; i < book->attempts_size; i++) {
        const attempt_t *other = &book->attempts[i];
        if (!br_id_is (other->call, msg->call))
            continue;
        earlier += other->host == br_ctx_self (ctx).host;
        if (other->number >= msg->attempt)
            book->misuse = "the same attempt was started twice";
        if (other->state != ATTEMPT_ENDED && !(book->dead >> other->host & 1))
            book->misuse = "two attempts of a call at the same time";
    }
    attempt_t *attempt = &book->attempts[book->attempts_size++];
    *attempt = (attempt_t) { .client = s_client (start->request_id) };
    attempt->number = msg->attempt;
    attempt->host = br_ctx_self (ctx).host;
    attempt->life = br_ctx_self (ctx).life;
    attempt->call = msg->call;
    attempt->router = msg->from;
    attempt->ingress = slip.down[slip.down_size - 1];
    attempt->down = br_slip_down (&slip, br_ctx_self (ctx));
    attempt->guarded = !br_addr_is (attempt->down, attempt->ingress);
    attempt->stream = start->stream != 0;
    attempt->continues = start->continues != 0;
    attempt->behind = s_read_place (book, start->resume);
    attempt->large = memmem (br_blob_data (msg->body), br_blob_size (msg->body), "large",
                             5)
                     != NULL;
    bool is_beta = strcmp (br_ctx_instance (ctx), "beta") == 0;
    const char *script = book->scripts[attempt->client][is_beta];
    attempt->script = peers_part (script ? script : "", earlier);
    if (br_blob_size (msg->body) == 0)
        book->misuse = "an attempt without the client's bytes";
}

static void
s_on_cancel (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    const peer_t *self = state;
    const struct br_attempt_cancel *cancel = br_msg_fields (msg);
    for (size_t i = 0; i < self->book->attempts_size; i++) {
        attempt_t *attempt = &self->book->attempts[i];
        if (s_is_mine (self, attempt) && s_is_live (attempt)
            && br_id_is (attempt->call, msg->call) && attempt->number == msg->attempt) {
            attempt->code = (br_code_t) cancel->code;
            s_done (ctx, attempt, BR_OUTCOME_CANCELLED);
        }
    }
}

static void
s_on_credit (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
}

static bool
s_is_of (br_addr_t addr, const struct br_sys_gone *gone)
{
    return addr.host == gone->host && addr.life == gone->life;
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    const peer_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    for (size_t i = 0; i < self->book->attempts_size; i++) {
        attempt_t *attempt = &self->book->attempts[i];
        if (!s_is_mine (self, attempt))
            continue;
        if (s_is_of (attempt->router, gone))
            attempt->router_gone = true;
        bool is_in_vain = s_is_of (attempt->ingress, gone)
                          || s_is_of (attempt->down, gone);
        if (is_in_vain && s_is_live (attempt))
            s_done (ctx, attempt, BR_OUTCOME_CANCELLED);
    }
}

static const br_handler_row_t s_upstream_handlers[] = {
    { BR_ATTEMPT_START, s_on_start },
    { BR_ATTEMPT_CANCEL, s_on_cancel },
    { BR_REPLY_CREDIT, s_on_credit },
    { BR_SYS_GONE, s_on_gone },
    { .fn = NULL },
};

const br_actor_t peers_upstream = {
    .name = "upstream",
    .about = "says what its script says",
    .role = BR_ROLE_UPSTREAM,
    .handlers = s_upstream_handlers,
    .create = s_create,
    .destroy = s_destroy,
};

//  ---- the meter

static settle_t *
s_settle (book_t *book, unsigned client, uint32_t host)
{
    for (size_t i = 0; i < book->settles_size; i++)
        if (book->settles[i].client == client && book->settles[i].host == host)
            return &book->settles[i];
    if (book->settles_size == BOOK_SETTLES_MAX)
        return NULL;
    settle_t *settle = &book->settles[book->settles_size++];
    *settle = (settle_t) { .client = client, .host = host };
    return settle;
}

static void
s_on_settle (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    const peer_t *self = state;
    const struct br_call_settle *fields = br_msg_fields (msg);
    settle_t *settle = s_settle (self->book, s_client (fields->request_id),
                                 msg->from.host);
    if (!settle) {
        self->book->misuse = "too many settles";
        return;
    }
    br_buf_t words;
    br_buf_init (&words, WORDS_MAX);
    br_msg_print (msg, &words);
    if (!settle->words)
        settle->words = br_strdup (br_buf_text (&words));
    else if (strcmp (settle->words, br_buf_text (&words)) != 0)
        settle->inconsistent = true;
    br_buf_free (&words);
    settle->outcome = (br_outcome_t) fields->outcome;
    settle->code = (br_code_t) fields->code;
    settle->output = fields->output_tokens;
    settle->asked++;
    if (self->book->slow_meter && settle->asked == 1)
        return;
    settle->answered = true;
    br_ctx_reply (ctx, msg, BR_CALL_SETTLED, NULL, NULL);
    struct br_call_receipt receipt = { .receipt = "a.b.c" };
    if (br_addr_is_set (fields->receipt_to) && fields->request_hash.size)
        (void) br_ctx_send (ctx, fields->receipt_to, BR_CALL_RECEIPT, msg->call,
                            msg->attempt, &receipt, NULL);
}

static void
s_on_intent (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
}

static const br_handler_row_t s_meter_handlers[] = {
    { BR_CALL_SETTLE, s_on_settle },
    { BR_CALL_INTENT, s_on_intent },
    { .fn = NULL },
};

const br_actor_t peers_meter = {
    .name = "meter",
    .about = "counts settles",
    .role = BR_ROLE_METER,
    .handlers = s_meter_handlers,
    .create = s_create,
    .destroy = s_destroy,
};
