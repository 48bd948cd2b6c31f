//  ingress_facts: what a catalogue says, as numbers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "actors/ingress/ingress_facts.h"
#include "broker/proto/candidates.h"

static ingress_facts_t
s_read (const char *json)
{
    cJSON *model = cJSON_Parse (json);
    assert_non_null (model);
    ingress_facts_t facts = ingress_facts_read (model);
    cJSON_Delete (model);
    return facts;
}

static void
nothing_is_known_of_an_empty_row (void **state)
{
    (void) state;
    ingress_facts_t facts = s_read ("{}");
    assert_int_equal (facts.context, 0);
    assert_int_equal (facts.price_nusd, 0);
    assert_int_equal (facts.lacks, 0);
    facts = ingress_facts_read (NULL);
    assert_int_equal (facts.lacks, 0);
}

static void
the_window_is_a_count (void **state)
{
    (void) state;
    assert_int_equal (s_read ("{\"max_input_tokens\":128000}").context, 128000);
    assert_int_equal (s_read ("{\"max_input_tokens\":0}").context, 0);
    assert_int_equal (s_read ("{\"max_input_tokens\":-1}").context, 0);
    assert_int_equal (s_read ("{\"max_input_tokens\":1e300}").context, 0);
    assert_int_equal (s_read ("{\"max_input_tokens\":\"9\"}").context, 0);
}

static uint64_t
s_price (const char *input, const char *output)
{
    char json[256];
    snprintf (json, sizeof json,
              "{\"pricing\":{\"input_tokens\":{\"no_cache\":%s},"
              "\"output_tokens\":{\"text\":%s}}}",
              input, output);
    return s_read (json).price_nusd;
}

static void
the_price_is_whole_nano_usd (void **state)
{
    (void) state;
    assert_true (s_price ("2.5", "10") == 12500000000u);
    assert_true (s_price ("0.15", "0.6") == 750000000u);
    assert_true (s_price ("0.1", "0.2") == 300000000u);
    assert_true (s_price ("0.000000001", "0") == 1);
    assert_true (s_price ("1e300", "0") == 1000000000000000u);
}

static void
a_free_model_is_cheaper_than_any_other_and_not_unknown (void **state)
{
    (void) state;
    assert_true (s_price ("0", "0.0") == 1);
    assert_true (s_price ("null", "10") == 0);
    assert_true (s_price ("2", "\"10\"") == 0);
    assert_true (s_price ("-1", "1") == 0);
    assert_int_equal (s_read ("{\"pricing\":{}}").price_nusd, 0);
}

static void
a_model_lacks_the_media_that_it_does_not_list (void **state)
{
    (void) state;
    unsigned all = BR_NEED_IMAGES | BR_NEED_AUDIO | BR_NEED_FILES;
    assert_int_equal (s_read ("{\"input_modalities\":[\"text\"]}").lacks, all);
    assert_int_equal (s_read ("{\"input_modalities\":[\"text\",\"Image\"]}").lacks,
                      BR_NEED_AUDIO | BR_NEED_FILES);
    assert_int_equal (
        s_read ("{\"input_modalities\":[\"audio\",\"image\",\"file\"]}").lacks, 0);
    assert_int_equal (s_read ("{\"input_modalities\":[]}").lacks, 0);
    assert_int_equal (s_read ("{\"input_modalities\":\"text\"}").lacks, 0);
}

static void
a_model_lacks_tools_when_its_capabilities_say_so (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        unsigned lacks;
    } rows[] = {
        { "{\"capabilities\":{\"tools\":false}}", BR_NEED_TOOLS },
        { "{\"capabilities\":{\"function_calling\":false}}", BR_NEED_TOOLS },
        { "{\"capabilities\":{\"tools\":true}}", 0 },
        { "{\"capabilities\":{\"vision\":false}}", 0 },
        { "{\"capabilities\":{}}", 0 },
        { "{\"capabilities\":[\"vision\"]}", BR_NEED_TOOLS },
        { "{\"capabilities\":[\"vision\",\"Tools\"]}", 0 },
        { "{\"capabilities\":[]}", 0 },
        { "{\"capabilities\":\"tools\"}", 0 },
        { "{\"capabilities\":null}", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (s_read (rows[i].json).lacks, rows[i].lacks);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_known_of_an_empty_row),
        cmocka_unit_test (the_window_is_a_count),
        cmocka_unit_test (the_price_is_whole_nano_usd),
        cmocka_unit_test (a_free_model_is_cheaper_than_any_other_and_not_unknown),
        cmocka_unit_test (a_model_lacks_the_media_that_it_does_not_list),
        cmocka_unit_test (a_model_lacks_tools_when_its_capabilities_say_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
