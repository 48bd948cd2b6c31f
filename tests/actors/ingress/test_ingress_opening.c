//  ingress_opening: what of a request the router hears.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "broker/proto/hops.h"
#include "tests/actors/ingress/world.h"

//  "far" knows no tools, no images and only some text; "spread" takes turns, "ordered" does
//  not; "pool" has two keys that do.
#define SLICE                                                                            \
    "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true,\"timeout_cap_ms\":60000,"      \
    "\"finish_unattended\":true,\"pass_headers\":[\"x-bitrouter-timeout\"],"             \
    "\"providers\":{"                                                                    \
    "\"near\":{\"actor\":\"upstream/near\",\"models\":{\"a\":{}}},"                      \
    "\"far\":{\"actor\":\"upstream/far\",\"models\":{\"b\":{\"max_input_tokens\":1000,"  \
    "\"input_modalities\":[\"text\",\"audio\",\"file\"],\"capabilities\":{\"tools\":"    \
    "false},\"pricing\":{\"input_tokens\":{\"no_cache\":1.5},\"output_tokens\":"         \
    "{\"text\":2}}}}},"                                                                  \
    "\"pool\":{\"actor\":\"upstream/pool\",\"models\":{\"p\":{}},\"accounts\":"          \
    "[\"pool#0\",\"pool#1\"],\"account_strategy\":\"balance\"}},"                        \
    "\"models\":{\"spread\":{\"strategy\":\"load_balance\",\"endpoints\":["              \
    "{\"provider\":\"near\",\"model\":\"a\"},{\"provider\":\"far\",\"model\":\"b\"}]},"  \
    "\"ordered\":{\"endpoints\":[{\"provider\":\"near\",\"model\":\"a\"},"               \
    "{\"provider\":\"far\",\"model\":\"b\"}]}}}"

static int
s_setup (void **state)
{
    *state = world_new (SLICE);
    return 0;
}

//  What a request is opened with. "owned by the world"
static const struct br_call_open *
s_open (world_t *world, const char *headers, const char *body)
{
    int fd = world_connect (world);
    world_post (world, fd, headers, body);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    close (fd);
    assert_non_null (msg);
    return br_msg_fields (msg);
}

#define BODY(model) "{\"model\":\"" model "\",\"messages\":[]}"
#define SAY(model, text)                                                                 \
    "{\"model\":\"" model "\",\"messages\":[{\"role\":\"user\",\"content\":\"" text      \
    "\"}]}"

static void
wishes_go_to_the_router_and_no_further (void **state)
{
    const struct br_call_open *open = s_open (
        *state,
        "x-bitrouter-connect-timeout: 1\r\nx-bitrouter-first-byte-timeout: 2.5\r\n"
        "X-Bitrouter-Idle-Timeout: 3\r\nx-bitrouter-timeout: 600\r\n",
        BODY ("near:a"));
    assert_int_equal (open->connect_ms, 1000);
    assert_int_equal (open->first_byte_ms, 2500);
    assert_int_equal (open->idle_ms, 3000);
    assert_int_equal (open->timeout_ms, 60000);
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (open->headers, &cursor, &name, &value))
        if (strcmp (name, BR_HOPS_HEADER) != 0) //  ours, and no wish
            assert_int_not_equal (strncasecmp (name, "x-bitrouter-", 12), 0);
}

static void
without_wishes_nothing_is_bound (void **state)
{
    const struct br_call_open *open = s_open (*state, "", BODY ("near:a"));
    assert_int_equal (open->connect_ms, 0);
    assert_int_equal (open->first_byte_ms, 0);
    assert_int_equal (open->idle_ms, 0);
    assert_int_equal (open->timeout_ms, 0);
    assert_int_equal (open->continues, 0);
    assert_int_equal (open->affinity, 0);
    assert_int_equal (open->needs, 0);
}

static void
streams_of_talk_alone_can_be_gone_on_with (void **state)
{
    static const char on[] = "x-bitrouter-continue: on\r\n";
    static const char off[] = "x-bitrouter-continue: off\r\n";
    static const char stream[] = "{\"model\":\"near:a\",\"stream\":true,\"messages\":[]}";
    assert_int_equal (s_open (*state, on, stream)->continues, 1);
    assert_int_equal (s_open (*state, off, stream)->continues, 0);
    assert_int_equal (s_open (*state, "", stream)->continues, 0);
    assert_int_equal (s_open (*state, on, BODY ("near:a"))->continues, 0);
}

static void
single_answers_may_be_finished_unattended (void **state)
{
    assert_int_equal (s_open (*state, "", BODY ("near:a"))->unattended, 1);
    assert_int_equal (
        s_open (*state, "", "{\"model\":\"near:a\",\"stream\":true}")->unattended, 0);
}

static void
candidates_have_the_facts_of_the_catalogue (void **state)
{
    const struct br_call_open *open = s_open (*state, "", BODY ("ordered"));
    br_candidate_t rows[4];
    assert_int_equal (br_candidates_read (open->candidates, rows, 4), 2);
    assert_int_equal (rows[0].context, 0);
    assert_int_equal (rows[0].lacks, 0);
    assert_int_equal (rows[0].price_nusd, 0);
    assert_int_equal (rows[1].context, 1000);
    assert_int_equal (rows[1].lacks, BR_NEED_TOOLS | BR_NEED_IMAGES);
    assert_true (rows[1].price_nusd == 3500000000u);
}

static void
needs_are_read_from_the_body (void **state)
{
    world_t *world = *state;
    const struct br_call_open *open = s_open (
        world, "",
        "{\"model\":\"ordered\",\"tools\":[{}],\"x\":{\"type\":\"image_url\"}}");
    assert_int_equal (open->needs, BR_NEED_TOOLS | BR_NEED_IMAGES);
    //  where nobody lacks anything media are not looked for
    open = s_open (world, "", "{\"model\":\"near:a\",\"x\":{\"type\":\"image_url\"}}");
    assert_int_equal (open->needs, 0);
}

static void
the_input_is_estimated (void **state)
{
    assert_int_equal (s_open (*state, "", BODY ("near:a"))->input_tokens,
                      (strlen (BODY ("near:a")) + 3) / 4);
    size_t size = 40000;
    char *media = br_alloc (size + 1, 1);
    memset (media, 'Q', size);
    char *body = br_strf ("{\"model\":\"near:a\",\"x\":\"%s\"}", media);
    assert_true (s_open (*state, "", body)->input_tokens < 20);
    free (body);
    free (media);
}

static void
a_conversation_has_an_affinity_where_there_is_a_choice (void **state)
{
    world_t *world = *state;
    uint64_t hi = s_open (world, "", SAY ("spread", "hi"))->affinity;
    assert_true (hi != 0);
    assert_true (s_open (world, "", SAY ("spread", "hi"))->affinity == hi);
    assert_true (s_open (world, "", SAY ("spread", "ho"))->affinity != hi);
    assert_true (s_open (world, "", SAY ("pool:p", "hi"))->affinity != 0);
    assert_true (s_open (world, "", SAY ("ordered", "hi"))->affinity == 0);
    assert_true (s_open (world, "", SAY ("near:a", "hi"))->affinity == 0);
}

static void
a_session_of_the_client_is_the_conversation (void **state)
{
    world_t *world = *state;
    static const char *const headers[] = {
        "x-bitrouter-session-id: s1\r\n",
        "x-session-id: s1\r\n",
        "session_id: s1\r\n",
        "x-claude-code-session-id: s1\r\n",
    };
    uint64_t first = s_open (world, headers[0], SAY ("spread", "hi"))->affinity;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_true (s_open (world, headers[i], SAY ("spread", "ho"))->affinity == first);
    assert_true (s_open (world, "x-session-id: s2\r\n", SAY ("spread", "hi"))->affinity
                 != first);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (wishes_go_to_the_router_and_no_further),
        TEST (without_wishes_nothing_is_bound),
        TEST (streams_of_talk_alone_can_be_gone_on_with),
        TEST (single_answers_may_be_finished_unattended),
        TEST (candidates_have_the_facts_of_the_catalogue),
        TEST (needs_are_read_from_the_body),
        TEST (the_input_is_estimated),
        TEST (a_conversation_has_an_affinity_where_there_is_a_choice),
        TEST (a_session_of_the_client_is_the_conversation),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
