//  conf_slice_idempotency: defaults, and each member.

#include "tests/broker/core/conf_fixture.h"

static void
test_defaults (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "idempotency");
    fixture_is (slice, "",
                "{\"window_ms\":86400000,\"bytes_max\":67108864,\"answer_max\":4194304}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_each_member_is_the_file_s (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "idempotency: {window_secs: 1.0625, bytes_max: 2147483648, answer_max: 7}", NULL);
    cJSON *slice = fixture_slice (conf, "idempotency");
    fixture_is (slice, "",
                "{\"window_ms\":1063,\"bytes_max\":2147483648,\"answer_max\":7}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_defaults),
        cmocka_unit_test (test_each_member_is_the_file_s),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
