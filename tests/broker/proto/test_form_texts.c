//  form_texts: what of a form a model could act on.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/proto/form.h"
#include "broker/proto/form_texts.h"

#define PART(rest, value) "Content-Disposition: form-data; " rest "\r\n\r\n" value
#define NEXT "\r\n--b\r\n"
#define LAST "\r\n--b--\r\n"

typedef struct {
    const char *body; //  borrowed: a copy of its exact size
    br_buf_t told;    //  "[text]" of each span
    int stops;        //  what is returned
} heard_t;

static int
s_hear (void *arg, const br_text_span_t *span)
{
    heard_t *heard = arg;
    assert_int_equal (span->form, BR_TEXT_RAW);
    assert_int_equal (span->place, BR_TEXT_USER);
    assert_int_equal (span->channel, 0);
    br_buf_addf (&heard->told, "[%.*s]", (int) span->size, heard->body + span->at);
    return heard->stops;
}

static int
s_walk (heard_t *heard, const char *body, size_t size, br_error_t *reterr)
{
    char *copy = br_alloc (size ? size : 1, 1);
    memcpy (copy, body, size);
    heard->body = copy;
    br_buf_init (&heard->told, 4096);
    int rc = form_texts (copy, size, s_hear, heard, reterr);
    free (copy);
    return rc;
}

static void
s_is (const char *body, const char *texts)
{
    heard_t heard = { .stops = 0 };
    br_error_t error = { .text = "" };
    if (s_walk (&heard, body, strlen (body), &error))
        fail_msg ("%s: %s", body, error.text);
    assert_string_equal (br_buf_text (&heard.told), texts);
    br_buf_free (&heard.told);
}

static void
given_fields_when_walked_then_their_texts_are_told (void **state)
{
    (void) state;
    s_is ("--b\r\n" PART ("name=\"prompt\"", "a \"cat\"\r\n\\u0041")
              NEXT PART ("name=size", "1x1") LAST,
          "[a \"cat\"\r\n\\u0041][1x1]");
    s_is ("--b\r\n" PART ("name=\"prompt\"", "") LAST, "[]");
    //  A part without a name may be one too.
    s_is ("--b\r\n\r\nx" LAST, "[x]");
}

static void
given_a_model_when_walked_then_it_is_no_text (void **state)
{
    (void) state;
    s_is ("--b\r\n" PART ("name=\"model\"", "whisper") NEXT PART ("name=\"models\"", "x")
              LAST,
          "[x]");
}

static void
given_files_when_walked_then_only_those_that_are_text_count (void **state)
{
    (void) state;
    s_is ("--b\r\n" PART ("name=\"image\"; filename=\"a.png\"", "PNG") LAST, "");
    s_is ("--b\r\n" PART ("name=\"image\"; filename*=UTF-8''a.png", "PNG") LAST, "");
    s_is ("--b\r\n" PART ("name=\"prompt\"; filename=\"\"", "hi") LAST, "[hi]");
    s_is ("--b\r\nContent-Type: text/plain; charset=utf-8\r\n" PART (
              "name=\"file\"; filename=\"a\"", "hi") LAST,
          "[hi]");
    s_is ("--b\r\ncontent-type:application/x+json ;a=b\r\n" PART (
              "name=\"file\"; filename=\"a\"", "{}") LAST,
          "[{}]");
    //  A field of words counts with a filename, unless it has a type.
    s_is ("--b\r\n" PART ("name=\"prompt\"; filename=\"a\"", "hi")
              NEXT PART ("name=text; filename=a.png", "ho")
                  NEXT PART ("name=texts; filename=a", "no") LAST,
          "[hi][ho]");
    s_is ("--b\r\nContent-Type: application/octet-stream\r\n" PART (
              "name=input; filename=a", "hi") LAST,
          "[hi]");
    s_is ("--b\r\nContent-Type: image/png\r\n" PART ("name=input; filename=a", "PNG")
              LAST,
          "");
    //  Without a filename its type says nothing.
    s_is ("--b\r\nContent-Type: image/png\r\n" PART ("name=\"prompt\"", "hi") LAST,
          "[hi]");
}

static void
given_a_part_that_is_encoded_when_walked_then_it_is_unreadable (void **state)
{
    (void) state;
    static const char *const encodings[] = { "base64", "quoted-printable", "", "x" };
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        heard_t heard = { .stops = 0 };
        br_error_t error = { .text = "" };
        char *body = br_strf ("--b\r\nContent-Transfer-Encoding: %s\r\n" PART (
                                  "name=\"prompt\"", "aGk=") LAST,
                              encodings[i]);
        assert_int_equal (s_walk (&heard, body, strlen (body), &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        br_buf_free (&heard.told);
        free (body);
    }
    s_is ("--b\r\nContent-Transfer-Encoding: 8bit\r\n" PART ("name=\"a\"", "x") LAST,
          "[x]");
}

static void
given_no_form_when_walked_then_it_is_unreadable (void **state)
{
    (void) state;
    static const char *const bodies[] = {
        "",
        "--",
        "--b",
        "--b\r\n",
        "hi",
        "\r\n--b\r\n" PART ("name=a", "x") LAST,
        "preamble\r\n--b\r\n" PART ("name=a", "x") LAST,
        "--b\r\n" PART ("name=a", "x"),
        "--b\"\r\n" PART ("name=a", "x") "\r\n--b\"--",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        heard_t heard = { .stops = 0 };
        br_error_t error = { .text = "" };
        assert_int_equal (s_walk (&heard, bodies[i], strlen (bodies[i]), &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        br_buf_free (&heard.told);
    }
}

static void
given_a_listener_that_has_enough_when_walked_then_it_ends (void **state)
{
    (void) state;
    const char *body = "--b\r\n" PART ("name=a", "1") NEXT PART ("name=b", "2") LAST;
    heard_t heard = { .stops = 7 };
    assert_int_equal (s_walk (&heard, body, strlen (body), NULL), 7);
    assert_string_equal (br_buf_text (&heard.told), "[1]");
    br_buf_free (&heard.told);
}

static void
given_a_type_when_the_body_begins_otherwise_then_it_is_known (void **state)
{
    (void) state;
    static const struct {
        const char *type;
        const char *body;
        bool begins;
    } rows[] = {
        { "multipart/form-data; boundary=b", "--b\r\n", true },
        { "multipart/form-data; boundary=\"b\"; x=y", "--b\r\nContent", true },
        { "multipart/form-data; boundary=b", "--bb\r\n", false },
        { "multipart/form-data; boundary=bb", "--b\r\n", false },
        { "multipart/form-data; boundary=b", "\r\n--b\r\n", false },
        { "multipart/form-data; boundary=b", "--b", false },
        { "multipart/form-data; boundary=b", "", false },
        { "multipart/form-data", "--b\r\n", false },
        { "multipart/form-data; boundary=b; boundary=c", "--b\r\n", false },
        { "multipart/form-data; boundary=b; Boundary=\"b\"", "--b\r\n", false },
        { "multipart/form-data; boundary=b; boundary=", "--b\r\n", false },
        { "multipart/form-data; boundary=b; boundary =c", "--b\r\n", false },
        { "multipart/form-data; boundary=b; boundary*0=c", "--b\r\n", false },
        { "multipart/form-data; boundary=b; x=\"boundary=c\"", "--b\r\n", true },
        { "multipart/form-data; boundary=b; boundary_=c", "--b\r\n", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (form_begins (rows[i].type, rows[i].body, strlen (rows[i].body)),
                          rows[i].begins);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_fields_when_walked_then_their_texts_are_told),
        cmocka_unit_test (given_a_model_when_walked_then_it_is_no_text),
        cmocka_unit_test (given_files_when_walked_then_only_those_that_are_text_count),
        cmocka_unit_test (given_a_part_that_is_encoded_when_walked_then_it_is_unreadable),
        cmocka_unit_test (given_no_form_when_walked_then_it_is_unreadable),
        cmocka_unit_test (given_a_listener_that_has_enough_when_walked_then_it_ends),
        cmocka_unit_test (given_a_type_when_the_body_begins_otherwise_then_it_is_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
