//  transcript: events of the bus, sorted by call and link.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>
#include <sodium.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "tests/place/scenario.h"
#include "tests/place/site.h"
#include "tests/place/transcript.h"

#define NAME_BYTES 64
#define LINE_BYTES 65536

typedef struct {
    char call[NAME_BYTES];
    char verb[NAME_BYTES];
    char from[NAME_BYTES];
    char to[NAME_BYTES];
    unsigned attempt;
    uint64_t body_bytes;
} hop_t;

typedef struct {
    char id[NAME_BYTES]; //  x-bitrouter-request-id
    char call[NAME_BYTES];
    bool settled;
} call_t;

struct _transcript_t {
    void *zmq;
    void *socket;
    hop_t *hops;
    size_t hops_size;
    call_t *calls;
    size_t calls_size;
};

transcript_t *
transcript_new (const char *run_dir)
{
    static const char *const names[] = { "message", "call.started", "call.settled" };
    const int zero = 0;
    transcript_t *self = BR_NEW (transcript_t);
    self->zmq = zmq_ctx_new ();
    self->socket = zmq_socket (self->zmq, ZMQ_SUB);
    zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (self->socket, ZMQ_RCVHWM, &zero, sizeof zero);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        zmq_setsockopt (self->socket, ZMQ_SUBSCRIBE, names[i], strlen (names[i]));
    char *endpoint = br_strf ("ipc://%s/events.sock", run_dir);
    int rc = zmq_connect (self->socket, endpoint);
    free (endpoint);
    if (rc)
        transcript_destroy (&self);
    return self;
}

void
transcript_destroy (transcript_t **self_p)
{
    transcript_t *self = *self_p;
    if (!self)
        return;
    zmq_close (self->socket);
    zmq_ctx_term (self->zmq);
    free (self->hops);
    free (self->calls);
    free (self);
    *self_p = NULL;
}

//  ---- events

static void
s_copy (const cJSON *json, const char *name, char room[NAME_BYTES])
{
    const char *text = cJSON_GetStringValue (cJSON_GetObjectItem (json, name));
    snprintf (room, NAME_BYTES, "%s", text ? text : "");
}

static double
s_number (const cJSON *json, const char *name)
{
    const cJSON *number = cJSON_GetObjectItem (json, name);
    return cJSON_IsNumber (number) ? number->valuedouble : 0;
}

static call_t *
s_call (const transcript_t *self, const char *id)
{
    for (size_t i = 0; i < self->calls_size; i++)
        if (strcmp (self->calls[i].id, id) == 0)
            return &self->calls[i];
    return NULL;
}

//  Of call.started and call.settled, whichever comes first.
static void
s_on_call (transcript_t *self, const cJSON *json, bool settled)
{
    char id[NAME_BYTES];
    s_copy (json, "request_id", id);
    call_t *call = s_call (self, id);
    if (!call) {
        self->calls = br_realloc (self->calls, (self->calls_size + 1) * sizeof *call);
        call = &self->calls[self->calls_size++];
        *call = (call_t) { .settled = false };
        memcpy (call->id, id, sizeof id);
        s_copy (json, "call", call->call);
    }
    call->settled |= settled;
}

static void
s_on_hop (transcript_t *self, const cJSON *json)
{
    hop_t hop = { .attempt = (unsigned) s_number (json, "attempt") };
    hop.body_bytes = (uint64_t) s_number (json, "body_bytes");
    s_copy (json, "call", hop.call);
    s_copy (json, "verb", hop.verb);
    s_copy (json, "from", hop.from);
    s_copy (json, "to", hop.to);
    if (!*hop.call || strcmp (hop.verb, "reply.credit") == 0
        || strcmp (hop.verb, "call.intent") == 0)
        return;
    self->hops = br_realloc (self->hops, (self->hops_size + 1) * sizeof hop);
    self->hops[self->hops_size++] = hop;
}

//  One event; false when none came in time.
static bool
s_take_one (transcript_t *self, unsigned timeout_ms)
{
    char name[NAME_BYTES], line[LINE_BYTES];
    zmq_pollitem_t item = { self->socket, 0, ZMQ_POLLIN, 0 };
    if (zmq_poll (&item, 1, (long) timeout_ms) <= 0)
        return false;
    int size = zmq_recv (self->socket, name, sizeof name - 1, 0);
    int line_size = zmq_recv (self->socket, line, sizeof line, 0);
    if (size < 0 || line_size < 0 || line_size > LINE_BYTES || size >= NAME_BYTES)
        return true;
    name[size] = 0;
    cJSON *json = cJSON_ParseWithLength (line, (size_t) line_size);
    if (strcmp (name, "message") == 0)
        s_on_hop (self, json);
    else
        s_on_call (self, json, strcmp (name, "call.settled") == 0);
    cJSON_Delete (json);
    return true;
}

void
transcript_take (transcript_t *self, unsigned timeout_ms)
{
    uint64_t until_ms = site_now_ms () + timeout_ms;
    uint64_t now_ms;
    while ((now_ms = site_now_ms ()) < until_ms)
        s_take_one (self, (unsigned) (until_ms - now_ms));
}

int
transcript_await_settled (transcript_t *self, const char *id, unsigned timeout_ms)
{
    uint64_t until_ms = site_now_ms () + timeout_ms;
    const call_t *call = s_call (self, id);
    while (!call || !call->settled) {
        uint64_t now_ms = site_now_ms ();
        if (now_ms >= until_ms)
            return -1;
        s_take_one (self, (unsigned) (until_ms - now_ms));
        call = s_call (self, id);
    }
    return 0;
}

bool
transcript_saw (const transcript_t *self, const char *id, const char *verb,
                const char *to)
{
    const call_t *call = s_call (self, id);
    for (size_t i = 0; call && i < self->hops_size; i++) {
        const hop_t *hop = &self->hops[i];
        if (strcmp (hop->call, call->call) == 0 && strcmp (hop->verb, verb) == 0
            && strcmp (hop->to, to) == 0)
            return true;
    }
    return false;
}

//  ---- the bus

typedef struct {
    const char *from;
    const char *to;
} link_t;

static int
s_compare (const void *a, const void *b)
{
    const link_t *one = a, *two = b;
    int order = strcmp (one->from, two->from);
    return order ? order : strcmp (one->to, two->to);
}

static bool
s_is_on (const hop_t *hop, const char *call, const link_t *link)
{
    return strcmp (hop->call, call) == 0 && strcmp (hop->from, link->from) == 0
           && strcmp (hop->to, link->to) == 0;
}

//  All bytes of an attempt's answer on a link.
static uint64_t
s_sum (const transcript_t *self, const char *call, const link_t *link, unsigned attempt)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < self->hops_size; i++) {
        const hop_t *hop = &self->hops[i];
        bool counts = strcmp (hop->verb, "reply.head") == 0
                      || strcmp (hop->verb, "reply.delta") == 0;
        if (counts && s_is_on (hop, call, link) && hop->attempt == attempt)
            sum += hop->body_bytes;
    }
    return sum;
}

static void
s_print_link (const transcript_t *self, const char *call, const link_t *link, FILE *out)
{
    char last[NAME_BYTES] = "";
    fprintf (out, "  %s -> %s\n", link->from, link->to);
    for (size_t i = 0; i < self->hops_size; i++) {
        const hop_t *hop = &self->hops[i];
        bool may_repeat = strncmp (hop->verb, "call.settle", 11) == 0
                          || strcmp (hop->verb, "call.metered") == 0;
        bool again = may_repeat && strcmp (last, hop->verb) == 0;
        if (!s_is_on (hop, call, link) || again || strcmp (hop->verb, "reply.delta") == 0)
            continue;
        uint64_t bytes = hop->body_bytes;
        if (strcmp (hop->verb, "reply.head") == 0)
            bytes = s_sum (self, call, link, hop->attempt);
        fprintf (out, "    %s %u, %llu bytes\n", hop->verb, hop->attempt,
                 (unsigned long long) bytes);
        memcpy (last, hop->verb, sizeof last);
    }
}

void
transcript_print_bus (const transcript_t *self, const char *id, FILE *out)
{
    const call_t *call = s_call (self, id);
    if (!call)
        return;
    link_t *links = br_alloc (self->hops_size + 1, sizeof *links);
    size_t count = 0;
    for (size_t i = 0; i < self->hops_size; i++)
        if (strcmp (self->hops[i].call, call->call) == 0)
            links[count++] = (link_t) { self->hops[i].from, self->hops[i].to };
    qsort (links, count, sizeof *links, s_compare);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || s_compare (&links[i - 1], &links[i]) != 0)
            s_print_link (self, call->call, &links[i], out);
    free (links);
}

//  ---- answers

char *
transcript_hash (client_t *client)
{
    char *text = br_strndup (client_body (client), client_body_size (client));
    size_t size = strlen (text);
    for (size_t i = 0; i + 1 < size; i++)
        if (text[i] == '@')
            for (size_t k = i + 1; isdigit ((unsigned char) text[k]); k++)
                text[k] = '0';
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256 (digest, (const unsigned char *) text, size);
    free (text);
    char *hex = br_alloc (17, 1);
    for (int i = 0; i < 8; i++)
        snprintf (hex + 2 * i, 3, "%02x", digest[i]);
    return hex;
}

static bool
s_is_left_out (const char *line)
{
    static const char *const names[] = { "date:", "x-bitrouter-request-id:",
                                         "x-bitrouter-overhead-us:", "server-timing:" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncasecmp (line, names[i], strlen (names[i])) == 0)
            return true;
    return false;
}

void
transcript_print_answer (client_t *client, FILE *out)
{
    char *hash = transcript_hash (client);
    if (client_ended (client) == CLIENT_LEFT) //  how much it got by then is chance
        fprintf (out, "  status %u, left\n", client_status (client));
    else
        fprintf (out, "  status %u, %s, %zu bytes, hash %s\n", client_status (client),
                 scenario_end_name (client_ended (client)), client_body_size (client),
                 hash);
    free (hash);
    char *head = br_strdup (client_head (client));
    char *rest;
    for (char *line = strtok_r (head, "\r\n", &rest); line;
         line = strtok_r (NULL, "\r\n", &rest))
        if (!s_is_left_out (line))
            fprintf (out, "    %s\n", line);
    free (head);
}
