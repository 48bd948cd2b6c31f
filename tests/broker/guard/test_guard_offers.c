//  guard_offers: requests of four protocols lose the tools that may not be seen, and no
//  other byte.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_offers.h"

#define SLICE "{\"tools\":{\"*\":{\"deny\":[\"bash\",\"x*\",\"googleSearch\"]}}}"

//  The same in slices of any size.
static void
s_check_slices (const guard_tools_t *tools, br_surface_t surface, const char *body,
                size_t mark, int wanted, const char *text)
{
    size_t size = strlen (body);
    for (size_t slice = 1; slice <= size + 1; slice++) {
        br_error_t error = { BR_OK, "" };
        br_buf_t out;
        br_buf_init (&out, 4096);
        guard_offers_t *offers = guard_offers_new (tools, surface, body, size, mark);
        int rc = 1;
        while (rc == 1)
            rc = guard_offers_step (offers, slice, &error);
        assert_int_equal (rc, wanted < 0 ? -1 : 0);
        if (wanted >= 0)
            assert_int_equal (guard_offers_is_changed (offers), wanted);
        if (wanted == 1)
            assert_int_equal (guard_offers_put (offers, &out, NULL, &error), 0);
        assert_string_equal (wanted < 0 ? error.text : br_buf_text (&out), text);
        guard_offers_destroy (&offers);
        guard_offers_destroy (&offers);
        br_buf_free (&out);
    }
}

//  What a body becomes; expected is NULL when it stays as it is, and begins with '!' when it
//  is refused with that text.
static void
s_check (br_surface_t surface, const char *body, const char *expected)
{
    guard_tools_t *tools = guard_tools_new (SLICE, NULL);
    br_error_t error = { BR_OK, "" };
    br_buf_t out;
    br_buf_init (&out, 4096);
    const char *model = strstr (body, "\"m\"");
    size_t at = model ? (size_t) (model - body) : 0;
    int rc = guard_offers_write (tools, surface, body, strlen (body), &out,
                                 model ? &at : NULL, &error);
    if (expected && *expected == '!') {
        assert_int_equal (rc, -1);
        assert_string_equal (error.text, expected + 1);
    } else {
        assert_string_equal (error.text, "");
        assert_int_equal (rc, expected ? 1 : 0);
        assert_string_equal (br_buf_text (&out), expected ? expected : "");
    }
    s_check_slices (tools, surface, body, model ? (size_t) (model - body) : 0, rc,
                    rc < 0 ? error.text : br_buf_text (&out));
    if (rc == 1 && model)
        assert_memory_equal (br_buf_text (&out) + at, "\"m\"", 3);
    br_buf_free (&out);
    guard_tools_destroy (&tools);
}

#define FN(name) "{\"type\":\"function\",\"function\":{\"name\":\"" name "\"}}"

static void
test_chat (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT, "{\"model\":\"m\",\"tools\":[" FN ("read") "]}", NULL);
    s_check (BR_SURFACE_CHAT,
             "{\"tools\": [" FN ("bash") ", " FN ("a") " , " FN ("x") ", " FN (
                 "b") "],\n"
                      " \"model\":\"m\"}",
             "{\"tools\": [" FN ("a") " , " FN ("b") "],\n \"model\":\"m\"}");
    s_check (BR_SURFACE_CHAT,
             "{\"model\":\"m\", \"tools\":[" FN ("a") ", " FN ("bash") " ], \"n\":1}",
             "{\"model\":\"m\", \"tools\":[" FN ("a") " ], \"n\":1}");
    s_check (BR_SURFACE_CHAT,
             "{\"functions\":[{\"name\":\"bash\"},{\"name\":\"a\"}],\"model\":\"m\"}",
             "{\"functions\":[{\"name\":\"a\"}],\"model\":\"m\"}");
}

//  Given no tool that stays, then nothing is said about tools any more.
static void
test_without_tools_nothing_is_said_about_them (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             "{\"tools\":[" FN ("bash") "],\"tool_choice\":\"auto\",\"model\":\"m\","
                                        "\"parallel_tool_calls\":true}",
             "{\"model\":\"m\"}");
    s_check (BR_SURFACE_CHAT, "{\"tools\":[" FN ("bash") "]}", "{}");
    s_check (BR_SURFACE_CHAT,
             "{\"tools\":[" FN ("a") "],\"functions\":[{\"name\":\"bash\"}],"
                                     "\"tool_choice\":\"auto\"}",
             "{\"tools\":[" FN ("a") "],\"tool_choice\":\"auto\"}");
}

//  Given keys that are there twice or in another spelling, then all of them count.
static void
test_every_list_counts (void **state)
{
    (void) state;
    s_check (
        BR_SURFACE_CHAT,
        "{\"tools\":[" FN ("bash") "," FN ("a") "],\"to\\u006fls\":[" FN ("bash") "]}",
        "{\"tools\":[" FN ("a") "]}");
}

static void
test_hidden_tools_cannot_be_demanded (void **state)
{
    (void) state;
    const char *error = "!the request demands a tool that may not be used here: leave it "
                        "out of its tool choice";
    s_check (BR_SURFACE_CHAT,
             "{\"tools\":[" FN ("a") "],\"tool_choice\":" FN ("bash") "}", error);
    s_check (BR_SURFACE_MESSAGES,
             "{\"tool_choice\":{\"type\":\"tool\",\"name\":\"bash\"}}", error);
    s_check (BR_SURFACE_GOOGLE,
             "{\"toolConfig\":{\"functionCallingConfig\":{\"allowedFunctionNames\":"
             "[\"bash\"]}}}",
             error);
    s_check (BR_SURFACE_RESPONSES,
             "{\"tool_choice\":{\"type\":\"function\",\"name\":\"bash\"}}", error);
}

static void
test_responses (void **state)
{
    (void) state;
    s_check (BR_SURFACE_RESPONSES,
             "{\"model\":\"m\",\"tools\":[{\"type\":\"xy\"},{\"type\":\"function\","
             "\"name\":\"a\"},{\"type\":\"mcp\",\"server_label\":\"s\"}]}",
             "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"name\":\"a\"}]}");
}

static void
test_messages (void **state)
{
    (void) state;
    s_check (BR_SURFACE_MESSAGES,
             "{\"mcp_servers\":[{\"name\":\"s\"}],\"tools\":[{\"name\":\"bash\"},"
             "{\"name\":\"a\"}],\"model\":\"m\"}",
             "{\"tools\":[{\"name\":\"a\"}],\"model\":\"m\"}");
}

static void
test_google (void **state)
{
    (void) state;
    s_check (
        BR_SURFACE_GOOGLE_STREAM,
        "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"bash\"},{\"name\":\"a\"}],"
        "\"googleSearch\":{}}]}",
        "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"a\"}]}]}");
    s_check (BR_SURFACE_GOOGLE,
             "{\"tools\":[{\"function_declarations\":[{\"name\":\"bash\"}],"
             "\"codeExecution\":{}},{\"googleSearch\":{}}]}",
             "{\"tools\":[{\"codeExecution\":{}}]}");
    s_check (BR_SURFACE_GOOGLE,
             "{\"contents\":[],\"tools\":{\"googleSearch\":{}},\"tool_config\":{}}",
             "{\"contents\":[]}");
}

static void
test_other_surfaces_have_no_tools (void **state)
{
    (void) state;
    s_check (BR_SURFACE_EMBEDDINGS, "{\"tools\":[" FN ("bash") "]}", NULL);
    s_check (BR_SURFACE_IMAGE_EDITS, "--form", NULL);
}

static void
test_broken_bodies_are_refused (void **state)
{
    (void) state;
    guard_tools_t *tools = guard_tools_new (SLICE, NULL);
    static const char *const broken[] = { "", "[]", "{\"tools\":[{]}", "{} x", NULL };
    for (size_t i = 0; broken[i]; i++) {
        br_error_t error = { BR_OK, "" };
        br_buf_t out;
        br_buf_init (&out, 64);
        assert_int_equal (guard_offers_write (tools, BR_SURFACE_CHAT, broken[i],
                                              strlen (broken[i]), &out, NULL, &error),
                          -1);
        assert_int_equal (error.code, BR_EINVALID);
        br_buf_free (&out);
    }
    guard_tools_destroy (&tools);
}

static void
test_full_buffers_are_told (void **state)
{
    (void) state;
    const char *body = "{\"tools\":[" FN ("bash") "],\"input\":\"a long text\"}";
    guard_tools_t *tools = guard_tools_new (SLICE, NULL);
    br_error_t error = { BR_OK, "" };
    br_buf_t out;
    br_buf_init (&out, 8);
    assert_int_equal (guard_offers_write (tools, BR_SURFACE_CHAT, body, strlen (body),
                                          &out, NULL, &error),
                      -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    br_buf_free (&out);
    guard_tools_destroy (&tools);
}

//  A body of a head, so many units, and a tail. ret: the code that it is refused with
static br_code_t
s_refused (const char *head, const char *unit, size_t count, const char *tail)
{
    guard_tools_t *tools = guard_tools_new (SLICE, NULL);
    br_error_t error = { BR_OK, "" };
    br_buf_t body, out;
    br_buf_init (&body, 64u << 20);
    br_buf_init (&out, 64u << 20);
    br_buf_adds (&body, head);
    for (size_t i = 0; i < count; i++)
        br_buf_adds (&body, unit);
    br_buf_adds (&body, tail);
    int rc = guard_offers_write (tools, BR_SURFACE_CHAT, body.data, body.size, &out, NULL,
                                 &error);
    assert_int_equal (rc < 0, error.code != BR_OK);
    br_buf_free (&out);
    br_buf_free (&body);
    guard_tools_destroy (&tools);
    return error.code;
}

static void
test_too_many_tools_are_refused (void **state)
{
    (void) state;
    const char *head = "{\"tools\":[";
    size_t most = GUARD_OFFERS_MAX - 1;
    assert_int_equal (s_refused (head, FN ("a") ",", most, FN ("b") "]}"), BR_OK);
    assert_int_equal (s_refused (head, FN ("a") ",", most + 1, FN ("b") "]}"),
                      BR_ETOOBIG);
    assert_int_equal (s_refused (head, FN ("bash") ",", most + 1, FN ("b") "]}"),
                      BR_ETOOBIG);
    assert_int_equal (
        s_refused ("{\"tools\":[{\"name\":\"", "a", GUARD_OFFER_BYTES_MAX, "\"}]}"),
        BR_ETOOBIG);
    assert_int_equal (s_refused ("{", "\"tools\":[],\"a\":1,",
                                 GUARD_OFFER_MEMBERS_MAX / 2 + 1, "\"b\":1}"),
                      BR_ETOOBIG);
}

//  Given very many members that say nothing of tools, then none of them counts.
static void
test_other_members_are_free (void **state)
{
    (void) state;
    assert_int_equal (
        s_refused ("{\"tools\":[" FN ("bash") "]", ",\"a\":[1]", 100000, "}"), BR_OK);
}

static void
given_surfaces_when_asked_then_those_concern_that_offer_tools (void **state)
{
    (void) state;
    assert_true (guard_offers_concern (BR_SURFACE_CHAT));
    assert_true (guard_offers_concern (BR_SURFACE_RESPONSES_COMPACT));
    assert_true (guard_offers_concern (BR_SURFACE_MESSAGES_TOKENS));
    assert_true (guard_offers_concern (BR_SURFACE_GOOGLE_TOKENS));
    assert_false (guard_offers_concern (BR_SURFACE_RESPONSE));
    assert_false (guard_offers_concern (BR_SURFACE_EMBEDDINGS));
    assert_false (guard_offers_concern (BR_SURFACE_NONE));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_chat),
        cmocka_unit_test (test_without_tools_nothing_is_said_about_them),
        cmocka_unit_test (test_every_list_counts),
        cmocka_unit_test (test_hidden_tools_cannot_be_demanded),
        cmocka_unit_test (test_responses),
        cmocka_unit_test (test_messages),
        cmocka_unit_test (test_google),
        cmocka_unit_test (test_other_surfaces_have_no_tools),
        cmocka_unit_test (test_broken_bodies_are_refused),
        cmocka_unit_test (test_full_buffers_are_told),
        cmocka_unit_test (test_too_many_tools_are_refused),
        cmocka_unit_test (test_other_members_are_free),
        cmocka_unit_test (given_surfaces_when_asked_then_those_concern_that_offer_tools),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
