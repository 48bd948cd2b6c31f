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
          br_failure_t *ret_failure, br_error_t *reterr)
{
    upstream_table_t *table = upstream_table_new (slice, NULL);
    assert_non_null (table);
    start.endpoint = start.endpoint ? start.endpoint : "";
    start.model = "m";
    int rc = upstream_choose (table, "acme", &start, ret_ask, ret_failure, reterr);
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
    br_failure_t failure;
    struct br_attempt_start start = { .surface = BR_SURFACE_CHAT };
    assert_int_equal (s_choose (MESSAGES_ONLY, start, &ask, &failure, NULL), 0);
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
        { MESSAGES_ONLY, { .surface = BR_SURFACE_IMAGES }, BR_ENOTFOUND, "protocol" },
        { "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"mpp\"}}",
          { .surface = BR_SURFACE_CHAT },
          BR_EUPAUTH,
          "'mpp'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        upstream_ask_t ask;
        br_failure_t failure;
        assert_int_equal (s_choose (rows[i].slice, rows[i].start, &ask, &failure, &error),
                          -1);
        assert_int_equal (failure, rows[i].code == BR_EUPAUTH ? BR_FAILURE_AUTH
                                                              : BR_FAILURE_UNFIT);
        assert_int_equal (error.code, rows[i].code);
        assert_non_null (strstr (error.text, rows[i].text));
        assert_non_null (strstr (error.text, "provider acme: "));
    }
}

//  Nothing that a client would try again.
static void
embeddings_of_a_provider_without_any_are_not_found (void **state)
{
    (void) state;
    static const br_surface_t surfaces[] = { BR_SURFACE_EMBEDDINGS,
                                             BR_SURFACE_GOOGLE_EMBED,
                                             BR_SURFACE_GOOGLE_EMBEDS };
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++) {
        br_error_t error;
        upstream_ask_t ask;
        br_failure_t failure;
        struct br_attempt_start start = { .surface = surfaces[i] };
        assert_int_equal (s_choose (MESSAGES_ONLY, start, &ask, &failure, &error), -1);
        assert_int_equal (error.code, BR_ENOTFOUND);
        assert_int_equal (br_code_status (error.code), 404);
        assert_int_equal (failure, BR_FAILURE_UNFIT);
        assert_non_null (strstr (error.text, "acme"));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (another_protocol_is_chosen_where_it_can_be),
        cmocka_unit_test (what_cannot_be_asked_is_told),
        cmocka_unit_test (embeddings_of_a_provider_without_any_are_not_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
