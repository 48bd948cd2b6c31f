//  tap_corpus: recorded answers held against what the slow way reads from them. A test
//  brings one function that reads one frame with cJSON; the rest is the same for all
//  protocols.

#ifndef BR_TEST_TAP_CORPUS_H
#define BR_TEST_TAP_CORPUS_H

#include <cjson/cJSON.h>

#include "broker/net/sse.h"
#include "broker/proto/tap.h"
#include "tests/corpus.h"

//  What frames tell.
typedef struct {
    br_usage_t usage;
    bool error;
    char finish[TAP_WORD_MAX];
    char model[TAP_NAME_MAX];
    char id[TAP_NAME_MAX];
} tap_facts_t;

typedef struct {
    br_protocol_t protocol;
    const char *folder; //  of the corpus
    void (*read) (tap_facts_t *facts, const cJSON *frame);
} tap_corpus_t;

static inline tap_t *
tap_corpus_tap (br_protocol_t protocol, const void *bytes, size_t size, size_t piece)
{
    tap_t *tap = tap_new (protocol, true);
    for (size_t at = 0; at < size; at += piece)
        tap_push (tap, (const uint8_t *) bytes + at,
                  size - at < piece ? size - at : piece);
    tap_end (tap);
    return tap;
}

static inline const cJSON *
tap_corpus_get (const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive (object, key);
}

//  The first text given holds.
static inline void
tap_corpus_text (const cJSON *object, const char *key, char *out, size_t room)
{
    const cJSON *item = tap_corpus_get (object, key);
    if (cJSON_IsString (item))
        snprintf (out, room, "%s", item->valuestring);
}

//  A count, if it is there.
static inline void
tap_corpus_count (const cJSON *object, const char *key, uint64_t *count)
{
    const cJSON *item = tap_corpus_get (object, key);
    if (cJSON_IsNumber (item))
        *count = (uint64_t) item->valuedouble;
}

static inline void
tap_corpus_compare (const char *file, const tap_result_t *result,
                    const tap_facts_t *facts)
{
    const br_usage_t *a = &result->usage;
    const br_usage_t *b = &facts->usage;
    //  Nothing but zeros is as good as nothing.
    bool known = b->known && (b->input || b->output);
    bool same = a->known == known && a->input == b->input
                && a->cache_read == b->cache_read && a->cache_write == b->cache_write
                && a->cache_write_1h == b->cache_write_1h && a->output == b->output
                && a->reasoning == b->reasoning;
    if (!same || result->unknown || result->error != facts->error
        || strcmp (result->finish, facts->finish) != 0
        || strcmp (result->model, facts->model) != 0
        || strcmp (result->id, facts->id) != 0)
        fail_msg ("%s: usage %d, unknown %d, error %d, finish %s, model %s, id %s", file,
                  same, result->unknown, result->error, result->finish, result->model,
                  result->id);
}

typedef struct {
    const tap_corpus_t *corpus;
    tap_facts_t facts;
} tap_corpus_run_t;

static inline void
tap_corpus_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    tap_corpus_run_t *run = arg;
    cJSON *frame = cJSON_ParseWithLength ((const char *) data, size);
    if (frame)
        run->corpus->read (&run->facts, frame);
    cJSON_Delete (frame);
}

//  Behind the last byte of the last data line that is JSON.
static inline size_t
tap_corpus_whole (const uint8_t *bytes, size_t size)
{
    size_t whole = 0;
    for (size_t at = 0; at < size;) {
        const uint8_t *stop = memchr (bytes + at, '\n', size - at);
        size_t end = stop ? (size_t) (stop - bytes) : size;
        size_t next = end + 1;
        while (end > at && strchr ("\r ", bytes[end - 1]))
            end--;
        if (end > at && bytes[at] == 'd' && bytes[end - 1] == '}')
            whole = end;
        at = next;
    }
    return whole;
}

//  Cut in front of its last byte a stream is not complete, even if HTTP says that it ended.
static inline void
tap_corpus_cut (br_protocol_t protocol, const char *file, const uint8_t *bytes,
                size_t size)
{
    size_t whole = tap_corpus_whole (bytes, size);
    size_t step = size / 150 + 1;
    for (size_t cut = 0; cut < whole; cut += cut + step < whole - 40 ? step : 1) {
        tap_t *tap = tap_corpus_tap (protocol, bytes, cut, cut + 1);
        if (tap_result (tap)->complete)
            fail_msg ("%s: complete at %zu of %zu", file, cut, whole);
        tap_destroy (&tap);
    }
    tap_t *tap = tap_corpus_tap (protocol, bytes, whole, whole);
    assert_int_equal (tap_result (tap)->complete, !tap_result (tap)->error);
    tap_destroy (&tap);
}

static inline void
tap_corpus_body (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    tap_corpus_run_t run = { .corpus = arg };
    if (strstr (file, ".request.json") || strstr (file, ".meta.json"))
        return;
    tap_corpus_event (&run, "", bytes, size);
    tap_t *tap = tap_corpus_tap (run.corpus->protocol, bytes, size, 1000);
    tap_corpus_compare (file, tap_result (tap), &run.facts);
    assert_int_equal (tap_result (tap)->complete, !run.facts.error);
    assert_int_equal (tap_result (tap)->first, run.facts.error ? TAP_ERROR : TAP_DATA);
    tap_destroy (&tap);
}

static inline void
tap_corpus_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    tap_corpus_run_t run = { .corpus = arg };
    br_protocol_t protocol = run.corpus->protocol;
    if (size && bytes[0] == '{') {
        tap_corpus_body (arg, file, bytes, size); // recorded without its frames
        return;
    }
    static const sse_handler_t slow = { .event = tap_corpus_event };
    sse_t *sse = sse_new (&slow, &run, SSE_EVENT_MAX);
    sse_push (sse, bytes, size, NULL);
    sse_end (sse, NULL);
    sse_destroy (&sse);

    tap_t *wanted = tap_corpus_tap (protocol, bytes, size, size);
    assert_int_equal (tap_result (wanted)->complete, !run.facts.error);
    assert_int_equal (tap_result (wanted)->first, run.facts.error ? TAP_ERROR : TAP_DATA);
    tap_corpus_compare (file, tap_result (wanted), &run.facts);
    for (size_t piece = 1; piece < 40; piece += 6) {
        tap_t *tap = tap_corpus_tap (protocol, bytes, size, piece);
        assert_memory_equal (tap_result (tap), tap_result (wanted),
                             sizeof (tap_result_t));
        tap_destroy (&tap);
    }
    tap_destroy (&wanted);
    tap_corpus_cut (protocol, file, bytes, size);
}

//  One frame a line.
static inline void
tap_corpus_chunks (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    br_buf_t stream;
    br_buf_init (&stream, 16u << 20);
    for (size_t at = 0; at < size;) {
        const uint8_t *stop = memchr (bytes + at, '\n', size - at);
        size_t length = stop ? (size_t) (stop - bytes) - at : size - at;
        if (length)
            sse_write_data (&stream, NULL, bytes + at, length);
        at += length + 1;
    }
    tap_corpus_stream (arg, file, stream.data, stream.size);
    br_buf_free (&stream);
}

//  All of them. ret: how many files there were
static inline size_t
tap_corpus_check (tap_corpus_t *corpus)
{
    size_t count = corpus_each (corpus->folder, ".sse", tap_corpus_stream, corpus);
    count += corpus_each (corpus->folder, ".chunks.txt", tap_corpus_chunks, corpus);
    return count + corpus_each (corpus->folder, ".json", tap_corpus_body, corpus);
}

#endif
