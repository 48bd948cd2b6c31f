//  cargo: how much text a body has, and which media.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/proto/candidates.h"
#include "broker/proto/cargo.h"

static br_cargo_t
s_read (br_protocol_t wire, const char *body)
{
    return br_cargo_read (wire, body, strlen (body));
}

static void
a_token_is_four_bytes_rounded_up (void **state)
{
    (void) state;
    assert_int_equal (br_cargo_tokens (0), 0);
    assert_int_equal (br_cargo_tokens (1), 1);
    assert_int_equal (br_cargo_tokens (8), 2);
    assert_int_equal (s_read (BR_PROTOCOL_CHAT, "").input_tokens, 0);
    assert_int_equal (s_read (BR_PROTOCOL_CHAT, "{\"model\":\"m\"}").input_tokens, 4);
}

static void
media_are_found_by_the_words_of_the_protocol (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t wire;
        const char *body;
        unsigned media;
    } rows[] = {
        { BR_PROTOCOL_CHAT, "{\"type\" : \"image_url\"}", BR_NEED_IMAGES },
        { BR_PROTOCOL_CHAT, "{\"type\":\"input_audio\"}", BR_NEED_AUDIO },
        { BR_PROTOCOL_CHAT, "{\"type\":\"file\"}", BR_NEED_FILES },
        { BR_PROTOCOL_CHAT, "{\"type\":\"image\"}", 0 },
        { BR_PROTOCOL_RESPONSES, "[\"input_image\",\"input_file\"]",
          BR_NEED_IMAGES | BR_NEED_FILES },
        { BR_PROTOCOL_MESSAGES, "{\"type\": \"image\",\"x\":{\"type\":\"document\"}}",
          BR_NEED_IMAGES | BR_NEED_FILES },
        { BR_PROTOCOL_GOOGLE, "{\"inlineData\":{\"mimeType\":\"image/png\"}}",
          BR_NEED_IMAGES },
        { BR_PROTOCOL_GOOGLE, "{\"mime_type\":\"audio/mp3\"}", BR_NEED_AUDIO },
        { BR_PROTOCOL_GOOGLE, "{\"mimeType\":\"application/pdf\"}", BR_NEED_FILES },
        { BR_PROTOCOL_GOOGLE, "{\"text\":\"image/\"}", 0 },
        //  words that somebody says
        { BR_PROTOCOL_CHAT, "{\"content\":\"an image_url is a type\"}", 0 },
        { BR_PROTOCOL_CHAT, "{\"content\":\"\\\"image_url\\\"\"}", 0 },
        { BR_PROTOCOL_COMPLETIONS, "{\"prompt\":\"image_url\"}", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (s_read (rows[i].wire, rows[i].body).media, rows[i].media);
}

static void
base64_does_not_count_and_long_text_does (void **state)
{
    (void) state;
    size_t size = 40000;
    char *body = br_alloc (size + 100, 1);
    strcpy (body, "{\"url\":\"data:image/png;base64,");
    size_t at = strlen (body);
    memset (body + at, 'A', size);
    strcpy (body + at + size, "\"}");
    assert_true (s_read (BR_PROTOCOL_CHAT, body).input_tokens < 20);
    for (size_t i = at; i < at + size; i += 50)
        body[i] = ' ';
    assert_true (s_read (BR_PROTOCOL_CHAT, body).input_tokens > size / 4);
    free (body);
}

static void
what_is_behind_too_many_quotes_is_text (void **state)
{
    (void) state;
    size_t size = 2 * BR_CARGO_RUNS_MAX;
    char *body = br_alloc (size + 100, 1);
    memset (body, '"', size);
    strcpy (body + size, "\"image_url\"");
    br_cargo_t cargo = s_read (BR_PROTOCOL_CHAT, body);
    assert_int_equal (cargo.media, 0);
    assert_int_equal (cargo.input_tokens, br_cargo_tokens (strlen (body)));
    free (body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_token_is_four_bytes_rounded_up),
        cmocka_unit_test (media_are_found_by_the_words_of_the_protocol),
        cmocka_unit_test (base64_does_not_count_and_long_text_does),
        cmocka_unit_test (what_is_behind_too_many_quotes_is_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
