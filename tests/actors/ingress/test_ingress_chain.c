//  ingress_chain: how a name resolves, as JSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_chain.h"

static const char s_slice[] =
    "{\"providers\":{\"openai\":{\"actor\":\"upstream/openai\",\"models\":{\"gpt-4o\":{"
    "\"max_input_tokens\":128000}},\"accounts\":[\"openai#0\",\"openai#1\"]}},"
    "\"inactive\":{\"anthropic\":\"set ANTHROPIC_API_KEY\"},"
    "\"models\":{\"smart\":{\"strategy\":\"load_balance\",\"endpoints\":["
    "{\"provider\":\"openai\",\"model\":\"gpt-4o\",\"endpoint\":\"smart#0\",\"weight\":3}"
    "]},\"now\":{\"dynamic\":true,\"endpoints\":[{\"provider\":\"openai\",\"model\":"
    "\"o\"}"
    "]}}}";

static void
given_a_name_then_its_chain_and_what_it_is_are_told (void **state)
{
    (void) state;
#define ACCOUNTS(model, more)                                                            \
    "\"strategy\":\"priority\",\"chain\":[{\"provider\":\"openai\",\"service_id\":"      \
    "\"" model "\",\"endpoint\":\"openai#0\",\"weight\":1" more "},{\"provider\":"       \
    "\"openai\",\"service_id\":\"" model                                                 \
    "\",\"endpoint\":\"openai#1\",\"weight\":1" more "}]}"
    static const struct {
        const char *args;
        const char *answer;
    } rows[] = {
        { "{\"model\":\"smart\"}",
          "{\"model\":\"smart\",\"how\":\"route\",\"strategy\":\"load_balance\","
          "\"chain\":"
          "[{\"provider\":\"openai\",\"service_id\":\"gpt-4o\",\"endpoint\":\"smart#0\","
          "\"weight\":3,\"context\":128000}]}" },
        { "{\"model\":\"now\"}",
          "{\"model\":\"now\",\"how\":\"dynamic route\"," ACCOUNTS ("o", "") },
        { "{\"model\":\"openai:gpt-4o\"}",
          "{\"model\":\"openai:gpt-4o\",\"how\":\"provider:model\"," ACCOUNTS (
              "gpt-4o", ",\"context\":128000") },
        { "{\"model\":\"openai:o9\"}",
          "{\"model\":\"openai:o9\",\"how\":\"unlisted model\"," ACCOUNTS ("o9", "") },
        { "{\"model\":\"gpt-4o\"}",
          "{\"model\":\"gpt-4o\",\"how\":\"catalogue name\"," ACCOUNTS (
              "gpt-4o", ",\"context\":128000") },
        { "{\"model\":\"smrt\"}", "{\"error\":\"no active provider has the model 'smrt'; "
                                  "near names: 'smart'\"}" },
        { "{\"model\":\"anthropic:c\"}", "{\"error\":\"provider 'anthropic' is not "
                                         "active: set ANTHROPIC_API_KEY\"}" },
        { "{}", "{\"error\":\"give args {\\\"model\\\": NAME}\"}" },
        { "{\"model\":1}", "{\"error\":\"give args {\\\"model\\\": NAME}\"}" },
    };
    ingress_routes_t *routes = ingress_routes_new (s_slice, NULL);
    assert_non_null (routes);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_t buf;
        br_buf_init (&buf, 65536);
        ingress_chain_print (routes, rows[i].args, &buf);
        assert_string_equal (br_buf_text (&buf), rows[i].answer);
        br_buf_free (&buf);
    }
    ingress_routes_destroy (&routes);
}

static void
given_no_configuration_then_it_says_so (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 65536);
    ingress_chain_print (NULL, "{\"model\":\"m\"}", &buf);
    assert_string_equal (br_buf_text (&buf),
                         "{\"error\":\"there is no configuration yet\"}");
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_name_then_its_chain_and_what_it_is_are_told),
        cmocka_unit_test (given_no_configuration_then_it_says_so),
    };
    return cmocka_run_group_tests_name ("ingress_chain", tests, NULL, NULL);
}
