//  upstream_pass: the client's bytes, and what we have to say in them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_pass.h"

typedef struct {
    bool due;
    br_blob_t *body; //  NULL = the client's
    bool hides;
    br_buf_t lost_words;
    br_error_t error;
} world_t;

#define NAMED "{\"model\":\"c\""

//  ret:  as upstream_pass_write
static int
s_write (world_t *world, struct br_attempt_start start, const char *provider,
         const char *body)
{
    start.model = "m-1";
    start.model_at = strncmp (body, NAMED, strlen (NAMED)) == 0 ? 9 : 0;
    start.model_size = start.model_at ? 3 : 0;
    br_blob_t *blob = br_blob_new (body, strlen (body));
    br_msg_t *msg = br_msg_new (BR_ATTEMPT_START, (br_id_t) { 1, 1 }, 1, &start, blob);
    br_target_t target = { .provider = provider, .model = "m-1" };
    target.protocol = br_surface_row ((unsigned) start.surface)->wire;
    target.dialect = br_dialect_of (target.protocol, provider, "m-1");
    target.max_output = 5000;
    *world = (world_t) { .due = upstream_pass_is_due (msg) };
    br_buf_init (&world->lost_words, 4096);
    int rc = upstream_pass_write (msg, &target, &world->lost_words, &world->body,
                                  &world->hides, &world->error);
    br_msg_destroy (&msg);
    br_blob_destroy (&blob);
    return rc;
}

static void
s_end (world_t *world)
{
    br_blob_destroy (&world->body);
    br_buf_free (&world->lost_words);
}

static void
s_assert_sent (const world_t *world, const char *sent)
{
    assert_true (world->due);
    assert_non_null (world->body);
    assert_int_equal (br_blob_size (world->body), strlen (sent));
    assert_memory_equal (br_blob_data (world->body), sent, strlen (sent));
}

#define ASKS ",\"stream_options\":{\"include_usage\":true}"

static void
a_stream_of_chat_asks_for_usage (void **state)
{
    (void) state;
    static const br_surface_t surfaces[] = { BR_SURFACE_CHAT, BR_SURFACE_COMPLETIONS };
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++) {
        world_t world;
        struct br_attempt_start start = { .surface = surfaces[i], .stream = 1 };
        assert_int_equal (s_write (&world, start, "acme", NAMED ", \"x\" : [1.0,{}]} "),
                          0);
        s_assert_sent (&world, "{\"model\":\"m-1\", \"x\" : [1.0,{}]" ASKS "} ");
        assert_true (world.hides);
        s_end (&world);
        //  given: a body that names no model in its place
        assert_int_equal (s_write (&world, start, "acme", "{\"x\":1}"), 0);
        s_assert_sent (&world, "{\"x\":1" ASKS "}");
        s_end (&world);
    }
}

static void
a_client_that_asks_itself_is_told (void **state)
{
    (void) state;
    world_t world;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT, .stream = 1 };
    assert_int_equal (s_write (&world, start, "acme", NAMED ASKS "}"), 0);
    assert_null (world.body);
    assert_false (world.hides);
    s_end (&world);
}

static void
who_refuses_options_is_not_asked (void **state)
{
    (void) state;
    world_t world;
    static const br_surface_t surfaces[] = { BR_SURFACE_CHAT, BR_SURFACE_COMPLETIONS };
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++) {
        struct br_attempt_start start = { .surface = surfaces[i], .stream = 1 };
        assert_int_equal (s_write (&world, start, "mistral", NAMED "}"), 0);
        assert_null (world.body);
        assert_false (world.hides);
        s_end (&world);
    }
}

static void
what_needs_no_word_of_ours_passes (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        uint64_t stream, max_output;
    } rows[] = {
        { BR_SURFACE_CHAT, 0, 0 },       { BR_SURFACE_RESPONSES, 1, 0 },
        { BR_SURFACE_MESSAGES, 1, 0 },   { BR_SURFACE_GOOGLE_STREAM, 1, 0 },
        { BR_SURFACE_EMBEDDINGS, 0, 5 }, { BR_SURFACE_MESSAGES_TOKENS, 0, 5 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_t world;
        struct br_attempt_start start = { .surface = rows[i].surface,
                                          .stream = rows[i].stream,
                                          .max_output = rows[i].max_output };
        assert_int_equal (s_write (&world, start, "acme", NAMED "}"), 0);
        assert_false (world.due);
        assert_null (world.body);
        s_end (&world);
    }
}

static void
a_bound_is_said_with_the_rest (void **state)
{
    (void) state;
    world_t world;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT,
                                      .stream = 1,
                                      .max_output = 77 };
    assert_int_equal (s_write (&world, start, "openai", NAMED "}"), 0);
    s_assert_sent (&world, "{\"model\":\"m-1\"" ASKS ",\"max_completion_tokens\":77}");
    s_end (&world);
    start = (struct br_attempt_start) { .surface = BR_SURFACE_MESSAGES };
    start.max_output = 77;
    assert_int_equal (s_write (&world, start, "anthropic", NAMED ",\"max_tokens\":99}"),
                      0);
    s_assert_sent (&world, "{\"model\":\"m-1\",\"max_tokens\":77}");
    s_end (&world);
    //  given: more than the model has
    start.max_output = 9000;
    assert_int_equal (s_write (&world, start, "anthropic", NAMED "}"), 0);
    s_assert_sent (&world, "{\"model\":\"m-1\",\"max_tokens\":5000}");
    assert_false (world.hides);
    s_end (&world);
}

static void
a_bound_is_said_behind_envelopes (void **state)
{
    (void) state;
    static const br_opaque_t signature = { .family = BR_FAMILY_ANTHROPIC,
                                           .kind = BR_OPAQUE_SIGNATURE,
                                           .bytes = { "SIGN", 4 } };
    br_arena_t *arena = br_arena_new ();
    br_text_t sealed = br_envelope_seal (&signature, arena);
    br_text_t body = br_arena_textf (
        arena,
        NAMED ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
              "\"assistant\",\"content\":\"a\",\"reasoning_details\":[{\"type\":"
              "\"reasoning.text\",\"signature\":\"%.*s\"}]}]}",
        (int) sealed.size, sealed.at);
    world_t world;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT,
                                      .stream = 1,
                                      .max_output = 77 };
    assert_int_equal (s_write (&world, start, "acme", body.at), 0);
    s_assert_sent (&world,
                   "{\"model\":\"m-1\",\"messages\":[{\"role\":\"user\",\"content\":"
                   "\"hi\"},{\"role\":\"assistant\",\"content\":\"a\"}]" ASKS
                   ",\"max_tokens\":77}");
    assert_true (world.hides);
    assert_true (world.lost_words.size > 0);
    s_end (&world);
    br_arena_destroy (&arena);
}

static void
what_is_no_object_is_refused (void **state)
{
    (void) state;
    world_t world;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT, .stream = 1 };
    assert_int_equal (s_write (&world, start, "acme", "[1]"), -1);
    assert_int_equal (world.error.code, BR_EINVALID);
    assert_null (world.body);
    s_end (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_stream_of_chat_asks_for_usage),
        cmocka_unit_test (a_client_that_asks_itself_is_told),
        cmocka_unit_test (who_refuses_options_is_not_asked),
        cmocka_unit_test (what_needs_no_word_of_ours_passes),
        cmocka_unit_test (a_bound_is_said_with_the_rest),
        cmocka_unit_test (a_bound_is_said_behind_envelopes),
        cmocka_unit_test (what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
