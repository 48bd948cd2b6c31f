//  Turns and blocks become contents.

#include "tests/broker/proto/gemini/gemini_fixture.h"

#define OLD "gemini-2.5-flash"     //  no ids, no signatures wanted
#define NEW "gemini-3-pro-preview" //  both

static br_block_t *
s_add (gemini_case_t *self, br_turn_role_t role, br_block_kind_t kind, br_text_t text)
{
    br_turn_t *turn = self->call->last_turn;
    if (!turn || turn->role != role)
        turn = br_call_add_turn (self->call, role);
    turn->path = BR_TEXT ("messages[0]");
    br_block_t *block = br_block_add (&turn->blocks, kind, self->call->arena);
    block->text = text;
    block->path = BR_TEXT ("messages[0].content[0]");
    return block;
}

#define USER(kind, text) s_add (self, BR_TURN_USER, BR_BLOCK_##kind, BR_TEXT (text))
#define MODEL(kind, text) s_add (self, BR_TURN_ASSISTANT, BR_BLOCK_##kind, BR_TEXT (text))

static br_block_t *
s_call (gemini_case_t *self, br_text_t id, br_text_t name, br_text_t args)
{
    br_block_t *block = s_add (self, BR_TURN_ASSISTANT, BR_BLOCK_CALL, args);
    block->id = id;
    block->name = name;
    return block;
}

static br_block_t *
s_result (gemini_case_t *self, br_text_t id, br_text_t text)
{
    br_block_t *block = s_add (self, BR_TURN_USER, BR_BLOCK_RESULT, BR_TEXT_NONE);
    block->id = id;
    br_block_add (&block->blocks, BR_BLOCK_TEXT, self->call->arena)->text = text;
    return block;
}

static void
s_check (gemini_case_t *self, const char *model, const char *contents)
{
    if (case_write (self, model))
        fail_msg ("%s", self->error.text);
    assert_has (case_text (self), contents);
    case_close (self);
}

//  The conversation of the reference, with history of another provider.
static void
s_converse (gemini_case_t *self)
{
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "2+3 and 2*3");
    s_call (self, BR_TEXT ("call_a"), BR_TEXT ("add"), BR_TEXT ("{\"a\":2}"));
    s_call (self, BR_TEXT ("call_b"), BR_TEXT ("multiply"), BR_TEXT ("{\"a\":3}"));
    s_result (self, BR_TEXT ("call_b"), BR_TEXT ("6"));
    s_result (self, BR_TEXT ("call_a"), BR_TEXT ("5"));
}

static void
given_parallel_calls_when_written_then_results_in_their_order_with_names (void **state)
{
    (void) state;
    gemini_case_t self;
    s_converse (&self);
    s_check (
        &self, OLD,
        "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"add\",\"args\":"
        "{\"a\":2}}},{\"functionCall\":{\"name\":\"multiply\",\"args\":{\"a\":3}}}]},"
        "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"add\","
        "\"response\":{\"output\":\"5\"}}},{\"functionResponse\":{\"name\":"
        "\"multiply\",\"response\":{\"output\":\"6\"}}}]}]");
}

static void
given_a_newer_model_when_written_then_ids_and_one_placeholder (void **state)
{
    (void) state;
    gemini_case_t self;
    s_converse (&self);
    s_check (&self, NEW,
             "[{\"functionCall\":{\"id\":\"call_a\",\"name\":\"add\",\"args\":{\"a\":2}},"
             "\"thoughtSignature\":\"skip_thought_signature_validator\"},"
             "{\"functionCall\":{\"id\":\"call_b\",\"name\":\"multiply\",\"args\":"
             "{\"a\":3}}}]");
}

static void
given_googles_signatures_when_written_then_on_their_parts (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "u");
    br_block_t *call = s_call (self, BR_TEXT ("i"), BR_TEXT ("f"), BR_TEXT ("{}"));
    br_opaque_add (&call->opaques, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT, BR_TEXT ("s+/="),
                   self->call->arena);
    s_check (self, OLD,
             "{\"functionCall\":{\"name\":\"f\",\"args\":{}},"
             "\"thoughtSignature\":\"s+/=\"}");
}

//  As a Messages client hands it back: a thinking block in front of the call.
static void
given_a_signature_in_the_reasoning_when_written_then_on_the_next_part (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_MESSAGES);
    USER (TEXT, "u");
    br_block_t *thought = MODEL (REASONING, "T");
    br_opaque_add (&thought->opaques, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT, BR_TEXT ("s"),
                   self->call->arena);
    s_call (self, BR_TEXT ("i"), BR_TEXT ("f"), BR_TEXT (""));
    s_check (self, NEW,
             "[{\"text\":\"T\",\"thought\":true},{\"functionCall\":{\"id\":"
             "\"i\",\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"s\"}]");
}

static void
given_reasoning_of_another_family_when_written_then_left_out (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_MESSAGES);
    USER (TEXT, "u");
    br_block_t *thought = MODEL (REASONING, "T");
    br_opaque_add (&thought->opaques, BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE,
                   BR_TEXT ("claude"), self->call->arena);
    MODEL (TEXT, "A");
    s_check (self, NEW, "{\"role\":\"model\",\"parts\":[{\"text\":\"A\"}]}");
}

static void
given_an_assistant_that_begins_when_written_then_the_user_comes_first (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_CHAT);
    MODEL (TEXT, "A");
    assert_int_equal (case_write (self, OLD), 0);
    assert_has (case_text (self),
                "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                "\".\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"A\"");
    assert_true (case_lost (self, "changed messages[0]"));
    case_close (self);
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "");
    s_check (self, OLD,
             "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\".\"}]}]");
}

static void
given_an_instruction_between_turns_when_written_then_a_reminder_of_the_user (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "u");
    s_add (self, BR_TURN_SYSTEM, BR_BLOCK_TEXT, BR_TEXT ("be brief"));
    assert_int_equal (case_write (self, OLD), 0);
    assert_has (case_text (self),
                "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"u\"},{\"text\":"
                "\"<system-reminder>\\nbe brief\\n</system-reminder>\"}]}]");
    assert_true (case_lost (self, "changed messages[0]"));
    case_close (self);
}

static void
given_arguments_of_all_kinds_when_written_then_objects (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool custom;
        const char *args;
        bool changed; //  which is told
    } rows[] = {
        { "", false, "\"args\":{}", false },
        { " ", false, "\"args\":{}", false },
        { "null", false, "\"args\":{}", false },
        { "[1]", false, "\"args\":{\"value\":[1]}", true },
        { "{\"a\":\n1}", false, "\"args\":{\"a\": 1}", false },
        { "{broken", false, "\"args\":{\"_raw\":\"{broken\"}", true },
        { "ls -l", true, "\"args\":{\"input\":\"ls -l\"}", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t one;
        gemini_case_t *self = &one;
        case_open (self, BR_PROTOCOL_CHAT);
        USER (TEXT, "u");
        br_block_t *call = s_call (self, BR_TEXT ("i"), BR_TEXT ("f"),
                                   br_text (rows[i].text));
        call->custom = rows[i].custom;
        call->path = BR_TEXT ("messages[1].tool_calls[0]");
        assert_int_equal (case_write (self, OLD), 0);
        assert_has (case_text (self), rows[i].args);
        assert_true (rows[i].changed == (self->losses != NULL));
        assert_true (!rows[i].changed
                     || case_lost (self, "changed messages[1].tool_calls[0]"));
        case_close (self);
    }
}

static void
given_results_of_all_kinds_when_written_then_objects (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool error;
        const char *response;
    } rows[] = {
        { "{\"a\":1}", false, "\"response\":{\"a\":1}" },
        { "[1]", false, "\"response\":{\"output\":\"[1]\"}" },
        { "", false, "\"response\":{\"output\":\"\"}" },
        { "bad", true, "\"response\":{\"error\":\"bad\"}" },
        { "{\"a\":1}", true, "\"response\":{\"error\":\"{\\\"a\\\":1}\"}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t one;
        gemini_case_t *self = &one;
        case_open (self, BR_PROTOCOL_CHAT);
        USER (TEXT, "u");
        s_call (self, BR_TEXT ("i"), BR_TEXT ("f"), BR_TEXT ("{}"));
        s_result (self, BR_TEXT ("i"), br_text (rows[i].text))->error = rows[i].error;
        s_check (self, OLD, rows[i].response);
    }
}

static void
s_add_picture (gemini_case_t *self)
{
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "u");
    s_call (self, BR_TEXT ("i"), BR_TEXT ("f"), BR_TEXT ("{}"));
    br_block_t *result = s_result (self, BR_TEXT ("i"), BR_TEXT ("see"));
    br_block_t *image = br_block_add (&result->blocks, BR_BLOCK_IMAGE, self->call->arena);
    image->media.data = BR_TEXT ("iVBORw0K");
}

static void
given_a_picture_in_a_result_when_written_then_inside_or_beside (void **state)
{
    (void) state;
    gemini_case_t self;
    s_add_picture (&self);
    s_check (&self, NEW,
             "\"response\":{\"output\":\"see\"},\"parts\":[{\"inlineData\":{\"mimeType\":"
             "\"image/png\",\"data\":\"iVBORw0K\"}}]}}]");
    s_add_picture (&self);
    s_check (&self, OLD,
             "\"response\":{\"output\":\"see\"}}},{\"inlineData\":{\"mimeType\":"
             "\"image/png\",\"data\":\"iVBORw0K\"}}]");
}

static void
given_media_that_google_does_not_take_when_written_then_refused_by_name (void **state)
{
    (void) state;
    static const struct {
        br_block_kind_t kind;
        br_media_t media;
        const char *why;
    } rows[] = {
        { BR_BLOCK_IMAGE, { .url = { "https://x/y.png", 15 } }, "does not fetch" },
        { BR_BLOCK_IMAGE, { .data = { "R0lGODlh", 8 } }, "GIF" },
        { BR_BLOCK_IMAGE, { .data = { "AAAA", 4 }, .mime = { "image/gif", 9 } }, "GIF" },
        { BR_BLOCK_DOCUMENT, { .file_id = { "file-1", 6 } }, "another provider" },
        { BR_BLOCK_AUDIO, { .detail = { "low", 3 } }, "no data" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t one;
        gemini_case_t *self = &one;
        case_open (self, BR_PROTOCOL_CHAT);
        s_add (self, BR_TURN_USER, rows[i].kind, BR_TEXT_NONE)->media = rows[i].media;
        assert_int_equal (case_write (self, NEW), -1);
        assert_int_equal (self->error.code, BR_EINVALID);
        assert_has (self->error.text, "messages[0].content[0]");
        assert_has (self->error.text, rows[i].why);
        case_close (self);
    }
}

static void
given_media_that_google_takes_when_written_then_its_parts (void **state)
{
    (void) state;
    static const struct {
        br_block_kind_t kind;
        br_media_t media;
        const char *part;
    } rows[] = {
        { BR_BLOCK_IMAGE,
          { .data = { "/9j/4A", 6 }, .detail = { "high", 4 } },
          "{\"inlineData\":{\"mimeType\":\"image/jpeg\",\"data\":\"/9j/4A\"},"
          "\"mediaResolution\":{\"level\":\"MEDIA_RESOLUTION_HIGH\"}}" },
        { BR_BLOCK_DOCUMENT,
          { .data = { "plain", 5 }, .mime = { "text/plain", 10 } },
          "{\"text\":\"plain\"}" },
        { BR_BLOCK_VIDEO,
          { .url = { "https://youtu.be/x", 18 } },
          "{\"fileData\":{\"fileUri\":\"https://youtu.be/x\"}}" },
        { BR_BLOCK_IMAGE,
          { .url = { "gs://b/o.png", 12 }, .mime = { "image/png", 9 } },
          "{\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":\"gs://b/o.png\"}}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t one;
        gemini_case_t *self = &one;
        case_open (self, BR_PROTOCOL_CHAT);
        s_add (self, BR_TURN_USER, rows[i].kind, BR_TEXT_NONE)->media = rows[i].media;
        s_check (self, NEW, rows[i].part);
    }
}

static void
given_hosted_items_when_written_then_googles_own_alone (void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_GOOGLE);
    USER (TEXT, "u");
    br_block_t *own = MODEL (HOSTED, "");
    own->raw = BR_TEXT ("{\"toolCall\":{}}");
    own->family = BR_FAMILY_GOOGLE;
    br_block_t *other = MODEL (HOSTED, "");
    other->raw = BR_TEXT ("{\"type\":\"server_tool_use\"}");
    other->family = BR_FAMILY_ANTHROPIC;
    assert_int_equal (case_write (self, OLD), 0);
    assert_has (case_text (self), "\"parts\":[{\"toolCall\":{}}]");
    assert_true (case_lost (self, "dropped messages[0].content[0]"));
    case_close (self);
}

static void
given_a_name_that_google_refuses_when_written_then_the_same_in_call_and_result (
    void **state)
{
    (void) state;
    gemini_case_t one;
    gemini_case_t *self = &one;
    case_open (self, BR_PROTOCOL_CHAT);
    USER (TEXT, "u");
    s_call (self, BR_TEXT ("i"), BR_TEXT ("a/b c"), BR_TEXT ("{}"));
    s_result (self, BR_TEXT ("i"), BR_TEXT ("r"));
    br_text_t name = br_tool_name (BR_TEXT ("a/b c"), BR_PROTOCOL_GOOGLE,
                                   self->call->arena);
    br_text_t call = br_arena_textf (self->call->arena,
                                     "\"functionCall\":{\"name\":\"%.*s\"",
                                     (int) name.size, name.at);
    br_text_t result = br_arena_textf (self->call->arena,
                                       "\"functionResponse\":{\"name\":\"%.*s\"",
                                       (int) name.size, name.at);
    assert_int_equal (case_write (self, OLD), 0);
    assert_has (case_text (self), call.at);
    assert_has (case_text (self), result.at);
    assert_has_not (case_text (self), "a/b c");
    case_close (self);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_parallel_calls_when_written_then_results_in_their_order_with_names),
        cmocka_unit_test (given_a_newer_model_when_written_then_ids_and_one_placeholder),
        cmocka_unit_test (given_googles_signatures_when_written_then_on_their_parts),
        cmocka_unit_test (
            given_a_signature_in_the_reasoning_when_written_then_on_the_next_part),
        cmocka_unit_test (given_reasoning_of_another_family_when_written_then_left_out),
        cmocka_unit_test (
            given_an_assistant_that_begins_when_written_then_the_user_comes_first),
        cmocka_unit_test (
            given_an_instruction_between_turns_when_written_then_a_reminder_of_the_user),
        cmocka_unit_test (given_arguments_of_all_kinds_when_written_then_objects),
        cmocka_unit_test (given_results_of_all_kinds_when_written_then_objects),
        cmocka_unit_test (given_a_picture_in_a_result_when_written_then_inside_or_beside),
        cmocka_unit_test (
            given_media_that_google_does_not_take_when_written_then_refused_by_name),
        cmocka_unit_test (given_media_that_google_takes_when_written_then_its_parts),
        cmocka_unit_test (given_hosted_items_when_written_then_googles_own_alone),
        cmocka_unit_test (
            given_a_name_that_google_refuses_when_written_then_the_same_in_call_and_result),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
