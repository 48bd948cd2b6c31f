//  Errors, ours and theirs.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_an_error_when_written_then_googles_shape (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1024);
    gemini_write_error (BR_EUPLIMIT, "slow \"down\"", BR_TEXT_NONE, &out);
    assert_string_equal (br_buf_text (&out),
                         "{\"error\":{\"code\":429,\"message\":\"slow \\\"down\\\"\","
                         "\"status\":\"RESOURCE_EXHAUSTED\"}}");
    br_buf_clear (&out);
    gemini_write_error (BR_EINVALID, "m", BR_TEXT ("contents[0]"), &out);
    assert_has (br_buf_text (&out), "\"code\":400");
    assert_has (br_buf_text (&out), "\"status\":\"INVALID_ARGUMENT\"");
    assert_has (br_buf_text (&out), "\"field\":\"contents[0]\"");
    br_buf_free (&out);
}

static void
given_each_code_when_asked_then_a_status (void **state)
{
    (void) state;
    for (unsigned i = BR_EINVALID; i <= BR_ERROR_COUNT; i++)
        assert_true (gemini_error_status ((br_code_t) i) >= 400);
    assert_int_equal (gemini_error_status (BR_EBUSY), 503);
    assert_int_equal (gemini_error_status (BR_ETIMEOUT), 504);
}

static void
given_errors_of_a_provider_when_read_then_codes (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_code_t code;
    } rows[] = {
        { "{\"code\":429}", BR_EUPLIMIT },
        { "{\"status\":\"RESOURCE_EXHAUSTED\"}", BR_EUPLIMIT },
        { "{\"code\":503,\"status\":\"UNAVAILABLE\"}", BR_EUNAVAILABLE },
        { "{\"code\":403}", BR_EUPAUTH },
        { "{\"code\":504}", BR_ETIMEOUT },
        { "{\"code\":\"x\"}", BR_EUPBAD },
        { "\"text\"", BR_EUPBAD },
    };
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_node_t *root = json_tree_parse (tree, rows[i].json,
                                                   strlen (rows[i].json), NULL);
        assert_int_equal (gemini_error_code (tree, root), rows[i].code);
    }
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_error_when_written_then_googles_shape),
        cmocka_unit_test (given_each_code_when_asked_then_a_status),
        cmocka_unit_test (given_errors_of_a_provider_when_read_then_codes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
