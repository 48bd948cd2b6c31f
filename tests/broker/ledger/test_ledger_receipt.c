//  ledger_receipt: what is signed here another library would sign alike, and nothing that was
//  changed is taken for genuine.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/ledger/ledger_receipt.h"
#include "tests/broker/ledger/ledger_world.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

//  ---- a folder with a key, and somewhere for texts

typedef struct {
    world_t *world;
    ledger_signer_t *signer;
    br_arena_t *arena;
} place_t;

//  The key of the seed 0, 1, ... 31.
static int
s_setup (void **state)
{
    place_t *place = calloc (1, sizeof *place);
    uint8_t seed[32];
    void *world = NULL;
    world_setup (&world);
    place->world = world;
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t) i;
    int fd = open (place->world->key, O_WRONLY | O_CREAT, 0600);
    assert_int_equal (write (fd, seed, sizeof seed), sizeof seed);
    close (fd);
    place->signer = ledger_signer_new (place->world->key, NULL);
    place->arena = br_arena_new ();
    *state = place;
    return 0;
}

static int
s_teardown (void **state)
{
    place_t *place = *state;
    void *world = place->world;
    br_arena_destroy (&place->arena);
    ledger_signer_destroy (&place->signer);
    world_teardown (&world);
    free (place);
    return 0;
}

//  That of tests/data/receipt/make.py.
static ledger_receipt_t
s_receipt (void)
{
    ledger_receipt_t receipt = { .entry = world_entry (7) };
    receipt.entry.seq = 7;
    receipt.entry.model = "gpt-4o \"\xc3\xa9\"";
    memset (receipt.request_hash, 0xab, sizeof receipt.request_hash);
    memset (receipt.prev_hash, 1, sizeof receipt.prev_hash);
    memset (receipt.entry.hash, 2, sizeof receipt.entry.hash);
    return receipt;
}

static const char *
s_write (const place_t *place, const ledger_receipt_t *receipt,
         char text[LEDGER_RECEIPT_MAX])
{
    br_error_t error = { .code = BR_OK };
    if (ledger_receipt_write (receipt, place->signer, text, &error))
        fail_msg ("%s", error.text);
    return text;
}

//  Of any header and payload, with a signature that is right. "owned by the arena"
static const char *
s_token (const place_t *place, const char *header, const char *payload)
{
    uint8_t signature[LEDGER_SIGNATURE];
    char coded[3][8192];
    sodium_bin2base64 (coded[0], sizeof coded[0], (const uint8_t *) header,
                       strlen (header), VARIANT);
    sodium_bin2base64 (coded[1], sizeof coded[1], (const uint8_t *) payload,
                       strlen (payload), VARIANT);
    br_text_t text = br_arena_textf (place->arena, "%s.%s", coded[0], coded[1]);
    ledger_signer_sign (place->signer, text.at, text.size, signature);
    sodium_bin2base64 (coded[2], sizeof coded[2], signature, sizeof signature, VARIANT);
    return br_arena_textf (place->arena, "%s.%s", text.at, coded[2]).at;
}

//  What a part of a receipt says. "owned by the arena"
static const char *
s_part (const place_t *place, const char *text, int number)
{
    for (int i = 0; i < number; i++)
        text = strchr (text, '.') + 1;
    char *json = br_arena_take (place->arena, LEDGER_RECEIPT_MAX);
    size_t size = 0;
    assert_int_equal (sodium_base642bin ((uint8_t *) json, LEDGER_RECEIPT_MAX, text,
                                         strcspn (text, "."), NULL, &size, NULL, VARIANT),
                      0);
    return json;
}

//  A text with the first of one replaced. "owned by the arena"
static const char *
s_with (const place_t *place, const char *text, const char *old, const char *fresh)
{
    const char *at = strstr (text, old);
    assert_non_null (at);
    return br_arena_textf (place->arena, "%.*s%s%s", (int) (at - text), text, fresh,
                           at + strlen (old))
        .at;
}

static br_code_t
s_code (const place_t *place, const char *text)
{
    br_error_t error = { .code = BR_OK };
    int rc = ledger_receipt_read (NULL, text, NULL, place->arena, NULL, &error);
    assert_int_equal (rc, error.code == BR_OK ? 0 : -1);
    return error.code;
}

static void
s_foreign (char text[LEDGER_RECEIPT_MAX])
{
    char path[4096];
    const char *source = getenv ("BR_SOURCE_DIR");
    snprintf (path, sizeof path, "%s/tests/data/receipt/foreign.jws",
              source ? source : ".");
    FILE *file = fopen (path, "r");
    if (!file)
        fail_msg ("no file %s", path);
    size_t size = fread (text, 1, LEDGER_RECEIPT_MAX - 1, file);
    fclose (file);
    text[size] = '\0';
}

//  ---- writing and reading

static void
another_library_signs_the_same_receipt_alike (void **state)
{
    place_t *place = *state;
    char ours[LEDGER_RECEIPT_MAX], theirs[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    s_foreign (theirs);
    assert_int_equal (s_code (place, theirs), BR_OK); //  with its line end
    theirs[strcspn (theirs, "\n")] = '\0';
    assert_string_equal (s_write (place, &receipt, ours), theirs);
}

static void
a_receipt_comes_back_as_it_was (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX], again[LEDGER_RECEIPT_MAX];
    uint8_t key[LEDGER_PUBLIC_KEY];
    ledger_receipt_t read, receipt = s_receipt ();
    receipt.entry.cost_nusd = LEDGER_UNKNOWN;
    receipt.entry.usage.known = false;
    receipt.entry.usage.input = INT64_MAX;
    receipt.entry.account = "";
    s_write (place, &receipt, text);
    assert_int_equal (ledger_receipt_read (&read, text, ledger_signer_key (place->signer),
                                           place->arena, key, NULL),
                      0);
    assert_memory_equal (key, ledger_signer_key (place->signer), sizeof key);
    assert_true (br_id_is (read.entry.call, receipt.entry.call));
    assert_string_equal (read.entry.model, receipt.entry.model);
    assert_string_equal (read.entry.account, "");
    assert_int_equal (read.entry.status, 200);
    assert_int_equal (read.entry.cost_nusd, LEDGER_UNKNOWN);
    assert_false (read.entry.usage.known);
    assert_int_equal (read.entry.usage.input, INT64_MAX);
    assert_int_equal (read.entry.seq, 7);
    assert_memory_equal (read.prev_hash, receipt.prev_hash, LEDGER_HASH);
    assert_memory_equal (read.request_hash, receipt.request_hash, LEDGER_REQUEST_HASH);
    assert_string_equal (s_write (place, &read, again), text);
}

static void
texts_are_cut_and_made_utf_8_and_the_whole_is_visible (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX], model[400];
    ledger_receipt_t read, receipt = s_receipt ();
    memset (model, 'm', sizeof model);
    memcpy (model + 254, "\xc3\xa9", 2); //  a character in the way of the cut
    model[sizeof model - 1] = '\0';
    receipt.entry.model = model;
    receipt.entry.request_id = "a\xff\"\n\xe2\x82";
    s_write (place, &receipt, text);
    for (const char *at = text; *at; at++)
        assert_true (*at > ' ' && *at < 0x7f);
    assert_int_equal (ledger_receipt_read (&read, text, NULL, place->arena, NULL, NULL),
                      0);
    assert_int_equal (strlen (read.entry.model), 254);
    assert_string_equal (read.entry.request_id,
                         "a\xef\xbf\xbd\"\n\xef\xbf\xbd\xef\xbf\xbd");
    assert_null (strstr (read.entry.model, "\xc3"));
}

static void
what_does_not_fit_is_told (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX], wide[256];
    br_error_t error = { .code = BR_OK };
    ledger_receipt_t receipt = s_receipt ();
    memset (wide, 1, sizeof wide); //  each takes six bytes
    wide[255] = '\0';
    receipt.entry.model = receipt.entry.route = receipt.entry.provider = wide;
    receipt.entry.account = receipt.entry.request_id = wide;
    assert_int_equal (ledger_receipt_write (&receipt, place->signer, text, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
}

//  ---- what is refused

//  Each bit of it in turn.
static void
no_receipt_with_a_changed_bit_is_genuine (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    int taken = 0;
    s_write (place, &receipt, text);
    size_t size = strlen (text);
    for (size_t i = 0; i < size * 8; i++) {
        br_arena_t *arena = br_arena_new ();
        text[i / 8] = (char) (text[i / 8] ^ 1 << i % 8);
        taken += ledger_receipt_read (NULL, text, NULL, arena, NULL, NULL) == 0;
        text[i / 8] = (char) (text[i / 8] ^ 1 << i % 8);
        br_arena_destroy (&arena);
    }
    assert_int_equal (taken, 0);
    assert_int_equal (s_code (place, text), BR_OK);
}

static void
one_that_is_cut_anywhere_is_refused (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    s_write (place, &receipt, text);
    for (size_t size = strlen (text); size-- > 0;) {
        text[size] = '\0';
        assert_int_equal (s_code (place, text), BR_EINVALID);
    }
}

static void
only_the_key_that_is_asked_for_counts (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    uint8_t other[LEDGER_PUBLIC_KEY];
    br_error_t error = { .code = BR_OK };
    ledger_receipt_t receipt = s_receipt ();
    s_write (place, &receipt, text);
    memcpy (other, ledger_signer_key (place->signer), sizeof other);
    other[5] ^= 1;
    assert_int_equal (ledger_receipt_read (NULL, text, other, place->arena, NULL, &error),
                      -1);
    assert_int_equal (error.code, BR_EAUTH);
    //  nor does one that only says that it is of it
    char hex[2 * LEDGER_PUBLIC_KEY + 1], wrong[2 * LEDGER_PUBLIC_KEY + 1];
    sodium_bin2hex (hex, sizeof hex, ledger_signer_key (place->signer), sizeof other);
    sodium_bin2hex (wrong, sizeof wrong, other, sizeof other);
    const char *forged = s_token (place,
                                  s_with (place, s_part (place, text, 0), hex, wrong),
                                  s_part (place, text, 1));
    assert_int_equal (
        ledger_receipt_read (NULL, forged, other, place->arena, NULL, &error), -1);
    assert_int_equal (error.code, BR_EAUTH);
}

//  All of these have a signature that is right.
static void
a_header_is_read_strictly (void **state)
{
    static const char *const changes[][2] = {
        { "EdDSA", "none" },
        { "EdDSA", "HS256" },
        { "\"EdDSA\"", "7" },
        { "{\"alg\":\"EdDSA\",", "{" },
        { "{", "{\"alg\":\"none\"," },
        { "bitrouter-receipt+jwt", "JWT" },
        { "{", "{\"crit\":[\"exp\"]," },
        { "{", "{\"kid\":\"00\"," },
        { "kid", "kit" },
        { "}", ",}" },
        { "{", "" },
    };
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    s_write (place, &receipt, text);
    const char *header = s_part (place, text, 0), *payload = s_part (place, text, 1);
    assert_int_equal (s_code (place, s_token (place, header, payload)), BR_OK);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *changed = s_with (place, header, changes[i][0], changes[i][1]);
        if (s_code (place, s_token (place, changed, payload)) != BR_EINVALID)
            fail_msg ("taken: %s", changed);
    }
    assert_int_equal (
        s_code (place,
                s_token (place, s_with (place, header, "{", "{\"x\":[],"), payload)),
        BR_OK);
}

static void
a_payload_is_read_strictly (void **state)
{
    static const char *const changes[][2] = {
        { "\"v\":1", "\"v\":2" },
        { "\"v\":1,", "" },
        { "\"v\":1", "\"v\":1,\"v\":1" },
        { "\"status\":200", "\"status\":\"200\"" },
        { "\"status\":200", "\"status\":-1" },
        { "\"status\":200", "\"status\":4294967296" },
        { "\"status\":200", "\"status\":200,\"status\":200" },
        { "\"cost_nusd\":42", "\"cost_nusd\":-1" },
        { "\"cost_nusd\":42", "\"cost_nusd\":4.5" },
        { "\"cost_nusd\":42", "\"cost_nusd\":4e1" },
        { "\"cost_nusd\":42", "\"cost_nusd\":42,\"cost_nusd\":0" },
        { "\"cost_nusd\":42", "\"cost_nusd\":99999999999999999999" },
        { "\"usage_known\":true", "\"usage_known\":1" },
        { "\"seq\":7,", "" },
        { "\"model\":\"", "\"model\":\"\\u0000" },
        { "\"route\":\"fast\"", "\"route\":null" },
        { "00000000-0000-0001", "000000000000-0001" },
        { "0202", "02" },
        { "0101", "010101" },
    };
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    s_write (place, &receipt, text);
    const char *header = s_part (place, text, 0), *payload = s_part (place, text, 1);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *changed = s_with (place, payload, changes[i][0], changes[i][1]);
        if (s_code (place, s_token (place, header, changed)) != BR_EINVALID)
            fail_msg ("taken: %s", changed);
    }
    const char *more = s_with (place, payload, "{", "{\"later\":{\"seq\":1},");
    assert_int_equal (s_code (place, s_token (place, header, more)), BR_OK);
}

static void
what_is_no_token_is_refused (void **state)
{
    place_t *place = *state;
    char text[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt = s_receipt ();
    s_write (place, &receipt, text);
    const char *texts[] = {
        "",
        ".",
        "..",
        "a.b.c",
        "not a receipt",
        br_arena_textf (place->arena, "%s.", text).at,
        br_arena_textf (place->arena, "%s=", text).at,
        br_arena_textf (place->arena, "%s %s", text, text).at,
        br_arena_textf (place->arena, "%s\n.", text).at,
        br_arena_textf (place->arena, "%*s", LEDGER_RECEIPT_MAX, ".a").at
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal (s_code (place, texts[i]), BR_EINVALID);
    assert_int_equal (
        s_code (place, br_arena_textf (place->arena, "\r\n\t %s \n", text).at), BR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (another_library_signs_the_same_receipt_alike),
        TEST (a_receipt_comes_back_as_it_was),
        TEST (texts_are_cut_and_made_utf_8_and_the_whole_is_visible),
        TEST (what_does_not_fit_is_told),
        TEST (no_receipt_with_a_changed_bit_is_genuine),
        TEST (one_that_is_cut_anywhere_is_refused),
        TEST (only_the_key_that_is_asked_for_counts),
        TEST (a_header_is_read_strictly),
        TEST (a_payload_is_read_strictly),
        TEST (what_is_no_token_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
