//  Pieces of JSON that requests and answers share.

#include "tests/broker/proto/messages/given.h"

static void
given_arguments_when_put_then_they_are_an_object (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool custom;
        const char *json;
        bool changed;
    } rows[] = {
        { NULL, false, "{}", false },
        { " \n", false, "{}", false },
        { " {\"a\": [1,2]} ", false, "{\"a\": [1,2]}", false },
        { "null", false, "{\"value\":null}", true },
        { "\"s\"", false, "{\"value\":\"s\"}", true },
        { "{\"a\"", false, "{\"_raw\":\"{\\\"a\\\"\"}", true },
        { "{}", true, "{\"input\":\"{}\"}", true },
        { NULL, true, "{\"input\":\"\"}", true },
    };
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_buf_t out;
        br_buf_init (&out, GIVEN_MAX);
        json_writer_t json = json_writer (&out);
        bool changed = messages_put_args (&json, NULL, br_text (rows[i].text),
                                          rows[i].custom, tree);
        assert_int_equal (changed, rows[i].changed);
        assert_string_equal (br_buf_text (&out), rows[i].json);
        br_buf_free (&out);
    }
    json_tree_destroy (&tree);
}

static void
given_json_on_lines_when_put_then_it_is_one (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, GIVEN_MAX);
    json_writer_t json = json_writer (&out);
    json_open (&json, NULL, '[');
    messages_put_line (&json, NULL, BR_TEXT ("{\n\"a\":\r\n1}"));
    messages_put_line (&json, NULL, BR_TEXT ("2"));
    json_close (&json, ']');
    assert_string_equal (br_buf_text (&out), "[{ \"a\":  1},2]");
    br_buf_free (&out);
}

static void
given_blobs_when_sealed_then_those_of_anthropic_stay_as_they_are (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .bytes = BR_TEXT ("S") };
    bool native = false;
    assert_text (messages_seal (&opaque, BR_TEXT_NONE, arena, &native), "S");
    assert_true (native);
    opaque.family = BR_FAMILY_GOOGLE;
    opaque.kind = BR_OPAQUE_THOUGHT;
    br_text_t sealed = messages_seal (&opaque, BR_TEXT ("c1"), arena, &native);
    assert_false (native);
    const br_opaque_t *opened = br_envelope_open (sealed, arena);
    assert_text (opened->id, "c1");
    assert_text (opened->bytes, "S");
    br_arena_destroy (&arena);
}

static void
given_blobs_when_asked_for_then_family_and_model_decide (void **state)
{
    (void) state;
    static const struct {
        br_family_t family;
        br_opaque_kind_t kind;
        const char *model;
        bool readable;
    } rows[] = {
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE, NULL, true },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_REDACTED, "claude-sonnet-4-5-20250929", true },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE, "claude-sonnet-4", false },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE, "claude-haiku-4-5", false },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE, "claude-sonnet-4-5-mini", false },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_THOUGHT, NULL, false },
        { BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED, NULL, false },
    };
    const br_target_t target = {
        .model = "claude-sonnet-4-5",
        .dialect = br_dialect_of (BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5")
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const br_opaque_t opaque = { .family = rows[i].family,
                                     .kind = rows[i].kind,
                                     .model = br_text (rows[i].model),
                                     .bytes = BR_TEXT ("x") };
        assert_true ((messages_readable (&opaque, &target) != NULL) == rows[i].readable);
    }
}

//  What was signed by a name of a model can be read by the others of the same model.
static void
given_names_of_models_when_compared_then_family_and_version_count (void **state)
{
    (void) state;
    static const struct {
        const char *made_by;
        const char *asked;
        bool readable;
    } rows[] = {
        { "claude-sonnet-4-20250514", "claude-sonnet-4-0", true },
        { "claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest", true },
        { "claude-3-7-sonnet-20250219", "anthropic/claude-3.7-sonnet", true },
        { "claude-3-7-sonnet-20250219", "anthropic/claude-3.7-sonnet:thinking", true },
        { "claude-sonnet-4-20250514", "anthropic/claude-sonnet-4", true },
        { "claude-sonnet-4-20250514", "claude-sonnet-4@20250514", true },
        { "claude-sonnet-4-5-20250929", "anthropic.claude-sonnet-4-5-20250929-v1:0",
          true },
        { "claude-sonnet-4-5-20250929", "us.anthropic.claude-sonnet-4-5", true },
        { "eu.anthropic.claude-opus-4-1-20250805-v1:0", "Claude-Opus-4-1", true },
        { "claude-sonnet-4-20250514", "claude-sonnet-4-5", false },
        { "claude-sonnet-4-5-20250929", "claude-sonnet-4-0", false },
        { "claude-opus-4-20250514", "claude-sonnet-4-0", false },
        { "claude-3-5-sonnet-20241022", "claude-3-7-sonnet-latest", false },
        { "kimi-k2", "kimi-k2", true },
        { "latest", "0", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                                     .kind = BR_OPAQUE_SIGNATURE,
                                     .model = br_text (rows[i].made_by),
                                     .bytes = BR_TEXT ("x") };
        const br_target_t target = { .model = rows[i].asked,
                                     .dialect = br_dialect_of (BR_PROTOCOL_MESSAGES,
                                                               "anthropic",
                                                               "claude-sonnet-4-5") };
        if ((messages_readable (&opaque, &target) != NULL) != rows[i].readable)
            fail_msg ("%s and %s", rows[i].made_by, rows[i].asked);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_arguments_when_put_then_they_are_an_object),
        cmocka_unit_test (given_json_on_lines_when_put_then_it_is_one),
        cmocka_unit_test (
            given_blobs_when_sealed_then_those_of_anthropic_stay_as_they_are),
        cmocka_unit_test (given_blobs_when_asked_for_then_family_and_model_decide),
        cmocka_unit_test (
            given_names_of_models_when_compared_then_family_and_version_count),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
