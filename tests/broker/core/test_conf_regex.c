//  conf_regex: what cannot be used is told, with its place; what is merely slow can.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_regex.h"

static void
s_is (const char *regex, const char *expected)
{
    br_error_t error = { BR_OK, "" };
    assert_int_equal (br_conf_regex_check (regex, &error), *expected ? -1 : 0);
    assert_string_equal (error.text, expected);
    assert_int_equal (error.code, *expected ? BR_ECONFIG : BR_OK);
}

static void
test_usable_ones_pass (void **state)
{
    (void) state;
    s_is ("myapp_[A-Za-z0-9]{32}", "");
    s_is ("(?i)project\\s+falcon", "");
    s_is ("(a+)+$", "");
}

static void
test_broken_ones_name_the_offset (void **state)
{
    (void) state;
    s_is ("myapp_[A-Z", "at offset 10: missing terminating ] for character class");
    s_is ("a(b", "at offset 3: missing closing parenthesis");
    s_is ("", "it is empty");
}

//  Given a regex that asks for characters, then it is refused: texts are bytes.
static void
test_regexes_are_about_bytes (void **state)
{
    (void) state;
    s_is ("(*UTF)a", "at offset 0: verbs as (*COMMIT) cannot be used");
}

//  Given what depends on how a text is cut, then it is refused; where it only looks like
//  that, it is not.
static void
test_regexes_are_about_texts_in_pieces (void **state)
{
    (void) state;
    s_is ("a\\Z", "at offset 1: \\Z cannot be used, take \\z");
    s_is ("\\Gab", "at offset 0: \\G cannot be used");
    s_is ("a(*SKIP)b", "at offset 1: verbs as (*COMMIT) cannot be used");
    s_is ("[[:]\\Z:]", "at offset 4: \\Z cannot be used, take \\z");
    s_is ("\\Qa\\E\\G", "at offset 5: \\G cannot be used");
    s_is ("(?<=a{600})b", "it looks at more than 512 bytes in front of a match");
    static const char *const usable[] = {
        "\\\\Z",     "[(*A]",        "\\Q\\Z(*A\\E", "[](*A]x", "[[:alpha:](*A]",
        "(*pla:a)b", "(?<=a{100})b", "\\Q(*ACCEPT)", "[^]\\]Z]"
    };
    for (size_t i = 0; i < sizeof usable / sizeof *usable; i++)
        s_is (usable[i], "");
}

//  Given options, then what is compiled has them.
static void
test_what_is_usable_compiles (void **state)
{
    (void) state;
    br_error_t error = { BR_OK, "" };
    pcre2_code *code = br_conf_regex_compile ("a$", PCRE2_CASELESS, &error);
    assert_non_null (code);
    uint32_t options = 0;
    pcre2_pattern_info (code, PCRE2_INFO_ALLOPTIONS, &options);
    assert_true (options & PCRE2_CASELESS);
    assert_true (options & PCRE2_DOLLAR_ENDONLY);
    pcre2_code_free (code);
    assert_null (br_conf_regex_compile ("a(", 0, &error));
    assert_int_equal (error.code, BR_ECONFIG);
}

static void
test_large_ones_are_refused (void **state)
{
    (void) state;
    char *text = br_alloc (BR_CONF_REGEX_MAX + 2, 1);
    memset (text, 'a', BR_CONF_REGEX_MAX + 1);
    s_is (text, "it is over 16384 bytes");
    text[BR_CONF_REGEX_MAX] = 0;
    s_is (text, "");
    free (text);
    br_error_t error = { BR_OK, "" };
    assert_int_equal (br_conf_regex_check ("((([a-z]{99}){99}){99}){99}", &error), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_usable_ones_pass),
        cmocka_unit_test (test_broken_ones_name_the_offset),
        cmocka_unit_test (test_regexes_are_about_bytes),
        cmocka_unit_test (test_regexes_are_about_texts_in_pieces),
        cmocka_unit_test (test_what_is_usable_compiles),
        cmocka_unit_test (test_large_ones_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
