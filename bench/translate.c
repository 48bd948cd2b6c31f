//  translate: what a translation costs, in CPU time of its thread: a request and an answer
//  of 200 KB, and an event of a stream, from each protocol to each other one. A table of
//  medians comes out.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/translate_made.h"

#define BODY_BYTES (200u * 1024)
#define ROUNDS_MAX 101

static const char s_usage[] =
    "usage: translate --corpus DIR [options]\n"
    "  --rounds N     of each measurement; the median counts (15)\n"
    "  --only WORD    request, answer, text or args; profiles want it\n"
    "  --pair A:B     a client and a provider: chat, responses, messages, google\n";

static const char *const s_names[MADE_PROTOCOLS] = {
    [BR_PROTOCOL_CHAT] = "chat",
    [BR_PROTOCOL_RESPONSES] = "responses",
    [BR_PROTOCOL_MESSAGES] = "messages",
    [BR_PROTOCOL_GOOGLE] = "google",
};

typedef struct {
    const char *corpus;
    const char *only;
    const char *pair;
    unsigned rounds;
    br_buf_t texts;
} bench_t;

static double
s_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
s_compare (const void *a, const void *b)
{
    double left = *(const double *) a, right = *(const double *) b;
    return left < right ? -1 : left > right;
}

static double
s_median (double *times, unsigned count)
{
    qsort (times, count, sizeof *times, s_compare);
    return times[count / 2];
}

//  ---- one round of each: microseconds

typedef struct {
    br_protocol_t client;
    br_target_t target;
    const br_buf_t *request; //  of the client
    const br_buf_t *bytes;   //  what is translated
    br_buf_t *out;
} work_t;

typedef double (round_fn) (const work_t *work);

static double
s_round_request (const work_t *work)
{
    double from = s_now_us ();
    br_buf_clear (work->out);
    br_blob_t *blob = br_blob_wrap (work->bytes->data, work->bytes->size, NULL, NULL);
    br_translate_t *self = br_translate_new (
        work->client, blob, work->client == BR_PROTOCOL_GOOGLE ? "m" : NULL, false, "r",
        7, NULL);
    br_translate_request (self, &work->target, work->out, NULL);
    br_translate_destroy (&self);
    br_blob_destroy (&blob);
    return s_now_us () - from;
}

static double
s_round_answer (const work_t *work)
{
    br_translate_t *self = made_asked (work->client, work->request, false, &work->target);
    double from = s_now_us ();
    br_buf_clear (work->out);
    br_translate_push (self, work->bytes->data, work->bytes->size, work->out);
    br_translate_end (self, work->out);
    double used = s_now_us () - from;
    if (!br_translate_result (self)->complete) {
        fprintf (stderr, "translate: an answer is not whole\n");
        exit (1);
    }
    br_translate_destroy (&self);
    return used;
}

//  The end of the event that begins at `at`: behind the next empty line.
static size_t
s_event_end (const br_buf_t *bytes, size_t at)
{
    while (at < bytes->size) {
        const uint8_t *line = bytes->data + at;
        const uint8_t *eol = memchr (line, '\n', bytes->size - at);
        if (!eol)
            return bytes->size;
        at = (size_t) (eol - bytes->data) + 1;
        if (eol == line || (eol == line + 1 && *line == '\r'))
            return at;
    }
    return at;
}

//  Each event comes by itself, as from the network, and goes on at once.
static double
s_round_stream (const work_t *work)
{
    br_translate_t *self = made_asked (work->client, work->request, true, &work->target);
    double used = 0;
    for (size_t at = 0, next; at < work->bytes->size; at = next) {
        //  A hundred events between two looks at the clock, which costs as much as one.
        size_t ends[100];
        unsigned count = 0;
        for (next = at; count < 100 && next < work->bytes->size; count++)
            ends[count] = next = s_event_end (work->bytes, next);
        double from = s_now_us ();
        for (unsigned i = 0; i < count; i++) {
            br_buf_clear (work->out);
            br_translate_push (self, work->bytes->data + at, ends[i] - at, work->out);
            at = ends[i];
        }
        used += s_now_us () - from;
    }
    br_translate_end (self, work->out);
    if (!br_translate_result (self)->complete) {
        fprintf (stderr, "translate: a stream is not whole\n");
        exit (1);
    }
    br_translate_destroy (&self);
    return used / MADE_DELTAS;
}

static double
s_round_tap (const work_t *work)
{
    tap_t *tap = tap_new (work->target.protocol, true);
    double used = 0;
    for (size_t at = 0, next; at < work->bytes->size; at = next) {
        size_t ends[100];
        unsigned count = 0;
        for (next = at; count < 100 && next < work->bytes->size; count++)
            ends[count] = next = s_event_end (work->bytes, next);
        double from = s_now_us ();
        for (unsigned i = 0; i < count; i++) {
            tap_push (tap, work->bytes->data + at, ends[i] - at);
            at = ends[i];
        }
        used += s_now_us () - from;
    }
    tap_end (tap);
    tap_destroy (&tap);
    return used / MADE_DELTAS;
}

static double
s_measure (const bench_t *self, round_fn *round, const work_t *work)
{
    double times[ROUNDS_MAX] = { 0 };
    round (work);
    for (unsigned i = 0; i < self->rounds; i++)
        times[i] = round (work);
    return s_median (times, self->rounds);
}

//  ---- tables

typedef void (make_fn) (br_protocol_t protocol, const br_buf_t *texts, br_buf_t *out);

static void
s_make_request (br_protocol_t protocol, const br_buf_t *texts, br_buf_t *out)
{
    made_request (protocol, texts, BODY_BYTES, out);
}

static void
s_make_answer (br_protocol_t protocol, const br_buf_t *texts, br_buf_t *out)
{
    made_answer (protocol, texts, BODY_BYTES, out);
}

static void
s_make_text (br_protocol_t protocol, const br_buf_t *texts, br_buf_t *out)
{
    made_stream (protocol, texts, false, out);
}

static void
s_make_args (br_protocol_t protocol, const br_buf_t *texts, br_buf_t *out)
{
    made_stream (protocol, texts, true, out);
}

typedef struct {
    const char *name;
    const char *title;
    make_fn *make;
    round_fn *round;
    bool of_client; //  the bytes are the client's, not the provider's
    bool stream;
    double unit;   //  microseconds
    double target; //  units
} row_t;

static const row_t s_rows[] = {
    { "request", "a request of 200 KB, ms", s_make_request, s_round_request, true, false,
      1000, 2 },
    { "answer", "an answer of 200 KB, ms", s_make_answer, s_round_answer, false, false,
      1000, 2 },
    { "text", "an event with a piece of text, us", s_make_text, s_round_stream, false,
      true, 1, 3 },
    { "args", "an event with a piece of a tool's arguments, us", s_make_args,
      s_round_stream, false, true, 1, 3 },
};

static bool
s_is_wanted (const bench_t *self, br_protocol_t client, br_protocol_t provider)
{
    char pair[64];
    snprintf (pair, sizeof pair, "%s:%s", s_names[client], s_names[provider]);
    return client != provider && (!self->pair || strcmp (self->pair, pair) == 0);
}

static void
s_pair (const bench_t *self, const row_t *row, const work_t *work)
{
    double figure = s_measure (self, row->round, work) / row->unit;
    printf ("  %-10s %-10s %8zu %9.2f %s", s_names[work->client],
            s_names[work->target.protocol], work->bytes->size, figure,
            figure > row->target ? "OVER" : "    ");
    if (row->stream) {
        double tap = s_measure (self, s_round_tap, work);
        printf (" %9.2f %6.1f", tap, figure / tap);
    }
    printf ("\n");
    fflush (stdout);
}

static void
s_table (const bench_t *self, const row_t *row)
{
    printf ("%s (target: %g)\n  %-10s %-10s %8s %9s     %s\n", row->title, row->target,
            "client", "provider", "bytes", "median",
            row->stream ? "      tap  ratio" : "");
    br_buf_t bytes[MADE_PROTOCOLS], small[MADE_PROTOCOLS], out;
    br_buf_init (&out, MADE_BYTES_MAX);
    for (br_protocol_t i = 0; i < MADE_PROTOCOLS; i++) {
        br_buf_init (&bytes[i], MADE_BYTES_MAX);
        br_buf_init (&small[i], MADE_BYTES_MAX);
        row->make (i, &self->texts, &bytes[i]);
        made_small (i, row->stream, &small[i]);
    }
    for (br_protocol_t client = 0; client < MADE_PROTOCOLS; client++)
        for (br_protocol_t provider = 0; provider < MADE_PROTOCOLS; provider++) {
            work_t work = { .client = client,
                            .target = made_target (provider),
                            .request = &small[client],
                            .bytes = &bytes[row->of_client ? client : provider],
                            .out = &out };
            if (s_is_wanted (self, client, provider))
                s_pair (self, row, &work);
        }
    for (br_protocol_t i = 0; i < MADE_PROTOCOLS; i++) {
        br_buf_free (&bytes[i]);
        br_buf_free (&small[i]);
    }
    br_buf_free (&out);
}

static int
s_options (bench_t *self, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp (argv[i], "--corpus") == 0)
            self->corpus = argv[i + 1];
        else if (strcmp (argv[i], "--only") == 0)
            self->only = argv[i + 1];
        else if (strcmp (argv[i], "--pair") == 0)
            self->pair = argv[i + 1];
        else if (strcmp (argv[i], "--rounds") == 0)
            self->rounds = (unsigned) strtoul (argv[i + 1], NULL, 10);
        else
            return -1;
    }
    return argc % 2 && self->corpus && self->rounds && self->rounds <= ROUNDS_MAX ? 0
                                                                                  : -1;
}

int
main (int argc, char **argv)
{
    bench_t self = { .rounds = 15 };
    if (s_options (&self, argc, argv)) {
        fputs (s_usage, stderr);
        return 2;
    }
    br_buf_init (&self.texts, MADE_BYTES_MAX);
    if (made_texts (self.corpus, 2 * BODY_BYTES, &self.texts)) {
        fprintf (stderr, "translate: no recorded texts in %s\n", self.corpus);
        return 1;
    }
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if (!self.only || strcmp (self.only, s_rows[i].name) == 0)
            s_table (&self, &s_rows[i]);
    br_buf_free (&self.texts);
    return 0;
}
