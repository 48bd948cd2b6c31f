//  conf_tls: the files of the server's own certificate.

#include "tests/broker/core/conf_fixture.h"

#include <unistd.h>

typedef struct {
    char *folder; //  owned
    char *config; //  owned
} place_t;

static void
s_write (const char *folder, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", folder, name);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_int_equal (fputs (text, file) < 0, 0);
    assert_int_equal (fclose (file), 0);
    free (path);
}

static int
s_setup (void **state)
{
    place_t *place = BR_NEW (place_t);
    char folder[] = "/tmp/conf-tls-XXXXXX";
    assert_non_null (mkdtemp (folder));
    place->folder = br_strdup (folder);
    place->config = br_strf ("%s/my.yaml", folder);
    *state = place;
    return 0;
}

static int
s_teardown (void **state)
{
    place_t *place = *state;
    static const char *const names[] = { "my.yaml", "c.pem", "k.pem" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = br_strf ("%s/%s", place->folder, names[i]);
        unlink (path);
        free (path);
    }
    rmdir (place->folder);
    free (place->config);
    free (place->folder);
    free (place);
    return 0;
}

//  Loads the file of the place; its home is somewhere else.
static br_conf_t *
s_load (const place_t *place, const char *text, br_error_t *reterr)
{
    static const char *const environ_v[] = { "KEY=-----BEGIN secret", NULL };
    s_write (place->folder, "my.yaml", text);
    br_conf_flags_t flags = { .home_dir = "/nonexistent",
                              .config_file = place->config,
                              .environ_v = environ_v };
    return br_conf_load (&flags, reterr);
}

static void
test_files_are_beside_the_configuration (void **state)
{
    const place_t *place = *state;
    s_write (place->folder, "c.pem", "cert");
    s_write (place->folder, "k.pem", "key");
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = s_load (
        place, "server: {tls: {cert_file: c.pem, key_file: k.pem}}\n", &error);
    assert_string_equal (error.text, "");
    cJSON *slice = fixture_slice (conf, "ingress");
    char *cert = br_strf ("%s/c.pem", place->folder);
    assert_string_equal (fixture_at (slice, "tls>cert_file")->valuestring, cert);
    char *shown = br_conf_show (conf);
    assert_non_null (strstr (shown, cert));
    free (shown);
    free (cert);
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_a_file_that_is_not_there_is_named (void **state)
{
    const place_t *place = *state;
    s_write (place->folder, "c.pem", "cert");
    br_error_t error = { BR_OK, "" };
    assert_null (
        s_load (place, "server:\n  tls: {cert_file: c.pem, key_file: k.pem}\n", &error));
    char *expected = br_strf ("%s/my.yaml:2:37: server.tls.key_file: cannot read "
                              "%s/k.pem: No such file or directory",
                              place->folder, place->folder);
    assert_string_equal (error.text, expected);
    assert_int_equal (error.code, BR_ECONFIG);
    free (expected);
}

static void
test_a_folder_is_no_file (void **state)
{
    const place_t *place = *state;
    br_error_t error = { BR_OK, "" };
    assert_null (
        s_load (place, "server: {tls: {cert_file: /, key_file: k.pem}}\n", &error));
    assert_non_null (strstr (error.text, "cert_file: cannot read /: Is a directory"));
}

//  Given a variable that holds the key itself, then the error does not repeat it.
static void
test_value_of_a_variable_is_not_repeated (void **state)
{
    const place_t *place = *state;
    br_error_t error = { BR_OK, "" };
    assert_null (s_load (
        place, "server: {tls: {cert_file: \"${KEY}\", key_file: k.pem}}\n", &error));
    assert_non_null (strstr (error.text, "cannot read the file of its variable"));
    assert_null (strstr (error.text, "secret"));
}

static void
test_one_file_alone_is_refused (void **state)
{
    (void) state;
    fixture_refused ("server: {tls: {cert_file: a}}\n",
                     "t.yaml:1:10: server.tls: expected \"key_file\" to be given");
    fixture_refused ("server:\n  tls: {key_file: a}\n",
                     "t.yaml:2:3: server.tls: expected \"cert_file\" to be given");
    fixture_refused ("server: {tls: /a/b}\n",
                     "t.yaml:1:15: server.tls: expected a section "
                     "of \"key: value\" lines");
}

//  Given variables that are not set, then it does not become a plain server.
static void
test_empty_files_are_refused (void **state)
{
    (void) state;
    fixture_refused ("server: {tls: {cert_file: \"${NO}\", key_file: \"${NO}\"}}\n",
                     "t.yaml:1:10: server.tls: expected \"cert_file\" to be given");
}

static void
test_no_section_is_plain (void **state)
{
    (void) state;
    static const char *const texts[] = { "server: {tls: }", "server: {tls: {}}",
                                         "server: {tls: {cert_file: , key_file: }}" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_conf_t *conf = fixture_conf (texts[i], NULL);
        cJSON *slice = fixture_slice (conf, "ingress");
        fixture_is (slice, "tls", NULL);
        cJSON_Delete (slice);
        br_conf_destroy (&conf);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_files_are_beside_the_configuration),
        TEST (test_a_file_that_is_not_there_is_named),
        TEST (test_a_folder_is_no_file),
        TEST (test_value_of_a_variable_is_not_repeated),
        cmocka_unit_test (test_one_file_alone_is_refused),
        cmocka_unit_test (test_empty_files_are_refused),
        cmocka_unit_test (test_no_section_is_plain),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
