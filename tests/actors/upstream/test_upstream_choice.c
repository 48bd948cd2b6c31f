//  upstream_choice: whether and how an endpoint can be asked.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_choice.h"

static int
s_choose (const char *slice, struct br_attempt_start start, upstream_ask_t *ret_ask,
          br_error_t *reterr)
{
    upstream_table_t *table = upstream_table_new (slice, NULL);
    assert_non_null (table);
    start.endpoint = start.endpoint ? start.endpoint : "";
    start.model = "m";
    int rc = upstream_choose (table, "acme", &start, ret_ask, reterr);
    upstream_table_destroy (&table);
    return rc;
}

#define MESSAGES_ONLY                                                                    \
    "{\"api_base\":\"http://"                                                            \
    "a\",\"protocols\":[{\"glob\":\"*\",\"protocol\":\"messages\"}]}"

static void
another_protocol_is_chosen_where_it_can_be (void **state)
{
    (void) state;
    upstream_ask_t ask;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT };
    assert_int_equal (s_choose (MESSAGES_ONLY, start, &ask, NULL), 0);
    assert_int_equal (ask.surface, BR_SURFACE_MESSAGES);
    assert_null (ask.body);
}

static void
what_cannot_be_asked_is_told (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        struct br_attempt_start start;
        br_code_t code;
        const char *text;
    } rows[] = {
        { "{}", { .surface = 99 }, BR_EUPBAD, "operation" },
        { "{}", { .surface = BR_SURFACE_MODELS }, BR_EUPBAD, "operation" },
        { "{}", { .surface = BR_SURFACE_CHAT, .endpoint = "e" }, BR_EUPBAD, "endpoint" },
        { "{}", { .surface = BR_SURFACE_CHAT }, BR_EUPBAD, "api_base" },
        { MESSAGES_ONLY, { .surface = BR_SURFACE_IMAGES }, BR_EUPBAD, "protocol" },
        { "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"mpp\"}}",
          { .surface = BR_SURFACE_CHAT },
          BR_EUPAUTH,
          "'mpp'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        upstream_ask_t ask;
        assert_int_equal (s_choose (rows[i].slice, rows[i].start, &ask, &error), -1);
        assert_int_equal (error.code, rows[i].code);
        assert_non_null (strstr (error.text, rows[i].text));
        assert_non_null (strstr (error.text, "provider acme: "));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (another_protocol_is_chosen_where_it_can_be),
        cmocka_unit_test (what_cannot_be_asked_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
