//  test_error_words: what is an error of a provider's, and what it calls itself.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/error_words.h"

typedef struct {
    const char *json;
    bool is;
    const char *type, *code; //  read from it, an error or not
} case_t;

static const case_t s_cases[] = {
    { "{\"error\":{\"type\":\"rate_limit_error\",\"code\":429}}", true,
      "rate_limit_error", "429" },
    { "[{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]", true, "UNAVAILABLE",
      "503" },
    { "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}", true,
      "overloaded_error", "" },
    { "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"x\"}", true, "error",
      "server_error" },
    { "{\"error\":\"no\"}", true, "", "" },
    { "{\"object\":\"error\",\"type\":\"t\",\"code\":\"c\"}", true, "t", "c" },
    { "{\"detail\":[]}", true, "", "" },
    { "{\"base_resp\":{\"status_code\":1004}}", true, "", "1004" },
    { "{\"object\":\"response\",\"error\":{\"code\":\"c\"}}", false, "", "c" },
    { "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"c\"}}}", false,
      "c", "c" },
    { "{\"error\":null,\"id\":\"x\"}", false, "", "" },
    { "{\"error\":{},\"detail\":\"x\",\"id\":\"x\"}", false, "", "" },
    { "{\"base_resp\":{\"status_code\":0}}", false, "", "0" },
    { "{}", false, "", "" },
    { "[]", false, "", "" },
    { "7", false, "", "" },
};

static void
given_objects_of_providers_when_read_then_errors_are_told (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof s_cases / sizeof s_cases[0]; i++) {
        const case_t *one = &s_cases[i];
        const json_node_t *root = json_tree_parse (tree, one->json, strlen (one->json),
                                                   NULL);
        tap_result_t result = { .unknown = false };
        assert_int_equal (error_words_is (tree, root), one->is);
        error_words_read (tree, root, &result);
        assert_string_equal (result.error_type, one->type);
        assert_string_equal (result.error_code, one->code);
    }
    json_tree_destroy (&tree);
}

static void
given_words_that_are_known_when_read_then_they_stay (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    static const char text[] = "{\"error\":{\"type\":\"new\",\"code\":\"c\"}}";
    const json_node_t *root = json_tree_parse (tree, text, sizeof text - 1, NULL);
    tap_result_t result = { .error_type = "old" };
    error_words_read (tree, root, &result);
    assert_string_equal (result.error_type, "old");
    assert_string_equal (result.error_code, "c");
    json_tree_destroy (&tree);
}

static void
given_no_object_when_read_then_nothing_is_told (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    tap_result_t result = { .unknown = false };
    assert_false (error_words_is (tree, NULL));
    error_words_read (tree, NULL, &result);
    assert_string_equal (result.error_type, "");
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_objects_of_providers_when_read_then_errors_are_told),
        cmocka_unit_test (given_words_that_are_known_when_read_then_they_stay),
        cmocka_unit_test (given_no_object_when_read_then_nothing_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
