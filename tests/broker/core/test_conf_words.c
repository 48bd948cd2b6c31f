//  conf_words: lists and near words.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_words.h"

static void
test_list_keeps_order_and_drops_doubles (void **state)
{
    (void) state;
    br_conf_words_t *words = br_conf_words_new ();
    br_conf_words_add (words, "one");
    br_conf_words_add_new (words, "one");
    br_conf_words_addf (words, "t%s", "wo");
    assert_int_equal (br_conf_words_count (words), 2);
    assert_string_equal (br_conf_words_at (words, 1), "two");
    assert_null (br_conf_words_at (words, 2));
    br_conf_words_destroy (&words);
    assert_null (words);
    br_conf_words_destroy (&words);
    br_conf_words_addf (NULL, "nobody listens");
}

static void
test_list_is_bounded (void **state)
{
    (void) state;
    br_conf_words_t *words = br_conf_words_new ();
    for (size_t i = 0; i < BR_CONF_WORDS_MAX + 5; i++)
        br_conf_words_add (words, "x");
    assert_int_equal (br_conf_words_count (words), BR_CONF_WORDS_MAX);
    br_conf_words_destroy (&words);
}

static void
test_distance_counts_edits (void **state)
{
    (void) state;
    assert_int_equal (br_conf_words_distance ("api_key", "api_key"), 0);
    assert_int_equal (br_conf_words_distance ("API_KEY", "api_key"), 0);
    assert_int_equal (br_conf_words_distance ("api_kye", "api_key"), 1);
    assert_int_equal (br_conf_words_distance ("apikey", "api_key"), 1);
    assert_int_equal (br_conf_words_distance ("", "abc"), 3);
    assert_int_equal (br_conf_words_distance ("kitten", "sitting"), 3);
}

static void
test_distance_of_long_words_is_bounded (void **state)
{
    (void) state;
    char word[200];
    memset (word, 'a', sizeof word - 1);
    word[sizeof word - 1] = 0;
    assert_true (br_conf_words_distance (word, "a") >= 63);
}

static void
test_nearest_is_close_or_nothing (void **state)
{
    (void) state;
    br_conf_words_t *words = br_conf_words_new ();
    br_conf_words_add (words, "priority");
    br_conf_words_add (words, "load_balance");
    assert_string_equal (br_conf_words_nearest (words, "prioritty"), "priority");
    assert_string_equal (br_conf_words_nearest (words, "loadbalance"), "load_balance");
    assert_null (br_conf_words_nearest (words, "zebra"));
    assert_null (br_conf_words_nearest (words, ""));
    br_conf_words_destroy (&words);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_list_keeps_order_and_drops_doubles),
        cmocka_unit_test (test_list_is_bounded),
        cmocka_unit_test (test_distance_counts_edits),
        cmocka_unit_test (test_distance_of_long_words_is_bounded),
        cmocka_unit_test (test_nearest_is_close_or_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
