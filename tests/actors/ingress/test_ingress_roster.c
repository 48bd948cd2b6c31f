//  ingress_roster: routes by name, with who answers first.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_roster.h"
#include "broker/core/alloc.h"

static const char s_slice[] =
    "{\"providers\":{\"openai\":{\"protocols\":[\"chat_completions\",\"responses\"],"
    "\"models\":{\"o1\":{\"provider_model_id\":\"o1-2024\",\"protocols\":[\"responses\"]}"
    ","
    "\"gpt\":{}}},\"anthropic\":{\"protocols\":[\"messages\"]},\"odd\":{}},"
    "\"models\":{\"z\":{\"endpoints\":[{\"provider\":\"anthropic\",\"model\":\"c\"},"
    "{\"provider\":\"openai\",\"model\":\"gpt\"}]},"
    "\"a\":{\"endpoints\":[{\"provider\":\"openai\",\"model\":\"gpt\"}]},"
    "\"think\":{\"endpoints\":[{\"provider\":\"openai\",\"model\":\"o1-2024\"}]},"
    "\"own\":{\"endpoints\":[{\"provider\":\"openai\",\"model\":\"gpt\","
    "\"protocol\":\"responses\"}]},"
    "\"odd \\\"one\\\"\":{\"endpoints\":[{\"provider\":\"odd\"}]},"
    "\"none\":{\"endpoints\":[]},\"nothing\":7}}";

static void
s_is (const char *slice, ingress_roster_fn *shows, void *arg, const char *wanted)
{
    cJSON *root = cJSON_Parse (slice);
    br_blob_t *body = ingress_roster_print (root, shows, arg);
    char *text = br_strndup ((const char *) br_blob_data (body), br_blob_size (body));
    assert_string_equal (text, wanted);
    free (text);
    br_blob_destroy (&body);
    cJSON_Delete (root);
}

static void
given_routes_then_each_has_a_row_by_name (void **state)
{
    (void) state;
    s_is (s_slice, NULL, NULL,
          "{\"routes\":["
          "{\"name\":\"a\",\"provider\":\"openai\",\"protocol\":\"chat_completions\"},"
          "{\"name\":\"odd \\\"one\\\"\",\"provider\":\"odd\",\"protocol\":\"\"},"
          "{\"name\":\"own\",\"provider\":\"openai\",\"protocol\":\"responses\"},"
          "{\"name\":\"think\",\"provider\":\"openai\",\"protocol\":\"responses\"},"
          "{\"name\":\"z\",\"provider\":\"anthropic\",\"protocol\":\"messages\"}]}");
    s_is ("{}", NULL, NULL, "{\"routes\":[]}");
    s_is ("[]", NULL, NULL, "{\"routes\":[]}");
}

static bool
s_shows (void *arg, const char *name)
{
    return strcmp (arg, name) == 0;
}

static void
given_a_caller_then_only_its_routes_are_shown (void **state)
{
    (void) state;
    s_is (s_slice, s_shows, "z",
          "{\"routes\":[{\"name\":\"z\",\"provider\":\"anthropic\","
          "\"protocol\":\"messages\"}]}");
    s_is (s_slice, s_shows, "nobody", "{\"routes\":[]}");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_routes_then_each_has_a_row_by_name),
        cmocka_unit_test (given_a_caller_then_only_its_routes_are_shown),
    };
    return cmocka_run_group_tests_name ("ingress_roster", tests, NULL, NULL);
}
