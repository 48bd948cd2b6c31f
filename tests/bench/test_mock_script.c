//  What the mock provider can be told, and what it refuses to hear.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_script.h"

static void
header_sets_what_it_names (void **state)
{
    (void) state;
    mock_script_t script;
    char bad[64];
    mock_script_init (&script);
    assert_int_equal (
        mock_script_header (&script, " chunks = 60;gap_ms=5 ; reset;", bad, sizeof bad),
        0);
    assert_int_equal (script.chunks, 60);
    assert_int_equal (script.gap_ms, 5);
    assert_int_equal (script.reset, 1);
    assert_int_equal (script.status, 200);
}

static void
model_sets_what_it_names (void **state)
{
    (void) state;
    mock_script_t script;
    char bad[64];
    mock_script_init (&script);
    assert_int_equal (mock_script_model (&script,
                                         "acme/mock:mock-429-chunks60-gap5-error_in_200",
                                         bad, sizeof bad),
                      0);
    assert_int_equal (script.status, 429);
    assert_int_equal (script.chunks, 60);
    assert_int_equal (script.gap_ms, 5);
    assert_int_equal (script.error_in_200, 1);
}

static void
model_names_a_file (void **state)
{
    (void) state;
    mock_script_t script;
    char bad[64];
    mock_script_init (&script);
    assert_int_equal (mock_script_model (&script, "mock-file.a.sse", bad, sizeof bad), 0);
    assert_string_equal (script.file, "a.sse");
    assert_int_equal (mock_script_set (&script, "file", "../secret"), -1);
    assert_int_equal (mock_script_set (&script, "file", ".."), -1);
}

static void
a_recording_is_steered_behind_its_name (void **state)
{
    (void) state;
    mock_script_t script;
    char bad[64];
    mock_script_init (&script);
    assert_int_equal (mock_script_model (&script,
                                         "a:replay/chat/one-case@split3-gapus5-cut2", bad,
                                         sizeof bad),
                      0);
    assert_int_equal (script.split, 3);
    assert_int_equal (script.gap_us, 5);
    assert_int_equal (script.cut, 2);
    assert_int_equal (mock_script_model (&script, "replay/chat/x@nonsense", bad, 64), -1);
}

static void
other_models_change_nothing (void **state)
{
    (void) state;
    static const char *names[] = { "", "mock", "mockingbird", "gpt-429",
                                   "mock-429:latest" };
    mock_script_t plain;
    mock_script_init (&plain);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mock_script_t script = plain;
        char bad[64];
        assert_int_equal (mock_script_model (&script, names[i], bad, sizeof bad), 0);
        assert_memory_equal (&script, &plain, sizeof plain);
    }
}

static void
unknown_words_are_named (void **state)
{
    (void) state;
    mock_script_t script;
    char bad[64];
    mock_script_init (&script);
    assert_int_equal (mock_script_header (&script, "gap_ms=1;gapp=2", bad, sizeof bad),
                      -1);
    assert_string_equal (bad, "gapp");
    assert_int_equal (mock_script_model (&script, "mock-large", bad, sizeof bad), -1);
    assert_string_equal (bad, "large");
}

static void
values_out_of_range_are_refused (void **state)
{
    (void) state;
    mock_script_t script;
    mock_script_init (&script);
    assert_int_equal (mock_script_set (&script, "status", "99"), -1);
    assert_int_equal (mock_script_set (&script, "chunks", "-1"), -1);
    assert_int_equal (mock_script_set (&script, "chunks", "x"), -1);
    assert_int_equal (mock_script_set (&script, "chunks", ""), -1);
    assert_int_equal (mock_script_set (&script, "chunks", "99999999999999999999"), -1);
    assert_int_equal (mock_script_set (&script, "reset", "2"), -1);
    assert_int_equal (script.chunks, 3);
}

static void
texts_without_end_are_refused (void **state)
{
    (void) state;
    char text[2000];
    char bad[64];
    memset (text, 'a', sizeof text);
    memcpy (text, "mock-", 5);
    text[sizeof text - 1] = 0;
    mock_script_t script;
    mock_script_init (&script);
    assert_int_equal (mock_script_header (&script, text, bad, sizeof bad), -1);
    assert_int_equal (mock_script_model (&script, text, bad, sizeof bad), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (header_sets_what_it_names),
        cmocka_unit_test (model_sets_what_it_names),
        cmocka_unit_test (model_names_a_file),
        cmocka_unit_test (a_recording_is_steered_behind_its_name),
        cmocka_unit_test (other_models_change_nothing),
        cmocka_unit_test (unknown_words_are_named),
        cmocka_unit_test (values_out_of_range_are_refused),
        cmocka_unit_test (texts_without_end_are_refused),
    };
    return cmocka_run_group_tests_name ("mock_script", tests, NULL, NULL);
}
