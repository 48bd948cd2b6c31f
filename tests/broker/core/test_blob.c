//  blob: the last one to let go frees, and nobody before.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/blob.h"

#define THREADS 4
#define ROUNDS 2000

static void
s_count_free (void *data, void *hint)
{
    (void) data;
    int *count = hint;
    (*count)++;
}

static void
test_new_copies (void **state)
{
    (void) state;
    char text[] = "body";
    br_blob_t *blob = br_blob_new (text, 4);
    text[0] = 'X';
    assert_int_equal (br_blob_size (blob), 4);
    assert_memory_equal (br_blob_data (blob), "body", 4);
    br_blob_destroy (&blob);
    assert_null (blob);
}

static void
test_nothing_is_a_blob_too (void **state)
{
    (void) state;
    br_blob_t *empty = br_blob_new (NULL, 0);
    assert_int_equal (br_blob_size (empty), 0);
    br_blob_destroy (&empty);
    br_blob_destroy (&empty);
    br_blob_destroy (NULL);
    assert_null (br_blob_ref (NULL));
    assert_null (br_blob_data (NULL));
    assert_int_equal (br_blob_size (NULL), 0);
}

static void
test_take_keeps_the_same_bytes (void **state)
{
    (void) state;
    uint8_t *bytes = malloc (3);
    memcpy (bytes, "abc", 3);
    br_blob_t *blob = br_blob_take (bytes, 3);
    assert_ptr_equal (br_blob_data (blob), bytes);
    br_blob_destroy (&blob); //  frees; the leak checker says so if not
}

static void
test_last_reference_frees_once (void **state)
{
    (void) state;
    int freed = 0;
    char bytes[] = "foreign";
    br_blob_t *first = br_blob_wrap (bytes, 7, s_count_free, &freed);
    br_blob_t *second = br_blob_ref (first);
    assert_ptr_equal (first, second);
    br_blob_destroy (&first);
    assert_int_equal (freed, 0);
    assert_memory_equal (br_blob_data (second), "foreign", 7);
    br_blob_destroy (&second);
    assert_int_equal (freed, 1);
}

static void
test_part_outlives_the_holder_of_the_whole (void **state)
{
    (void) state;
    //  Given a part of a part
    int freed = 0;
    char bytes[] = "0123456789";
    br_blob_t *whole = br_blob_wrap (bytes, 10, s_count_free, &freed);
    br_blob_t *part = br_blob_part (whole, 2, 6);
    br_blob_t *inner = br_blob_part (part, 1, 3);
    //  When those above it are let go
    br_blob_destroy (&whole);
    br_blob_destroy (&part);
    //  Then its bytes are still there, uncopied
    assert_int_equal (freed, 0);
    assert_int_equal (br_blob_size (inner), 3);
    assert_ptr_equal (br_blob_data (inner), bytes + 3);
    br_blob_destroy (&inner);
    assert_int_equal (freed, 1);
}

static void
test_part_may_be_all_or_nothing (void **state)
{
    (void) state;
    br_blob_t *whole = br_blob_new ("abc", 3);
    br_blob_t *all = br_blob_part (whole, 0, 3);
    br_blob_t *none = br_blob_part (whole, 3, 0);
    assert_memory_equal (br_blob_data (all), "abc", 3);
    assert_int_equal (br_blob_size (none), 0);
    br_blob_destroy (&none);
    br_blob_destroy (&whole);
    br_blob_destroy (&all);
}

static void *
s_share (void *arg)
{
    br_blob_t *blob = arg; //  a reference of this thread's own
    for (int i = 0; i < ROUNDS; i++) {
        br_blob_t *part = br_blob_part (blob, 1, 2);
        br_blob_t *more = br_blob_ref (blob);
        br_blob_destroy (&part);
        br_blob_destroy (&more);
    }
    br_blob_destroy (&blob);
    return NULL;
}

static void
test_threads_share_a_blob (void **state)
{
    (void) state;
    int freed = 0;
    char bytes[] = "abcd";
    br_blob_t *blob = br_blob_wrap (bytes, 4, s_count_free, &freed);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal (pthread_create (&threads[i], NULL, s_share, br_blob_ref (blob)),
                          0);
    br_blob_destroy (&blob);
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    assert_int_equal (freed, 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_new_copies),
        cmocka_unit_test (test_nothing_is_a_blob_too),
        cmocka_unit_test (test_take_keeps_the_same_bytes),
        cmocka_unit_test (test_last_reference_frees_once),
        cmocka_unit_test (test_part_outlives_the_holder_of_the_whole),
        cmocka_unit_test (test_part_may_be_all_or_nothing),
        cmocka_unit_test (test_threads_share_a_blob),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
