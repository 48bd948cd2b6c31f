//  conf_slice_login: what is told of a login, and to whom.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/conf.h"

static const char s_yaml[] = "providers:\n"
                             "  mine:\n"
                             "    api_base: https://mine\n"
                             "    env_prefix: MINE\n"
                             "    auth: { type: oauth }\n"
                             "    login:\n"
                             "      token_url: https://issuer/token\n"
                             "      device_url: https://issuer/device\n"
                             "      client_id: c\n"
                             "      redirect_port: 7\n"
                             "      params: { prompt: login }\n"
                             "      headers: { x-plan: gold }\n"
                             "  plain: { api_base: https://plain }\n";

static br_conf_t *
s_parse (void)
{
    br_conf_t *conf = br_conf_parse ("x", s_yaml, strlen (s_yaml), NULL, NULL);
    assert_non_null (conf);
    return conf;
}

static void
a_login_has_its_addresses_and_the_file_of_its_token (void **state)
{
    (void) state;
    br_conf_t *conf = s_parse ();
    char *login = br_conf_provider_login (conf, "mine", NULL);
    assert_string_equal (login, "{\"device_url\":\"https://issuer/device\",\"token_url\":"
                                "\"https://issuer/token\",\"client_id\":\"c\","
                                "\"redirect_port\":7,\"params\":{\"prompt\":\"login\"},"
                                "\"file\":\"/.keys/login/mine.json\"}");
    free (login);
    assert_string_equal (br_conf_provider_prefix (conf, "mine"), "MINE");
    assert_null (br_conf_provider_prefix (conf, "plain"));
    br_conf_destroy (&conf);
}

static void
headers_are_in_the_providers_own_slice_alone (void **state)
{
    (void) state;
    br_conf_t *conf = s_parse ();
    char *own = br_conf_slice (conf, "upstream/mine");
    assert_non_null (strstr (own, "\"headers\":{\"x-plan\":\"gold\"}"));
    char *other = br_conf_slice (conf, "upstream/plain");
    assert_null (strstr (other, "login"));
    free (other);
    free (own);
    br_conf_destroy (&conf);
}

static void
who_has_none_is_told_so (void **state)
{
    (void) state;
    br_conf_t *conf = s_parse ();
    br_error_t error = { .code = BR_OK };
    assert_null (br_conf_provider_login (conf, "plain", &error));
    assert_int_equal (error.code, BR_EINVALID);
    assert_null (br_conf_provider_login (conf, "nobody", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_login_has_its_addresses_and_the_file_of_its_token),
        cmocka_unit_test (headers_are_in_the_providers_own_slice_alone),
        cmocka_unit_test (who_has_none_is_told_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
