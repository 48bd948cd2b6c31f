//  Tests of cli/chain.

#include "cli/chain.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char s_slice[] =
    "{\"providers\":{"
    "\"b\":{\"priority\":2,\"models\":{\"m\":{\"provider_model_id\":\"m-1\"}}},"
    "\"a\":{\"priority\":2,\"models\":{\"m\":{}},"
    "\"accounts\":[\"a#0\",\"a#1\"],\"account_strategy\":\"balance\"},"
    "\"z\":{\"models\":{\"m\":{}}},"
    "\"hidden\":{\"routes_only\":true,\"models\":{\"m\":{},\"h\":{}}}},"
    "\"aliases\":{\"other\":\"b\"},\"inactive\":{\"off\":\"set OFF_API_KEY\"},"
    "\"models\":{\"smart\":{\"strategy\":\"cheapest\",\"endpoints\":["
    "{\"provider\":\"b\",\"model\":\"m\",\"endpoint\":\"\",\"weight\":3},"
    "{\"provider\":\"hidden\",\"model\":\"h\",\"endpoint\":\"smart#1\"}]}}}";

//  "how strategy: provider:model@endpoint ..." or the error.
static void
s_resolves (const char *name, const char *wanted)
{
    char text[512];
    cJSON *slice = cJSON_Parse (s_slice);
    assert_non_null (slice);
    cJSON *answer = cli_chain_resolve (slice, name);
    const cJSON *error = cJSON_GetObjectItem (answer, "error");
    if (error)
        snprintf (text, sizeof text, "%s", error->valuestring);
    else
        snprintf (text, sizeof text,
                  "%s %s:", cJSON_GetObjectItem (answer, "how")->valuestring,
                  cJSON_GetObjectItem (answer, "strategy")->valuestring);
    const cJSON *link;
    cJSON_ArrayForEach (link, cJSON_GetObjectItem (answer, "chain"))
    {
        const cJSON *own = cJSON_GetObjectItem (link, "endpoint");
        size_t used = strlen (text);
        snprintf (text + used, sizeof text - used, " %s:%s%s%s",
                  cJSON_GetObjectItem (link, "provider")->valuestring,
                  cJSON_GetObjectItem (link, "service_id")->valuestring, own ? "@" : "",
                  own ? own->valuestring : "");
    }
    assert_string_equal (text, wanted);
    cJSON_Delete (answer);
    cJSON_Delete (slice);
}

static void
given_a_route_when_it_is_asked_for_then_its_endpoints_stand_in_order (void **state)
{
    (void) state;
    s_resolves ("smart", "route cheapest: b:m-1 hidden:h@smart#1");
}

static void
given_a_provider_in_front_when_it_is_known_then_it_alone_is_asked (void **state)
{
    (void) state;
    s_resolves ("b:m", "provider:model priority: b:m-1");
    s_resolves ("other:m", "provider:model priority: b:m-1");
    s_resolves ("b/m", "provider:model priority: b:m-1");
    s_resolves ("b:new:x", "unlisted model priority: b:new:x");
    s_resolves ("b/new", "unlisted model priority: b:new");
}

static void
given_accounts_when_a_model_is_asked_for_then_each_of_them_is_there (void **state)
{
    (void) state;
    s_resolves ("a:m", "provider:model load_balance: a:m@a#0 a:m@a#1");
}

static void
given_a_bare_name_when_several_have_it_then_priority_and_name_order_them (void **state)
{
    (void) state;
    s_resolves ("m", "catalogue name priority: z:m a:m@a#0 a:m@a#1 b:m-1");
}

static void
given_what_nobody_has_when_it_is_asked_for_then_it_says_why (void **state)
{
    (void) state;
    s_resolves ("h", "no active provider has the model 'h'");
    s_resolves ("hidden:h", "no active provider has the model 'hidden:h'");
    s_resolves ("off:x", "provider 'off' is not active: set OFF_API_KEY");
    s_resolves ("off", "no active provider has the model 'off'");
    s_resolves ("", "no active provider has the model ''");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_route_when_it_is_asked_for_then_its_endpoints_stand_in_order),
        cmocka_unit_test (
            given_a_provider_in_front_when_it_is_known_then_it_alone_is_asked),
        cmocka_unit_test (
            given_accounts_when_a_model_is_asked_for_then_each_of_them_is_there),
        cmocka_unit_test (
            given_a_bare_name_when_several_have_it_then_priority_and_name_order_them),
        cmocka_unit_test (given_what_nobody_has_when_it_is_asked_for_then_it_says_why),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
