//  texts_file: which strings are files of words, and where their base64 stands.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/texts_file.h"

static void
given_types_when_asked_then_words_and_blobs_are_known (void **state)
{
    (void) state;
    static const struct {
        const char *type;
        texts_file_t file;
    } rows[] = {
        { "text/plain", TEXTS_FILE_WORDS },
        { "Text/HTML; charset=utf-8", TEXTS_FILE_WORDS },
        { " text/csv", TEXTS_FILE_WORDS },
        { "application/json", TEXTS_FILE_WORDS },
        { "application/xml", TEXTS_FILE_WORDS },
        { "application/x-ndjson", TEXTS_FILE_WORDS },
        { "application/vnd.api+json", TEXTS_FILE_WORDS },
        { "application/atom+xml ;a=b", TEXTS_FILE_WORDS },
        { "image/png", TEXTS_FILE_BLOB },
        { "image/svg+xml", TEXTS_FILE_WORDS },
        { "Image/SVG+XML ; charset=utf-8", TEXTS_FILE_WORDS },
        { "model/x/xml", TEXTS_FILE_WORDS },
        { "image/svg", TEXTS_FILE_BLOB },
        { "audio/wav", TEXTS_FILE_BLOB },
        { "video/mp4", TEXTS_FILE_BLOB },
        { "application/PDF", TEXTS_FILE_BLOB },
        { "application/octet-stream", TEXTS_FILE_UNKNOWN },
        { "base64", TEXTS_FILE_UNKNOWN },
        { "", TEXTS_FILE_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (texts_file_of_type (rows[i].type, strlen (rows[i].type)) != rows[i].file)
            fail_msg ("%s", rows[i].type);
}

static void
given_names_when_asked_then_their_ending_tells (void **state)
{
    (void) state;
    static const char *const words[] = { "a.txt", "A.MD",   "x/y.csv",      "b.tar.json",
                                         ".env",  "c.HTML", "server.1.log", "d.py" };
    static const char *const others[] = { "",    "a",      "a.",    "a.pdf",
                                          "txt", "a.txt ", "a.xtxt" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal (texts_file_of_name (words[i], strlen (words[i])),
                          TEXTS_FILE_WORDS);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal (texts_file_of_name (others[i], strlen (others[i])),
                          TEXTS_FILE_UNKNOWN);
}

//  What is told of a string: NULL = nothing; "=" = all of it as it stands; else its base64.
typedef struct {
    const char *inside; //  of the string
    texts_file_t file;
    bool url;
    const char *told;
} row_t;

static const row_t s_rows[] = {
    //  URLs
    { "https://x", 0, true, "=" },
    { "", 0, true, "=" },
    { "data", 0, true, "=" },
    { "data:", 0, true, "=" },
    { "data:text/plain,some words", 0, true, "=" },
    { "data:,some%20words", 0, true, "=" },
    { "data:image/svg+xml,<svg>", 0, true, "=" },
    { "data:image/png;base64,AAAA", 0, true, NULL },
    { "data:application/pdf;base64,JVBERi0x", 0, true, NULL },
    { "data:text/plain;base64,aGk=", 0, true, "aGk=" },
    { "data:text/plain;base64,", 0, true, NULL },
    { "DATA:Text/Plain;charset=utf-8;BASE64,aGk", 0, true, "aGk" },
    { " data:text/csv;base64,aGk", 0, true, "aGk" },
    { "data:;base64,aGk", 0, true, "aGk" },
    { "data:;base64,iVBORw0KGgoAAAA", 0, true, NULL },
    { "data:application/octet-stream;base64,aGk", 0, true, "aGk" },
    { "d\\u0061ta:text\\/plain;base64\\u002caGk", 0, true, "aGk" },
    { "data:image\\/png;base64,aGk", 0, true, NULL },
    { "\\u0064ata:x,y", 0, true, "=" },
    //  blobs that say words
    { "data:image/svg+xml;base64,PHN2Zz4", 0, true, "PHN2Zz4" },
    { "data:image/png;base64,aGVsbG8gd29ybGQ=", 0, true, "aGVsbG8gd29ybGQ=" },
    { "data:image/png;base64,my secret, raw", 0, true, "my secret, raw" },
    { "data:image/png;base64,\\u0061GVsbG8gd29ybGQ", 0, true, "\\u0061GVsbG8gd29ybGQ" },
    { "data:image/png;base64,AAECAwQFBgcI", 0, true, NULL },
    { "data:image/bmp;base64,Qk02AAAAAAAAADYA", 0, true, NULL },
    { "aGVsbG8gd29ybGQ", TEXTS_FILE_BLOB, false, "aGVsbG8gd29ybGQ" },
    { "aGVsbG8g\\nd29ybGQ", TEXTS_FILE_BLOB, false, "aGVsbG8g\\nd29ybGQ" },
    { "Z3LDvMOfZSDwn5iA", TEXTS_FILE_BLOB, false, "Z3LDvMOfZSDwn5iA" },
    { "Z3LDvMOfZSDwn5g", TEXTS_FILE_BLOB, false, "Z3LDvMOfZSDwn5g" },
    { "Z3L8w99lIPCfmIA", TEXTS_FILE_BLOB, false, NULL },
    { "not base64, but words", TEXTS_FILE_BLOB, false, "=" },
    { "", TEXTS_FILE_BLOB, false, NULL },
    //  files
    { "aGk=", TEXTS_FILE_WORDS, false, "aGk=" },
    { "aGk\\/\\n", TEXTS_FILE_WORDS, false, "aGk\\/\\n" },
    { "aGk=", TEXTS_FILE_UNKNOWN, false, "aGk=" },
    { "aGk=", TEXTS_FILE_BLOB, false, NULL },
    { "JVBERi0xLjQ", TEXTS_FILE_UNKNOWN, false, NULL },
    { "JVBERi0xLjQ", TEXTS_FILE_WORDS, false, "JVBERi0xLjQ" },
    { "\\/9j\\/4AAQ", TEXTS_FILE_UNKNOWN, false, NULL },
    { "/9j/4AAQ", TEXTS_FILE_UNKNOWN, false, NULL },
    { "https://x/y.pdf", TEXTS_FILE_UNKNOWN, false, "=" },
    { "plain, as it stands.", TEXTS_FILE_WORDS, false, "=" },
    { "data:text/plain;base64,aGk=", TEXTS_FILE_UNKNOWN, false, "aGk=" },
    { "data:text/plain;base64,aGk=", TEXTS_FILE_BLOB, false, "aGk=" },
    { "data:image/png;base64,aGk=", TEXTS_FILE_WORDS, false, "aGk=" },
    { "data:image/png;base64,aGk=", TEXTS_FILE_UNKNOWN, false, NULL },
};

static void
given_strings_when_looked_at_then_their_words_are_found (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const row_t *row = &s_rows[i];
        uint8_t string[256];
        size_t size = strlen (row->inside) + 2;
        string[0] = string[size - 1] = '"';
        memcpy (string + 1, row->inside, size - 2);
        br_text_form_t form = BR_TEXT_REPEATED;
        size_t at = 0;
        size_t length = 0;
        bool is_text = texts_file_span (string, size, row->file, row->url, &form, &at,
                                        &length);
        bool is_whole = row->told && strcmp (row->told, "=") == 0;
        if (is_text != (row->told != NULL))
            fail_msg ("%s", row->inside);
        if (is_text && is_whole && (form != BR_TEXT_STRING || at != 0 || length != size))
            fail_msg ("%s: not as it stands", row->inside);
        if (is_text && !is_whole
            && (form != BR_TEXT_BASE64 || length != strlen (row->told)
                || memcmp (string + at, row->told, length) != 0))
            fail_msg ("%s: not %s", row->inside, row->told);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_types_when_asked_then_words_and_blobs_are_known),
        cmocka_unit_test (given_names_when_asked_then_their_ending_tells),
        cmocka_unit_test (given_strings_when_looked_at_then_their_words_are_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
