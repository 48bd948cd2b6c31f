//  conf_schema_pay: wallet and mpp fit.

#include "tests/broker/core/conf_fixture.h"

static void
test_sections_fit (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("wallet: {name: w, vault_path: ~/.ows, payment: "
                                    "{session_max_deposit: 10}}\nmpp: {enabled: true, "
                                    "networks: {tempo: {fee_payer: no, default_deposit: "
                                    "\"5\"}}}\n",
                                    NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
    fixture_refused ("wallet: {payment: {session_max_deposit: much}}",
                     "t.yaml:1:41: wallet.payment.session_max_deposit: expected a whole "
                     "number");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_sections_fit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
