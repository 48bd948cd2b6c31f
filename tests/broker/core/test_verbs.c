//  verbs: the catalogue is consistent: every verb has a sender and a handler, names are
//  unique and of one shape, fields lie within their structs.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/verbs.h"

//  "word.word", small letters.
static bool
s_is_name (const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t first = strspn (name, letters);
    if (first == 0 || name[first] != '.')
        return false;
    size_t second = strspn (name + first + 1, letters);
    return second > 0 && name[first + 1 + second] == 0;
}

static void
test_every_verb_has_a_sender_and_a_handler (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        const br_verb_row_t *row = br_verb_row (verb);
        assert_true (row->senders);
        assert_true (row->handlers);
        assert_int_equal (row->senders >> BR_ROLE_COUNT, 0);
        assert_int_equal (row->handlers >> BR_ROLE_COUNT, 0);
    }
}

static void
test_names_are_unique_and_of_one_shape (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        assert_true (s_is_name (br_verb_name (verb)));
        assert_true (strlen (br_verb_row (verb)->about) > 0);
        for (unsigned other = 0; other < verb; other++)
            assert_string_not_equal (br_verb_name (verb), br_verb_name (other));
    }
}

static void
test_fields_lie_within_their_struct_in_order (void **state)
{
    (void) state;
    static const size_t sizes[] = {
        [BR_TYPE_num] = sizeof (br_wire_num),
        [BR_TYPE_text] = sizeof (br_wire_text),
        [BR_TYPE_bytes] = sizeof (br_wire_bytes),
        [BR_TYPE_addr] = sizeof (br_wire_addr),
    };
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        size_t count, end = 0;
        const br_field_row_t *field = br_verb_fields (verb, &count);
        for (size_t i = 0; i < count; i++) {
            assert_true (field[i].offset >= end);
            end = field[i].offset + sizes[field[i].type];
            assert_true (strlen (field[i].about) > 0);
        }
        assert_true (end <= br_verb_row (verb)->size);
    }
}

static void
test_fields_are_those_of_the_file (void **state)
{
    (void) state;
    size_t count;
    const br_field_row_t *field = br_verb_fields (BR_CONF_TRY, &count);
    assert_int_equal (count, 2);
    assert_string_equal (field[0].name, "generation");
    assert_int_equal (field[0].type, BR_TYPE_num);
    assert_int_equal (field[1].offset, offsetof (struct br_conf_try, slice));
    br_verb_fields (BR_CALL_COMMIT, &count);
    assert_int_equal (count, 0);
    br_verb_fields (BR_VERB_COUNT - 1, &count);
    assert_int_equal (count, 2);
}

static void
test_number_that_is_no_verb_has_no_row (void **state)
{
    (void) state;
    assert_null (br_verb_row (BR_VERB_COUNT));
    assert_null (br_verb_row (UINT32_MAX));
    assert_string_equal (br_verb_name (BR_VERB_COUNT), "?");
    assert_false (br_verb_is_sent_by (BR_VERB_COUNT, BR_ROLE_HOST));
    assert_false (br_verb_is_handled_by (BR_VERB_COUNT, BR_ROLE_HOST));
}

static void
test_any_stands_for_every_role (void **state)
{
    (void) state;
    for (unsigned role = 0; role < BR_ROLE_COUNT; role++) {
        assert_true (br_verb_is_handled_by (BR_SYS_GONE, role));
        assert_true (br_verb_is_sent_by (BR_CONF_ACCEPT, role));
    }
    assert_true (br_verb_is_sent_by (BR_CALL_SETTLE, BR_ROLE_ROUTER));
    assert_false (br_verb_is_sent_by (BR_CALL_SETTLE, BR_ROLE_UPSTREAM));
    assert_false (br_verb_is_handled_by (BR_CALL_SETTLE, BR_ROLE_UPSTREAM));
}

static void
test_links_follow_the_way_of_a_call (void **state)
{
    (void) state;
    assert_true (br_role_talks_to (BR_ROLE_INGRESS, BR_ROLE_ROUTER));
    assert_true (br_role_talks_to (BR_ROLE_ROUTER, BR_ROLE_UPSTREAM));
    assert_true (br_role_talks_to (BR_ROLE_UPSTREAM, BR_ROLE_INGRESS));
    assert_false (br_role_talks_to (BR_ROLE_UPSTREAM, BR_ROLE_METER));
}

static void
test_every_role_and_outcome_has_a_name (void **state)
{
    (void) state;
    for (unsigned role = 0; role < BR_ROLE_COUNT; role++)
        assert_true (strlen (br_role_name (role)) > 1);
    for (unsigned outcome = 0; outcome < BR_OUTCOME_COUNT; outcome++)
        assert_true (strlen (br_outcome_name (outcome)) > 1);
    assert_string_equal (br_role_name (BR_ROLE_COUNT), "?");
    assert_string_equal (br_outcome_name (BR_OUTCOME_COUNT), "?");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_every_verb_has_a_sender_and_a_handler),
        cmocka_unit_test (test_names_are_unique_and_of_one_shape),
        cmocka_unit_test (test_fields_lie_within_their_struct_in_order),
        cmocka_unit_test (test_fields_are_those_of_the_file),
        cmocka_unit_test (test_number_that_is_no_verb_has_no_row),
        cmocka_unit_test (test_any_stands_for_every_role),
        cmocka_unit_test (test_links_follow_the_way_of_a_call),
        cmocka_unit_test (test_every_role_and_outcome_has_a_name),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
