//  Errors in the words of OpenAI.

#include "broker/proto/responses/responses_parts.h"
#include "tests/broker/proto/responses/fixture.h"

static void
a_body_names_type_code_and_member (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, FIXTURE_MAX);
    responses_codec.write_error (BR_EINVALID, "no \"x\"", BR_TEXT ("input[0]"), &out);
    fixture_assert (br_buf_text (&out),
                    "{'error':{'message':'no \\'x\\'','type':'invalid_request_error',"
                    "'param':'input[0]','code':'invalid_request'}}",
                    true);
    br_buf_clear (&out);
    responses_codec.write_error (BR_EUPLIMIT, "slow", BR_TEXT_NONE, &out);
    fixture_assert (br_buf_text (&out), "'param':null,'code':'upstream_rate_limited'",
                    true);
    br_buf_free (&out);
}

static void
statuses_are_those_of_the_codes (void **state)
{
    (void) state;
    assert_int_equal (responses_codec.status (BR_EINVALID), 400);
    assert_int_equal (responses_codec.status (BR_EUPLIMIT), 429);
    assert_int_equal (responses_codec.status (BR_EUPAUTH), 502);
    assert_int_equal (responses_codec.status (BR_EUNAVAILABLE), 503);
}

static void
words_of_providers_have_their_codes (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_code_t code;
    } rows[] = {
        { "\"rate_limit_exceeded\"", BR_EUPLIMIT },
        { "429", BR_EUPLIMIT },
        { "\"insufficient_quota\"", BR_EUPLIMIT },
        { "\"server_error\"", BR_EUPBAD },
        { "\"invalid_prompt\"", BR_EINVALID },
        { "\"new_word\"", BR_EUPBAD },
        { "null", BR_EUPBAD },
        { "\"slow_down\"", BR_EUNAVAILABLE },
    };
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_node_t *node = json_tree_parse (tree, rows[i].json,
                                                   strlen (rows[i].json), NULL);
        assert_int_equal (responses_error_code (tree, node), rows[i].code);
    }
    assert_int_equal (responses_error_code (tree, NULL), BR_EUPBAD);
    json_tree_destroy (&tree);
    assert_string_equal (responses_error_word (BR_EUPLIMIT), "rate_limit_exceeded");
    assert_string_equal (responses_error_word (BR_EUPCUT), "server_error");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_body_names_type_code_and_member),
        cmocka_unit_test (statuses_are_those_of_the_codes),
        cmocka_unit_test (words_of_providers_have_their_codes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
