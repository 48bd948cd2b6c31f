//  http_tls_none: a build without TLS says so, and does no harm.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/http_secure.h"
#include "broker/net/http_tls.h"

static void
test_a_build_without_tls_refuses_certificates (void **state)
{
    (void) state;
    br_error_t error = { 0 };
    assert_null (http_tls_new ("cert.pem", "key.pem", &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "built without TLS"));
    assert_int_equal (http_tls_load (NULL, "cert.pem", "key.pem", &error), -1);
    assert_int_equal (http_tls_renew (NULL, &error), 0);
    assert_int_equal (http_tls_options ()->option, MHD_OPTION_END);
}

static void
test_there_is_nothing_to_show_and_nobody_to_talk_to (void **state)
{
    (void) state;
    http_tls_t *tls = NULL;
    http_tls_pair_t *pair = http_tls_take (tls);
    assert_null (pair);
    http_tls_show (pair, NULL);
    http_tls_drop (&pair);
    http_secure_t *secure = http_secure_new (tls, NULL, -1);
    assert_null (secure);
    assert_false (http_secure_is_ready (secure));
    assert_false (http_secure_has_left (secure));
    http_secure_send (secure, "x", 1);
    http_secure_bye (secure);
    http_secure_destroy (&secure);
    http_tls_destroy (&tls);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_build_without_tls_refuses_certificates),
        cmocka_unit_test (test_there_is_nothing_to_show_and_nobody_to_talk_to),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
