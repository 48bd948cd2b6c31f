//  Images, documents and marks of the cache are written.

#include "tests/broker/proto/messages/given.h"

static given_t
s_given (br_block_kind_t kind, br_media_t media)
{
    given_t given = given_other (BR_PROTOCOL_CHAT);
    br_block_t *block = given_block (&given, BR_TURN_USER, kind, NULL);
    block->media = media;
    block->path = BR_TEXT ("messages[0].content[0]");
    return given;
}

static void
given_media_when_written_then_the_source_fits (void **state)
{
    (void) state;
    static const struct {
        br_block_kind_t kind;
        br_media_t media;
        const char *json; //  NULL: refused
    } rows[] = {
        { BR_BLOCK_IMAGE,
          { .url = { "https://x/y.png", 15 } },
          "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x/"
          "y.png\"}}" },
        { BR_BLOCK_IMAGE,
          { .url = { "data:image/gif;base64,QQ==", 26 } },
          "{\"type\":\"base64\",\"media_type\":\"image/gif\",\"data\":\"QQ==\"}" },
        { BR_BLOCK_IMAGE,
          { .data = { "QQ==", 4 }, .mime = { "image/jpg", 9 } },
          "\"media_type\":\"image/jpeg\"" },
        { BR_BLOCK_IMAGE,
          { .data = { "/9j/AA==", 8 } },
          "\"media_type\":\"image/jpeg\"" },
        { BR_BLOCK_DOCUMENT,
          { .data = { "JVBERi0=", 8 }, .name = { "a.pdf", 5 } },
          "\"media_type\":\"application/"
          "pdf\",\"data\":\"JVBERi0=\"},\"title\":\"a.pdf\"}" },
        { BR_BLOCK_DOCUMENT,
          { .data = { "hi", 2 }, .mime = { "text/plain", 10 } },
          "{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"hi\"}" },
        { BR_BLOCK_IMAGE, { .data = { "QQ==", 4 }, .mime = { "image/heic", 10 } }, NULL },
        { BR_BLOCK_IMAGE, { .data = { "QQ==", 4 } }, NULL },
        { BR_BLOCK_IMAGE,
          { .url = { "data:image/png,raw", 18 } },
          "\"url\":\"data:image/png,raw\"" },
        { BR_BLOCK_IMAGE, { .detail = { "low", 3 } }, NULL },
        { BR_BLOCK_DOCUMENT, { .file_id = { "file-1", 6 } }, NULL },
        { BR_BLOCK_AUDIO, { .data = { "QQ==", 4 } }, NULL },
        { BR_BLOCK_VIDEO, { .url = { "https://x", 9 } }, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = s_given (rows[i].kind, rows[i].media);
        if (rows[i].json) {
            assert_has (given_sent (&given, OLD), rows[i].json);
        } else {
            assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
            assert_int_equal (given.error.code, BR_EINVALID);
            assert_has (given.error.text, "messages[0].content[0]: ");
        }
        given_free (&given);
    }
}

static void
given_a_detail_when_written_then_it_is_told_that_it_is_lost (void **state)
{
    (void) state;
    given_t given = s_given (BR_BLOCK_IMAGE, (br_media_t) { .url = BR_TEXT ("https://x"),
                                                            .detail = BR_TEXT ("high") });
    assert_lacks (given_sent (&given, OLD), "high");
    assert_dropped (&given, "messages[0].content[0].detail");
    given_free (&given);
}

static unsigned
s_count (const char *text, const char *part)
{
    unsigned count = 0;
    for (text = strstr (text, part); text; text = strstr (text + 1, part))
        count++;
    return count;
}

static void
given_six_marks_when_written_then_four_are_sent_and_long_ones_first (void **state)
{
    (void) state;
    static const char *const marks[] = { "1h", "30m", "5m", "1h", "", "5m" };
    given_t given = given_other (BR_PROTOCOL_CHAT);
    for (size_t i = 0; i < 6; i++) {
        br_block_t *block = br_block_add (&given.call->system, BR_BLOCK_TEXT,
                                          given.call->arena);
        block->text = BR_TEXT ("x");
        block->cache = br_text (marks[i]);
        block->path = br_arena_textf (given.call->arena, "s%zu", i);
    }
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    const char *sent = given_sent (&given, OLD);
    assert_int_equal (s_count (sent, "cache_control"), 4);
    assert_int_equal (s_count (sent, "\"ttl\":\"1h\""), 2);
    assert_int_equal (s_count (sent, "\"ttl\":\"5m\""), 1);
    assert_changed (&given, "s1");
    assert_changed (&given, "s3");
    assert_dropped (&given, "s4");
    assert_dropped (&given, "s5");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_media_when_written_then_the_source_fits),
        cmocka_unit_test (given_a_detail_when_written_then_it_is_told_that_it_is_lost),
        cmocka_unit_test (
            given_six_marks_when_written_then_four_are_sent_and_long_ones_first),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
