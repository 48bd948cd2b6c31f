//  virtual_key: the secret, its hash, and the file.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/virtual_key.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD                                                                             \
    "\"hash\":\"" HASH "\",\"account\":\"eng\",\"label\":\"\",\"scope\":\"api\","        \
    "\"models\":[],\"tools\":[]"
#define TAIL                                                                             \
    "\"requests_per_minute\":1,\"tokens_per_minute\":2,\"concurrency\":3,"               \
    "\"created_s\":4,\"expires_s\":5"

static br_virtual_key_t *
s_read (const char *json, br_error_t *reterr)
{
    return br_virtual_key_read (json, strlen (json), reterr);
}

static void
a_key_is_drawn_by_chance (void **state)
{
    (void) state;
    char one[BR_VIRTUAL_ROOM];
    char two[BR_VIRTUAL_ROOM];
    char hash[BR_VIRTUAL_HASH_ROOM];
    br_virtual_key_t *key = br_virtual_key_new ();
    br_virtual_key_draw (key, one);
    br_virtual_key_draw (key, two);
    assert_string_not_equal (one, two);
    assert_int_equal (strlen (two), 5 + 43);
    assert_true (br_virtual_key_is_like (two));
    br_virtual_key_hash (two, hash);
    assert_string_equal (key->hash, hash);
    assert_memory_equal (key->id, "brvk_id_", 8);
    assert_memory_equal (key->id + 8, hash, 16);
    assert_int_equal (strlen (key->id), 24);
    br_virtual_key_destroy (&key);
    assert_null (key);
    br_virtual_key_destroy (&key);
}

static void
the_hash_is_sha_256 (void **state)
{
    (void) state;
    char hash[BR_VIRTUAL_HASH_ROOM];
    br_virtual_key_hash ("abc", hash);
    assert_string_equal (
        hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_false (br_virtual_key_is_like ("brv_x"));
    assert_false (br_virtual_key_is_like (""));
}

static void
what_is_written_is_read (void **state)
{
    (void) state;
    static const char s_json[] =
        "{\"hash\":\"" HASH "\",\"account\":\"eng\",\"label\":\"a \\\"b\\\"\","
        "\"scope\":\"admin\",\"models\":[\"a:*\"],\"tools\":[\"b\"],"
        "\"budget_nusd\":9,\"budget_scope\":\"account\",\"budget_range\":\"rounds\","
        "\"budget_extent\":7," TAIL
        ",\"revoked\":true,\"replaced_by\":\"brvk_id_0000000000000000\"}\n";
    br_virtual_key_t *key = s_read (s_json, NULL);
    assert_string_equal (key->id, "brvk_id_0123456789abcdef");
    assert_string_equal (key->label, "a \"b\"");
    assert_int_equal (key->budget_nusd, 9);
    assert_int_equal (key->concurrency, 3);
    assert_true (key->revoked);
    br_virtual_key_t *copy = br_virtual_key_copy (key);
    br_virtual_key_destroy (&key);
    char *text = br_virtual_key_text (copy);
    assert_string_equal (text, s_json);
    free (text);
    br_virtual_key_destroy (&copy);
}

static void
a_key_without_a_budget_has_none (void **state)
{
    (void) state;
    br_virtual_key_t *key = s_read ("{" HEAD "," TAIL ",\"revoked\":false,\"later\":1}",
                                    NULL);
    assert_false (key->budgeted);
    assert_false (key->revoked);
    assert_string_equal (key->replaced_by, "");
    char *text = br_virtual_key_text (key);
    assert_null (strstr (text, "budget"));
    free (text);
    br_virtual_key_destroy (&key);
}

//  What is not read plainly must not be let in.
static void
broken_files_are_refused (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        const char *reason;
    } s_rows[] = {
        { "", "JSON" },
        { "{", "JSON" },
        { "{}", "hash" },
        { "{" HEAD "}", "revoked" },
        { "{" HEAD ",\"revoked\":\"false\"}", "revoked" },
        { "{" HEAD ",\"revoked\":true,\"revoked\":false}", "once" },
        { "{" HEAD ",\"revoked\":false,\"expires_s\":null}", "expires_s" },
        { "{" HEAD ",\"revoked\":false,\"expires_s\":-1}", "expires_s" },
        { "{" HEAD ",\"revoked\":false,\"budget_nusd\":\"5\"}", "budget_nusd" },
        { "{" HEAD ",\"revoked\":false,\"budget_nusd\":5}", "budget_scope" },
        { "{" HEAD ",\"revoked\":false,\"budget_nusd\":5,\"budget_scope\":\"account\","
          "\"budget_range\":\"rounds\"}",
          "budget_extent" },
        { "{" HEAD ",\"revoked\":false,\"replaced_by\":\"\"}", "replaced_by" },
        { "{\"hash\":\"" HASH "\",\"account\":\"\",\"label\":\"\",\"scope\":\"api\","
          "\"models\":[],\"tools\":[],\"revoked\":false}",
          "account" },
        { "{\"hash\":\"" HASH "\",\"account\":\"a\",\"label\":\"\",\"scope\":\"root\","
          "\"models\":[],\"tools\":[],\"revoked\":false}",
          "scope" },
        { "{\"hash\":\"" HASH "\",\"account\":\"a\",\"label\":\"\",\"scope\":\"api\","
          "\"models\":[1],\"tools\":[],\"revoked\":false}",
          "models" },
        { "{\"hash\":\"ABCDEF\",\"account\":\"a\",\"label\":\"\",\"scope\":\"api\","
          "\"models\":[],\"tools\":[],\"revoked\":false}",
          "hash" },
    };
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (s_read (s_rows[i].json, &error));
        assert_int_equal (error.code, BR_EINVALID);
        if (!strstr (error.text, s_rows[i].reason))
            fail_msg ("%s: %s", s_rows[i].json, error.text);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_key_is_drawn_by_chance),
        cmocka_unit_test (the_hash_is_sha_256),
        cmocka_unit_test (what_is_written_is_read),
        cmocka_unit_test (a_key_without_a_budget_has_none),
        cmocka_unit_test (broken_files_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
