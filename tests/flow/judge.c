//  judge: the rules of a call, as they show from outside: what each client got, what the
//  meter was told, and that nobody holds anything any more.

#include <stdlib.h>
#include <string.h>

#include "tests/flow/judge.h"

#define TEXT_MAX (1u << 20)
#define ROUNDS 8       //  of words and seconds until all is over
#define QUIET_MS 1000  //  between two of them
#define ATTEMPTS_MAX 8 //  of a call, as the router makes them

typedef struct {
    net_t *net;
    const net_conf_t *conf;
    br_buf_t *complaints;
    bool left[NET_CLIENTS]; //  in the end, because a provider was silent
} judge_t;

static bool
s_is_live (const attempt_t *attempt)
{
    return attempt->state == ATTEMPT_RUNS || attempt->state == ATTEMPT_FLOWS;
}

static bool
s_is_reachable (const judge_t *self, const attempt_t *attempt)
{
    return net_is_alive (self->net, (net_host_t) (attempt->host - 1));
}

//  The guard that calls have to pass has died.
static bool
s_is_unguarded (const judge_t *self)
{
    return self->conf->guarded && !net_is_alive (self->net, NET_GUARD);
}

static void
s_complain (judge_t *self, unsigned client, const char *what)
{
    br_buf_addf (self->complaints, "client %u: %s\n", client, what);
}

//  Nobody died, and no message was lost.
static bool
s_is_fine (const judge_t *self)
{
    return net_book (self->net)->dead == 0 && !net_was_dropped (self->net);
}

//  ---- how it comes to its end

//  An attempt whose client is served is to end by messages alone. Without a router it may
//  go on until it says a word to ingress.
static void
s_check_stragglers (judge_t *self)
{
    const book_t *book = net_book (self->net);
    for (size_t i = 0; i < book->attempts_size; i++) {
        const attempt_t *attempt = &book->attempts[i];
        bool over = net_client (self->net, attempt->client)->end != CLIENT_WAITS;
        if (!over || !s_is_live (attempt) || !s_is_reachable (self, attempt))
            continue;
        if (!net_is_alive (self->net, NET_ROUTER)) {
            char word = peers_next_word (attempt);
            if (word != 'h' && word != 'd')
                continue;
            net_do (self->net, NET_SAY (attempt->host - 1, attempt->client));
            net_settle (self->net, false);
        }
        if (s_is_live (attempt))
            s_complain (self, attempt->client, "an attempt runs behind the end");
    }
}

static void
s_round (judge_t *self)
{
    net_settle (self->net, true);
    net_pass (self->net, 6); //  a tick of the router
    net_settle (self->net, true);
    net_pass (self->net, QUIET_MS);
    net_settle (self->net, true);
}

static bool
s_is_silent (const judge_t *self, unsigned client)
{
    const book_t *book = net_book (self->net);
    for (size_t i = 0; i < book->attempts_size; i++)
        if (book->attempts[i].client == client && s_is_live (&book->attempts[i])
            && s_is_reachable (self, &book->attempts[i]))
            return true;
    return false;
}

//  Whether a host that lives holds nothing any more: a call, or a settle.
static bool
s_is_idle (const judge_t *self, net_host_t host)
{
    static const char *const nothing[][2] = {
        [NET_INGRESS] = { "\"open_calls\":0", "\"settles\":0" },
        [NET_ROUTER] = { "\"open\":0", "\"unsettled\":0" }
    };
    if (!net_is_alive (self->net, host))
        return true;
    char *calls = net_admin (self->net, host, host == NET_ROUTER ? "routing" : "calls");
    bool idle = strstr (calls, nothing[host][0]) && strstr (calls, nothing[host][1]);
    free (calls);
    return idle;
}

static bool
s_are_idle (const judge_t *self)
{
    return s_is_idle (self, NET_INGRESS) && s_is_idle (self, NET_ROUTER);
}

static void
s_finish (judge_t *self)
{
    net_settle (self->net, false);
    s_check_stragglers (self);
    net_new_meter (self->net);
    s_round (self);
    for (int i = 0; i < ROUNDS && !s_are_idle (self); i++)
        s_round (self);
    for (unsigned i = 0; i < self->conf->clients; i++) {
        const http_call_t *client = net_client (self->net, i);
        if (!client->server || client->end != CLIENT_WAITS)
            continue;
        if (!s_is_silent (self, i)) {
            s_complain (self, i, "its answer has no end");
            continue;
        }
        self->left[i] = true;
        net_do (self->net, NET_LEAVE (i));
    }
    for (int i = 0; i < ROUNDS && !s_are_idle (self); i++)
        s_round (self);
}

//  ---- what a client got

//  How many bytes of an attempt's whole pieces the client has got, behind those of the
//  attempts that it goes on from.
static size_t
s_common (const book_t *book, const br_buf_t *got, const attempt_t *attempt,
          bool *ret_all)
{
    size_t size = 0;
    if (attempt->behind) {
        size = s_common (book, got, &book->attempts[attempt->behind - 1], ret_all);
        if (!*ret_all)
            return 0;
    }
    br_buf_t text;
    br_buf_init (&text, TEXT_MAX);
    unsigned i = 0;
    for (; i < attempt->pieces; i++) {
        br_buf_clear (&text);
        peers_piece (attempt, i, &text);
        if (got->size - size < text.size
            || memcmp (got->data + size, text.data, text.size) != 0)
            break;
        size += text.size;
    }
    *ret_all = i == attempt->pieces;
    br_buf_free (&text);
    return size;
}

//  The attempt whose bytes the client got, NULL for none; ret_rest: the bytes behind them.
static const attempt_t *
s_source (const judge_t *self, unsigned client, const char **ret_rest, bool *ret_all)
{
    const book_t *book = net_book (self->net);
    const br_buf_t *got = &net_client (self->net, client)->got;
    const attempt_t *source = NULL;
    size_t most = 0;
    *ret_rest = "";
    *ret_all = false;
    for (size_t i = 0; i < book->attempts_size; i++) {
        if (book->attempts[i].client != client)
            continue;
        bool all;
        size_t common = s_common (book, got, &book->attempts[i], &all);
        if (common <= most)
            continue;
        most = common;
        source = &book->attempts[i];
        *ret_all = all;
    }
    *ret_rest = client_text (net_client (self->net, client)) + most;
    return source;
}

static bool
s_is_error (const char *text)
{
    return strncmp (text, "data: {\"error\"", 14) == 0;
}

//  What is known of a candidate while the scripts are read.
typedef struct {
    unsigned tries;
    bool out;
} place_t;

//  The one that is asked behind a failure of places[at]; count when there is none.
static unsigned
s_next (const place_t *places, unsigned count, unsigned at, char failure,
        unsigned retries)
{
    unsigned best = count;
    if ((failure == 'f' || failure == 'b') && places[at].tries <= retries)
        return at;
    for (unsigned i = 0; i < count; i++)
        if (!places[i].out && places[i].tries <= retries
            && (best == count || places[i].tries < places[best].tries))
            best = i;
    return best;
}

//  The last word of the attempt that decides.
static char
s_fate (const judge_t *self, unsigned client)
{
    unsigned count = strstr (self->conf->asks[client], "again") ? 3 : 2;
    unsigned earlier[2] = { 0 }; //  attempts at alpha, at beta
    place_t places[3] = { { 0 } };
    unsigned at = 0;
    for (unsigned i = 0; i < ATTEMPTS_MAX && at < count; i++) {
        const char *script = self->conf->scripts[client][at % 2];
        script = peers_part (script, earlier[at % 2]++);
        size_t size = strcspn (script, "|");
        char fate = size ? script[size - 1] : 'd';
        if (fate == 'b' && !strstr (self->conf->asks[client], "continue"))
            return 'x';
        if (self->conf->guarded && script[strcspn (script, "HD|")] != '|'
            && script[strcspn (script, "HD|")])
            return 'g';
        if (!strchr ("folb", fate))
            return fate;
        places[at].tries++;
        for (unsigned j = at % 2; fate == 'l' && j < count; j += 2)
            places[j].out = true; //  the same one again
        at = s_next (places, count, at, fate, self->conf->retries);
    }
    return 'f';
}

//  Without a fault the scripts alone decide.
static void
s_check_fate (judge_t *self, unsigned client)
{
    static const struct {
        char fate;
        bool committed;
        client_end_t end;
        bool good;
    } rows[] = {
        { 'e', true, CLIENT_WHOLE, true },   { 'e', false, CLIENT_WHOLE, true },
        { 'x', true, CLIENT_CUT, true },     { 'x', false, CLIENT_WHOLE, false },
        { 'f', false, CLIENT_WHOLE, false }, { 'F', false, CLIENT_WHOLE, false },
        { 'g', true, CLIENT_CUT, true },     { 'g', false, CLIENT_WHOLE, false },
        { 'f', true, CLIENT_CUT, true },     { 'F', true, CLIENT_CUT, true } // went on
    };
    const http_call_t *http = net_client (self->net, client);
    if (!self->conf->scripts[client][0])
        return;
    char fate = s_fate (self, client);
    bool good = http->status == 200;
    bool committed = good && strstr (self->conf->asks[client], "plain") == NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].fate == fate && rows[i].committed == committed
            && rows[i].end == http->end && rows[i].good == good)
            return;
    if (http->end != CLIENT_LEFT)
        s_complain (self, client, "its answer is not what the scripts lead to");
}

//  No bytes but those of one attempt; and all of them, if the answer is whole.
static void
s_check_bytes (judge_t *self, unsigned client)
{
    const http_call_t *http = net_client (self->net, client);
    const char *rest;
    bool all;
    const attempt_t *source = s_source (self, client, &rest, &all);
    bool failed = http->status && http->status != 200;
    if (failed) {
        if (http->end != CLIENT_WHOLE)
            s_complain (self, client, "an error that does not end");
        if (source || !strstr (rest, "\"error\""))
            s_complain (self, client, "an error that is none");
        return;
    }
    if (http->end == CLIENT_WHOLE && (!source || !all || !source->complete || *rest))
        s_complain (self, client, "a whole answer is not that of one attempt");
    bool sse = strncmp (http->content_type, "text/event-stream", 17) == 0;
    if (http->end == CLIENT_CUT && (!source || (sse ? !s_is_error (rest) : *rest)))
        s_complain (self, client, "a cut answer is not the beginning of one attempt's");
    if ((http->end == CLIENT_LEFT || http->end == CLIENT_LOST) && *rest)
        s_complain (self, client, "bytes of more than one attempt");
}

//  An error is no answer where a provider has given one.
static void
s_check_error (judge_t *self, unsigned client)
{
    const book_t *book = net_book (self->net);
    if (net_client (self->net, client)->status == 200 || net_was_dropped (self->net)
        || !net_is_alive (self->net, NET_ROUTER) || s_is_unguarded (self))
        return;
    for (size_t i = 0; i < book->attempts_size; i++)
        if (book->attempts[i].client == client && book->attempts[i].complete
            && !book->attempts[i].blocked && s_is_reachable (self, &book->attempts[i]))
            s_complain (self, client, "an error, though a provider has answered");
}

static void
s_check_client (judge_t *self, unsigned client)
{
    const http_call_t *http = net_client (self->net, client);
    if (http->misuse)
        s_complain (self, client, http->misuse);
    if (http->end == CLIENT_WAITS)
        return; //  it never asked, or was complained about
    s_check_bytes (self, client);
    if (http->end == CLIENT_WHOLE)
        s_check_error (self, client);
    if (s_is_fine (self))
        s_check_fate (self, client);
}

//  ---- what the meter was told

static const settle_t *
s_settle (const judge_t *self, unsigned client, net_host_t host)
{
    const book_t *book = net_book (self->net);
    for (size_t i = 0; i < book->settles_size; i++)
        if (book->settles[i].client == client && book->settles[i].host == host + 1u)
            return &book->settles[i];
    return NULL;
}

static void
s_check_outcome (judge_t *self, unsigned client, br_outcome_t outcome)
{
    const http_call_t *http = net_client (self->net, client);
    bool good = http->end == CLIENT_WHOLE && http->status == 200;
    if (http->end != CLIENT_LEFT && good != (outcome == BR_OUTCOME_OK))
        s_complain (self, client, "it is settled as what it was not");
}

//  What a provider has said that the guard then blocked was used.
static void
s_check_blocked (judge_t *self, unsigned client, const settle_t *settle)
{
    const book_t *book = net_book (self->net);
    for (size_t i = 0; i < book->attempts_size; i++) {
        const attempt_t *attempt = &book->attempts[i];
        if (attempt->client != client || !attempt->blocked
            || net_client (self->net, client)->end == CLIENT_LEFT)
            continue;
        if (settle->code != BR_EUPGUARD || settle->outcome != BR_OUTCOME_FAILED)
            s_complain (self, client, "it is not settled as blocked");
        if (settle->output != attempt->pieces)
            s_complain (self, client, "what was blocked is not counted");
    }
}

//  Without a guard ingress settles what the router may know or not; the first one wins.
static void
s_check_unguarded (judge_t *self, unsigned client, const settle_t *by_router,
                   const settle_t *by_ingress)
{
    const http_call_t *http = net_client (self->net, client);
    if (net_was_opened (self->net, client) && (!by_router || !by_router->answered))
        s_complain (self, client, "it was not settled by the router");
    if (http->end != CLIENT_WAITS && http->end != CLIENT_LEFT && !by_router
        && !by_ingress)
        s_complain (self, client, "nobody has settled it");
    if (by_ingress && by_ingress->outcome != BR_OUTCOME_FAILED)
        s_complain (self, client, "ingress settled what it does not know");
}

static void
s_check_settles (judge_t *self, unsigned client)
{
    const settle_t *by_router = s_settle (self, client, NET_ROUTER);
    const settle_t *by_ingress = s_settle (self, client, NET_INGRESS);
    if ((by_router && by_router->inconsistent)
        || (by_ingress && by_ingress->inconsistent))
        s_complain (self, client, "a settle was repeated in other words");
    if (by_router && s_is_fine (self))
        s_check_blocked (self, client, by_router);
    if (s_is_unguarded (self) && net_is_alive (self->net, NET_ROUTER)
        && net_is_alive (self->net, NET_INGRESS)) {
        s_check_unguarded (self, client, by_router, by_ingress);
    } else if (s_is_unguarded (self)) {
        return; //  two are dead: somebody may have settled it, or nobody
    } else if (net_is_alive (self->net, NET_ROUTER)) {
        bool opened = net_was_opened (self->net, client);
        if (opened && (!by_router || !by_router->answered))
            s_complain (self, client, "it was not settled");
        if ((by_router && !opened) || by_ingress)
            s_complain (self, client, "it was settled by who should not");
        if (by_router && s_is_fine (self))
            s_check_outcome (self, client, by_router->outcome);
    } else if (net_is_alive (self->net, NET_INGRESS)) {
        bool alone = net_was_alone (self->net, client);
        if (alone && (!by_ingress || !by_ingress->answered))
            s_complain (self, client, "ingress did not settle a committed answer");
        if (!alone && by_ingress)
            s_complain (self, client, "ingress settled what is not its own");
    }
}

//  ---- what is left

static void
s_check_rest (judge_t *self)
{
    if (!s_is_idle (self, NET_INGRESS))
        br_buf_adds (self->complaints, "ingress holds something\n");
    if (!s_is_idle (self, NET_ROUTER))
        br_buf_adds (self->complaints, "the router holds something\n");
    const book_t *book = net_book (self->net);
    bool router = net_is_alive (self->net, NET_ROUTER);
    for (size_t i = 0; i < book->attempts_size; i++) {
        const attempt_t *attempt = &book->attempts[i];
        //  One that is silent without a router runs into its own bound of time.
        bool may = !router && !net_was_alone (self->net, attempt->client);
        if (attempt->state != ATTEMPT_ENDED && s_is_reachable (self, attempt) && !may)
            s_complain (self, attempt->client, "an attempt has no end");
    }
    if (book->misuse)
        br_buf_addf (self->complaints, "%s\n", book->misuse);
}

static unsigned
s_asked (const book_t *book)
{
    unsigned asked = 0;
    for (size_t i = 0; i < book->settles_size; i++)
        asked += book->settles[i].asked;
    return asked;
}

void
judge (net_t *net, const net_conf_t *conf, br_buf_t *complaints)
{
    judge_t self = { .net = net, .conf = conf, .complaints = complaints };
    s_finish (&self);
    for (unsigned i = 0; i < conf->clients; i++) {
        s_check_client (&self, i);
        s_check_settles (&self, i);
    }
    s_check_rest (&self);
    unsigned asked = s_asked (net_book (net));
    s_round (&self);
    if (s_asked (net_book (net)) != asked)
        br_buf_adds (complaints, "a settle is repeated for ever\n");
}
