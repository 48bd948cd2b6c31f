//  conversation: what is one and what is another.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/conversation.h"
#include "tests/corpus.h"

//  The hash of a body; a model is put in front of its members.
static uint64_t
s_hash_for (const char *caller, const char *session, const char *members)
{
    char *body = br_strf ("{\"model\":\"m\",%s}", members);
    request_t request;
    assert_int_equal (request_scan (body, strlen (body), &request, NULL), 0);
    uint64_t hash = br_conversation_hash (caller, session, &request, body, strlen (body));
    free (body);
    return hash;
}

static uint64_t
s_hash (const char *members)
{
    return s_hash_for ("10.0.0.1", NULL, members);
}

#define HI "{\"role\":\"user\",\"content\":\"hi\"}"
#define HI_PARTS "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}"
#define HI_MARKED                                                                        \
    "{\"content\":[{\"cache_control\":{\"type\":\"ephemeral\"},\"type\":\"text\","       \
    "\"text\":\"hi\"}],\"role\":\"user\"}"
#define HO "{\"role\":\"user\",\"content\":\"ho\"}"
#define SYSTEM "{\"role\":\"system\",\"content\":\"be nice\"}"
#define ANSWER "{\"role\":\"assistant\",\"content\":\"yes?\"}"

static void
turns_of_one_conversation_are_alike (void **state)
{
    (void) state;
    uint64_t hash = s_hash ("\"messages\":[" HI "]");
    assert_int_not_equal (hash, 0);
    static const char *const alike[] = {
        "\"messages\":[" HI "," ANSWER "," HO "]",
        "\"messages\":[" HI_PARTS "," ANSWER "]",
        "\"messages\":[" HI_MARKED "]",
        "\"messages\":[" SYSTEM "," HI "]",
        "\"temperature\":1, \"messages\" : [ " SYSTEM " , " HI " ] ",
        "\"input\":[" HI "]",
        "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]",
        "\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]",
        "\"input\":\"hi\"",
    };
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        assert_true (s_hash (alike[i]) == hash);
}

static void
other_conversations_and_callers_are_not (void **state)
{
    (void) state;
    uint64_t hash = s_hash ("\"messages\":[" HI "]");
    assert_true (s_hash ("\"messages\":[" HO "]") != hash);
    assert_true (s_hash ("\"input\":\"hi!\"") != hash);
    assert_true (s_hash_for ("10.0.0.2", NULL, "\"messages\":[" HI "]") != hash);
    assert_true (s_hash_for ("10.0.0.1", "s1", "\"messages\":[" HI "]") != hash);
}

static void
an_id_counts_before_the_words (void **state)
{
    (void) state;
    static const char *const ids[][2] = {
        { "\"prompt_cache_key\":\"k1\"", "\"prompt_cache_key\":\"k2\"" },
        { "\"conversation\":\"k1\"", "\"conversation\":\"k2\"" },
        { "\"conversation\":{\"id\":\"k3\"}", "\"conversation\":{\"id\":\"k4\"}" },
        { "\"previous_response_id\":\"k1\"", "\"previous_response_id\":\"k2\"" },
        { "\"metadata\":{\"x\":1,\"user_id\":\"k1\"}",
          "\"metadata\":{\"user_id\":\"k2\"}" },
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char *a = br_strf ("%s,\"messages\":[" HI "]", ids[i][0]);
        char *b = br_strf ("%s,\"messages\":[" HO "]", ids[i][0]);
        char *c = br_strf ("%s,\"messages\":[" HI "]", ids[i][1]);
        assert_true (s_hash (a) == s_hash (b));
        assert_true (s_hash (a) != s_hash (c));
        assert_true (s_hash_for ("x", "s", a) == s_hash_for ("x", "s", c));
        free (a);
        free (b);
        free (c);
    }
    //  of one value under several names each is a conversation of its own
    assert_true (s_hash ("\"prompt_cache_key\":\"k\"")
                 != s_hash ("\"conversation\":\"k\""));
    assert_true (s_hash ("\"input\":\"k\"") != s_hash ("\"conversation\":\"k\""));
}

static void
what_is_no_id_is_passed_over (void **state)
{
    (void) state;
    uint64_t hash = s_hash ("\"messages\":[" HI "]");
    static const char *const none[] = {
        "\"prompt_cache_key\":\"\"",    "\"prompt_cache_key\":7",
        "\"conversation\":null",        "\"conversation\":{\"id\":7}",
        "\"conversation\":[]",          "\"metadata\":{\"user\":\"x\"}",
        "\"metadata\":\"user_id\"",     "\"previous_response_id\":null",
        "\"metadata\":{\"user_id\":1}",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char *members = br_strf ("%s,\"messages\":[" HI "]", none[i]);
        assert_true (s_hash (members) == hash);
        free (members);
    }
}

static void
without_a_turn_of_the_user_there_is_none (void **state)
{
    (void) state;
    static const char *const none[] = {
        "\"x\":1",
        "\"messages\":[]",
        "\"messages\":null",
        "\"messages\":7",
        "\"messages\":[" SYSTEM "]",
        "\"messages\":[" ANSWER ",1,[]]",
        "\"input\":{}",
        "\"messages\":[{}]",
        "\"messages\":[{\"role\":\"user\"}]",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_true (s_hash (none[i]) == 0);
}

//  A turn of so many bytes, ended by `end`, behind a system prompt of others.
static uint64_t
s_long (size_t system, size_t user, const char *end, const char *more)
{
    char *first = br_alloc (system + 1, 1);
    char *second = br_alloc (user + 1, 1);
    memset (first, 's', system);
    memset (second, 'u', user);
    char *members = br_strf ("\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},"
                             "{\"role\":\"user\",\"content\":\"%s%s\"}%s]",
                             first, second, end, more);
    uint64_t hash = s_hash (members);
    free (members);
    free (second);
    free (first);
    return hash;
}

static void
long_turns_count_as_far_as_they_are_looked_at (void **state)
{
    (void) state;
    assert_true (s_long (1000, 1000, "a", "") != s_long (1000, 1000, "b", ""));
    assert_true (s_long (9, 100000, "a", "") == s_long (9, 100000, "b", "," ANSWER));
    assert_true (s_long (200000, 9, "a", "") != s_long (200000, 9, "b", ""));
    //  one that goes on behind the edge, and one that lies behind it
    assert_true (s_long (200000, 100000, "a", "") != 0);
    assert_true (s_long (200000, 100000, "a", "")
                 == s_long (200000, 100000, "a", "," ANSWER));
    assert_true (s_long (300000, 9, "a", "") == 0);
}

//  Parts of a request point into bytes that are no JSON at all.
static void
broken_bytes_do_no_harm (void **state)
{
    (void) state;
    static const char whole[] = "[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                                "\"text\":\"h\\u00e9\"}]},{\"id\":\"x\",\"parts\":[]}]";
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        size_t size = sizeof whole - 1;
        char *bytes = br_alloc (size, 1);
        memcpy (bytes, whole, size);
        for (int i = 0; i < 3; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[(seed >> 33) % size] = "[]{}\",:\\u \xff"[(seed >> 20) % 11];
        }
        size_t at = (seed >> 40) % (size + 2);
        request_t request = { .turns = { 0, size } };
        request.conversation = (request_part_t) { at, size - (at < size ? at : 0) };
        request.metadata = (request_part_t) { at, SIZE_MAX };
        br_conversation_hash ("c", NULL, &request, bytes, size);
        free (bytes);
    }
    request_t request = { .turns = { 1, 2 } };
    assert_true (br_conversation_hash ("", "", &request, NULL, 0) == 0);
}

//  ---- recorded traffic: requests of one recording, -t1 and -t2, and of others

typedef struct {
    char *name; //  up to its "-tN"; NULL for another
    uint64_t hash;
} record_t;

typedef struct {
    record_t *rows;
    size_t count;
    size_t same; //  pairs that were compared
} records_t;

static void
s_collect (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    records_t *records = arg;
    request_t request;
    const char *turn = strstr (file, "-t1.request.json");
    if (!turn)
        turn = strstr (file, "-t2.request.json");
    if (!turn || request_scan (bytes, size, &request, NULL) || request.previous[0]
        || request.conversation.size)
        return;
    uint64_t hash = br_conversation_hash ("c", NULL, &request, bytes, size);
    records->rows = br_realloc (records->rows,
                                (records->count + 1) * sizeof *records->rows);
    records->rows[records->count++] = (record_t) {
        br_strndup (file, (size_t) (turn - file)), hash
    };
}

//  Recordings that go on from one another have the same name.
static void
recorded_turns_are_alike (void **state)
{
    (void) state;
    static const char *const folders[] = { "openai-chat", "openai-responses",
                                           "anthropic-messages" };
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        records_t records = { .count = 0 };
        corpus_each (folders[f], ".request.json", s_collect, &records);
        size_t pairs = 0;
        size_t alike = 0;
        for (size_t i = 0; i < records.count; i++)
            for (size_t k = 0; k < i; k++)
                if (strcmp (records.rows[i].name, records.rows[k].name) == 0) {
                    pairs++;
                    alike += records.rows[i].hash == records.rows[k].hash;
                }
        print_message ("%s: %zu of %zu pairs alike\n", folders[f], alike, pairs);
        assert_int_equal (alike, pairs);
        for (size_t i = 0; i < records.count; i++)
            free (records.rows[i].name);
        free (records.rows);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (turns_of_one_conversation_are_alike),
        cmocka_unit_test (other_conversations_and_callers_are_not),
        cmocka_unit_test (an_id_counts_before_the_words),
        cmocka_unit_test (what_is_no_id_is_passed_over),
        cmocka_unit_test (without_a_turn_of_the_user_there_is_none),
        cmocka_unit_test (long_turns_count_as_far_as_they_are_looked_at),
        cmocka_unit_test (broken_bytes_do_no_harm),
        cmocka_unit_test (recorded_turns_are_alike),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
