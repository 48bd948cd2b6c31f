//  Fuzzer of rules for tools: offers, arguments, and calls in answers and streams. What was
//  let go is let go again as it is; JSON stays JSON; and how a stream is cut changes nothing.
//  The first bytes choose what it is, its protocol and its cuts; the others are a script, a
//  token for each byte, or the bytes themselves.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/json.h"
#include "broker/guard/guard_calls.h"
#include "broker/guard/guard_offers.h"

#define HEAD 4             //  bytes of the input that are no script
#define OUT_MAX (8u << 20) //  bytes

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static const char s_slice[] =
    "{\"tools\":{\"*\":{\"deny\":[\"bash\",\"web_*\",\"shell\"]},"
    "\"gh\":{\"deny\":[\"drop\"],\"params\":{\"make\":{\"deny\":[\"who\"],\"action\":"
    "\"strip\"},\"merge\":{\"allow\":[\"id\"]}}}}}";

static const br_surface_t s_surfaces[] = { BR_SURFACE_CHAT, BR_SURFACE_RESPONSES,
                                           BR_SURFACE_MESSAGES,
                                           BR_SURFACE_GOOGLE_STREAM };
#define SURFACES (sizeof s_surfaces / sizeof *s_surfaces)

//  ---- scripts

static const char *const s_tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"name\":",
    "\"bash\"",
    "\"read\"",
    "\"gh__make\"",
    "\"gh__merge\"",
    "\"type\":",
    "\"tools\":[",
    "\"functions\":[",
    "\"function\":{",
    "\"functionDeclarations\":[",
    "\"tool_choice\":",
    "\"mcp_servers\":[",
    "\"server_label\":\"gh\"",
    "\"arguments\":",
    "\"{\\\"who\\\":1,\\\"id\\\":2}\"",
    "\"input\":",
    "\"args\":",
    "\"who\":",
    "\"id\":",
    "1",
    "null",
    "\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{",
    "\"content\":[{\"type\":\"tool_use\",",
    "\"output\":[{\"type\":\"function_call\",",
    "\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{",
    "\"partialArgs\":[{\"jsonPath\":\"$.who\"}]",
    "\"web_search\"",
    "\"tool_config\":{",
    "}]",
    "},",
    " ",
    "\\",
    "\"n\\u0061me\":",
};
#define TOKENS (sizeof s_tokens / sizeof *s_tokens)

#define CHAT(inner)                                                                      \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"          \
    "\"function\":{" inner "}}]}}]}\n\n"
#define BLOCK(inner)                                                                     \
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"            \
    "\"type\":\"tool_use\"," inner "}}\n\n"
#define ITEM(inner)                                                                      \
    "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{"        \
    "\"type\":\"function_call\"," inner "}}\n\n"
#define PART(inner)                                                                      \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{" inner "}}]}}"  \
    "]}\n\n"

//  Events of a protocol; "%" stands for a piece of arguments.
static const char *const s_events[SURFACES][8] = {
    { CHAT ("\"name\":\"gh__make\""), CHAT ("\"name\":\"gh__\",\"arguments\":\"\""),
      CHAT ("\"name\":\"merge\""), CHAT ("\"name\":\"read\",\"arguments\":\"%\""),
      CHAT ("\"arguments\":\"%\""), CHAT ("\"arguments\":\"%\",\"name\":\"gh__merge\""),
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
      "data: [DONE]\n\n" },
    { ITEM ("\"name\":\"gh__make\""), ITEM ("\"name\":\"read\",\"arguments\":\"%\""),
      ITEM ("\"arguments\":\"%\",\"name\":\"gh__merge\""),
      "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{"
      "\"type\":\"function_call\",\"name\":\"gh__make\",\"arguments\":\"\"}}\n\n",
      "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":0,"
      "\"delta\":\"%\"}\n\n",
      "data: {\"type\":\"response.function_call_arguments.done\",\"output_index\":0,"
      "\"arguments\":\"%\"}\n\n",
      "data: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"type\":"
      "\"function_call\",\"name\":\"gh__make\",\"arguments\":\"%\"}]}}\n\n",
      ": c\n\n" },
    { BLOCK ("\"name\":\"gh__make\",\"input\":{}"), BLOCK ("\"name\":\"read\""),
      BLOCK ("\"input\":{\"who\":1},\"name\":\"gh__make\""),
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"partial_json\":"
      "\"%\"}}\r\n\r\n",
      "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
      "data: {\"type\":\"message_stop\"}\n\n",
      "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"partial_json\":"
      "\"%\"}}\n\n",
      BLOCK ("\"name\":\"gh__merge\"") },
    { PART ("\"name\":\"gh__make\",\"args\":{\"who\":1}"),
      PART ("\"name\":\"gh__merge\""), PART ("\"partialArgs\":[{\"jsonPath\":\"$.%\"}]"),
      PART (""), PART ("\"name\":\"read\",\"args\":{\"a\":\"%\"}"),
      PART ("\"args\":{\"id\":1}"), PART ("\"args\":[]"),
      "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n" },
};
static const char *const s_pieces[] = { "{",  "}",          "{}", "\\\"who\\\"",
                                        ":",  "1",          ",",  "\\\"id\\\":",
                                        "[",  "\\\"a}\\\"", " ",  "\\ud83d",
                                        "id", "",           "]",  "\\u007b" };

static void
s_write_event (const uint8_t row[2], const char *const *events, br_buf_t *out)
{
    const char *event = events[row[0] % 8];
    const char *mark = strchr (event, '%');
    if (mark) {
        br_buf_add (out, event, (size_t) (mark - event));
        br_buf_adds (out, s_pieces[row[1] % 16]);
        event = mark + 1;
    }
    br_buf_adds (out, event);
}

//  ---- what must be true

static void
s_check_json (const br_buf_t *out)
{
    assert (json_members (out->data, out->size, NULL, 0, NULL) == 0);
}

static void
s_check_offers (const guard_tools_t *tools, br_surface_t surface, const br_buf_t *in)
{
    br_buf_t out, again;
    br_buf_init (&out, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    size_t at = 0;
    int rc = guard_offers_write (tools, surface, in->data, in->size, &out, &at, NULL);
    if (rc == 1) {
        assert (at == 0);
        s_check_json (&out);
        assert (
            guard_offers_write (tools, surface, out.data, out.size, &again, NULL, NULL)
            == 0);
    } else
        assert (out.size == 0);
    br_buf_free (&again);
    br_buf_free (&out);
}

static void
s_check_args (const guard_tools_t *tools, const br_buf_t *in)
{
    static const char *const names[] = { "gh__make", "gh__merge", "read" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        br_buf_t out, again;
        br_buf_init (&out, OUT_MAX);
        br_buf_init (&again, OUT_MAX);
        guard_args_t verdict = guard_tools_args (tools, names[i], in->data, in->size,
                                                 &out, NULL);
        assert (verdict != GUARD_ARGS_STRIPPED || i == 0);
        assert (verdict == GUARD_ARGS_AS_IS || i != 2);
        if (verdict == GUARD_ARGS_STRIPPED) {
            s_check_json (&out);
            assert (guard_tools_args (tools, names[i], out.data, out.size, &again, NULL)
                    == GUARD_ARGS_AS_IS);
        } else
            assert (out.size == 0);
        br_buf_free (&again);
        br_buf_free (&out);
    }
}

static void
s_check_answer (const guard_tools_t *tools, br_surface_t surface, const br_buf_t *in)
{
    br_buf_t out, again;
    br_buf_init (&out, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    guard_calls_t *calls = guard_calls_new (tools, surface);
    int rc = guard_calls_write (calls, in->data, in->size, &out, NULL);
    if (rc == 1) {
        s_check_json (&out);
        assert (guard_calls_write (calls, out.data, out.size, &again, NULL) == 0);
    }
    guard_calls_destroy (&calls);
    br_buf_free (&again);
    br_buf_free (&out);
}

static int
s_stream (const guard_tools_t *tools, br_surface_t surface, const br_buf_t *in,
          size_t most, br_buf_t *out)
{
    guard_calls_t *calls = guard_calls_new (tools, surface);
    int rc = 0;
    for (size_t at = 0; at < in->size && rc == 0; at += most) {
        size_t size = in->size - at < most ? in->size - at : most;
        rc = guard_calls_push (calls, in->data + at, size, out, NULL);
    }
    if (rc == 0)
        rc = guard_calls_end (calls, out, NULL);
    guard_calls_destroy (&calls);
    return rc;
}

static bool
s_is_same (const br_buf_t *a, const br_buf_t *b)
{
    return a->size == b->size && (!a->size || memcmp (a->data, b->data, a->size) == 0);
}

static void
s_check_stream (const guard_tools_t *tools, br_surface_t surface, const br_buf_t *in,
                size_t most)
{
    br_buf_t whole, split, again;
    br_buf_init (&whole, OUT_MAX);
    br_buf_init (&split, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    int rc = s_stream (tools, surface, in, in->size + 1, &whole);
    assert (s_stream (tools, surface, in, most, &split) == rc);
    assert (s_is_same (&whole, &split));
    if (rc == 0) {
        assert (s_stream (tools, surface, &whole, whole.size + 1, &again) == 0);
        assert (s_is_same (&whole, &again));
    }
    br_buf_free (&again);
    br_buf_free (&split);
    br_buf_free (&whole);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    static guard_tools_t *tools; //  made once: it is only read
    if (!tools)
        tools = guard_tools_new (s_slice, NULL);
    if (size < HEAD || size > 4096)
        return 0;
    size_t row = bytes[1] % SURFACES;
    bool is_stream = bytes[0] % 4 == 3;
    bool is_script = bytes[0] < 224;
    br_buf_t in;
    br_buf_init (&in, OUT_MAX);
    for (size_t i = HEAD; i + 1 < size && is_script && is_stream; i += 2)
        s_write_event (bytes + i, s_events[row], &in);
    for (size_t i = HEAD; i < size && is_script && !is_stream; i++)
        br_buf_adds (&in, s_tokens[bytes[i] % TOKENS]);
    if (!is_script)
        br_buf_add (&in, bytes + HEAD, size - HEAD);
    if (is_stream)
        s_check_stream (tools, s_surfaces[row], &in, 1 + bytes[2]);
    else if (bytes[0] % 4 == 0)
        s_check_offers (tools, s_surfaces[row], &in);
    else if (bytes[0] % 4 == 1)
        s_check_args (tools, &in);
    else
        s_check_answer (tools, s_surfaces[row], &in);
    br_buf_free (&in);
    return 0;
}
