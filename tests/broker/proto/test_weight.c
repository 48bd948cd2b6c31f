//  weight: what counts as text, and what as media.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/proto/weight.h"

static br_weight_t
s_weigh (br_protocol_t wire, const char *json)
{
    //  without a byte behind it, so that a look past the end is seen
    size_t size = strlen (json);
    char *body = malloc (size ? size : 1);
    assert_non_null (body);
    memcpy (body, json, size);
    br_weight_t weight = br_weight_of (wire, body, size);
    free (body);
    return weight;
}

static void
s_is (br_protocol_t wire, const char *json, uint64_t images, uint64_t sound, bool endless,
      uint64_t data)
{
    br_weight_t weight = s_weigh (wire, json);
    assert_int_equal (weight.images, images);
    assert_int_equal (weight.sound, sound);
    assert_int_equal (weight.endless, endless);
    assert_int_equal (weight.text, strlen (json) - data);
}

static void
text_counts_all_its_bytes (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_CHAT, "", 0, 0, false, 0);
    s_is (BR_PROTOCOL_CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\\\"b\"}]}",
          0, 0, false, 0);
    s_is (BR_PROTOCOL_COMPLETIONS, "{\"prompt\":\"abc\"}", 0, 0, false, 0);
}

static void
images_are_counted_without_their_data (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_CHAT,
          "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":"
          "{\"detail\":\"high\",\"url\":\"data:image/png;base64,AAAA\"}},{\"image_url\":"
          "{\"url\":\"data:image/png;base64,BBBB\"}}]}]}",
          2, 0, false, 52);
    s_is (
        BR_PROTOCOL_RESPONSES,
        "{\"input\":[{\"content\":[{\"type\":\"input_image\",\"image_url\":\"1234\"}]}]}",
        1, 0, false, 4);
    s_is (BR_PROTOCOL_MESSAGES,
          "{\"messages\":[{\"content\":[{\"source\":{\"type\":\"base64\",\"data\":"
          "\"12345\"},\"type\":\"image\"},{\"type\":\"tool_result\",\"content\":[{"
          "\"type\":\"image\",\"source\":{\"data\":\"123\"}}]}]}]}",
          2, 0, false, 8);
    s_is (
        BR_PROTOCOL_GOOGLE,
        "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":"
        "\"12345\"}},{\"inline_data\":{\"mime_type\":\"image/png\",\"data\":\"1\"}}]}]}",
        2, 0, false, 6);
}

static void
sound_is_told_by_its_bytes (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_CHAT,
          "{\"messages\":[{\"content\":[{\"input_audio\":{\"data\":\"1234567\"}}]}]}", 0,
          7, false, 7);
}

static void
what_is_elsewhere_or_a_file_has_no_end (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t wire;
        const char *json;
    } rows[] = {
        { BR_PROTOCOL_CHAT,
          "{\"messages\":[{\"content\":[{\"file\":{\"file_id\":\"f\"}}]}]}" },
        { BR_PROTOCOL_RESPONSES, "{\"previous_response_id\":\"r\"}" },
        { BR_PROTOCOL_RESPONSES, "{\"conversation\":{\"id\":\"c\"}}" },
        { BR_PROTOCOL_RESPONSES, "{\"input\":[{\"type\":\"item_reference\"}]}" },
        { BR_PROTOCOL_RESPONSES, "{\"tools\":[{\"type\":\"web_search_preview\"}]}" },
        { BR_PROTOCOL_MESSAGES,
          "{\"messages\":[{\"content\":[{\"type\":\"document\"}]}]}" },
        { BR_PROTOCOL_GOOGLE, "{\"cachedContent\":\"c\"}" },
        { BR_PROTOCOL_GOOGLE, "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":"
                              "\"audio/wav\"}}]}]}" },
        { BR_PROTOCOL_CHAT, "{\"me\\u0073sages\":[]}" },
        { BR_PROTOCOL_MESSAGES,
          "{\"messages\":[{\"content\":[{\"type\":\"d\\u006fcument\"}]}]}" },
        { BR_PROTOCOL_RESPONSES, "{\"tools\":[{\"type\":\"\\u0077eb_search\"}]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_is (rows[i].wire, rows[i].json, 0, 0, true, 0);
    //  the data of one are no text besides
    s_is (BR_PROTOCOL_CHAT,
          "{\"messages\":[{\"content\":[{\"file\":{\"file_data\":\"12345\"}}]}]}", 0, 0,
          true, 5);
}

static void
only_the_protocols_own_places_hold_media (void **state)
{
    (void) state;
    //  an argument of a tool, a text, a key of the same name, another protocol's place
    s_is (BR_PROTOCOL_MESSAGES,
          "{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"input\":{\"source\":"
          "{\"data\":\"12345\"},\"type\":\"image\"}}]}]}",
          0, 0, false, 0);
    s_is (BR_PROTOCOL_CHAT,
          "{\"messages\":[{\"content\":\"{\\\"image_url\\\":\\\"data:\\\"}\"}]}", 0, 0,
          false, 0);
    s_is (BR_PROTOCOL_CHAT, "{\"tools\":[{\"image_url\":{\"url\":\"data:\"}}]}", 0, 0,
          false, 0);
    s_is (BR_PROTOCOL_GOOGLE,
          "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"data:\"}}]}]}", 0, 0,
          false, 0);
}

static void
broken_and_deep_bodies_are_text (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_CHAT, "{\"messages\":[{\"content", 0, 0, false, 0);
    s_is (BR_PROTOCOL_CHAT, "}}]],,::\"", 0, 0, false, 0);
    s_is (BR_PROTOCOL_CHAT, "\"\\", 0, 0, false, 0);
    char deep[4 * BR_WEIGHT_DEPTH + 64];
    memset (deep, '[', sizeof deep);
    strcpy (deep + 4 * BR_WEIGHT_DEPTH, "{\"image_url\":\"data:\"}");
    s_is (BR_PROTOCOL_CHAT, deep, 0, 0, false, 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_counts_all_its_bytes),
        cmocka_unit_test (images_are_counted_without_their_data),
        cmocka_unit_test (sound_is_told_by_its_bytes),
        cmocka_unit_test (what_is_elsewhere_or_a_file_has_no_end),
        cmocka_unit_test (only_the_protocols_own_places_hold_media),
        cmocka_unit_test (broken_and_deep_bodies_are_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
