//  embedded: files that are part of the program.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/embedded.h"

static void
test_files_are_there_byte_for_byte (void **state)
{
    (void) state;
    const char *top = getenv ("BR_SOURCE_DIR");
    const char *name = br_embedded_name (0);
    size_t count = 0;
    for (; name; name = br_embedded_name (++count)) {
        bool is_doc = strncmp (name, "docs/", 5) == 0;
        char *path = br_strf ("%s/%s%s", top ? top : ".", is_doc ? "" : "conf/", name);
        size_t size = 0;
        char *text = br_conf_file_read (path, BR_CONF_TEXT_MAX, &size, NULL);
        assert_non_null (text);
        size_t inside = 0;
        const char *bytes = br_embedded (name, &inside);
        assert_int_equal (inside, size);
        assert_memory_equal (bytes, text, size + 1);
        free (text);
        free (path);
    }
    assert_true (count >= 16);
}

static void
test_unknown_name_gives_nothing (void **state)
{
    (void) state;
    size_t size = 7;
    assert_null (br_embedded ("providers/nobody.yaml", &size));
    assert_int_equal (size, 7);
    assert_null (br_embedded_name (100000));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_files_are_there_byte_for_byte),
        cmocka_unit_test (test_unknown_name_gives_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
