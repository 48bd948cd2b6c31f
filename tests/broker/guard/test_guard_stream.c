//  guard_stream: streams of all protocols, cut anywhere, and recorded ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/broker/guard/streamed.h"
#include "tests/broker/proto/messages/grammar.h"
#include "tests/broker/proto/responses/grammar.h"
#include "tests/corpus.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "word", "\\bword\\b", "redact" },
    { NULL, NULL, NULL },
};

static const char *const s_blocks[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { NULL, NULL, NULL },
};

//  "the" is in most texts, and letters that begin it are held.
static const char *const s_words[][3] = {
    { "word", "the|and [a-z]+|\\bof\\b|location|[0-9]{2}", "redact" },
    { NULL, NULL, NULL },
};

static const char *const s_nothing[][3] = {
    { "never", "\\x01\\x02[0-9]{8}", "redact" },
    { NULL, NULL, NULL },
};

//  In texts of tests ' stands for ".
static char *
s_quoted (const char *text)
{
    char *copy = br_strdup (text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

static void
s_check (br_surface_t surface, const char *given, const char *wanted)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    assert_non_null (rules);
    char *stream = s_quoted (given);
    char *expected = s_quoted (wanted);
    size_t size = strlen (stream);
    for (size_t cut = 0; cut <= size; cut++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (
            streamed_guard (rules, surface, stream, size, cut, cut ? size : 1, &out), 0);
        assert_string_equal (br_buf_text (&out), expected);
        br_buf_free (&out);
    }
    free (expected);
    free (stream);
    guard_rules_destroy (&rules);
}

//  ---- chat

#define CHAT(delta, finish)                                                              \
    "data: {'id':'c','choices':[{'index':0,'delta':{" delta "},'finish_reason':" finish  \
    "}]}\n\n"
#define DONE "data: [DONE]\n\n"

static void
given_a_match_over_events_when_cut_anywhere_then_it_is_redacted (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             CHAT ("'role':'assistant','content':'a \\u0073ec1'", "null")
                 CHAT ("'content':'234 b'", "null") CHAT ("", "'stop'") DONE,
             CHAT ("'role':'assistant','content':'a '", "null")
                 CHAT ("'content':'[REDACTED] b'", "null") CHAT ("", "'stop'") DONE);
}

static void
given_a_text_that_is_held_when_it_ends_then_its_rest_goes_in_front (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             ": hi\n" CHAT ("'role':'assistant','content':'a sec12'", "null")
                 CHAT ("", "'stop'") DONE,
             ": hi\n" CHAT ("'role':'assistant','content':'a '", "null")
                 CHAT ("'content':'sec12'", "null") CHAT ("", "'stop'") DONE);
    s_check (BR_SURFACE_CHAT, CHAT ("'content':'a sec12'", "null") DONE,
             CHAT ("'content':'a '", "null") CHAT ("'content':'sec12'", "null") DONE);
    s_check (BR_SURFACE_CHAT, CHAT ("'content':'a sec12'", "null"),
             CHAT ("'content':'a '", "null") CHAT ("'content':'sec12'", "null"));
}

static void
given_an_event_that_ends_its_own_text_when_it_comes_then_the_rest_is_in_it (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             CHAT ("'content':'a sec'", "null") CHAT ("'content':'12 sec1'", "'stop'"),
             CHAT ("'content':'a '", "null") CHAT ("'content':'sec12 sec1'", "'stop'"));
    s_check (BR_SURFACE_CHAT,
             "data: {'choices':[{'index':0,'delta':{'content':'sec1'}}]}",
             "data: {'choices':[{'index':0,'delta':{'content':'sec1'}}]}");
}

#define CALL(index, rest) "'tool_calls':[{'index':" index "," rest "}]"

static void
given_arguments_when_redacted_then_names_and_ids_come_once (void **state)
{
    (void) state;
    s_check (
        BR_SURFACE_CHAT,
        CHAT (CALL ("0", "'id':'i','type':'function','function':{'name':'f','arguments':"
                         "'{\\'a\\':\\'\\\\u0073ec12'}"),
              "null") CHAT ("", "'tool_calls'"),
        CHAT (CALL ("0", "'id':'i','type':'function','function':{'name':'f','arguments':"
                         "'{\\'a\\':\\''}"),
              "null")
            CHAT (
                CALL ("0", "'type':'function','function':{'arguments':'\\\\u0073ec12'}"),
                "null") CHAT ("", "'tool_calls'"));
    s_check (
        BR_SURFACE_CHAT,
        CHAT (CALL ("0", "'function':{'arguments':'{\\'a\\':\\'\\\\u0073ec12'}"), "null")
            CHAT (CALL ("0", "'function':{'arguments':'34\\'}'}"), "'tool_calls'"),
        CHAT (CALL ("0", "'function':{'arguments':'{\\'a\\':\\''}"), "null") CHAT (
            CALL ("0", "'function':{'arguments':'[REDACTED]\\'}'}"), "'tool_calls'"));
}

//  ---- providers that finish in each event

static void
given_an_end_in_each_event_when_more_comes_then_the_text_goes_on (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             CHAT ("'content':'a sec1'", "'stop'") CHAT ("'content':'234 b'", "'stop'")
                 DONE,
             CHAT ("'content':'a '", "'stop'") CHAT ("'content':'[REDACTED] b'", "'stop'")
                 DONE);
    s_check (BR_SURFACE_CHAT,
             CHAT ("'content':'sec1'", "null") CHAT ("", "'stop'")
                 CHAT ("'content':''", "'stop'") CHAT ("'content':'234'", "'stop'"),
             CHAT ("'content':''", "null") CHAT ("", "'stop'")
                 CHAT ("'content':''", "'stop'")
                     CHAT ("'content':'[REDACTED]'", "'stop'"));
    s_check (BR_SURFACE_CHAT,
             CHAT ("'content':'a sec1'", "'stop'")
                 CHAT ("'content':''", "'stop'") ": ping\n\n" DONE,
             CHAT ("'content':'a sec1'", "'stop'")
                 CHAT ("'content':''", "'stop'") ": ping\n\n" DONE);
}

#define TWO(index, delta, finish)                                                        \
    "data: {'choices':[{'index':" index ",'delta':{" delta "},'finish_reason':" finish   \
    "}]}\n\n"

static void
given_two_choices_that_may_have_ended_when_one_goes_on_then_order_stays (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             TWO ("0", "'content':'sec1'", "'stop'")
                 TWO ("1", "'content':'x sec5'", "'stop'")
                     TWO ("0", "'content':'234'", "'stop'") DONE,
             TWO ("0", "'content':''", "'stop'") TWO ("1", "'content':'x sec5'", "'stop'")
                 TWO ("0", "'content':'[REDACTED]'", "'stop'") DONE);
}

static void
given_an_end_when_nothing_is_undecided_then_the_event_goes_at_once (void **state)
{
    (void) state;
    static const char *const ends[] = { "a b ", "a sec" };
    guard_rules_t *rules = channelled_rules (s_rows);
    for (size_t i = 0; i < 2; i++) {
        char text[200];
        snprintf (text, sizeof text,
                  "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"},"
                  "\"finish_reason\":\"stop\"}]}\n\n",
                  ends[i]);
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        guard_stream_t *stream = guard_stream_new (
            rules, STREAMED_SETS, GUARD_REDACT, GUARD_BLOCK, BR_SURFACE_CHAT, NULL, NULL);
        assert_int_equal (guard_stream_push (stream, text, strlen (text), &out), 0);
        assert_int_equal (out.size, i ? 0 : strlen (text));
        assert_int_equal (guard_stream_held (stream), i ? 3 : 0);
        assert_int_equal (guard_stream_end (stream, &out), 0);
        assert_string_equal (br_buf_text (&out), text);
        guard_stream_destroy (&stream);
        br_buf_free (&out);
    }
    guard_rules_destroy (&rules);
}

static void
given_token_chances_when_an_end_may_be_none_then_they_are_as_the_words (void **state)
{
    (void) state;
#define CHANCES(text, chances)                                                           \
    "data: {'choices':[{'index':0,'delta':{'content':'" text "'},'logprobs':" chances    \
    ",'finish_reason':'stop'}]}\n\n"
    s_check (BR_SURFACE_CHAT, CHANCES ("a sec1", "{'content':[]}") DONE,
             CHANCES ("a sec1", "{'content':[]}") DONE);
    s_check (BR_SURFACE_CHAT,
             CHANCES ("a sec1", "{'content':[1]}") CHANCES ("2 b", "{'content':[2]}")
                 DONE,
             CHANCES ("a ", "null") CHANCES ("sec12 b", "null") DONE);
}

//  ret: what streamed_guard did
static int
s_send (const char *const (*rows)[3], br_surface_t surface, const char *given,
        br_buf_t *out)
{
    guard_rules_t *rules = channelled_rules (rows);
    char *stream = s_quoted (given);
    br_buf_clear (out);
    int rc = streamed_guard (rules, surface, stream, strlen (stream), 0, 7, out);
    free (stream);
    guard_rules_destroy (&rules);
    return rc;
}

static void
given_too_many_events_behind_an_end_when_it_is_the_end_then_the_rest_goes (void **state)
{
    (void) state;
    br_buf_t given, out;
    br_buf_init (&given, CHANNELLED_MAX);
    br_buf_init (&out, CHANNELLED_MAX);
    br_buf_adds (&given, CHAT ("'content':'a sec12'", "'stop'"));
    for (size_t i = 0; i < GUARD_KEPT_MAX; i++)
        br_buf_adds (&given, i % 2 ? ": ping\n\n" : CHAT ("", "null"));
    size_t size = given.size;
    assert_int_equal (s_send (s_rows, BR_SURFACE_CHAT, br_buf_text (&given), &out), 0);
    assert_int_equal (out.size, size);
    //  Another text, by the protocol; but if it is the same one, it is a secret.
    br_buf_adds (&given, CHAT ("'content':'3 b'", "null"));
    assert_int_equal (s_send (s_rows, BR_SURFACE_CHAT, br_buf_text (&given), &out), 0);
    assert_int_equal (out.size, given.size);
    br_buf_adds (&given, CHAT ("'content':' sec1'", "null") CHAT ("", "'stop'"));
    assert_int_equal (s_send (s_rows, BR_SURFACE_CHAT, br_buf_text (&given), &out), 0);
    given.size = size;
    br_buf_adds (&given, CHAT ("'content':'3'", "null") CHAT ("'content':'4'", "null"));
    assert_int_equal (s_send (s_rows, BR_SURFACE_CHAT, br_buf_text (&given), &out), -1);
    assert_true (strstr (br_buf_text (&out), "\"content\":\"\"") != NULL);
    assert_null (strstr (br_buf_text (&out), "\"content\":\"3"));
    br_buf_free (&out);
    br_buf_free (&given);
}

static void
given_token_chances_when_words_change_then_they_are_gone (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             "data: {'choices':[{'index':0,'delta':{'content':'sec1234 '},"
             "'logprobs':{'content':[{'token':'sec1234 ','logprob':-1}]}}]}\n\n",
             "data: {'choices':[{'index':0,'delta':{'content':'[REDACTED] '},"
             "'logprobs':null}]}\n\n");
}

//  ---- Messages

#define MESSAGE_BEGIN                                                                    \
    "event: message_start\ndata: {'type':'message_start','message':{'id':'m',"           \
    "'type':'message','role':'assistant','model':'x','content':[],'stop_reason':null,"   \
    "'stop_sequence':null,'usage':{'input_tokens':1,'output_tokens':1}}}\n\n"
#define BLOCK_BEGIN(block)                                                               \
    "event: content_block_start\ndata: {'type':'content_block_start','index':0,"         \
    "'content_block':{" block "}}\n\n"
#define DELTA(delta)                                                                     \
    "event: content_block_delta\ndata: {'type':'content_block_delta','index':0,"         \
    "'delta':{" delta "}}\n\n"
#define BLOCK_END                                                                        \
    "event: content_block_stop\ndata: {'type':'content_block_stop','index':0}\n\n"
#define MESSAGE_END                                                                      \
    "event: message_delta\ndata: {'type':'message_delta','delta':{'stop_reason':"        \
    "'end_turn','stop_sequence':null},'usage':{'output_tokens':1}}\n\n"                  \
    "event: message_stop\ndata: {'type':'message_stop'}\n\n"

static void
given_messages_when_a_block_stops_then_its_rest_goes_in_front (void **state)
{
    (void) state;
    s_check (BR_SURFACE_MESSAGES,
             MESSAGE_BEGIN BLOCK_BEGIN ("'type':'text','text':''")
                 DELTA ("'type':'text_delta','text':'a sec12'") BLOCK_END MESSAGE_END,
             MESSAGE_BEGIN BLOCK_BEGIN ("'type':'text','text':''")
                 DELTA ("'type':'text_delta','text':'a '")
                     DELTA ("'type':'text_delta','text':'sec12'") BLOCK_END MESSAGE_END);
    s_check (
        BR_SURFACE_MESSAGES,
        MESSAGE_BEGIN BLOCK_BEGIN ("'type':'tool_use','id':'t','name':'n','input':{}")
            DELTA ("'type':'input_json_delta','partial_json':'{\\'a\\': 1'")
                BLOCK_END MESSAGE_END,
        MESSAGE_BEGIN BLOCK_BEGIN ("'type':'tool_use','id':'t','name':'n','input':{}")
            DELTA ("'type':'input_json_delta','partial_json':'{\\'a\\': '")
                DELTA ("'type':'input_json_delta','partial_json':'1'")
                    BLOCK_END MESSAGE_END);
}

static void
given_a_block_that_has_stopped_when_its_number_comes_again_then_no_match_lies_over_it (
    void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
#define TEXT(text) DELTA ("'type':'text_delta','text':'" text "'")
#define BEGIN BLOCK_BEGIN ("'type':'text','text':''")
    assert_int_equal (s_send (s_rows, BR_SURFACE_MESSAGES,
                              BEGIN TEXT ("sec12") BLOCK_END TEXT ("34") BLOCK_END, &out),
                      -1);
    assert_null (strstr (br_buf_text (&out), "34"));
    assert_int_equal (s_send (s_rows, BR_SURFACE_MESSAGES,
                              BEGIN TEXT ("sec12") BLOCK_END TEXT ("3")
                                  BLOCK_END TEXT ("4") BLOCK_END,
                              &out),
                      -1);
    s_check (BR_SURFACE_MESSAGES,
             BEGIN TEXT ("sec12") BLOCK_END BEGIN TEXT ("3 sec1") TEXT ("234 ")
                 BLOCK_END BEGIN TEXT ("sec5") BLOCK_END,
             BEGIN TEXT ("") TEXT ("sec12") BLOCK_END BEGIN TEXT ("3 ")
                 TEXT ("[REDACTED] ") BLOCK_END BEGIN TEXT ("") TEXT ("sec5") BLOCK_END);
    br_buf_free (&out);
}

static void
given_a_signature_between_thoughts_when_cut_anywhere_then_it_is_redacted (void **state)
{
    (void) state;
#define THOUGHT(text) DELTA ("'type':'thinking_delta','thinking':'" text "'")
#define SIGNED DELTA ("'type':'signature_delta','signature':'s'")
    s_check (BR_SURFACE_MESSAGES, THOUGHT ("a sec1") SIGNED THOUGHT ("234 ") BLOCK_END,
             THOUGHT ("a ") SIGNED THOUGHT ("[REDACTED] ") BLOCK_END);
    s_check (BR_SURFACE_MESSAGES, THOUGHT ("a sec1") SIGNED BLOCK_END,
             THOUGHT ("a ") THOUGHT ("sec1") SIGNED BLOCK_END);
}

static void
given_messages_that_begin_with_text_when_it_ends_then_a_delta_brings_it (void **state)
{
    (void) state;
    s_check (BR_SURFACE_MESSAGES, BLOCK_BEGIN ("'type':'text','text':'sec12'") BLOCK_END,
             BLOCK_BEGIN ("'type':'text','text':''")
                 DELTA ("'type':'text_delta','text':'sec12'") BLOCK_END);
}

//  ---- Responses

#define PIECE(n, text)                                                                   \
    "event: response.output_text.delta\ndata: {'type':'response.output_text.delta',"     \
    "'item_id':'i','output_index':0,'content_index':0,'delta':'" text                    \
    "','logprobs':[],'sequence_number':" n "}\n\n"
#define TEXT_END(n, text)                                                                \
    "event: response.output_text.done\ndata: {'type':'response.output_text.done',"       \
    "'item_id':'i','output_index':0,'content_index':0,'text':'" text                     \
    "','logprobs':[],'sequence_number':" n "}\n\n"

static void
given_responses_when_an_event_is_put_in_then_later_numbers_rise (void **state)
{
    (void) state;
    s_check (BR_SURFACE_RESPONSES,
             PIECE ("4", "a sec1234 sec12") TEXT_END ("5", "a sec1234 sec12"),
             PIECE ("4", "a [REDACTED] ") PIECE ("5", "sec12")
                 TEXT_END ("6", "a [REDACTED] sec12"));
}

//  ---- Google

#define PARTS(parts, rest)                                                               \
    "data: {'candidates':[{'content':{'parts':[" parts "],'role':'model'}" rest          \
    "}],'modelVersion':'g'}\r\n\r\n"

static void
given_google_when_another_candidate_part_holds_then_its_rest_goes_in_front (void **state)
{
    (void) state;
    s_check (BR_SURFACE_GOOGLE_STREAM,
             PARTS ("{'text':'x sec12','thought':true}", "")
                 PARTS ("{'text':'y sec1'}", ",'finishReason':'STOP','index':0"),
             PARTS ("{'text':'x ','thought':true}", "")
                 PARTS ("{'text':'sec12','thought':true}", "")
                     PARTS ("{'text':'y sec1'}", ",'finishReason':'STOP','index':0"));
    s_check (BR_SURFACE_GOOGLE_STREAM,
             PARTS ("{'functionCall':{'name':'f','args':{'a':'\\u0073ec1234'}}}", ""),
             PARTS ("{'functionCall':{'name':'f','args':{'a':'[REDACTED]'}}}", ""));
}

#define FILE_OF(type, data)                                                              \
    "data: {'candidates':[{'content':{'parts':[{'inlineData':{'mimeType':'" type         \
    "','data':'" data "'}}]}}]}\n\n"

static void
given_a_file_of_words_when_it_comes_in_base64_then_it_is_redacted_in_there (void **state)
{
    (void) state;
    s_check (BR_SURFACE_GOOGLE_STREAM, FILE_OF ("text/csv", "bXkgc2VjMTIzNCB4"),
             FILE_OF ("text/csv", "bXkgW1JFREFDVEVEXSB4"));
    s_check (BR_SURFACE_GOOGLE_STREAM, FILE_OF ("image/png", "bXkgc2VjMTIzNCB4"),
             FILE_OF ("image/png", "bXkgW1JFREFDVEVEXSB4"));
    s_check (BR_SURFACE_GOOGLE_STREAM,
             FILE_OF ("image/png", "iVBORw0KGgogbXkgc2VjMTIzNCB4"),
             FILE_OF ("image/png", "iVBORw0KGgogbXkgc2VjMTIzNCB4"));
}

static void
given_google_when_each_event_finishes_then_the_text_goes_on (void **state)
{
    (void) state;
#define STOP ",'finishReason':'STOP'"
    s_check (BR_SURFACE_GOOGLE_STREAM,
             PARTS ("{'text':'x sec'}", STOP) PARTS ("{'text':'12'}", STOP)
                 PARTS ("{'text':'34 y sec'}", STOP) PARTS ("{'text':''}", STOP),
             PARTS ("{'text':'x '}", STOP) PARTS ("{'text':''}", STOP)
                 PARTS ("{'text':'[REDACTED] y sec'}", STOP) PARTS ("{'text':''}", STOP));
}

//  ---- what stands around events

static void
given_what_clients_pass_over_when_it_could_say_something_then_it_is_gone (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT,
             ": OPENROUTER PROCESSING\n\n:\nid: 7\nretry: 3\nfoo: bar\nfoo\n: sec1234\n"
             "data: {'choices':[{'delta':{'content':'sec1234 '}}]}\nbar: x\n: y\n\n"
             ": 456789 123456789 123456789 123456789 123456789 123456789 1234 6\n\n",
             ": OPENROUTER PROCESSING\n\n:\nid: 7\nretry: 3\n:\n"
             "data: {'choices':[{'delta':{'content':'[REDACTED] '}}]}\n: y\n\n:\n\n");
}

static void
given_an_event_with_very_many_texts_when_it_comes_then_it_cannot_be_read (void **state)
{
    (void) state;
    for (size_t more = 0; more < 2; more++) {
        br_buf_t given, out;
        br_buf_init (&given, CHANNELLED_MAX);
        br_buf_init (&out, CHANNELLED_MAX);
        br_buf_adds (&given, "data: {'candidates':[{'content':{'parts':[");
        for (size_t i = 0; i < GUARD_EVENT_TEXTS_MAX + more; i++)
            br_buf_adds (&given, i ? ",{'text':'a'}" : "{'text':'a'}");
        br_buf_adds (&given, "]},'finishReason':'STOP'}]}\n\n");
        assert_int_equal (
            s_send (s_rows, BR_SURFACE_GOOGLE_STREAM, br_buf_text (&given), &out),
            more ? -1 : 0);
        assert_int_equal (out.size, more ? 0 : given.size);
        br_buf_free (&out);
        br_buf_free (&given);
    }
}

//  ---- what cannot be read, or blocks

static void
given_a_rule_that_blocks_when_it_matches_then_it_ends_there (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_blocks);
    char *stream = s_quoted (CHAT ("'content':'a STO'", "null")
                                 CHAT ("'content':'P7'", "null"));
    char *expected = s_quoted (CHAT ("'content':'a '", "null"));
    for (size_t most = 1; most < strlen (stream); most++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (streamed_guard (rules, BR_SURFACE_CHAT, stream, strlen (stream),
                                          0, most, &out),
                          -1);
        assert_string_equal (br_buf_text (&out), expected);
        br_buf_free (&out);
    }
    free (expected);
    free (stream);
    guard_rules_destroy (&rules);
}

static void
given_an_event_that_is_no_json_when_it_comes_then_it_fails_closed (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    const char *stream = "data: {\"choices\": sec1234\n\n";
    assert_int_equal (
        streamed_guard (rules, BR_SURFACE_CHAT, stream, strlen (stream), 0, 1, &out), -1);
    assert_int_equal (out.size, 0);
    br_buf_free (&out);
    guard_rules_destroy (&rules);
}

static void
s_count (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    size_t *count = arg;
    assert_int_equal (finding->action, GUARD_WARN);
    assert_int_equal (place, BR_TEXT_ANSWER);
    (*count)++;
}

static void
given_rules_that_warn_when_it_only_looks_then_it_tells_and_holds_nothing (void **state)
{
    (void) state;
    static const char *const warns[][3] = { { "secret", "sec[0-9]{4}", "warn" },
                                            { NULL, NULL, NULL } };
    guard_rules_t *rules = channelled_rules (warns);
    size_t count = 0;
    guard_stream_t *stream = guard_stream_new (rules, 1, GUARD_WARN, GUARD_WARN,
                                               BR_SURFACE_CHAT, s_count, &count);
    char *bytes = s_quoted (CHAT ("'content':'a sec'", "null") CHAT (
        "'content':'1234 sec1'", "null") "data: {\n\n" CHAT ("'content':'234'", "null"));
    assert_int_equal (guard_stream_push (stream, bytes, strlen (bytes), NULL), 0);
    assert_int_equal (guard_stream_held (stream), 0);
    assert_int_equal (guard_stream_end (stream, NULL), 0);
    assert_int_equal (count, 2);
    free (bytes);
    guard_stream_destroy (&stream);
    guard_stream_destroy (&stream);
    guard_rules_destroy (&rules);
}

//  ---- recorded streams

typedef struct {
    br_surface_t surface;
    const char *folder;
    int (*grammar) (const char *sse, size_t size, char *why, size_t room);
    guard_rules_t *rules;
    guard_rules_t *nothing;
    size_t changed;
    size_t same;
} recorded_t;

static void
s_check_texts (br_surface_t surface, const guard_rules_t *rules, const uint8_t *bytes,
               size_t size, const br_buf_t *out)
{
    streamed_t wanted, got;
    streamed_init (&wanted, surface, rules);
    streamed_read (&wanted, bytes, size);
    streamed_init (&got, surface, NULL);
    streamed_read (&got, out->data, out->size);
    assert_int_equal (got.unreadable, 0);
    assert_string_equal (br_buf_text (&got.told), br_buf_text (&wanted.told));
    streamed_free (&got);
    streamed_free (&wanted);
}

//  Byte for byte, but where a piece of arguments ends inside of a number, a word or an escape:
//  these wait until they are whole.
static void
s_check_same (recorded_t *recorded, const uint8_t *bytes, size_t size)
{
    static const size_t mosts[] = { 1, 13, 1000, 1 << 24 };
    for (size_t i = 0; i < sizeof mosts / sizeof mosts[0]; i++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (streamed_guard (recorded->nothing, recorded->surface, bytes,
                                          size, 0, mosts[i], &out),
                          0);
        bool is_same = out.size == size && memcmp (out.data, bytes, size) == 0;
        recorded->same += is_same;
        if (!is_same)
            assert_true (memmem (bytes, size, "arguments", 9)
                         || memmem (bytes, size, "partial_json", 12));
        s_check_texts (recorded->surface, recorded->nothing, bytes, size, &out);
        br_buf_free (&out);
    }
}

//  The whole stream at once, then with a cut at each place, or at some of a long one.
static void
s_check_recorded (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    recorded_t *recorded = arg;
    streamed_t read;
    streamed_init (&read, recorded->surface, NULL);
    streamed_read (&read, bytes, size);
    bool is_readable = read.unreadable == 0 && read.told.size;
    streamed_free (&read);
    if (!is_readable || strstr (file, "chunks"))
        return;
    s_check_same (recorded, bytes, size);
    br_buf_t whole;
    br_buf_init (&whole, CHANNELLED_MAX);
    assert_int_equal (
        streamed_guard (recorded->rules, recorded->surface, bytes, size, 0, size, &whole),
        0);
    s_check_texts (recorded->surface, recorded->rules, bytes, size, &whole);
    recorded->changed += whole.size != size || memcmp (whole.data, bytes, size) != 0;
    char why[200] = "";
    if (recorded->grammar
        && recorded->grammar ((const char *) bytes, size, why, sizeof why) == 0
        && recorded->grammar (br_buf_text (&whole), whole.size, why, sizeof why) != 0)
        fail_msg ("%s: %s", file, why);
    size_t step = size / 60 + 1;
    for (size_t cut = 1; cut < size; cut += step) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (streamed_guard (recorded->rules, recorded->surface, bytes, size,
                                          cut, size, &out),
                          0);
        assert_int_equal (out.size, whole.size);
        assert_memory_equal (out.data, whole.data, whole.size);
        br_buf_free (&out);
    }
    br_buf_free (&whole);
}

static void
given_recorded_streams_when_cut_anywhere_then_they_stay_valid (void **state)
{
    (void) state;
    static const recorded_t rows[] = {
        { .surface = BR_SURFACE_CHAT, .folder = "openai-chat" },
        { .surface = BR_SURFACE_RESPONSES,
          .folder = "openai-responses",
          .grammar = responses_grammar_check },
        { .surface = BR_SURFACE_MESSAGES,
          .folder = "anthropic-messages",
          .grammar = messages_grammar_check },
        { .surface = BR_SURFACE_GOOGLE_STREAM, .folder = "google-generate" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        recorded_t recorded = rows[i];
        recorded.rules = channelled_rules (s_words);
        recorded.nothing = channelled_rules (s_nothing);
        if (corpus_each (recorded.folder, ".sse", s_check_recorded, &recorded))
            assert_true (recorded.changed > 3 && recorded.same > 20);
        guard_rules_destroy (&recorded.nothing);
        guard_rules_destroy (&recorded.rules);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_match_over_events_when_cut_anywhere_then_it_is_redacted),
        cmocka_unit_test (
            given_a_text_that_is_held_when_it_ends_then_its_rest_goes_in_front),
        cmocka_unit_test (
            given_an_event_that_ends_its_own_text_when_it_comes_then_the_rest_is_in_it),
        cmocka_unit_test (given_arguments_when_redacted_then_names_and_ids_come_once),
        cmocka_unit_test (
            given_an_end_in_each_event_when_more_comes_then_the_text_goes_on),
        cmocka_unit_test (
            given_two_choices_that_may_have_ended_when_one_goes_on_then_order_stays),
        cmocka_unit_test (
            given_an_end_when_nothing_is_undecided_then_the_event_goes_at_once),
        cmocka_unit_test (
            given_token_chances_when_an_end_may_be_none_then_they_are_as_the_words),
        cmocka_unit_test (
            given_too_many_events_behind_an_end_when_it_is_the_end_then_the_rest_goes),
        cmocka_unit_test (
            given_a_block_that_has_stopped_when_its_number_comes_again_then_no_match_lies_over_it),
        cmocka_unit_test (
            given_a_signature_between_thoughts_when_cut_anywhere_then_it_is_redacted),
        cmocka_unit_test (
            given_a_file_of_words_when_it_comes_in_base64_then_it_is_redacted_in_there),
        cmocka_unit_test (given_google_when_each_event_finishes_then_the_text_goes_on),
        cmocka_unit_test (
            given_what_clients_pass_over_when_it_could_say_something_then_it_is_gone),
        cmocka_unit_test (
            given_an_event_with_very_many_texts_when_it_comes_then_it_cannot_be_read),
        cmocka_unit_test (given_token_chances_when_words_change_then_they_are_gone),
        cmocka_unit_test (given_messages_when_a_block_stops_then_its_rest_goes_in_front),
        cmocka_unit_test (
            given_messages_that_begin_with_text_when_it_ends_then_a_delta_brings_it),
        cmocka_unit_test (
            given_responses_when_an_event_is_put_in_then_later_numbers_rise),
        cmocka_unit_test (
            given_google_when_another_candidate_part_holds_then_its_rest_goes_in_front),
        cmocka_unit_test (given_a_rule_that_blocks_when_it_matches_then_it_ends_there),
        cmocka_unit_test (
            given_an_event_that_is_no_json_when_it_comes_then_it_fails_closed),
        cmocka_unit_test (
            given_rules_that_warn_when_it_only_looks_then_it_tells_and_holds_nothing),
        cmocka_unit_test (given_recorded_streams_when_cut_anywhere_then_they_stay_valid),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
