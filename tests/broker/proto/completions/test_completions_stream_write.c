//  Streams that are written.

#include "tests/broker/proto/completions/completions_test.h"

#define HEAD                                                                             \
    "data: {\"id\":\"cmpl-x\",\"object\":\"text_completion\",\"created\":7,\"model\":"   \
    "\"m\",\"choices\":["
#define CHOICE(text, finish)                                                             \
    HEAD "{\"text\":\"" text                                                             \
         "\",\"index\":0,\"logprobs\":null,\"finish_reason\":" finish "}]}\n\n"

static void
s_write (bool want_usage, const br_delta_t *deltas, size_t count, br_buf_t *out)
{
    br_call_t *call = br_call_new (BR_PROTOCOL_COMPLETIONS);
    call->want_usage = want_usage;
    br_asked_t asked = { .call = call, .model = BR_TEXT ("m"), .id = "x", .now = 7 };
    void *writer = completions_codec.writer_new (&asked);
    br_buf_init (out, 1u << 16);
    for (size_t i = 0; i < count; i++)
        completions_codec.write_delta (writer, &deltas[i], out);
    completions_codec.writer_destroy (&writer);
    br_call_destroy (&call);
}

static void
given_deltas_when_written_then_each_text_is_an_event (void **state)
{
    (void) state;
    const br_delta_t deltas[] = {
        { .kind = BR_DELTA_START },
        { .kind = BR_DELTA_REASONING, .text = BR_TEXT ("hm") },
        { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("a") },
        { .kind = BR_DELTA_PING },
        { .kind = BR_DELTA_USAGE, .usage = { .known = true, .input = 2, .output = 1 } },
        { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_LENGTH },
        { .kind = BR_DELTA_END },
        { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("late") },
    };
    static const char text[] = CHOICE ("a",
                                       "null") ": keep-alive\n" CHOICE ("", "\"length\"");
    br_buf_t out;
    s_write (false, deltas, sizeof deltas / sizeof deltas[0], &out);
    assert_memory_equal (out.data, text, sizeof text - 1);
    assert_string_equal (br_buf_text (&out) + sizeof text - 1, "data: [DONE]\n\n");
    br_buf_free (&out);
    s_write (true, deltas, sizeof deltas / sizeof deltas[0], &out);
    static const char usage[] = HEAD "],\"usage\":{\"prompt_tokens\":2,";
    assert_memory_equal (out.data + sizeof text - 1, usage, sizeof usage - 1);
    br_buf_free (&out);
}

static void
given_an_error_when_written_then_it_is_the_last_event (void **state)
{
    (void) state;
    const br_delta_t deltas[] = {
        { .kind = BR_DELTA_ERROR, .code = BR_EUPCUT, .text = BR_TEXT ("cut") },
        { .kind = BR_DELTA_END },
    };
    const br_delta_t nonsense = { .kind = BR_DELTA_FINISH,
                                  .finish = BR_FINISH_MALFORMED };
    static const char begin[] = "data: {\"error\":{\"message\":\"";
    br_buf_t out;
    s_write (false, deltas, 2, &out);
    assert_memory_equal (out.data, begin, sizeof begin - 1);
    assert_null (strstr (br_buf_text (&out), "[DONE]"));
    br_buf_free (&out);
    s_write (false, &nonsense, 1, &out);
    assert_memory_equal (out.data, begin, sizeof begin - 1);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_deltas_when_written_then_each_text_is_an_event),
        cmocka_unit_test (given_an_error_when_written_then_it_is_the_last_event),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
