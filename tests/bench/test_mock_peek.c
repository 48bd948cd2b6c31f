//  model and stream are found at the top level of a body, and nowhere else.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_peek.h"

typedef struct {
    const char *body;
    const char *model;
    bool stream;
} peek_row_t;

static const peek_row_t s_rows[] = {
    { "{\"model\":\"a\",\"stream\":true}", "a", true },
    { " { \"stream\" : \n true , \"model\" : \"a b\" } ", "a b", true },
    { "{\"model\":\"a\",\"stream\":false}", "a", false },
    { "{\"x\":{\"model\":\"b\",\"stream\":true},\"model\":\"a\"}", "a", false },
    { "{\"messages\":[{\"stream\":true}],\"model\":\"a\"}", "a", false },
    { "{\"x\":\"\\\"model\\\":\\\"b\\\"\",\"model\":\"a\"}", "a", false },
    { "{\"x\":\"{\",\"model\":\"a\"}", "a", false },
    { "{\"x\":\"\\\\\",\"model\":\"a\"}", "a", false },
    { "{\"x\":\"model\",\"stream\":true}", "", true },
    { "{\"model\":5,\"stream\":\"true\"}", "", false },
    { "{\"stream\":true,\"model\":\"a", "", true },
    { "{\"stream\":true,\"model\":\"", "", true },
    { "{\"model\":", "", false },
    { "{\"model", "", false },
    { "", "", false },
    { "no json", "", false },
};

static void
members_are_found (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        size_t size = strlen (s_rows[i].body);
        uint8_t *body = malloc (size); //  exact, so that a sanitizer sees the end
        assert_true (body || !size);
        memcpy (body, s_rows[i].body, size);
        mock_peek_t peek;
        mock_peek (&peek, body, size);
        assert_string_equal (peek.model, s_rows[i].model);
        assert_int_equal (peek.stream, s_rows[i].stream);
        free (body);
    }
}

static void
long_names_are_cut (void **state)
{
    (void) state;
    char body[400] = "{\"model\":\"";
    size_t size = strlen (body);
    memset (body + size, 'm', 300);
    memcpy (body + size + 300, "\"}", 2);
    mock_peek_t peek;
    mock_peek (&peek, (const uint8_t *) body, size + 302);
    assert_int_equal (strlen (peek.model), MOCK_MODEL_MAX - 1);
}

static void
path_tells_what_a_body_does_not (void **state)
{
    (void) state;
    mock_peek_t peek = { .stream = false };
    mock_peek_path (&peek, "/v1beta/models/mock-429:streamGenerateContent?alt=sse");
    assert_string_equal (peek.model, "mock-429");
    assert_true (peek.stream);
    mock_peek_path (&peek, "/v1beta/models/x:y:generateContent");
    assert_string_equal (peek.model, "x:y");
    assert_false (peek.stream);
    mock_peek_path (&peek, "/v1beta/models/replay%2Fgoogle%2fx%40cut1%:countTokens");
    assert_string_equal (peek.model, "replay/google/x@cut1%");
    mock_peek_path (&peek, "/v1beta/models/x:y:generateContent");
    mock_peek_path (&peek, "/v1/chat/completions");
    assert_string_equal (peek.model, "x:y");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (members_are_found),
        cmocka_unit_test (long_names_are_cut),
        cmocka_unit_test (path_tells_what_a_body_does_not),
    };
    return cmocka_run_group_tests_name ("mock_peek", tests, NULL, NULL);
}
