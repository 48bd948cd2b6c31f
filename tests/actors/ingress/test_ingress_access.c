//  ingress_access: names and pages that may speak to us.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_access.h"

static ingress_settings_t *
s_settings (void)
{
    return ingress_settings_new (
        "{\"listen\":[\"127.0.0.1:8787\",\"box.lan:9\"],\"hosts\":[\"router.test\"],"
        "\"cors_origins\":[\"https://app.example\"]}",
        NULL);
}

static void
loopback_addresses_are_known (void **state)
{
    (void) state;
    static const char *const yes[] = { "127.0.0.1:8787", "127.8.9.1",  "localhost:1",
                                       "LOCALHOST",      "[::1]:8787", "[::1]" };
    static const char *const no[] = { "0.0.0.0:8787",
                                      "[::]:1",
                                      "10.0.0.1:1",
                                      "127.0.0.1.evil.com",
                                      "localhost.evil.com",
                                      "1270.0.0.1",
                                      "",
                                      "[::1",
                                      "127.x",
                                      "::1" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true (ingress_access_is_loopback (yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false (ingress_access_is_loopback (no[i]));
}

static void
visitors_are_let_in_or_not (void **state)
{
    (void) state;
    static const struct {
        ingress_visitor_t visitor;
        int rc;
    } rows[] = {
        { { true, NULL, NULL }, 0 },
        { { true, "127.0.0.1:8787", NULL }, 0 },
        { { true, "localhost", NULL }, 0 },
        { { true, "router.test:8787", NULL }, 0 },
        { { true, "box.lan", NULL }, 0 },
        { { true, "evil.example:8787", NULL }, -1 },
        { { true, "", NULL }, -1 },
        { { false, "evil.example:8787", NULL }, 0 }, //  not led there: it is our address
        { { true, "localhost:8787", "http://localhost:8787" }, 0 },
        { { true, "localhost:8787", "http://localhost:3000" }, -1 },
        { { true, "localhost:8787", "https://app.example" }, 0 },
        { { true, "localhost:8787", "https://app.example.evil" }, -1 },
        { { true, "localhost:8787", "null" }, -1 },
        { { true, "localhost:8787", "" }, -1 },
        { { false, "box", "https://evil" }, -1 },
    };
    ingress_settings_t *settings = s_settings ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ingress_access_check (settings, &rows[i].visitor, &error),
                          rows[i].rc);
        assert_int_equal (error.code, rows[i].rc ? BR_EFORBIDDEN : BR_OK);
    }
    ingress_settings_destroy (&settings);
}

static void
pages_command_only_by_their_name (void **state)
{
    (void) state;
    static const struct {
        ingress_visitor_t visitor;
        const char *site;
        int rc;
    } rows[] = {
        { { true, "localhost:8787", NULL }, NULL, 0 },   //  no browser
        { { true, "localhost:8787", NULL }, "none", 0 }, //  typed by a person
        { { true, "localhost:8787", NULL }, "same-origin", 0 },
        { { true, "localhost:8787", NULL }, "cross-site", -1 },
        { { true, "localhost:8787", NULL }, "same-site", -1 }, //  another port
        { { true, "localhost:8787", NULL }, "odd", -1 },
        { { true, "localhost:8787", "http://localhost:8787" }, "same-origin", 0 },
        { { true, "localhost:8787", "http://localhost:3000" }, "same-site", -1 },
        { { true, "localhost:8787", "https://app.example" }, "cross-site", 0 },
        { { true, "localhost:8787", "https://evil.example" }, "cross-site", -1 },
        { { true, "localhost:8787", "https://evil.example" }, NULL, -1 },
        { { true, "localhost:8787", "*" }, NULL, -1 },
        { { true, "localhost:8787", "null" }, "none", -1 },
    };
    ingress_settings_t *settings = ingress_settings_new (
        "{\"cors_origins\":[\"*\",\"https://app.example\"]}", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ingress_access_check_operator (settings, &rows[i].visitor,
                                                         rows[i].site, &error),
                          rows[i].rc);
        assert_int_equal (error.code, rows[i].rc ? BR_EFORBIDDEN : BR_OK);
    }
    ingress_settings_destroy (&settings);
}

static void
a_star_lists_every_page (void **state)
{
    (void) state;
    ingress_settings_t *settings = ingress_settings_new ("{\"cors_origins\":[\"*\"]}",
                                                         NULL);
    assert_true (ingress_access_is_listed (settings, "https://any"));
    ingress_settings_destroy (&settings);
    settings = s_settings ();
    assert_true (ingress_access_is_listed (settings, "https://APP.example"));
    assert_false (ingress_access_is_listed (settings, "https://any"));
    ingress_settings_destroy (&settings);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (loopback_addresses_are_known),
        cmocka_unit_test (visitors_are_let_in_or_not),
        cmocka_unit_test (pages_command_only_by_their_name),
        cmocka_unit_test (a_star_lists_every_page),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
