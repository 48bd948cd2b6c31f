//  The scripted conversation: what a real provider takes is answered, what it refuses is
//  refused. In the bodies ' stands for ", and $ for the state that the mock gave.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_talk.h"

#define ARGS "{'a':2,'b':3}"
#define TOLD "sum 5, product 6"

//  ---- Chat Completions
#define CHAT_TOOLS "'tools':[{'type':'function','function':{'name':'add'}}]"
#define CHAT_CALL(id, name)                                                              \
    "{'id':'" id "','type':'function','function':{'name':'" name                         \
    "','arguments':'{\\'a\\':2,\\'b\\':3}'}}"
#define CHAT_USER "{'role':'user','content':'q'}"
#define CHAT_ASKED                                                                       \
    "{'role':'assistant','content':null,'tool_calls':[" CHAT_CALL (                      \
        "1", "add") "," CHAT_CALL ("2", "multiply") "]}"
#define CHAT_RESULT(id, text)                                                            \
    "{'role':'tool','tool_call_id':'" id "','content':'" text "'}"
#define CHAT(messages) "{" CHAT_TOOLS ",'messages':[" messages "]}"

//  ---- Responses
#define RS_TOOLS "'tools':[{'type':'function','name':'add'}]"
#define RS_USER "{'role':'user','content':'q'}"
#define RS_CALL(id, name)                                                                \
    "{'type':'function_call','call_id':'" id "','name':'" name                           \
    "','arguments':'{\\'a\\':2,\\'b\\':3}'}"
#define RS_REASONING "{'type':'reasoning','id':'rs','summary':[],'encrypted_content':'$'}"
#define RS_RESULT(id, text)                                                              \
    "{'type':'function_call_output','call_id':'" id "','output':'" text "'}"
#define RS(items) "{" RS_TOOLS ",'store':false,'input':[" items "]}"
#define RS_CALLS RS_CALL ("1", "add") "," RS_CALL ("2", "multiply")
#define RS_RESULTS RS_RESULT ("1", "5") "," RS_RESULT ("2", "6")

//  ---- Messages
#define AM_TOOLS "'tools':[{'name':'add','input_schema':{'type':'object'}}]"
#define AM_USER "{'role':'user','content':'q'}"
#define AM_THINKS ",'thinking':{'type':'enabled','budget_tokens':1024}"
#define AM_CALL(id, name)                                                                \
    "{'type':'tool_use','id':'" id "','name':'" name "','input':" ARGS "}"
#define AM_CALLS AM_CALL ("1", "add") "," AM_CALL ("2", "multiply")
#define AM_THOUGHT "{'type':'thinking','thinking':'" MOCK_THOUGHT "','signature':'$'},"
#define AM_RESULT(id, text)                                                              \
    "{'type':'tool_result','tool_use_id':'" id "','content':'" text "'}"
#define AM_RESULTS AM_RESULT ("1", "5") "," AM_RESULT ("2", "6")
#define AM_TEXT(text) "{'type':'text','text':'" text "'}"
#define AM_TURN(role, blocks) "{'role':'" role "','content':[" blocks "]}"
#define AM(more, messages)                                                               \
    "{" AM_TOOLS ",'max_tokens':4096" more ",'messages':[" messages "]}"

//  ---- Google
#define GG_TOOLS "'tools':[{'functionDeclarations':[{'name':'add'}]}]"
#define GG_TURN(role, parts) "{'role':'" role "','parts':[" parts "]}"
#define GG_USER GG_TURN ("user", "{'text':'q'}")
#define GG_CALL(name, more) "{'functionCall':{'name':'" name "','args':" ARGS "}" more "}"
#define GG_CALLS(seal)                                                                   \
    GG_TURN ("model", GG_CALL ("add", ",'thoughtSignature':'" seal                       \
                                      "'") "," GG_CALL ("multiply", ""))
#define GG_RESULT(name, value)                                                           \
    "{'functionResponse':{'name':'" name "','response':{'output':" value "}}}"
#define GG_RESULTS                                                                       \
    GG_TURN ("user", GG_RESULT ("add", "'5'") "," GG_RESULT ("multiply", "6"))
#define GG(contents) "{" GG_TOOLS ",'contents':[" contents "]}"

typedef struct {
    mock_protocol_t protocol;
    bool is_strict;
    int status;
    const char *body;
    const char *part; //  of the answer
} row_t;

static const row_t s_rows[] = {
    { MOCK_CHAT, false, 200, "{'messages':[" CHAT_USER "]}", "Hello" },
    { MOCK_CHAT, false, 200, CHAT (CHAT_USER), "'call_mock_multiply'" },
    { MOCK_CHAT, false, 200,
      CHAT (CHAT_USER "," CHAT_ASKED
                      "," CHAT_RESULT ("2", "6") "," CHAT_RESULT ("1", "5")),
      TOLD },
    { MOCK_CHAT, true, 400,
      CHAT (CHAT_USER "," CHAT_ASKED
                      "," CHAT_RESULT ("2", "6") "," CHAT_RESULT ("1", "5")),
      "reasoning_content" },
    { MOCK_CHAT, false, 400, CHAT (CHAT_USER "," CHAT_ASKED), "2 calls" },
    { MOCK_CHAT, false, 400,
      CHAT (CHAT_USER "," CHAT_ASKED "," CHAT_RESULT ("1", "5") "," CHAT_USER),
      "1 calls" },
    { MOCK_CHAT, false, 400, CHAT (CHAT_USER "," CHAT_RESULT ("1", "5")), "without its" },
    { MOCK_CHAT, false, 400, "{'messages':[" CHAT_USER "],'stream_options':{}}",
      "stream" },
    { MOCK_CHAT, false, 400, "{'messages':[" CHAT_USER "],'tool_choice':'auto'}",
      "need" },
    { MOCK_CHAT, false, 400, "{'messages':[]}", "messages" },
    { MOCK_CHAT, false, 400, "[]", "object" },
    { MOCK_CHAT, false, 400, "{", "object" },

    { MOCK_RESPONSES, false, 200, "{'input':'q'}", "Hello" },
    { MOCK_RESPONSES, false, 200, RS (RS_USER), "'fc_mock_add'" },
    { MOCK_RESPONSES, false, 200, RS (RS_USER "," RS_CALLS "," RS_RESULTS), TOLD },
    { MOCK_RESPONSES, true, 200,
      RS (RS_USER "," RS_REASONING "," RS_CALLS "," RS_RESULTS), TOLD },
    { MOCK_RESPONSES, true, 400, RS (RS_USER "," RS_CALLS "," RS_RESULTS), "reasoning" },
    { MOCK_RESPONSES, false, 400, RS (RS_USER "," RS_CALLS), "2 calls" },
    { MOCK_RESPONSES, false, 400, RS (RS_USER "," RS_REASONING), "follows" },
    { MOCK_RESPONSES, false, 400, RS (RS_USER "," RS_REASONING "," RS_USER), "follows" },
    { MOCK_RESPONSES, false, 400,
      RS (RS_USER ",{'type':'reasoning','summary':[]}," RS_CALLS "," RS_RESULTS),
      "kept" },
    { MOCK_RESPONSES, false, 400,
      RS (RS_USER ",{'type':'item_reference','id':'rs_mock'}"), "stored" },
    { MOCK_RESPONSES, false, 400, "{'input':'q','max_tokens':5}", "max_tokens" },
    { MOCK_RESPONSES, false, 400,
      "{'input':[{'role':'user','content':[{'type':'text','text':'q'}]}]}",
      "does not fit" },

    { MOCK_MESSAGES, false, 200, "{'max_tokens':9,'messages':[" AM_USER "]}", "Hello" },
    { MOCK_MESSAGES, false, 200, AM ("", AM_USER), "'toolu_mock_add'" },
    { MOCK_MESSAGES, false, 200, AM (AM_THINKS, AM_USER), "'signature':'$'" },
    { MOCK_MESSAGES, false, 200,
      AM ("",
          AM_USER "," AM_TURN ("assistant", AM_CALLS) "," AM_TURN ("user", AM_RESULTS)),
      TOLD },
    { MOCK_MESSAGES, true, 200,
      AM (AM_THINKS, AM_USER "," AM_TURN ("assistant", AM_THOUGHT AM_CALLS) "," AM_TURN (
                         "user", AM_RESULTS "," AM_TEXT ("and?"))),
      TOLD },
    { MOCK_MESSAGES, false, 400,
      AM (AM_THINKS,
          AM_USER "," AM_TURN ("assistant", AM_CALLS) "," AM_TURN ("user", AM_RESULTS)),
      "must start with" },
    { MOCK_MESSAGES, false, 400,
      AM (AM_THINKS,
          AM_USER "," AM_TURN ("assistant",
                               "{'type':'thinking','thinking':'x','signature':'y'}")),
      "invalid signature" },
    { MOCK_MESSAGES, false, 400,
      AM ("", AM_USER "," AM_TURN ("assistant", AM_CALLS) "," AM_TURN (
                  "user", AM_TEXT ("see") "," AM_RESULTS)),
      "come first" },
    { MOCK_MESSAGES, false, 400,
      AM ("",
          AM_USER "," AM_TURN ("assistant", AM_CALLS) "," AM_TURN (
              "user", AM_RESULT ("1", "5")) "," AM_TURN ("user", AM_RESULT ("2", "6"))),
      "right after" },
    { MOCK_MESSAGES, false, 400, AM ("", AM_TURN ("user", AM_TEXT (" "))), "empty" },
    { MOCK_MESSAGES, false, 400, "{'messages':[" AM_USER "]}", "max_tokens" },
    { MOCK_MESSAGES, false, 400, AM (",'seed':1", AM_USER), "seed" },
    { MOCK_MESSAGES, false, 400, AM ("", AM_TURN ("assistant", AM_TEXT ("x"))), "first" },
    { MOCK_MESSAGES, false, 400, AM (AM_THINKS ",'temperature':0.5", AM_USER),
      "temperature" },
    { MOCK_MESSAGES, false, 400,
      AM ("", AM_USER "," AM_TURN ("assistant", AM_CALL ("a:1", "add"))), "bad name" },

    { MOCK_GOOGLE, false, 200, "{'contents':[" GG_USER "]}", "Hello" },
    { MOCK_GOOGLE, false, 200, GG (GG_USER), "'thoughtSignature':'$'" },
    { MOCK_GOOGLE, true, 200, GG (GG_USER "," GG_CALLS ("$") "," GG_RESULTS), TOLD },
    { MOCK_GOOGLE, false, 200,
      GG (GG_USER "," GG_CALLS (MOCK_PLACEHOLDER) "," GG_RESULTS), TOLD },
    { MOCK_GOOGLE, true, 400, GG (GG_USER "," GG_CALLS (MOCK_PLACEHOLDER) "," GG_RESULTS),
      "Corrupted" },
    { MOCK_GOOGLE, false, 400,
      GG (GG_USER "," GG_TURN ("model", GG_CALL ("add", "")) "," GG_RESULTS), "missing" },
    { MOCK_GOOGLE, false, 400,
      GG (GG_USER "," GG_CALLS ("$") "," GG_TURN ("user", GG_RESULT ("add", "5"))),
      "as many" },
    { MOCK_GOOGLE, false, 400, GG (GG_TURN ("model", "{'text':'x'}")), "begin" },
    { MOCK_GOOGLE, false, 400, GG (GG_TURN ("assistant", "{'text':'x'}")), "bad role" },
    { MOCK_GOOGLE, false, 400, GG (GG_TURN ("user", "")), "empty" },
    { MOCK_GOOGLE, false, 400, "{'max_tokens':1,'contents':[" GG_USER "]}",
      "max_tokens" },
    { MOCK_GOOGLE, false, 400,
      "{'tools':[{'functionDeclarations':[{'name':'add','parameters':{'type':'OBJECT',"
      "'properties':{'a':{'type':'STRING','const':'x'}}}}]}],'contents':[" GG_USER "]}",
      "const" },
    { MOCK_GOOGLE, false, 200,
      "{'tools':[{'functionDeclarations':[{'name':'add','parametersJsonSchema':"
      "{'const':1}}]}],'contents':[" GG_USER "]}",
      "functionCall" },
};

//  A text with its stand-ins replaced.
static void
s_spell (br_buf_t *out, const char *text)
{
    br_buf_init (out, 1 << 16);
    for (; *text; text++) {
        if (*text == '$')
            br_buf_adds (out, MOCK_SEAL);
        else
            br_buf_addc (out, *text == '\'' ? '"' : *text);
    }
}

static mock_tape_t *
s_talk (mock_protocol_t protocol, mock_form_t form, bool is_strict, const char *text)
{
    mock_route_t route = { protocol, MOCK_ANSWER, form };
    mock_request_t request;
    br_buf_t body;
    mock_request_init (&request);
    snprintf (request.version, sizeof request.version, "2023-06-01");
    snprintf (request.peek.model, sizeof request.peek.model, "mock-tools");
    request.peek.stream = form != MOCK_PLAIN;
    s_spell (&body, text);
    request.body = body.data;
    request.body_size = body.size;
    mock_tape_t *tape = mock_talk_new (&route, &request, is_strict);
    br_buf_free (&body);
    mock_request_free (&request);
    return tape;
}

static void
requests_are_judged (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const row_t *row = &s_rows[i];
        mock_tape_t *tape = s_talk (row->protocol, MOCK_PLAIN, row->is_strict, row->body);
        br_buf_t answer, part;
        br_buf_init (&answer, 1 << 16);
        mock_tape_get (tape, 0, &answer);
        s_spell (&part, row->part);
        if (mock_tape_status (tape) != row->status
            || !strstr (br_buf_text (&answer), br_buf_text (&part)))
            fail_msg ("row %zu: %s\nis answered with %d %s", i, row->body,
                      mock_tape_status (tape), br_buf_text (&answer));
        br_buf_free (&answer);
        br_buf_free (&part);
        mock_tape_destroy (&tape);
    }
}

typedef struct {
    mock_protocol_t protocol;
    const char *body;
    const char *last; //  piece of a stream
} stream_row_t;

static const stream_row_t s_streams[] = {
    { MOCK_CHAT, CHAT (CHAT_USER), "data: [DONE]\n\n" },
    { MOCK_RESPONSES, RS (RS_USER), "event: response.completed\n" },
    { MOCK_MESSAGES, AM (AM_THINKS, AM_USER), "event: message_stop\n" },
    { MOCK_GOOGLE, GG (GG_USER),
      "data: {'candidates':[{'content':{'parts':[{'text':''}" },
};

//  The payload of a piece is JSON, or the end mark.
static void
s_check_payload (const br_buf_t *piece)
{
    const char *data = memmem (piece->data, piece->size, "data: ", 6);
    assert_non_null (data);
    data += 6;
    size_t size = piece->size - (size_t) (data - (const char *) piece->data);
    if (!strncmp (data, "[DONE]", 6))
        return;
    cJSON *tree = cJSON_ParseWithLength (data, size);
    assert_non_null (tree);
    cJSON_Delete (tree);
}

static void
streams_end_as_their_protocol_does (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_streams / sizeof s_streams[0]; i++) {
        const stream_row_t *row = &s_streams[i];
        mock_tape_t *tape = s_talk (row->protocol, MOCK_SSE, false, row->body);
        size_t count = mock_tape_count (tape);
        br_buf_t piece, last;
        br_buf_init (&piece, 1 << 16);
        assert_true (count >= 3);
        for (size_t at = 0; at < count; at++) {
            br_buf_clear (&piece);
            mock_tape_get (tape, at, &piece);
            br_buf_text (&piece);
            s_check_payload (&piece);
        }
        s_spell (&last, row->last);
        assert_memory_equal (piece.data, last.data, last.size);
        br_buf_free (&piece);
        br_buf_free (&last);
        mock_tape_destroy (&tape);
    }
}

static void
the_version_is_required (void **state)
{
    (void) state;
    mock_route_t route = { MOCK_MESSAGES, MOCK_ANSWER, MOCK_PLAIN };
    static const char body[] =
        "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    mock_request_t request;
    mock_request_init (&request);
    request.body = (const uint8_t *) body;
    request.body_size = sizeof body - 1;
    snprintf (request.peek.model, sizeof request.peek.model, "mock");
    mock_tape_t *tape = mock_talk_new (&route, &request, false);
    assert_int_equal (mock_tape_status (tape), 400);
    mock_tape_destroy (&tape);
    mock_request_free (&request);
}

static void
models_of_others_are_unknown (void **state)
{
    (void) state;
    static const char *const names[] = { "", "gpt", "a:mock", "mock-chat:mock",
                                         "{model}" };
    mock_route_t route = { MOCK_CHAT, MOCK_ANSWER, MOCK_PLAIN };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mock_request_t request;
        mock_request_init (&request);
        snprintf (request.peek.model, sizeof request.peek.model, "%s", names[i]);
        mock_tape_t *tape = mock_talk_new (&route, &request, false);
        assert_int_equal (mock_tape_status (tape), 404);
        mock_tape_destroy (&tape);
        mock_request_free (&request);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (requests_are_judged),
        cmocka_unit_test (streams_end_as_their_protocol_does),
        cmocka_unit_test (the_version_is_required),
        cmocka_unit_test (models_of_others_are_unknown),
    };
    return cmocka_run_group_tests_name ("mock_talk", tests, NULL, NULL);
}
