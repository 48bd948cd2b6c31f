//  Blocks as parts of a message.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_cache_marks_when_the_host_knows_none_then_they_are_dropped_and_told (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
        "openai", "gpt-4o", "\"content\":\"a\"", "cache",
        "dropped prompt_cache_breakpoint");
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
        "openrouter", "x/y",
        "[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]",
        NULL, "");
}

static void
given_documents_of_other_clients_when_written_then_text_is_text_and_an_address_is_refused (
    void **state)
{
    (void) state;
    static const struct {
        br_media_t media;
        const char *wanted; //  NULL: refused
    } rows[] = {
        { { .data = BR_TEXT ("body"),
            .mime = BR_TEXT ("text/plain"),
            .name = BR_TEXT ("T") },
          "\"content\":\"T\\n\\nbody\"" },
        { { .data = BR_TEXT ("JVBE"), .mime = BR_TEXT ("application/pdf") },
          "\"file_data\":\"data:application/"
          "pdf;base64,JVBE\",\"filename\":\"document.pdf\"" },
        { { .data = BR_TEXT ("YSxi"), .mime = BR_TEXT ("text/csv") },
          "\"file_data\":\"data:text/csv;base64,YSxi\",\"filename\":\"document.csv\"" },
        { { .url = BR_TEXT ("https://x/y.pdf") }, NULL },
        { { .file_id = BR_TEXT ("file_1") }, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
        br_turn_t *turn = br_call_add_turn (call, BR_TURN_USER);
        br_block_add (&turn->blocks, BR_BLOCK_DOCUMENT, call->arena)->media = rows[i]
                                                                                  .media;
        br_target_t target = { .provider = "openai",
                               .model = "gpt-4o",
                               .dialect = br_dialect_of (BR_PROTOCOL_CHAT, "openai",
                                                         "gpt-4o") };
        br_loss_t *losses = NULL;
        br_buf_t out;
        br_buf_init (&out, 4096);
        int rc = chat_codec.write_call (call, &target, &losses, &out, NULL);
        assert_int_equal (rc, rows[i].wanted ? 0 : -1);
        if (rows[i].wanted)
            assert_non_null (strstr (br_buf_text (&out), rows[i].wanted));
        br_buf_free (&out);
        br_call_destroy (&call);
    }
}

//  Hosts of Chat refuse what its reader refuses.
static void
given_a_data_url_when_it_is_not_base64_then_it_is_refused (void **state)
{
    (void) state;
    static const struct {
        br_block_kind_t kind;
        br_text_t url;
        int rc;
    } rows[] = {
        { BR_BLOCK_IMAGE, BR_TEXT ("data:image/png;base64,AA=="), 0 },
        { BR_BLOCK_IMAGE, BR_TEXT ("https://x/y,z.png"), 0 },
        { BR_BLOCK_IMAGE, BR_TEXT ("data:image/png;base28,AA=="), -1 },
        { BR_BLOCK_IMAGE, BR_TEXT ("data:image/png;base64"), -1 },
        { BR_BLOCK_VIDEO, BR_TEXT ("data:,a"), -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_call_t *call = br_call_new (BR_PROTOCOL_GOOGLE);
        br_turn_t *turn = br_call_add_turn (call, BR_TURN_USER);
        br_block_add (&turn->blocks, rows[i].kind, call->arena)->media.url = rows[i].url;
        br_target_t target = { .provider = "openai",
                               .model = "gpt-4o",
                               .dialect = br_dialect_of (BR_PROTOCOL_CHAT, "openai",
                                                         "gpt-4o") };
        br_loss_t *losses = NULL;
        br_error_t error = { .text = "" };
        br_buf_t out;
        br_buf_init (&out, 4096);
        int rc = chat_codec.write_call (call, &target, &losses, &out, &error);
        assert_int_equal (rc, rows[i].rc);
        assert_true (rc == 0 || strstr (error.text, "must be base64"));
        br_buf_free (&out);
        br_call_destroy (&call);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_cache_marks_when_the_host_knows_none_then_they_are_dropped_and_told),
        cmocka_unit_test (
            given_documents_of_other_clients_when_written_then_text_is_text_and_an_address_is_refused),
        cmocka_unit_test (given_a_data_url_when_it_is_not_base64_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
