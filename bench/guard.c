//  guard: what it costs to look for everything that is built in: prompts at once, beside
//  pcre2 alone without a prefilter, the deltas of a stream, and the bodies of a small call.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_rules_state.h"
#include "broker/guard/guard_text.h"

#define TEXT_BYTES 1000000
#define SLICE_MAX 4000000 //  bytes
#define ROUNDS 9          //  of each row; the median counts
#define DELTA 40          //  bytes
#define CALL_BYTES 2048   //  of the prompt of a call
#define CALL_PARTS 2      //  request and answer
#define BLOCK 16384       //  bytes, as guard_text reads them
#define PUSH 65536        //  bytes, as of a body under way

static const char s_usage[] =
    "usage: guard [--seconds N] [--text FILE] [--slice FILE]\n"
    "  --seconds N   for all rows together (1)\n"
    "  --text FILE   a prompt, in place of one made of prose, code and JSON\n"
    "  --slice FILE  rules, in place of those that are built in\n";

typedef struct {
    double seconds;
    const char *text_file;
    const char *slice_file;
    size_t only; //  row, 1 and up; 0 = all
    guard_rules_t *rules;
    guard_text_t *guard;
    br_buf_t text;
    br_buf_t call[CALL_PARTS];
    pcre2_match_data *data;
    size_t findings;
} bench_t;

static void
s_die (const char *what, const char *why)
{
    fprintf (stderr, "guard: %s: %s\n", what, why);
    exit (1);
}

//  CPU time of this thread, ns.
static double
s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

//  ---- what is read

static void
s_read_file (const char *path, br_buf_t *out)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        s_die (path, "cannot be read");
    char bytes[4096];
    for (size_t size = 1; size > 0;) {
        size = fread (bytes, 1, sizeof bytes, file);
        br_buf_add (out, bytes, size);
    }
    fclose (file);
    if (out->overflow)
        s_die (path, "is too long");
}

static const char *const s_prose[] = {
    "Please look at the service that we talked about yesterday and tell me what is "
    "wrong. ",
    "The customer says that the export is slow in the morning, but only on Mondays. ",
    "I would rather not change the schema, since three other teams read from that "
    "table. ",
    "Could you write a short summary for people who were not in the meeting?\n\n",
    "It began in March 2023, when the second region was added; 14 of 250 hosts moved. ",
    "As far as I know nobody has measured it, so take these numbers with care: 3.5 %. ",
};

static const char *const s_code[] = {
    "static int\nfind_row (const table_t *self, const char *name, size_t *ret_row)\n{\n",
    "    for (size_t i = 0; i < self->size; i++)\n        if (strcmp (self->rows[i].name",
    ", name) == 0) {\n            *ret_row = i;\n            return 0;\n        }\n",
    "    return -1;\n}\n\ndef read_config(path, *, strict=True):\n    with open(path) as "
    "f:\n",
    "        return {k: v for k, v in (line.split('=', 1) for line in f if '=' in "
    "line)}\n",
    "import { useState } from 'react';\nconst [items, setItems] = "
    "useState<Item[]>([]);\n",
};

static const char *const s_json[] = {
    "{\"id\": \"4f9d0c3e-8a51-4b7e-9d35-1c2b3a4d5e6f\", \"created\": 1700000000, ",
    "\"name\": \"widget\", \"tags\": [\"a\", \"b\"], \"size\": {\"w\": 120, \"h\": 80}, ",
    "\"price\": 19.95, \"stock\": 1042, \"note\": \"see https://example.org/w/1042\"},\n",
    "{\"level\": \"info\", \"ts\": \"2024-05-01T12:34:56.789Z\", \"msg\": \"request "
    "done\", ",
    "\"path\": \"/v1/items?page=3\", \"status\": 200, \"ms\": 17.25, \"peer\": "
    "\"worker-7\"}\n",
    "{\"type\": \"function\", \"function\": {\"name\": \"get_item\", \"parameters\": "
    "{}}}\n",
};

//  A page of each in turn, the sentences in no order.
static void
s_make_text (br_buf_t *out)
{
    static const char *const *const kinds[] = { s_prose, s_code, s_json };
    unsigned seed = 1;
    for (size_t page = 0; out->size < TEXT_BYTES; page++)
        for (size_t begin = out->size; out->size < begin + 3000;) {
            seed = seed * 1103515245u + 12345u;
            br_buf_adds (out, kinds[page % 3][(seed >> 16) % 6]);
        }
}

//  A request and its answer, from the front of the text.
static void
s_make_call (bench_t *bench)
{
    static const struct {
        const char *begin, *end;
        size_t bytes;
    } parts[CALL_PARTS] = {
        { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}]}",
          CALL_BYTES },
        { "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
          "\"message\":{\"role\":\"assistant\",\"content\":\"",
          "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,"
          "\"completion_tokens\":12,\"total_tokens\":21}}",
          CALL_BYTES / 4 },
    };
    for (size_t i = 0; i < CALL_PARTS; i++) {
        br_buf_init (&bench->call[i], CALL_BYTES * 2);
        br_buf_adds (&bench->call[i], parts[i].begin);
        while (bench->call[i].size < parts[i].bytes)
            br_buf_adds (&bench->call[i], s_prose[bench->call[i].size % 3]);
        br_buf_adds (&bench->call[i], parts[i].end);
    }
}

static void
s_found (void *arg, const guard_finding_t *finding)
{
    bench_t *bench = arg;
    bench->findings += finding->size > 0;
}

static char *
s_built_in (void)
{
    br_error_t error = { .code = BR_OK };
    br_conf_t *conf = br_conf_parse ("guard", "", 0, NULL, &error);
    char *slice = conf ? br_conf_slice (conf, "guard") : NULL;
    br_conf_destroy (&conf);
    if (!slice)
        s_die ("rules that are built in", error.text);
    return slice;
}

static void
s_begin (bench_t *bench)
{
    br_error_t error = { .code = BR_OK };
    br_buf_t slice;
    br_buf_init (&slice, SLICE_MAX);
    if (bench->slice_file)
        s_read_file (bench->slice_file, &slice);
    char *text = bench->slice_file ? br_strdup (br_buf_text (&slice)) : s_built_in ();
    bench->rules = text ? guard_rules_new (text, &error) : NULL;
    if (!bench->rules)
        s_die ("rules", error.text);
    free (text);
    br_buf_free (&slice);
    br_buf_init (&bench->text, TEXT_BYTES * 10);
    if (bench->text_file)
        s_read_file (bench->text_file, &bench->text);
    else
        s_make_text (&bench->text);
    s_make_call (bench);
    bench->guard = guard_text_new (bench->rules, ~(guard_sets_t) 0, GUARD_UP, GUARD_WARN,
                                   GUARD_BLOCK, s_found, bench);
    bench->data = pcre2_match_data_create (2, NULL);
}

//  ---- rows

static void
s_push (bench_t *bench, size_t most)
{
    guard_text_reset (bench->guard);
    for (size_t at = 0; at < bench->text.size; at += most) {
        size_t left = bench->text.size - at;
        guard_text_push (bench->guard, bench->text.data + at, left < most ? left : most);
        guard_text_drop (bench->guard, guard_text_decided (bench->guard));
    }
    guard_text_end (bench->guard);
}

static void
s_prompt (bench_t *bench)
{
    s_push (bench, PUSH);
}

static void
s_deltas (bench_t *bench)
{
    s_push (bench, DELTA);
}

static void
s_ignore (void *arg, unsigned pattern, size_t at)
{
    (void) arg;
    (void) pattern;
    (void) at;
}

static void
s_prefilter_alone (bench_t *bench)
{
    guard_prefilter_t *prefilter = guard_rules_prefilter (bench->rules);
    for (size_t at = 0; at < bench->text.size; at += BLOCK) {
        size_t left = bench->text.size - at;
        guard_prefilter_scan (prefilter, bench->text.data + at,
                              left < BLOCK ? left : BLOCK, s_ignore, NULL);
    }
}

static void
s_pcre2_alone (bench_t *bench)
{
    for (unsigned i = 0; i < guard_rules_count (bench->rules); i++) {
        guard_pattern_t *pattern = guard_rules_pattern (bench->rules, i);
        guard_pattern_quicken (pattern);
        for (size_t at = 0; at < bench->text.size;) {
            int rc = pcre2_match (pattern->code, bench->text.data, bench->text.size, at,
                                  PCRE2_NOTEMPTY, bench->data, NULL);
            if (rc < 0)
                break;
            at = pcre2_get_ovector_pointer (bench->data)[1];
        }
    }
}

//  What a call costs under rules that only warn.
static void
s_call (bench_t *bench)
{
    for (guard_direction_t way = GUARD_UP; way < GUARD_DIRECTIONS; way++) {
        guard_body_t *body = guard_body_new (
            bench->rules, ~(guard_sets_t) 0, way, GUARD_WARN, GUARD_WARN, BR_SURFACE_CHAT,
            bench->call[way].data, bench->call[way].size, NULL, NULL);
        while (guard_body_step (body, PUSH))
            continue;
        guard_body_destroy (&body);
    }
}

typedef enum {
    BYTES,  //  per second
    DELTAS, //  time for each
    CALLS   //
} unit_t;

static const struct {
    const char *name;
    void (*run) (bench_t *bench);
    unit_t unit;
} s_rows[] = {
    { "a prompt, all that is built in", s_prompt, BYTES },
    { "the same, prefilter alone", s_prefilter_alone, BYTES },
    { "the same, pcre2 without prefilter", s_pcre2_alone, BYTES },
    { "deltas of a stream", s_deltas, DELTAS },
    { "request and answer of a call, warnings", s_call, CALLS },
};
#define ROWS (sizeof s_rows / sizeof *s_rows)

static int
s_compare (const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

//  The median of the rounds, ns for the text.
static double
s_measure (bench_t *bench, size_t row)
{
    double round_ns = bench->seconds * 1e9 / (double) ROWS / ROUNDS;
    double rounds[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        uint64_t count = 0;
        double begin = s_now (), now = begin;
        for (; now - begin < round_ns; now = s_now (), count++)
            s_rows[row].run (bench);
        rounds[i] = (now - begin) / (double) count;
    }
    qsort (rounds, ROUNDS, sizeof *rounds, s_compare);
    return rounds[ROUNDS / 2];
}

//  ---- the program

static void
s_read_options (bench_t *bench, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && strcmp (argv[i], "--seconds") == 0)
            bench->seconds = atof (argv[i + 1]);
        else if (i + 1 < argc && strcmp (argv[i], "--text") == 0)
            bench->text_file = argv[i + 1];
        else if (i + 1 < argc && strcmp (argv[i], "--slice") == 0)
            bench->slice_file = argv[i + 1];
        else if (i + 1 < argc && strcmp (argv[i], "--only") == 0)
            bench->only = strtoul (argv[i + 1], NULL, 10);
        else {
            fputs (s_usage, stderr);
            exit (2);
        }
    }
}

static void
s_print (const bench_t *bench, size_t row, double ns, double first_ns)
{
    double size = (double) bench->text.size;
    const char *name = s_rows[row].name;
    switch (s_rows[row].unit) {
    case BYTES:
        printf ("%-38s %8.0f MB/s %7.2f\n", name, size * 1e3 / ns, first_ns / ns);
        break;
    case DELTAS:
        printf ("%-38s %8.0f ns for %d B\n", name, ns * DELTA / size, DELTA);
        break;
    case CALLS:
        printf ("%-38s %8.0f ns for %zu B\n", name, ns,
                bench->call[GUARD_UP].size + bench->call[GUARD_DOWN].size);
        break;
    }
}

int
main (int argc, char **argv)
{
    bench_t bench = { .seconds = 1 };
    s_read_options (&bench, argc, argv);
    s_begin (&bench);
    s_prompt (&bench);
    const guard_prefilter_t *prefilter = guard_rules_prefilter (bench.rules);
    printf ("%zu patterns, %zu states of %zu bytes, %zu findings in %zu bytes\n",
            guard_rules_count (bench.rules), guard_prefilter_states (prefilter),
            guard_prefilter_bytes (prefilter), bench.findings, bench.text.size);
    printf ("%-38s %13s %7s\n", "CPU of one core", "", "ratio");
    double first_ns = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (bench.only && bench.only != i + 1)
            continue;
        double ns = s_measure (&bench, i);
        first_ns = i == 0 ? ns : first_ns;
        s_print (&bench, i, ns, first_ns);
    }
    pcre2_match_data_free (bench.data);
    guard_text_destroy (&bench.guard);
    guard_rules_destroy (&bench.rules);
    for (size_t i = 0; i < CALL_PARTS; i++)
        br_buf_free (&bench.call[i]);
    br_buf_free (&bench.text);
    return 0;
}
