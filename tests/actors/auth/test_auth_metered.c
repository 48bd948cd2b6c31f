//  auth_metered: the ids that came last.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/auth/auth_metered.h"

static void
the_newest_ids_are_remembered (void **state)
{
    (void) state;
    auth_metered_t *metered = auth_metered_new ();
    auth_metered_add (metered, (br_id_t) { 0, 0 });
    assert_false (auth_metered_has (metered, (br_id_t) { 0, 0 }));
    for (uint64_t i = 1; i <= AUTH_METERED_MAX; i++)
        auth_metered_add (metered, (br_id_t) { 1, i });
    auth_metered_add (metered, (br_id_t) { 1, 5 }); //  again: it is there
    assert_true (auth_metered_has (metered, (br_id_t) { 1, 1 }));
    auth_metered_add (metered, (br_id_t) { 2, 1 });
    assert_false (auth_metered_has (metered, (br_id_t) { 1, 1 }));
    assert_true (auth_metered_has (metered, (br_id_t) { 1, 2 }));
    assert_true (auth_metered_has (metered, (br_id_t) { 2, 1 }));
    auth_metered_destroy (&metered);
    assert_null (metered);
    auth_metered_destroy (&metered);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_newest_ids_are_remembered),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
