//  ingress_model_shape: one model and one list, as each protocol has them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_model_shape.h"

static void
s_is (br_protocol_t wire, const char *model, const char *expected)
{
    cJSON *object = cJSON_Parse (model);
    char *json = ingress_model_shape (wire, object);
    assert_string_equal (json, expected);
    free (json);
    cJSON_Delete (object);
}

#define MODEL                                                                            \
    "{\"id\":\"p:m\",\"object\":\"model\",\"created\":86400,\"owned_by\":\"p\","         \
    "\"name\":\"M\",\"description\":\"d\",\"max_input_tokens\":10,"                      \
    "\"max_output_tokens\":5}"

static void
a_model_has_the_members_of_the_protocol (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_CHAT, MODEL, MODEL);
    s_is (BR_PROTOCOL_RESPONSES, MODEL, MODEL);
    s_is (BR_PROTOCOL_MESSAGES, MODEL,
          "{\"type\":\"model\",\"id\":\"p:m\",\"display_name\":\"M\",\"created_at\":"
          "\"1970-01-02T00:00:00Z\",\"max_input_tokens\":10,\"max_tokens\":5}");
    s_is (BR_PROTOCOL_GOOGLE, MODEL,
          "{\"name\":\"models/p:m\",\"version\":\"001\",\"displayName\":\"M\","
          "\"description\":\"d\",\"inputTokenLimit\":10,\"outputTokenLimit\":5,"
          "\"supportedGenerationMethods\":[\"generateContent\",\"streamGenerateContent\","
          "\"countTokens\"]}");
}

static void
shapes_are_shared (void **state)
{
    (void) state;
    assert_int_equal (ingress_model_shape_of (BR_PROTOCOL_RESPONSES), BR_PROTOCOL_CHAT);
    assert_int_equal (ingress_model_shape_of (BR_PROTOCOL_CHAT), BR_PROTOCOL_CHAT);
    assert_int_equal (ingress_model_shape_of (BR_PROTOCOL_GOOGLE), BR_PROTOCOL_GOOGLE);
    for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
        if (ingress_model_shape_of (wire) == BR_PROTOCOL_CHAT)
            s_is (wire, "{\"id\":\"m\"}", "{\"id\":\"m\"}");
}

static void
what_is_not_known_is_left_out_or_the_id (void **state)
{
    (void) state;
    s_is (BR_PROTOCOL_MESSAGES, "{\"id\":\"m\"}",
          "{\"type\":\"model\",\"id\":\"m\",\"display_name\":\"m\",\"created_at\":"
          "\"1970-01-01T00:00:00Z\"}");
    s_is (BR_PROTOCOL_GOOGLE, "{\"id\":\"m\"}",
          "{\"name\":\"models/m\",\"version\":\"001\",\"displayName\":\"m\","
          "\"supportedGenerationMethods\":[\"generateContent\",\"streamGenerateContent\","
          "\"countTokens\"]}");
}

static void
s_is_list (br_protocol_t wire, const ingress_model_page_t *page, const char *expected)
{
    br_buf_t buf;
    br_buf_init (&buf, 1000);
    ingress_model_shape_list (wire, page, &buf);
    assert_string_equal (br_buf_text (&buf), expected);
    br_buf_free (&buf);
}

static void
a_list_has_the_marks_of_a_page (void **state)
{
    (void) state;
    static const char *const rows[] = { "{1}", "{2}" };
    const ingress_model_page_t page = { rows, 2, "a\"", "b", true };
    const ingress_model_page_t none = { rows, 0, NULL, NULL, false };
    s_is_list (BR_PROTOCOL_CHAT, &page, "{\"object\":\"list\",\"data\":[{1},{2}]}");
    s_is_list (BR_PROTOCOL_MESSAGES, &page,
               "{\"data\":[{1},{2}],\"has_more\":true,\"first_id\":\"a\\\"\","
               "\"last_id\":\"b\"}");
    s_is_list (BR_PROTOCOL_GOOGLE, &page,
               "{\"models\":[{1},{2}],\"nextPageToken\":\"b\"}");
    s_is_list (BR_PROTOCOL_CHAT, &none, "{\"object\":\"list\",\"data\":[]}");
    s_is_list (BR_PROTOCOL_MESSAGES, &none,
               "{\"data\":[],\"has_more\":false,\"first_id\":null,\"last_id\":null}");
    s_is_list (BR_PROTOCOL_GOOGLE, &none, "{\"models\":[]}");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_model_has_the_members_of_the_protocol),
        cmocka_unit_test (shapes_are_shared),
        cmocka_unit_test (what_is_not_known_is_left_out_or_the_id),
        cmocka_unit_test (a_list_has_the_marks_of_a_page),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
