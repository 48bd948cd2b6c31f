//  conf_dialect: every spelling becomes the schema's.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_dialect.h"
#include "broker/core/conf_typed.h"

//  The JSON of what a text becomes.
static void
s_becomes (const char *text, const char *expected)
{
    br_conf_node_t *tree = fixture_tree (text);
    char *json = br_conf_typed_json (tree);
    assert_string_equal (json, expected);
    free (json);
    br_conf_node_destroy (&tree);
}

static void
test_protocols (void **state)
{
    (void) state;
    s_becomes ("providers: {a: {api_protocol: openai}}",
               "{\"providers\":{\"a\":{\"api_protocol\":[{\"glob\":\"*\",\"protocol\":"
               "\"openai\"}]}}}");
    s_becomes (
        "providers: {a: {api_protocol: [{x*: [messages, rest]}, {\"*\": google}]}}",
        "{\"providers\":{\"a\":{\"api_protocol\":[{\"glob\":\"x*\",\"protocol\":"
        "\"messages\"},{\"glob\":\"x*\",\"protocol\":\"rest\"},{\"glob\":\"*\","
        "\"protocol\":\"google\"}]}}}");
    s_becomes ("providers: {a: {api_protocol: {x: messages}}}",
               "{\"providers\":{\"a\":{\"api_protocol\":[{\"glob\":\"x\",\"protocol\":"
               "\"messages\"}]}}}");
    s_becomes ("providers: {a: {api_protocol: [openai, responses]}}",
               "{\"providers\":{\"a\":{\"api_protocol\":[{\"glob\":\"*\",\"protocol\":"
               "\"openai\"},{\"glob\":\"*\",\"protocol\":\"responses\"}]}}}");
}

static void
test_lists_of_models (void **state)
{
    (void) state;
    s_becomes ("providers: {a: {models: [{id: x, name: X}, y, {z: {name: Z}}]}}",
               "{\"providers\":{\"a\":{\"models\":{\"x\":{\"name\":\"X\"},\"y\":{},"
               "\"z\":{\"name\":\"Z\"}}}}}");
}

static void
test_names_of_a_model (void **state)
{
    (void) state;
    static const char *const keys[] = { "model_id", "tool_id", "service_id", "model" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *text = br_strf ("models: {m: {endpoints: [{provider: p, %s: x}]}}",
                              keys[i]);
        s_becomes (text, "{\"models\":{\"m\":{\"endpoints\":[{\"provider\":\"p\","
                         "\"service_id\":\"x\"}]}}}");
        free (text);
    }
}

static void
test_flat_prices (void **state)
{
    (void) state;
    s_becomes ("providers: {a: {models: {m: {pricing: {input_micro_usd_per_token: 1, "
               "output_micro_usd_per_token: 2, cache_write_micro_usd_per_token: 3}}}}}",
               "{\"providers\":{\"a\":{\"models\":{\"m\":{\"pricing\":{"
               "\"input_tokens\":{\"no_cache\":1,\"cache_write\":3},\"output_tokens\":{"
               "\"text\":2}}}}}}}");
}

static void
test_list_without_names_loses_items (void **state)
{
    (void) state;
    const char *text = "x: [{a: 1, b: 2}, {id: k}, {id: k}, []]";
    br_conf_node_t *tree = br_conf_yaml_parse ("t", text, strlen (text), NULL);
    br_conf_node_t *list = br_conf_node_get (tree, "x");
    assert_int_equal (br_conf_dialect_key_list (list), 3);
    assert_int_equal (list->count, 1);
    br_conf_node_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_protocols),
        cmocka_unit_test (test_lists_of_models),
        cmocka_unit_test (test_names_of_a_model),
        cmocka_unit_test (test_flat_prices),
        cmocka_unit_test (test_list_without_names_loses_items),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
