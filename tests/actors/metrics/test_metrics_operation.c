//  metrics_operation: words for surfaces.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/metrics/metrics_operation.h"
#include "broker/proto/surface.h"

static void
surfaces_have_the_words_of_the_conventions (void **state)
{
    (void) state;
    assert_string_equal (metrics_operation (BR_SURFACE_MESSAGES), "chat");
    assert_string_equal (metrics_operation (BR_SURFACE_GOOGLE_STREAM),
                         "generate_content");
    assert_string_equal (metrics_operation (BR_SURFACE_IMAGES), "other");
    assert_string_equal (metrics_operation (UINT64_MAX), "other");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (surfaces_have_the_words_of_the_conventions),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
