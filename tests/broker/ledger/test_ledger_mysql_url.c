//  Addresses of MariaDB and MySQL: parts, options, and what is refused without a word of it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_mysql_url.h"

static void
s_same (const char *got, const char *wanted)
{
    if (wanted) {
        assert_non_null (got);
        assert_string_equal (got, wanted);
    } else {
        assert_null (got);
    }
}

static void
given_addresses_when_read_then_their_parts_are_told (void **state)
{
    static const struct {
        const char *url, *user, *password, *host, *socket, *database;
        unsigned port;
        ledger_ssl_t ssl;
    } rows[] = {
        { "mysql://u:p@db.example/books", "u", "p", "db.example", NULL, "books", 0, 0 },
        { "mysql://db:3307/books", NULL, NULL, "db", NULL, "books", 3307, 0 },
        { "mysql://u%40x:p%2fw%3a%25@h:1/b%20k", "u@x", "p/w:%", "h", NULL, "b k", 1, 0 },
        { "mysql://u:a:b@h/b", "u", "a:b", "h", NULL, "b", 0, 0 },
        { "mysql://u@[::1]:3306/b", "u", NULL, "::1", NULL, "b", 3306, 0 },
        { "mysql://u@[::1]/b", "u", NULL, "::1", NULL, "b", 0, 0 },
        { "mysql://u@localhost/b?socket=/run/my.sock", "u", NULL, "localhost",
          "/run/my.sock", "b", 0, 0 },
        { "mysql://u@%2Frun%2Fmy.sock/b", "u", NULL, NULL, "/run/my.sock", "b", 0, 0 },
        { "mysql:///b?host=/run/my.sock", NULL, NULL, NULL, "/run/my.sock", "b", 0, 0 },
        { "mysql://h/b?ssl-mode=REQUIRED", NULL, NULL, "h", NULL, "b", 0,
          LEDGER_SSL_REQUIRED },
        { "mysql://h/b?&sslmode=verify-full&ssl-ca=/ca.pem&", NULL, NULL, "h", NULL, "b",
          0, LEDGER_SSL_VERIFY },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ledger_mysql_url_t url;
        br_error_t error;
        assert_int_equal (ledger_mysql_url_read (&url, rows[i].url, &error), 0);
        s_same (url.user, rows[i].user);
        s_same (url.password, rows[i].password);
        s_same (url.host, rows[i].host);
        s_same (url.socket, rows[i].socket);
        s_same (url.database, rows[i].database);
        assert_int_equal (url.port, rows[i].port);
        assert_int_equal (url.ssl, rows[i].ssl);
        ledger_mysql_url_clear (&url);
    }
}

static void
given_malformed_addresses_when_read_then_the_error_holds_nothing_of_them (void **state)
{
    static const char *const rows[] = {
        "postgres://u:s3cret@h/b",     "mysql://u:s3cret@h",
        "mysql://u:s3cret@h/",         "mysql://u:s3cret%@h/b",
        "mysql://u:s3cret%0@h/b",      "mysql://u:s3cret%00@h/b",
        "mysql://u:s3cret%zz@h/b",     "mysql://u:x@s3cret@h/b",
        "mysql://u:s3cret@h:0/b",      "mysql://u:s3cret@h:65536/b",
        "mysql://u:s3cret@h:/b",       "mysql://u:s3cret@h:1x/b",
        "mysql://u:s3cret@[::1/b",     "mysql://u:s3cret@[::1]x/b",
        "mysql://u:s3cret/@h/b",       "mysql://u:p@h/b?s3cret=1",
        "mysql://h/b?ssl-mode=s3cret", "mysql://h/b?socket=%s3cret",
        "mysql://h/b%s3cret",          "mysql://%s3cret/b",
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ledger_mysql_url_t url;
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ledger_mysql_url_read (&url, rows[i], &error), -1);
        assert_int_equal (error.code, BR_ECONFIG);
        assert_null (strstr (error.text, "s3cret"));
        assert_null (url.password);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_addresses_when_read_then_their_parts_are_told),
        cmocka_unit_test (
            given_malformed_addresses_when_read_then_the_error_holds_nothing_of_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
