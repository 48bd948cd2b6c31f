//  Contents become turns and blocks.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static const br_block_t *
s_read (gemini_case_t *self, const char *role, const char *parts)
{
    static char json[8192];
    case_open (self, BR_PROTOCOL_GOOGLE);
    snprintf (json, sizeof json, "{\"contents\":[{%s\"parts\":[%s]}]}", role, parts);
    assert_int_equal (case_read (self, json), 0);
    return self->call->turns ? self->call->turns->blocks : NULL;
}

#define MODEL "\"role\":\"model\","
#define USER "\"role\":\"user\","

static void
given_text_and_thought_when_read_then_blocks_with_their_signatures (void **state)
{
    (void) state;
    gemini_case_t self;
    const br_block_t *b = s_read (
        &self, MODEL,
        "{\"text\":\"T\",\"thought\":true},{\"text\":\"A\","
        "\"thoughtSignature\":\"sig+/=\"},{\"thoughtSignature\":\"s2\"},"
        "{\"text\":\"\"}");
    assert_int_equal (self.call->turns->role, BR_TURN_ASSISTANT);
    assert_int_equal (b->kind, BR_BLOCK_REASONING);
    assert_text (b->text, "T");
    b = b->next;
    assert_int_equal (b->kind, BR_BLOCK_TEXT);
    assert_text (b->opaques->bytes, "sig+/=");
    assert_int_equal (b->opaques->family, BR_FAMILY_GOOGLE);
    assert_int_equal (b->opaques->kind, BR_OPAQUE_THOUGHT);
    assert_text (b->path, "contents[0].parts[1]");
    assert_text (b->next->text, "");
    assert_text (b->next->opaques->bytes, "s2");
    assert_null (b->next->next);
    case_close (&self);
}

static void
given_a_call_without_id_when_read_then_its_id_is_absent (void **state)
{
    (void) state;
    gemini_case_t self;
    const br_block_t *b = s_read (
        &self, MODEL,
        "{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\": 1}}},"
        "{\"function_call\":{\"id\":\"i\",\"name\":\"g\"},"
        "\"thought_signature\":\"s\"}");
    assert_int_equal (b->kind, BR_BLOCK_CALL);
    assert_null (b->id.at);
    assert_text (b->text, "{\"a\": 1}");
    assert_text (b->next->id, "i");
    assert_text (b->next->text, "{}");
    assert_text (b->next->opaques->bytes, "s");
    case_close (&self);
}

static void
given_answers_of_tools_when_read_then_texts (void **state)
{
    (void) state;
    static const struct {
        const char *response;
        const char *text;
        bool error;
    } rows[] = {
        { "{\"output\":\"x\"}", "x", false },
        { "{\"output\":42}", "42", false },
        { "{\"output\":{\"a\":1}}", "{\"a\":1}", false },
        { "{\"error\":\"bad\"}", "bad", true },
        { "{\"result\":1}", "1", false },
        { "{\"name\":\"f\",\"content\":\"x\"}", "x", false },
        { "{\"name\":\"f\",\"content\":[1]}", "[1]", false },
        { "{\"name\":\"g\",\"content\":\"x\"}", "{\"name\":\"g\",\"content\":\"x\"}",
          false },
        { "{\"content\":\"x\"}", "{\"content\":\"x\"}", false },
        { "{\"output\":1,\"more\":2}", "{\"output\":1,\"more\":2}", false },
        { "{}", "{}", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t self;
        char part[256];
        snprintf (part, sizeof part,
                  "{\"functionResponse\":{\"name\":\"f\",\"response\":%s}}",
                  rows[i].response);
        const br_block_t *b = s_read (&self, "\"role\":\"function\",", part);
        assert_int_equal (self.call->turns->role, BR_TURN_USER);
        assert_int_equal (b->kind, BR_BLOCK_RESULT);
        assert_text (b->name, "f");
        assert_text (b->blocks->text, rows[i].text);
        assert_int_equal (b->error, rows[i].error);
        case_close (&self);
    }
}

static void
given_a_call_and_its_answer_in_one_content_when_read_then_two_turns (void **state)
{
    (void) state;
    gemini_case_t self;
    s_read (&self, "",
            "{\"functionCall\":{\"name\":\"f\"}},{\"functionResponse\":{\"name\":\"f\"}},"
            "{\"text\":\"so\"}");
    const br_turn_t *turn = self.call->turns;
    assert_int_equal (turn->role, BR_TURN_ASSISTANT);
    assert_int_equal (turn->next->role, BR_TURN_USER);
    assert_int_equal (turn->next->next->role, BR_TURN_ASSISTANT);
    case_close (&self);
}

static void
given_media_when_read_then_by_their_type (void **state)
{
    (void) state;
    gemini_case_t self;
    const br_block_t *b = s_read (
        &self, USER,
        "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"QQ==\"}},"
        "{\"inlineData\":{\"mimeType\":\"audio/wav\",\"data\":\"QQ==\"}},"
        "{\"fileData\":{\"mimeType\":\"video/mp4\",\"fileUri\":\"https://y/v\"}},"
        "{\"inline_data\":{\"mime_type\":\"text/plain\",\"data\":\"SGk=\"}},"
        "{\"fileData\":{\"mimeType\":\"application/pdf\",\"fileUri\":\"gs://b/o\"},"
        "\"videoMetadata\":{}}");
    assert_int_equal (b->kind, BR_BLOCK_IMAGE);
    assert_text (b->media.data, "QQ==");
    b = b->next;
    assert_int_equal (b->kind, BR_BLOCK_AUDIO);
    b = b->next;
    assert_int_equal (b->kind, BR_BLOCK_VIDEO);
    assert_text (b->media.url, "https://y/v");
    b = b->next;
    assert_int_equal (b->kind, BR_BLOCK_DOCUMENT);
    assert_text (b->media.data, "Hi");
    b = b->next;
    assert_text (b->media.file_id, "gs://b/o");
    assert_int_equal (b->family, BR_FAMILY_GOOGLE);
    assert_text (self.call->extras->field, "contents[0].parts[4].videoMetadata");
    case_close (&self);
}

static void
given_plain_text_that_is_none_when_read_then_refused (void **state)
{
    (void) state;
    static const char *const rows[] = { "!", "/w==" };
    for (size_t i = 0; i < 2; i++) {
        gemini_case_t self;
        char json[256];
        case_open (&self, BR_PROTOCOL_GOOGLE);
        snprintf (json, sizeof json,
                  "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":"
                  "\"text/plain\",\"data\":\"%s\"}}]}]}",
                  rows[i]);
        assert_int_equal (case_read (&self, json), -1);
        assert_has (self.error.text, "contents[0].parts[0].inlineData.data");
        case_close (&self);
    }
}

static void
given_items_of_googles_tools_when_read_then_hosted (void **state)
{
    (void) state;
    gemini_case_t self;
    const br_block_t *b = s_read (&self, MODEL,
                                  "{\"executableCode\":{\"code\":\"1\"},"
                                  "\"thoughtSignature\":\"s\"},"
                                  "{\"newThing\":{}}");
    assert_int_equal (b->kind, BR_BLOCK_HOSTED);
    assert_text (b->raw,
                 "{\"executableCode\":{\"code\":\"1\"},\"thoughtSignature\":\"s\"}");
    assert_int_equal (b->next->kind, BR_BLOCK_HOSTED);
    assert_int_equal (b->next->family, BR_FAMILY_GOOGLE);
    case_close (&self);
}

//  An envelope on a part goes back into the reasoning before it.
static void
s_check_envelope (const char *before)
{
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .bytes = BR_TEXT ("sig"),
                           .model = BR_TEXT ("claude") };
    br_text_t envelope = br_envelope_seal (&opaque, arena);
    br_text_t parts = br_arena_textf (
        arena, "%s{\"functionCall\":{\"name\":\"f\"},\"thoughtSignature\":\"%.*s\"}",
        before, (int) envelope.size, envelope.at);
    gemini_case_t self;
    const br_block_t *b = s_read (&self, MODEL, parts.at);
    assert_int_equal (b->kind, BR_BLOCK_REASONING);
    assert_int_equal (b->opaques->family, BR_FAMILY_ANTHROPIC);
    assert_text (b->opaques->bytes, "sig");
    assert_text (b->opaques->model, "claude");
    assert_int_equal (b->next->kind, BR_BLOCK_CALL);
    assert_null (b->next->opaques);
    case_close (&self);
    br_arena_destroy (&arena);
}

static void
given_an_envelope_when_read_then_in_the_reasoning_before_it (void **state)
{
    (void) state;
    s_check_envelope ("{\"text\":\"T\",\"thought\":true},");
    s_check_envelope ("");
}

static void
given_a_thought_in_parts_when_its_envelope_is_read_then_one_block (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .bytes = BR_TEXT ("sig"),
                           .model = BR_TEXT ("claude") };
    br_text_t envelope = br_envelope_seal (&opaque, arena);
    br_text_t parts = br_arena_textf (
        arena,
        "{\"text\":\"A\"},{\"text\":\"T\",\"thought\":true},"
        "{\"text\":\"U\",\"thought\":true},"
        "{\"text\":\"\",\"thoughtSignature\":\"%.*s\"},"
        "{\"text\":\"V\",\"thought\":true},{\"functionCall\":{\"name\":\"f\"}}",
        (int) envelope.size, envelope.at);
    gemini_case_t self;
    const br_block_t *b = s_read (&self, MODEL, parts.at);
    assert_int_equal (b->kind, BR_BLOCK_TEXT);
    b = b->next;
    assert_text (b->text, "TU");
    assert_text (b->opaques->bytes, "sig");
    b = b->next;
    assert_text (b->text, "V");
    assert_null (b->opaques);
    assert_int_equal (b->next->kind, BR_BLOCK_CALL);
    assert_null (b->next->next);
    case_close (&self);
    br_arena_destroy (&arena);
}

static void
given_a_damaged_envelope_when_read_then_nothing_of_it (void **state)
{
    (void) state;
    gemini_case_t self;
    const br_block_t *b = s_read (&self, MODEL,
                                  "{\"text\":\"A\",\"thoughtSignature\":\"br1.AAAA\"}");
    assert_int_equal (b->kind, BR_BLOCK_TEXT);
    assert_null (b->opaques);
    case_close (&self);
}

static void
given_an_envelope_that_holds_nothing_when_read_then_the_call_alone (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_text_t envelope = br_envelope_empty (BR_OPAQUE_THOUGHT, arena);
    br_text_t parts = br_arena_textf (
        arena, "{\"functionCall\":{\"name\":\"f\"},\"thoughtSignature\":\"%.*s\"}",
        (int) envelope.size, envelope.at);
    gemini_case_t self;
    const br_block_t *b = s_read (&self, MODEL, parts.at);
    assert_int_equal (b->kind, BR_BLOCK_CALL);
    assert_null (b->opaques);
    assert_null (b->next);
    assert_int_equal (case_write (&self, "gemini-3-pro-preview"), 0);
    assert_has (case_text (&self),
                "\"thoughtSignature\":\"skip_thought_signature_validator\"");
    case_close (&self);
    br_arena_destroy (&arena);
}

static void
given_an_address_without_a_type_when_read_then_it_tells_the_kind (void **state)
{
    (void) state;
    static const struct {
        const char *uri;
        br_block_kind_t kind;
        bool guessed; //  which is told
    } rows[] = {
        { "https://www.youtube.com/watch?v=1", BR_BLOCK_VIDEO, false },
        { "https://youtu.be/1", BR_BLOCK_VIDEO, false },
        { "https://x/y.PNG", BR_BLOCK_IMAGE, false },
        { "https://x/y.jpeg?size=1#a.pdf", BR_BLOCK_IMAGE, false },
        { "https://x/y.mp3", BR_BLOCK_AUDIO, false },
        { "https://x/y.mp4", BR_BLOCK_VIDEO, false },
        { "https://x/y.pdf", BR_BLOCK_DOCUMENT, false },
        { "https://x/y", BR_BLOCK_DOCUMENT, true },
        { "https://x/?u=youtube.com/", BR_BLOCK_DOCUMENT, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t self;
        char part[128];
        snprintf (part, sizeof part, "{\"fileData\":{\"fileUri\":\"%s\"}}", rows[i].uri);
        const br_block_t *b = s_read (&self, USER, part);
        assert_int_equal (b->kind, rows[i].kind);
        assert_text (b->media.url, rows[i].uri);
        assert_true (rows[i].guessed == (self.call->extras != NULL));
        if (rows[i].guessed)
            assert_text (self.call->extras->field,
                         "contents[0].parts[0].fileData.mimeType");
        case_close (&self);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_text_and_thought_when_read_then_blocks_with_their_signatures),
        cmocka_unit_test (given_a_call_without_id_when_read_then_its_id_is_absent),
        cmocka_unit_test (given_answers_of_tools_when_read_then_texts),
        cmocka_unit_test (
            given_a_call_and_its_answer_in_one_content_when_read_then_two_turns),
        cmocka_unit_test (given_media_when_read_then_by_their_type),
        cmocka_unit_test (given_plain_text_that_is_none_when_read_then_refused),
        cmocka_unit_test (
            given_an_address_without_a_type_when_read_then_it_tells_the_kind),
        cmocka_unit_test (given_items_of_googles_tools_when_read_then_hosted),
        cmocka_unit_test (given_an_envelope_when_read_then_in_the_reasoning_before_it),
        cmocka_unit_test (
            given_a_thought_in_parts_when_its_envelope_is_read_then_one_block),
        cmocka_unit_test (given_a_damaged_envelope_when_read_then_nothing_of_it),
        cmocka_unit_test (
            given_an_envelope_that_holds_nothing_when_read_then_the_call_alone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
