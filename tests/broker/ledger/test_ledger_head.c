//  ledger_head: written whole, signed, and without passwords.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/ledger/ledger_head.h"
#include "tests/broker/ledger/ledger_world.h"

static ledger_head_t
s_head (void)
{
    ledger_head_t head = { .database = "postgres://db/spend",
                           .seq = 7,
                           .hash = { 1, 2, 3 },
                           .pruned_seq = 3,
                           .pruned_hash = { 4 },
                           .time_ms = 1750000000000 };
    return head;
}

static void
s_write (const world_t *world)
{
    ledger_head_t head = s_head ();
    ledger_signer_t *signer = ledger_signer_new (world->key, NULL);
    assert_int_equal (ledger_head_write (&head, signer, world->head, NULL), 0);
    ledger_signer_destroy (&signer);
}

static void
a_head_comes_back_and_is_genuine (void **state)
{
    world_t *world = *state;
    struct stat info;
    ledger_head_t head, expected = s_head ();
    uint8_t key[LEDGER_PUBLIC_KEY];
    s_write (world);
    s_write (world);
    assert_int_equal (ledger_head_read (&head, world->head, NULL), 0);
    ledger_signer_look (world->key, key, NULL);
    assert_true (head.is_genuine);
    assert_memory_equal (head.key, key, sizeof key);
    assert_string_equal (head.database, expected.database);
    assert_int_equal (head.seq, 7);
    assert_memory_equal (head.hash, expected.hash, sizeof head.hash);
    assert_int_equal (head.pruned_seq, 3);
    assert_memory_equal (head.pruned_hash, expected.pruned_hash, sizeof head.hash);
    assert_int_equal (head.time_ms, expected.time_ms);
    assert_int_equal (stat (world->head, &info), 0);
    assert_int_equal (info.st_mode & 07777, 0600);
}

//  Each digit and letter of the file is changed in turn.
static void
a_head_that_was_changed_is_not_genuine (void **state)
{
    world_t *world = *state;
    char text[4096];
    s_write (world);
    FILE *file = fopen (world->head, "r");
    size_t size = fread (text, 1, sizeof text, file);
    fclose (file);
    int genuine = 0;
    for (size_t i = 0; i < size; i++) {
        char byte = text[i];
        if (byte == '"' || byte == '\n')
            continue;
        text[i] = byte == '8' ? '9' : '8';
        file = fopen (world->head, "w");
        fwrite (text, 1, size, file);
        fclose (file);
        ledger_head_t head;
        genuine += ledger_head_read (&head, world->head, NULL) == 0 && head.is_genuine;
        text[i] = byte;
    }
    assert_int_equal (genuine, 0);
}

static void
what_is_no_head_is_refused (void **state)
{
    world_t *world = *state;
    br_error_t error = { .code = BR_OK };
    ledger_head_t head;
    assert_int_equal (ledger_head_read (&head, world->head, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    FILE *file = fopen (world->head, "w");
    fputs ("{}", file);
    fclose (file);
    assert_int_equal (ledger_head_read (&head, world->head, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
}

static void
a_folder_that_is_not_there_is_told (void **state)
{
    world_t *world = *state;
    br_error_t error = { .code = BR_OK };
    ledger_head_t head = s_head ();
    ledger_signer_t *signer = ledger_signer_new (world->key, NULL);
    assert_int_equal (ledger_head_write (&head, signer, "/no/such/ledger.head", &error),
                      -1);
    assert_non_null (strstr (error.text, "/no/such/ledger.head: No such file"));
    ledger_signer_destroy (&signer);
}

static void
names_hold_no_password (void **state)
{
    (void) state;
    static const char *const pairs[][2] = {
        { "postgres://joe:hunter2@db:5432/spend?sslmode=require",
          "postgres://db:5432/spend" },
        { "mysql://joe:hun@ter2@db/spend", "mysql://db/spend" },
        { "postgres://db/spend", "postgres://db/spend" },
        { "postgres:///spend?password=hunter2", "postgres:///spend" },
        { "sqlite:///home/a@b/ledger.db?mode=rwc", "sqlite:///home/a@b/ledger.db" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char name[LEDGER_NAME_MAX];
        ledger_head_name (pairs[i][0], name);
        assert_string_equal (name, pairs[i][1]);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_head_comes_back_and_is_genuine, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (a_head_that_was_changed_is_not_genuine,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (what_is_no_head_is_refused, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (a_folder_that_is_not_there_is_told, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (names_hold_no_password, world_setup,
                                         world_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
