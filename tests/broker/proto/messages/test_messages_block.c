//  Content blocks are read.

#include "tests/broker/proto/messages/given.h"

#define TURN(role, blocks)                                                               \
    "{" HEAD ",\"messages\":[{\"role\":\"" role "\",\"content\":[" blocks "]}]}"

static void
given_texts_and_images_when_read_then_nothing_is_lost (void **state)
{
    (void) state;
    given_t given = given_call (TURN (
        "user",
        "{\"type\":\"text\",\"text\":\"a\\n\",\"cache_control\":{\"type\":"
        "\"ephemeral\"}},"
        "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"
        "\"image/png\",\"data\":\"AA==\"}},"
        "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x/y\"}},"
        "{\"type\":\"document\",\"title\":\"t\",\"source\":{\"type\":\"file\","
        "\"file_id\":\"f\"}},"
        "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":"
        "[{\"type\":\"text\",\"text\":\"p\"},{\"type\":\"text\",\"text\":\"q\"}]}}"));
    const br_block_t *block = given.call->turns->blocks;
    assert_text (block->text, "a\n");
    assert_non_null (block->cache.at);
    assert_int_equal (block->cache.size, 0);
    assert_text (block->path, "messages[0].content[0]");
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_IMAGE);
    assert_text (block->media.data, "AA==");
    assert_text (block->media.mime, "image/png");
    block = block->next;
    assert_text (block->media.url, "https://x/y");
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_DOCUMENT);
    assert_text (block->media.file_id, "f");
    assert_text (block->media.name, "t");
    assert_null (block->raw.at);
    block = block->next;
    assert_text (block->media.data, "p\nq");
    assert_text (block->media.mime, "text/plain");
    assert_non_null (block->raw.at);
    given_free (&given);
}

static void
given_a_search_result_when_read_then_it_is_text_for_others (void **state)
{
    (void) state;
    given_t given = given_call (
        TURN ("user", "{\"type\":\"search_result\",\"title\":\"T\",\"source\":\"S\","
                      "\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}"));
    assert_text (given.call->turns->blocks->text, "T\nS\nx");
    assert_int_equal (given.call->turns->blocks->kind, BR_BLOCK_TEXT);
    given_free (&given);
}

static void
given_a_call_and_its_result_when_read_then_input_is_raw (void **state)
{
    (void) state;
    given_t given = given_call (
        "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
        "\"tool_use\",\"id\":\"c1\",\"name\":\"f\",\"input\":{ \"a\" : 1e2 }}]},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
        "\"c1\","
        "\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"no\"},{\"type\":"
        "\"tool_reference\",\"tool_name\":\"g\"}]},{\"type\":\"tool_result\","
        "\"tool_use_id\":\"c2\",\"content\":\"s\"},{\"type\":\"tool_result\","
        "\"tool_use_id\":\"c3\"}]}]}");
    const br_block_t *call = given.call->turns->blocks;
    assert_int_equal (call->kind, BR_BLOCK_CALL);
    assert_text (call->text, "{ \"a\" : 1e2 }");
    const br_block_t *result = given.call->turns->next->blocks;
    assert_true (result->error);
    assert_text (result->blocks->text, "no");
    assert_int_equal (result->blocks->next->kind, BR_BLOCK_HOSTED);
    assert_text (result->next->blocks->text, "s");
    assert_null (result->next->next->blocks);
    given_free (&given);
}

static void
given_thinking_when_read_then_signatures_are_byte_exact (void **state)
{
    (void) state;
    given_t given = given_call (
        TURN ("assistant", "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":"
                           "\"A+/=\\u0041\"},{\"type\":\"redacted_thinking\",\"data\":"
                           "\"R==\"},{\"type\":\"server_tool_use\",\"id\":\"s\"},"
                           "{\"type\":\"web_new_tool_result\",\"x\":1}"));
    const br_block_t *block = given.call->turns->blocks;
    assert_text (block->text, "t");
    assert_text (block->opaques->bytes, "A+/=A");
    assert_int_equal (block->opaques->family, BR_FAMILY_ANTHROPIC);
    assert_int_equal (block->opaques->kind, BR_OPAQUE_SIGNATURE);
    block = block->next;
    assert_int_equal (block->opaques->kind, BR_OPAQUE_REDACTED);
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_HOSTED);
    assert_int_equal (block->family, BR_FAMILY_ANTHROPIC);
    assert_text (block->next->raw, "{\"type\":\"web_new_tool_result\",\"x\":1}");
    given_free (&given);
}

static void
given_envelopes_when_read_then_the_blob_is_its_family_s_again (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    const br_opaque_t openai = { .family = BR_FAMILY_OPENAI,
                                 .kind = BR_OPAQUE_ENCRYPTED,
                                 .bytes = BR_TEXT ("E"),
                                 .id = BR_TEXT ("rs_1") };
    const br_opaque_t google = { .family = BR_FAMILY_GOOGLE,
                                 .kind = BR_OPAQUE_THOUGHT,
                                 .bytes = BR_TEXT ("G"),
                                 .id = BR_TEXT ("c1") };
    br_text_t a = br_envelope_seal (&openai, arena);
    br_text_t b = br_envelope_seal (&google, arena);
    br_text_t json = br_arena_textf (
        arena,
        TURN ("assistant",
              "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"%s\"},"
              "{\"type\":\"redacted_thinking\",\"data\":\"%s\"},{\"type\":\"tool_use\","
              "\"id\":\"c1\",\"name\":\"f\",\"input\":{}},{\"type\":\"thinking\","
              "\"thinking\":\"u\",\"signature\":\"br1.broken\"}"),
        a.at, b.at);
    given_t given = given_call (json.at);
    const br_block_t *block = given.call->turns->blocks;
    assert_int_equal (block->opaques->family, BR_FAMILY_OPENAI);
    assert_text (block->opaques->bytes, "E");
    assert_text (block->summary, "t");
    assert_text (block->item_id, "rs_1");
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_CALL);
    assert_text (block->opaques->bytes, "G");
    assert_null (block->opaques->id.at);
    assert_null (block->next->opaques);
    given_free (&given);
    br_arena_destroy (&arena);
}

static void
given_the_envelope_of_unsigned_thinking_when_read_then_there_is_no_blob (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_text_t sealed = br_envelope_empty (BR_OPAQUE_SIGNATURE, arena);
    assert_true (br_envelope_is (sealed));
    br_text_t json = br_arena_textf (
        arena,
        TURN ("assistant",
              "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"%s\"}"),
        sealed.at);
    given_t given = given_call (json.at);
    const br_block_t *block = given.call->turns->blocks;
    assert_text (block->text, "t");
    assert_null (block->opaques);
    given_free (&given);
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_texts_and_images_when_read_then_nothing_is_lost),
        cmocka_unit_test (given_a_search_result_when_read_then_it_is_text_for_others),
        cmocka_unit_test (given_a_call_and_its_result_when_read_then_input_is_raw),
        cmocka_unit_test (given_thinking_when_read_then_signatures_are_byte_exact),
        cmocka_unit_test (given_envelopes_when_read_then_the_blob_is_its_family_s_again),
        cmocka_unit_test (
            given_the_envelope_of_unsigned_thinking_when_read_then_there_is_no_blob),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
