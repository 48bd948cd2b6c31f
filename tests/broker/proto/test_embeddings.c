//  embeddings: calls and answers between OpenAI's words and Google's.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/embeddings.h"

static embeddings_t *
s_new (br_surface_t client, const char *body, br_error_t *reterr)
{
    return embeddings_new (client, body, strlen (body), reterr);
}

static void
s_asks (br_surface_t client, const char *body, const char *expected)
{
    br_error_t error;
    embeddings_t *self = s_new (client, body, &error);
    if (!self)
        fail_msg ("%s", error.text);
    br_buf_t out;
    br_buf_init (&out, 4096);
    embeddings_write_request (self, "m-1", &out);
    assert_string_equal (br_buf_text (&out), expected);
    br_buf_free (&out);
    embeddings_destroy (&self);
}

static void
openais_call_is_asked_of_google_as_a_batch (void **state)
{
    (void) state;
    s_asks (BR_SURFACE_EMBEDDINGS, "{\"model\":\"e\",\"input\":\"a\\\"b\"}",
            "{\"requests\":[{\"model\":\"models/m-1\",\"content\":{\"parts\":[{\"text\":"
            "\"a\\\"b\"}]}}]}");
    s_asks (BR_SURFACE_EMBEDDINGS,
            "{\"model\":\"e\",\"input\":[\"a\",\"b\"],\"dimensions\":3}",
            "{\"requests\":[{\"model\":\"models/m-1\",\"content\":{\"parts\":[{\"text\":"
            "\"a\"}]},\"outputDimensionality\":3},{\"model\":\"models/m-1\",\"content\":{"
            "\"parts\":[{\"text\":\"b\"}]},\"outputDimensionality\":3}]}");
}

static void
googles_calls_are_asked_of_openai (void **state)
{
    (void) state;
    s_asks (BR_SURFACE_GOOGLE_EMBED,
            "{\"content\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]}}",
            "{\"model\":\"m-1\",\"input\":[\"a\\nb\"],\"encoding_format\":\"float\"}");
    s_asks (BR_SURFACE_GOOGLE_EMBEDS,
            "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},"
            "\"outputDimensionality\":2},{\"content\":{\"parts\":[{\"text\":\"b\"}]},"
            "\"output_dimensionality\":2}]}",
            "{\"model\":\"m-1\",\"input\":[\"a\",\"b\"],\"dimensions\":2,"
            "\"encoding_format\":\"float\"}");
}

static void
what_cannot_be_carried_is_refused (void **state)
{
    (void) state;
    static const struct {
        br_surface_t client;
        const char *body;
    } rows[] = {
        { BR_SURFACE_EMBEDDINGS, "" },
        { BR_SURFACE_EMBEDDINGS, "[]" },
        { BR_SURFACE_EMBEDDINGS, "{\"input\":[]}" },
        { BR_SURFACE_EMBEDDINGS, "{\"input\":[1,2]}" },
        { BR_SURFACE_EMBEDDINGS, "{\"input\":[\"a\",[1]]}" },
        { BR_SURFACE_GOOGLE_EMBED, "{\"content\":7}" },
        { BR_SURFACE_GOOGLE_EMBED,
          "{\"content\":{\"parts\":[{\"inlineData\":{\"data\":\"x\"}}]}}" },
        { BR_SURFACE_GOOGLE_EMBEDS, "{\"requests\":[]}" },
        { BR_SURFACE_GOOGLE_EMBEDS, "{\"requests\":[7]}" },
        { BR_SURFACE_GOOGLE_EMBEDS,
          "{\"requests\":[{\"content\":{\"parts\":[]}},{\"content\":{\"parts\":[]},"
          "\"outputDimensionality\":2}]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (s_new (rows[i].client, rows[i].body, &error));
        assert_int_equal (error.code, BR_EINVALID);
    }
}

//  Writes the answer to a call; "" when it is refused.
static void
s_answers (br_surface_t client, const char *call, const char *answer,
           const char *expected, br_usage_t *ret_usage)
{
    embeddings_t *self = s_new (client, call, NULL);
    assert_non_null (self);
    br_buf_t out;
    br_buf_init (&out, 4096);
    br_error_t error = { .code = BR_OK };
    int rc = embeddings_write_answer (self, "m-1", answer, strlen (answer), &out,
                                      ret_usage, &error);
    assert_int_equal (rc, *expected ? 0 : -1);
    assert_int_equal (error.code, *expected ? BR_OK : BR_EUPINVALID);
    assert_string_equal (br_buf_text (&out), expected);
    br_buf_free (&out);
    embeddings_destroy (&self);
}

static void
googles_numbers_are_said_as_openai_does (void **state)
{
    (void) state;
    br_usage_t usage;
    s_answers (BR_SURFACE_EMBEDDINGS, "{\"input\":[\"1234567\",\"b\"]}",
               "{\"embeddings\":[{\"values\":[0.5,1]},{\"values\":[2e-3]}]}",
               "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
               "\"embedding\":[0.5,1]},{\"object\":\"embedding\",\"index\":1,"
               "\"embedding\":[2e-3]}],\"model\":\"m-1\",\"usage\":{\"prompt_tokens\":3,"
               "\"total_tokens\":3}}",
               &usage);
    assert_false (usage.known);
    s_answers (BR_SURFACE_EMBEDDINGS, "{\"input\":\"a\",\"encoding_format\":\"base64\"}",
               "{\"embeddings\":[{\"values\":[0.5,-0.25]}],\"usageMetadata\":{"
               "\"promptTokenCount\":9}}",
               "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
               "\"embedding\":\"AAAAPwAAgL4=\"}],\"model\":\"m-1\",\"usage\":{"
               "\"prompt_tokens\":9,\"total_tokens\":9}}",
               &usage);
    assert_true (usage.known);
    assert_int_equal (usage.input, 9);
}

static void
openais_numbers_are_said_as_google_does (void **state)
{
    (void) state;
    br_usage_t usage;
    s_answers (BR_SURFACE_GOOGLE_EMBED, "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}",
               "{\"data\":[{\"index\":0,\"embedding\":[0.5]}],\"usage\":{"
               "\"prompt_tokens\":4}}",
               "{\"embedding\":{\"values\":[0.5]}}", &usage);
    assert_int_equal (usage.input, 4);
    //  given: an answer in another order
    s_answers (
        BR_SURFACE_GOOGLE_EMBEDS,
        "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}},{\"content\":{"
        "\"parts\":[{\"text\":\"b\"}]}}]}",
        "{\"data\":[{\"index\":1,\"embedding\":[2]},{\"index\":0,\"embedding\":[1]"
        "}]}",
        "{\"embeddings\":[{\"values\":[1]},{\"values\":[2]}]}", &usage);
}

static void
an_answer_must_have_one_for_each_text (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        "{}",
        "{\"data\":7}",
        "{\"data\":[]}",
        "{\"data\":[{\"index\":1,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":\"AAAA\"}]}",
        "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
    };
    br_usage_t usage;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        s_answers (BR_SURFACE_GOOGLE_EMBED,
                   "{\"content\":{\"parts\":[{\"text\":\"a\"}]}}", bad[i], "", &usage);
}

static void
what_is_lost_is_told (void **state)
{
    (void) state;
    embeddings_t *self = s_new (BR_SURFACE_GOOGLE_EMBED,
                                "{\"taskType\":\"X\",\"title\":null,\"content\":{"
                                "\"parts\":[{\"text\":\"a\"}]}}",
                                NULL);
    assert_string_equal (embeddings_warnings (self), "dropped taskType");
    embeddings_destroy (&self);
}

static void
each_way_has_its_other (void **state)
{
    (void) state;
    assert_int_equal (embeddings_other (BR_SURFACE_EMBEDDINGS), BR_SURFACE_GOOGLE_EMBEDS);
    assert_int_equal (embeddings_other (BR_SURFACE_GOOGLE_EMBED), BR_SURFACE_EMBEDDINGS);
    assert_int_equal (embeddings_other (BR_SURFACE_GOOGLE_EMBEDS), BR_SURFACE_EMBEDDINGS);
    assert_int_equal (embeddings_other (BR_SURFACE_CHAT), BR_SURFACE_NONE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (openais_call_is_asked_of_google_as_a_batch),
        cmocka_unit_test (googles_calls_are_asked_of_openai),
        cmocka_unit_test (what_cannot_be_carried_is_refused),
        cmocka_unit_test (googles_numbers_are_said_as_openai_does),
        cmocka_unit_test (openais_numbers_are_said_as_google_does),
        cmocka_unit_test (an_answer_must_have_one_for_each_text),
        cmocka_unit_test (what_is_lost_is_told),
        cmocka_unit_test (each_way_has_its_other),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
