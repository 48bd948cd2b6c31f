//  conf_listen: addresses as people write them.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_listen.h"

static void
s_gives (const char *text, const char *one, const char *two)
{
    br_conf_words_t *list = br_conf_words_new ();
    assert_int_equal (br_conf_listen_add (list, text), one ? 0 : -1);
    if (one)
        assert_string_equal (br_conf_words_at (list, 0), one);
    if (two)
        assert_string_equal (br_conf_words_at (list, 1), two);
    assert_int_equal (br_conf_words_count (list), (one ? 1 : 0) + (two ? 1 : 0));
    br_conf_words_destroy (&list);
}

static void
test_forms (void **state)
{
    (void) state;
    s_gives ("127.0.0.1:8787", "127.0.0.1:8787", NULL);
    s_gives ("localhost:8787", "127.0.0.1:8787", "[::1]:8787");
    s_gives ("[::1]:1", "[::1]:1", NULL);
    s_gives ("*:80", "0.0.0.0:80", NULL);
    s_gives (":80", "0.0.0.0:80", NULL);
    s_gives ("9000", "127.0.0.1:9000", NULL);
    s_gives ("host.example.com:65535", "host.example.com:65535", NULL);
    s_gives ("127.0.0.1:0", "127.0.0.1:0", NULL);
}

static void
test_what_is_no_address (void **state)
{
    (void) state;
    static const char *const texts[] = { "",           "x",       "127.0.0.1",
                                         "127.0.0.1:", "a:70000", "a:8x",
                                         "a b:80",     "::1:80",  "http://a:80",
                                         "a:-1" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        s_gives (texts[i], NULL, NULL);
}

static void
test_no_address_twice (void **state)
{
    (void) state;
    br_conf_words_t *list = br_conf_words_new ();
    br_conf_listen_add (list, "localhost:1");
    br_conf_listen_add (list, "127.0.0.1:1");
    assert_int_equal (br_conf_words_count (list), 2);
    br_conf_words_destroy (&list);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_forms),
        cmocka_unit_test (test_what_is_no_address),
        cmocka_unit_test (test_no_address_twice),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
