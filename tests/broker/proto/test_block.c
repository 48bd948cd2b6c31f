//  test_block: lists, families and envelopes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/block.h"

static int
s_setup (void **state)
{
    *state = br_arena_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    br_arena_t *arena = *state;
    br_arena_destroy (&arena);
    return 0;
}

static br_opaque_t
s_blob (void)
{
    return (br_opaque_t) { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .model = BR_TEXT ("claude-x"),
                           .bytes = BR_TEXT ("EqoB+/=\0\1zz"),
                           .id = BR_TEXT ("rs_1") };
}

static void
given_blocks_when_they_are_added_then_they_stand_in_order (void **state)
{
    br_block_t *list = NULL;
    for (unsigned i = 0; i < 3; i++)
        br_block_add (&list, (br_block_kind_t) i, *state);
    unsigned i = 0;
    for (const br_block_t *block = list; block; block = block->next)
        assert_int_equal (block->kind, i++);
    assert_int_equal (i, 3);
}

static void
given_a_copied_first_block_when_one_is_added_then_it_joins_the_copy (void **state)
{
    br_block_t *list = NULL;
    br_block_add (&list, BR_BLOCK_TEXT, *state);
    br_block_add (&list, BR_BLOCK_TEXT, *state);
    br_block_t copy = *list;
    copy.next = NULL;
    br_block_t *other = &copy;
    br_block_t *added = br_block_add (&other, BR_BLOCK_CALL, *state);
    assert_ptr_equal (copy.next, added);
    assert_null (list->next->next);
}

static void
given_mixed_blocks_when_joined_then_only_texts_are (void **state)
{
    br_block_t *list = NULL;
    assert_true (br_text_is (br_block_join (list, "\n", *state), ""));
    br_block_add (&list, BR_BLOCK_TEXT, *state)->text = BR_TEXT ("a");
    assert_true (br_text_is (br_block_join (list, "\n", *state), "a"));
    br_block_add (&list, BR_BLOCK_IMAGE, *state)->text = BR_TEXT ("x");
    br_block_add (&list, BR_BLOCK_TEXT, *state);
    br_block_add (&list, BR_BLOCK_TEXT, *state)->text = BR_TEXT ("b");
    assert_true (br_text_is (br_block_join (list, "--", *state), "a----b"));
}

static void
given_blobs_when_one_is_looked_for_then_family_and_kind_decide (void **state)
{
    br_opaque_t *list = NULL;
    br_opaque_add (&list, BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED, BR_TEXT ("e"), *state);
    const br_opaque_t *second = br_opaque_add (&list, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT,
                                               BR_TEXT ("t"), *state);
    assert_ptr_equal (br_opaque_of (list, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT), second);
    assert_null (br_opaque_of (list, BR_FAMILY_GOOGLE, BR_OPAQUE_ENCRYPTED));
    assert_string_equal (br_family_name (BR_FAMILY_GOOGLE), "google");
    assert_string_equal (br_family_name ((br_family_t) 99), "none");
}

static void
given_a_blob_when_it_is_sealed_then_the_same_comes_out (void **state)
{
    br_opaque_t blob = s_blob ();
    br_text_t sealed = br_envelope_seal (&blob, *state);
    assert_true (br_text_starts (sealed, "br1."));
    for (size_t i = 0; i < sealed.size; i++)
        assert_non_null (strchr ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-_.",
                                 sealed.at[i]));
    const br_opaque_t *opened = br_envelope_open (sealed, *state);
    assert_non_null (opened);
    assert_int_equal (opened->family, blob.family);
    assert_int_equal (opened->kind, blob.kind);
    assert_true (br_text_equal (opened->model, blob.model));
    assert_true (br_text_equal (opened->id, blob.id));
    assert_true (br_text_equal (opened->bytes, blob.bytes));
}

static void
given_a_blob_of_bytes_alone_when_it_is_sealed_then_the_rest_stays_absent (void **state)
{
    br_opaque_t blob = { .family = BR_FAMILY_GOOGLE, .kind = BR_OPAQUE_THOUGHT };
    const br_opaque_t *opened = br_envelope_open (br_envelope_seal (&blob, *state),
                                                  *state);
    assert_non_null (opened);
    assert_null (opened->model.at);
    assert_null (opened->id.at);
    assert_int_equal (opened->bytes.size, 0);
}

static void
given_an_envelope_when_any_character_changes_then_it_does_not_open (void **state)
{
    br_opaque_t blob = s_blob ();
    br_text_t sealed = br_envelope_seal (&blob, *state);
    for (size_t i = 0; i < sealed.size; i++) {
        char *bytes = br_arena_take (*state, sealed.size);
        memcpy (bytes, sealed.at, sealed.size);
        bytes[i] = bytes[i] == 'A' ? 'B' : 'A';
        assert_null (br_envelope_open ((br_text_t) { bytes, sealed.size }, *state));
        assert_null (br_envelope_open ((br_text_t) { sealed.at, i }, *state));
    }
}

static void
given_a_foreign_text_when_opened_then_there_is_none (void **state)
{
    static const char *const texts[] = {
        "", "br1", "br1.", "br1.!!!!", "br1.AAAA", "EqoBCkgIAhABGAIiQ", "br2.AAAAAAAAAAAA"
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null (br_envelope_open (br_text (texts[i]), *state));
    assert_null (br_envelope_open (BR_TEXT_NONE, *state));
    assert_false (br_envelope_is (BR_TEXT_NONE));
    assert_true (br_envelope_is (BR_TEXT ("br1.x")));
}

static void
given_bytes_when_looked_at_then_a_text_that_begins_like_an_envelope_is_seen (void **state)
{
    (void) state;
    static const char *const without[] = { "", "{}", "\"br1\"", "[\"a br1.x\"]",
                                           "br1.x" };
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        assert_false (br_envelope_may_be_in (without[i], strlen (without[i])));
    assert_false (br_envelope_may_be_in (NULL, 0));
    assert_false (br_envelope_may_be_in ("\"br1.", 4));
    assert_true (br_envelope_may_be_in ("\"br1.", 5));
    assert_true (br_envelope_may_be_in ("{\"a\":\"br1.x\"}", 13));
}

static void
given_a_blob_that_nobody_made_when_sealed_then_there_is_none (void **state)
{
    br_opaque_t blob = s_blob ();
    blob.family = BR_FAMILY_NONE;
    assert_null (br_envelope_seal (&blob, *state).at);
    blob = s_blob ();
    blob.bytes.size = BR_ENVELOPE_MAX + 1;
    assert_null (br_envelope_seal (&blob, *state).at);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_blocks_when_they_are_added_then_they_stand_in_order),
        cmocka_unit_test (
            given_a_copied_first_block_when_one_is_added_then_it_joins_the_copy),
        cmocka_unit_test (given_mixed_blocks_when_joined_then_only_texts_are),
        cmocka_unit_test (given_blobs_when_one_is_looked_for_then_family_and_kind_decide),
        cmocka_unit_test (given_a_blob_when_it_is_sealed_then_the_same_comes_out),
        cmocka_unit_test (
            given_a_blob_of_bytes_alone_when_it_is_sealed_then_the_rest_stays_absent),
        cmocka_unit_test (
            given_an_envelope_when_any_character_changes_then_it_does_not_open),
        cmocka_unit_test (given_a_foreign_text_when_opened_then_there_is_none),
        cmocka_unit_test (
            given_bytes_when_looked_at_then_a_text_that_begins_like_an_envelope_is_seen),
        cmocka_unit_test (given_a_blob_that_nobody_made_when_sealed_then_there_is_none),
    };
    return cmocka_run_group_tests (tests, s_setup, s_teardown);
}
