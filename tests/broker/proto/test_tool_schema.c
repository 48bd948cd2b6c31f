//  The parameters of a tool, as OpenAI takes them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "broker/proto/dialect.h"

static void
s_assert (const char *schema, const char *wanted)
{
    br_arena_t *arena = br_arena_new ();
    br_text_t made = br_tool_schema (br_text (schema), arena);
    if (!br_text_is (made, wanted))
        print_message ("%s\n%.*s\n", schema, (int) made.size, made.at);
    assert_true (br_text_is (made, wanted));
    br_arena_destroy (&arena);
}

static void
given_no_properties_when_written_then_there_are_none_to_be_told (void **state)
{
    (void) state;
    static const char none[] = "{\"type\":\"object\",\"properties\":{}}";
    s_assert ("", none);
    s_assert ("{}", none);
    s_assert ("null", none);
    s_assert ("[1]", none);
    s_assert ("{\"type\":", none);
    s_assert ("{\"type\":\"object\"}", "{\"properties\":{},\"type\":\"object\"}");
    s_assert ("{\"type\":\"object\",\"properties\":null,\"additionalProperties\":false}",
              "{\"properties\":{},\"type\":\"object\",\"additionalProperties\":false}");
    s_assert ("{\"description\":\"a\\\"b\"}",
              "{\"type\":\"object\",\"properties\":{},\"description\":\"a\\\"b\"}");
    s_assert ("{\"properties\":{\"a\":{}}}",
              "{\"type\":\"object\",\"properties\":{\"a\":{}}}");
}

static void
given_properties_or_other_schemas_when_written_then_it_is_as_it_was (void **state)
{
    (void) state;
    static const char *const fine[] = {
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"object\"}}}",
        "{ \"properties\" : {} , \"type\" : \"object\" }",
        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"object\"}}}",
        "{\"anyOf\":[{\"type\":\"object\"}]}",
        "{\"type\":\"string\"}",
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        s_assert (fine[i], fine[i]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_no_properties_when_written_then_there_are_none_to_be_told),
        cmocka_unit_test (
            given_properties_or_other_schemas_when_written_then_it_is_as_it_was),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
