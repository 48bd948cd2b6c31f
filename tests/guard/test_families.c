//  Every pattern of conf/guard with its own examples, through the engine: at once and byte by
//  byte, alone and inside of a text.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/guard/guard_text.h"
#include "tests/guard/families.h"

#define BEFORE "A line in front.\n"
#define BEHIND "\nAnd a line behind."

typedef struct {
    families_t *families;
    guard_rules_t *rules;
} world_t;

typedef struct {
    const world_t *world;
    const char *pattern; //  name; findings of others are not counted
    unsigned found;
    unsigned failed;
} seen_t;

static void
s_see (void *arg, const guard_finding_t *finding)
{
    seen_t *seen = arg;
    const char *name = guard_rules_name (seen->world->rules, finding->pattern);
    if (strcmp (name, seen->pattern) != 0)
        return;
    if (finding->kind == GUARD_FOUND)
        seen->found++;
    else
        seen->failed++;
}

//  The findings of one pattern in a text that is pushed in pieces; 0 = whole.
static unsigned
s_look (const world_t *world, const char *pattern, const char *text, size_t piece)
{
    seen_t seen = { world, pattern, 0, 0 };
    size_t size = strlen (text);
    guard_text_t *under_way = guard_text_new (world->rules, 1, GUARD_UP, GUARD_WARN,
                                              GUARD_BLOCK, s_see, &seen);
    for (size_t at = 0; at < size;) {
        size_t now = piece && piece < size - at ? piece : size - at;
        assert_int_equal (guard_text_push (under_way, text + at, now), 0);
        at += now;
    }
    assert_int_equal (guard_text_end (under_way), 0);
    guard_text_destroy (&under_way);
    assert_int_equal (seen.failed, 0);
    return seen.found;
}

//  An example, alone and with lines around it, in pieces of several sizes.
static bool
s_example_holds (const world_t *world, const char *pattern, const char *text, bool wanted)
{
    static const size_t pieces[] = { 0, 1, 3, 7 };
    char around[8192];
    snprintf (around, sizeof around, BEFORE "%s" BEHIND, text);
    const char *forms[] = { text, around };
    for (size_t form = 0; form < 2; form++) {
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            if ((s_look (world, pattern, forms[form], pieces[i]) > 0) == wanted)
                continue;
            print_message ("%s %s in pieces of %zu: %s\n", pattern,
                           wanted ? "misses" : "finds", pieces[i], text);
            return false;
        }
    }
    return true;
}

static unsigned
s_wrong_examples (const world_t *world, const br_conf_node_t *pattern, const char *key,
                  bool wanted)
{
    const char *name = br_conf_node_get_text (pattern, "name");
    const br_conf_node_t *list = br_conf_node_get (pattern, key);
    if (!list || list->count == 0) {
        print_message ("%s has no %s\n", name, key);
        return 1;
    }
    unsigned wrong = 0;
    for (size_t i = 0; i < list->count; i++)
        wrong += !s_example_holds (world, name, list->items[i]->text, wanted);
    return wrong;
}

static unsigned
s_wrong (const world_t *world, const char *key, bool wanted)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < families_count (world->families); i++) {
        const br_conf_node_t *patterns = families_patterns (
            families_at (world->families, i));
        for (size_t j = 0; j < patterns->count; j++)
            wrong += s_wrong_examples (world, patterns->items[j], key, wanted);
    }
    return wrong;
}

static void
given_examples_that_match_when_looked_at_then_their_pattern_finds_them (void **state)
{
    assert_int_equal (s_wrong (*state, "match", true), 0);
}

static void
given_examples_that_do_not_match_when_looked_at_then_their_pattern_is_silent (
    void **state)
{
    assert_int_equal (s_wrong (*state, "no_match", false), 0);
}

static void
given_the_families_when_listed_then_all_that_are_promised_are_there (void **state)
{
    static const char *const promised[] = {
        "api_keys",          "private_keys",       "credentials",        "pii_emails",
        "pii_phone_numbers", "ip_addresses",       "prompt_injection",   "pii_ssn",
        "pii_credit_cards",  "pii_iban",           "cloud_keys",         "access_tokens",
        "invisible_unicode", "exfiltration_links", "suspicious_commands"
    };
    const world_t *world = *state;
    size_t count = sizeof promised / sizeof *promised;
    assert_int_equal (families_count (world->families), count);
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t j = 0; j < count; j++)
            there |= strcmp (
                         br_conf_node_get_text (families_at (world->families, j), "id"),
                         promised[i])
                     == 0;
        assert_true (there);
    }
}

static void
given_the_patterns_when_compared_then_each_name_is_there_once_and_has_a_reach (
    void **state)
{
    const world_t *world = *state;
    size_t count = guard_rules_count (world->rules);
    assert_true (count > 100);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal (guard_rules_name (world->rules, i),
                                     guard_rules_name (world->rules, j));
    for (size_t i = 0; i < families_count (world->families); i++) {
        const br_conf_node_t *patterns = families_patterns (
            families_at (world->families, i));
        for (size_t j = 0; j < patterns->count; j++) {
            const char *reach = br_conf_node_get_text (patterns->items[j], "reach");
            assert_non_null (reach);
            assert_in_range (atol (reach), 1, GUARD_HOLD_MAX - 1);
        }
    }
}

static int
s_setup (void **state)
{
    const char *source = getenv ("BR_SOURCE_DIR");
    world_t *world = calloc (1, sizeof *world);
    world->families = families_new (source ? source : ".");
    br_error_t error = { BR_OK, "" };
    world->rules = guard_rules_new (families_slice (world->families), &error);
    if (!world->rules)
        print_message ("%s\n", error.text);
    *state = world;
    return world->rules ? 0 : -1;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    guard_rules_destroy (&world->rules);
    families_destroy (&world->families);
    free (world);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_examples_that_match_when_looked_at_then_their_pattern_finds_them),
        cmocka_unit_test (
            given_examples_that_do_not_match_when_looked_at_then_their_pattern_is_silent),
        cmocka_unit_test (
            given_the_families_when_listed_then_all_that_are_promised_are_there),
        cmocka_unit_test (
            given_the_patterns_when_compared_then_each_name_is_there_once_and_has_a_reach),
    };
    return cmocka_run_group_tests (tests, s_setup, s_teardown);
}
