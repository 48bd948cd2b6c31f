//  carrier: templates, and what fills and reads them.

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/broker/proto/messages/grammar.h"
#include "tests/broker/proto/responses/grammar.h"
#include "tests/guard/carrier.h"

//  ---- Chat Completions

#define CHAT_AT                                                                          \
    "'id':'chatcmpl-9','object':'chat.completion.chunk','created':1,'model':'m',"
#define CHAT(delta, finish)                                                              \
    "data: {" CHAT_AT "'choices':[{'index':0,'delta':{" delta                            \
    "},'logprobs':null,'finish_reason':" finish "}]}\n\n"
#define CHAT_HEAD CHAT ("'role':'assistant','content':'','refusal':null", "null")
#define CHAT_TAIL(finish)                                                                \
    CHAT ("", finish)                                                                    \
    "data: {" CHAT_AT "'choices':[],'usage':{'prompt_tokens':1,'completion_tokens':2,"   \
    "'total_tokens':3}}\n\ndata: [DONE]\n\n"
#define CHAT_CALL(rest) "'tool_calls':[{'index':0," rest "}]"

//  ---- Messages

#define NAMED(name, data)                                                                \
    "event: " name "\ndata: {'type':'" name "'," data "}\n"                              \
    "\n"
#define MESSAGE_HEAD(block)                                                              \
    NAMED ("message_start",                                                              \
           "'message':{'id':'msg_1','type':'message','role':'assistant','model':'m',"    \
           "'content':[],'stop_reason':null,'stop_sequence':null,'usage':"               \
           "{'input_tokens':1,'output_tokens':1}}")                                      \
    NAMED ("content_block_start", "'index':0,'content_block':{" block "}")               \
    "event: ping\ndata: {'type': 'ping'}\n\n"
#define MESSAGE_PIECE(delta)                                                             \
    NAMED ("content_block_delta", "'index':0,'delta':{" delta "}")
#define MESSAGE_TAIL                                                                     \
    NAMED ("content_block_stop", "'index':0")                                            \
    NAMED ("message_delta", "'delta':{'stop_reason':'end_turn','stop_sequence':null},"   \
                            "'usage':{'output_tokens':9}")                               \
    "event: message_stop\ndata: {'type':'message_stop'}\n\n"

//  ---- Responses

#define NUMBERED(name, data) NAMED (name, "'sequence_number':#," data)
#define RESPONSE(status, output, usage)                                                  \
    "{'id':'resp_1','object':'response','created_at':1,'status':'" status                \
    "','completed_at':null,'error':null,'incomplete_details':null,'instructions':null,"  \
    "'max_output_tokens':null,'model':'m','output':[" output                             \
    "],'parallel_tool_calls':true,'previous_response_id':null,'reasoning':null,"         \
    "'store':false,'temperature':1,'text':{'format':{'type':'text'}},"                   \
    "'tool_choice':'auto','tools':[],'top_p':1,'truncation':'disabled','usage':" usage   \
    ",'user':null,'metadata':{},'service_tier':'auto','background':false,"               \
    "'prompt_cache_key':null,'safety_identifier':null,'max_tool_calls':null}"
#define RESPONSE_HEAD(item)                                                              \
    NUMBERED ("response.created", "'response':" RESPONSE ("in_progress", "", "null"))    \
    NUMBERED ("response.in_progress",                                                    \
              "'response':" RESPONSE ("in_progress", "", "null"))                        \
    NUMBERED ("response.output_item.added", "'output_index':0,'item':{" item "}")
#define RESPONSE_TAIL(item)                                                              \
    NUMBERED ("response.output_item.done", "'output_index':0,'item':{" item "}")         \
    NUMBERED ("response.completed",                                                      \
              "'response':" RESPONSE (                                                   \
                  "completed", "{" item "}",                                             \
                  "{'input_tokens':1,'input_tokens_details':{'cached_tokens':0},"        \
                  "'output_tokens':1,'output_tokens_details':"                           \
                  "{'reasoning_tokens':0},'total_tokens':2}"))
#define ITEM_AT "'item_id':'it_1','output_index':0,"
#define SAID(text) "'type':'output_text','text':" text ",'annotations':[],'logprobs':[]"
#define ITEM_SAID(status, content)                                                       \
    "'id':'it_1','type':'message','status':'" status                                     \
    "','role':'assistant','content':[" content "]"
#define ITEM_THOUGHT(summary) "'id':'it_1','type':'reasoning','summary':[" summary "]"
#define ITEM_CALL(status, arguments)                                                     \
    "'id':'it_1','type':'function_call','status':'" status                               \
    "','call_id':'call_1','name':'run','arguments':" arguments

//  ---- Google

#define GOOGLE(part, rest)                                                               \
    "data: {'candidates':[{'content':{'parts':[{" part "}],'role':'model'}" rest         \
    ",'index':0}],'modelVersion':'g'}\r\n\r\n"

static const carrier_t s_streams[] = {
    { "chat text", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_HEAD, CHAT ("'content':@", "null"),
      CHAT_TAIL ("'stop'"), "choices/0/delta/content", NULL },
    { "chat finished", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_HEAD,
      CHAT ("'content':@", "'stop'"), CHAT_TAIL ("'stop'"), "choices/0/delta/content",
      NULL },
    { "chat chances", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_HEAD,
      "data: {" CHAT_AT "'choices':[{'index':0,'delta':{'content':@},'logprobs':"
      "{'content':[{'token':@,'logprob':-0.5,'bytes':null,'top_logprobs':[{'token':@,"
      "'logprob':-0.5}]}],'refusal':null},'finish_reason':null}]}\n\n",
      CHAT_TAIL ("'stop'"), "choices/0/delta/content", NULL },
    { "chat choices", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_HEAD,
      "data: {" CHAT_AT "'choices':[{'index':1,'delta':{'content':'Or so. '}},{'index':0,"
      "'delta':{'content':@}}]}\n\n",
      CHAT_TAIL ("'stop'"), "choices/0/delta/content", NULL },
    { "chat reasoning", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_HEAD,
      CHAT ("'reasoning_content':@", "null"),
      CHAT ("'content':'All done.'", "null") CHAT_TAIL ("'stop'"),
      "choices/0/delta/reasoning_content", NULL },
    { "chat arguments", BR_SURFACE_CHAT, CARRIER_STRING,
      CHAT_HEAD CHAT (CHAT_CALL ("'id':'call_1','type':'function','function':"
                                 "{'name':'run','arguments':''}"),
                      "null"),
      CHAT (CHAT_CALL ("'function':{'arguments':@}"), "null"), CHAT_TAIL ("'tool_calls'"),
      "choices/0/delta/tool_calls/0/function/arguments", NULL },
    { "chat calls", BR_SURFACE_CHAT, CARRIER_STRING,
      CHAT_HEAD CHAT ("'tool_calls':[{'index':0,'id':'call_1','type':'function',"
                      "'function':{'name':'run','arguments':''}},{'index':1,'id':"
                      "'call_2','type':'function','function':{'name':'run','arguments':"
                      "''}}]",
                      "null"),
      CHAT ("'tool_calls':[{'index':0,'function':{'arguments':' '}},"
            "{'index':1,'function':{'arguments':@}}]",
            "null"),
      CHAT (CHAT_CALL ("'function':{'arguments':'{}'}"), "null")
          CHAT_TAIL ("'tool_calls'"),
      "choices/0/delta/tool_calls/1/function/arguments", NULL },
    { "messages text", BR_SURFACE_MESSAGES, CARRIER_TEXT,
      MESSAGE_HEAD ("'type':'text','text':''"),
      MESSAGE_PIECE ("'type':'text_delta','text':@"), MESSAGE_TAIL, "delta/text",
      messages_grammar_check },
    { "messages thinking", BR_SURFACE_MESSAGES, CARRIER_TEXT,
      MESSAGE_HEAD ("'type':'thinking','thinking':'','signature':''"),
      MESSAGE_PIECE ("'type':'thinking_delta','thinking':@"),
      MESSAGE_PIECE ("'type':'signature_delta','signature':'c2ln'") MESSAGE_TAIL,
      "delta/thinking", messages_grammar_check },
    { "messages signed", BR_SURFACE_MESSAGES, CARRIER_TEXT,
      MESSAGE_HEAD ("'type':'thinking','thinking':'','signature':''"),
      MESSAGE_PIECE ("'type':'thinking_delta','thinking':@")
          MESSAGE_PIECE ("'type':'signature_delta','signature':'c2ln'"),
      MESSAGE_TAIL, "delta/thinking", NULL },
    { "messages input", BR_SURFACE_MESSAGES, CARRIER_STRING,
      MESSAGE_HEAD ("'type':'tool_use','id':'toolu_1','name':'run','input':{}"),
      MESSAGE_PIECE ("'type':'input_json_delta','partial_json':@"), MESSAGE_TAIL,
      "delta/partial_json", messages_grammar_check },
    { "responses text", BR_SURFACE_RESPONSES, CARRIER_TEXT,
      RESPONSE_HEAD (ITEM_SAID ("in_progress", ""))
          NUMBERED ("response.content_part.added",
                    ITEM_AT "'content_index':0,'part':{" SAID ("''") "}"),
      NUMBERED ("response.output_text.delta", ITEM_AT
                "'content_index':0,'delta':@,'logprobs':[{'token':@,'logprob':-1}]"),
      NUMBERED ("response.output_text.done",
                ITEM_AT "'content_index':0,'text':@,'logprobs':[]")
          NUMBERED ("response.content_part.done",
                    ITEM_AT "'content_index':0,'part':{" SAID ("@") "}")
              RESPONSE_TAIL (ITEM_SAID ("completed", "{" SAID ("@") "}")),
      "delta", responses_grammar_check },
    { "responses summary", BR_SURFACE_RESPONSES, CARRIER_TEXT,
      RESPONSE_HEAD (ITEM_THOUGHT (""))
          NUMBERED ("response.reasoning_summary_part.added",
                    ITEM_AT "'summary_index':0,'part':{'type':'summary_text','text':''}"),
      NUMBERED ("response.reasoning_summary_text.delta",
                ITEM_AT "'summary_index':0,'delta':@"),
      NUMBERED ("response.reasoning_summary_text.done",
                ITEM_AT "'summary_index':0,'text':@")
          NUMBERED ("response.reasoning_summary_part.done",
                    ITEM_AT "'summary_index':0,'part':{'type':'summary_text','text':@}")
              RESPONSE_TAIL (ITEM_THOUGHT ("{'type':'summary_text','text':@}")),
      "delta", responses_grammar_check },
    { "responses arguments", BR_SURFACE_RESPONSES, CARRIER_STRING,
      RESPONSE_HEAD (ITEM_CALL ("in_progress", "''")),
      NUMBERED ("response.function_call_arguments.delta", ITEM_AT "'delta':@"),
      NUMBERED ("response.function_call_arguments.done",
                ITEM_AT "'name':'run','arguments':@")
          RESPONSE_TAIL (ITEM_CALL ("completed", "@")),
      "delta", responses_grammar_check },
    { "google text", BR_SURFACE_GOOGLE_STREAM, CARRIER_TEXT,
      GOOGLE ("'text':'Thinking.','thought':true", ""), GOOGLE ("'text':@", ""),
      GOOGLE ("'text':''", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/said/text", NULL },
    { "google finished", BR_SURFACE_GOOGLE_STREAM, CARRIER_TEXT,
      GOOGLE ("'text':'Thinking.','thought':true", ",'finishReason':'STOP'"),
      GOOGLE ("'text':@", ",'finishReason':'STOP'"),
      GOOGLE ("'text':''", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/said/text", NULL },
    { "google parts", BR_SURFACE_GOOGLE_STREAM, CARRIER_TEXT, "",
      GOOGLE ("'text':'Hm. ','thought':true},{'text':@", ""),
      GOOGLE ("'text':''", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/said/text", NULL },
    { "google thought", BR_SURFACE_GOOGLE_STREAM, CARRIER_TEXT, "",
      GOOGLE ("'text':@,'thought':true", ""),
      GOOGLE ("'text':''", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/thought/text", NULL },
    { "google arguments", BR_SURFACE_GOOGLE_STREAM, CARRIER_VALUE, "",
      GOOGLE ("'functionCall':{'name':'run','args':@}", ""),
      GOOGLE ("'text':''", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/said/functionCall/args", NULL },
    { "google pieces", BR_SURFACE_GOOGLE_STREAM, CARRIER_TEXT,
      GOOGLE ("'functionCall':{'name':'run','willContinue':true}", ""),
      GOOGLE ("'functionCall':{'partialArgs':[{'jsonPath':'$.cmd','stringValue':@,"
              "'willContinue':true}],'willContinue':true}",
              ""),
      GOOGLE ("'functionCall':{'partialArgs':[{'jsonPath':'$.cmd','stringValue':''}],"
              "'willContinue':true}",
              "") GOOGLE ("'functionCall':{}", ",'finishReason':'STOP'"),
      "candidates/0/content/parts/said/functionCall/partialArgs/said/stringValue", NULL },
    { "completions text", BR_SURFACE_COMPLETIONS, CARRIER_TEXT, "",
      "data: {'id':'c','object':'text_completion','created':1,'model':'m','choices':"
      "[{'text':@,'index':0,'logprobs':null,'finish_reason':null}]}\n\n",
      "data: {'id':'c','object':'text_completion','created':1,'model':'m','choices':"
      "[{'text':'','index':0,'logprobs':null,'finish_reason':'stop'}]}\n\n"
      "data: [DONE]\n\n",
      "choices/0/text", NULL },
};

//  ---- requests

#define CHAT_BODY(messages) "{'model':'m','messages':[" messages "],'stream':true}"
#define MESSAGE_BODY(rest)                                                               \
    "{'model':'m','max_tokens':64," rest ",'messages':[{'role':'user','content':'Hi'}"
#define HI "{'role':'user','content':'Hi \\u0026 hello'},"
#define CALLED(arguments)                                                                \
    "{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function',"     \
    "'function':{'name':'run','arguments':" arguments "}}]}"
#define USED(input)                                                                      \
    "{'role':'assistant','content':[{'type':'tool_use','id':'t1','name':'run','input':"  \
    "" input "}]}"
#define GOOGLE_BODY(role, part) "{'contents':[{'role':'" role "','parts':[{" part "}]}]}"

#define BODY(name, surface, form, body)                                                  \
    {                                                                                    \
        name, surface, form, body, NULL, NULL, NULL, NULL                                \
    }

static const carrier_t s_bodies[] = {
    BODY ("chat system", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_BODY ("{'role':'system','content':@},{'role':'user','content':'Hi'}")),
    BODY ("chat user", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_BODY ("{'role':'user','content':[{'type':'text','text':@}]}")),
    BODY ("chat assistant", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_BODY (HI "{'role':'assistant','content':@}")),
    BODY ("chat reasoning", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_BODY (HI "{'role':'assistant','content':'a','reasoning_content':@}")),
    BODY ("chat arguments", BR_SURFACE_CHAT, CARRIER_STRING, CHAT_BODY (HI CALLED ("@"))),
    BODY ("chat result", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_BODY (
              HI CALLED ("'{}'") ",{'role':'tool','tool_call_id':'c1','content':@}")),
    BODY ("messages system", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_BODY ("'system':@") "]}"),
    BODY ("messages user", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          "{'model':'m','max_tokens':64,'messages':[{'role':'user','content':@}]}"),
    BODY ("messages assistant", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_BODY (
              "'stream':true") ",{'role':'assistant','content':[{'type':'text','text':@}]"
                               "}]}"),
    BODY ("messages thinking", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_BODY (
              "'stream':true") ",{'role':'assistant','content':[{'type':'thinking',"
                               "'thinking':@,'signature':'c2ln'}]}]}"),
    BODY ("messages input", BR_SURFACE_MESSAGES, CARRIER_VALUE,
          MESSAGE_BODY ("'stream':true") "," USED ("@") "]}"),
    BODY ("messages result", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_BODY ("'stream':true") "," USED (
              "{}") ",{'role':'user','content':[{'type':'tool_result','tool_use_id':"
                    "'t1','content':[{'type':'text','text':@}]}]}]}"),
    BODY ("responses instructions", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          "{'model':'m','instructions':@,'input':'Hi'}"),
    BODY ("responses input", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          "{'model':'m','input':@}"),
    BODY ("responses message", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          "{'model':'m','input':[{'type':'message','role':'assistant','content':"
          "[{'type':'output_text','text':@}]}]}"),
    BODY ("responses summary", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          "{'model':'m','input':[{'type':'reasoning','id':'r1','summary':"
          "[{'type':'summary_text','text':@}]}]}"),
    BODY ("responses arguments", BR_SURFACE_RESPONSES, CARRIER_STRING,
          "{'model':'m','input':[{'type':'function_call','call_id':'c1','name':'run',"
          "'arguments':@}]}"),
    BODY ("responses result", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          "{'model':'m','input':[{'type':'function_call_output','call_id':'c1',"
          "'output':@}]}"),
    BODY ("google system", BR_SURFACE_GOOGLE, CARRIER_TEXT,
          "{'systemInstruction':{'parts':[{'text':@}]},'contents':[]}"),
    BODY ("google user", BR_SURFACE_GOOGLE, CARRIER_TEXT,
          GOOGLE_BODY ("user", "'text':@")),
    BODY ("google model", BR_SURFACE_GOOGLE, CARRIER_TEXT,
          GOOGLE_BODY ("model", "'text':@")),
    BODY ("google thought", BR_SURFACE_GOOGLE, CARRIER_TEXT,
          GOOGLE_BODY ("model", "'text':@,'thought':true")),
    BODY ("google arguments", BR_SURFACE_GOOGLE, CARRIER_VALUE,
          GOOGLE_BODY ("model", "'functionCall':{'name':'run','args':@}")),
    BODY ("google result", BR_SURFACE_GOOGLE, CARRIER_VALUE,
          GOOGLE_BODY ("user", "'functionResponse':{'name':'run','response':@}")),
};

//  ---- answers in one piece

#define CHAT_ANSWER(message)                                                             \
    "{'id':'c','object':'chat.completion','created':1,'model':'m','choices':[{'index':"  \
    "0,'message':{'role':'assistant'," message                                           \
    "},'logprobs':null,'finish_reason':'stop'}],'usage':{'total_tokens':3}}"
#define MESSAGE_ANSWER(block)                                                            \
    "{'id':'msg_1','type':'message','role':'assistant','model':'m','content':[{" block   \
    "}],'stop_reason':'end_turn','stop_sequence':null,'usage':{'output_tokens':1}}"
#define GOOGLE_ANSWER(part)                                                              \
    "{'candidates':[{'content':{'parts':[{" part                                         \
    "}],'role':'model'},'finishReason':'STOP','index':0}],'modelVersion':'g'}"

static const carrier_t s_answers[] = {
    BODY ("chat text", BR_SURFACE_CHAT, CARRIER_TEXT, CHAT_ANSWER ("'content':@")),
    BODY ("chat reasoning", BR_SURFACE_CHAT, CARRIER_TEXT,
          CHAT_ANSWER ("'content':'a','reasoning_content':@")),
    BODY ("chat arguments", BR_SURFACE_CHAT, CARRIER_STRING,
          CHAT_ANSWER ("'content':null,'tool_calls':[{'id':'c1','type':'function',"
                       "'function':{'name':'run','arguments':@}}]")),
    BODY ("messages text", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_ANSWER ("'type':'text','text':@")),
    BODY ("messages thinking", BR_SURFACE_MESSAGES, CARRIER_TEXT,
          MESSAGE_ANSWER ("'type':'thinking','thinking':@,'signature':'c2ln'")),
    BODY ("messages input", BR_SURFACE_MESSAGES, CARRIER_VALUE,
          MESSAGE_ANSWER ("'type':'tool_use','id':'t1','name':'run','input':@")),
    BODY ("responses text", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          RESPONSE ("completed", "{" ITEM_SAID ("completed", "{" SAID ("@") "}") "}",
                    "null")),
    BODY ("responses summary", BR_SURFACE_RESPONSES, CARRIER_TEXT,
          RESPONSE ("completed",
                    "{" ITEM_THOUGHT ("{'type':'summary_text','text':@}") "}", "null")),
    BODY ("responses arguments", BR_SURFACE_RESPONSES, CARRIER_STRING,
          RESPONSE ("completed", "{" ITEM_CALL ("completed", "@") "}", "null")),
    BODY ("google text", BR_SURFACE_GOOGLE, CARRIER_TEXT, GOOGLE_ANSWER ("'text':@")),
    BODY ("google thought", BR_SURFACE_GOOGLE, CARRIER_TEXT,
          GOOGLE_ANSWER ("'text':@,'thought':true")),
    BODY ("google arguments", BR_SURFACE_GOOGLE, CARRIER_VALUE,
          GOOGLE_ANSWER ("'functionCall':{'name':'run','args':@}")),
};

const carrier_t *
carrier_streams (size_t *ret_count)
{
    *ret_count = sizeof s_streams / sizeof s_streams[0];
    return s_streams;
}

const carrier_t *
carrier_bodies (size_t *ret_count)
{
    *ret_count = sizeof s_bodies / sizeof s_bodies[0];
    return s_bodies;
}

const carrier_t *
carrier_answers (size_t *ret_count)
{
    *ret_count = sizeof s_answers / sizeof s_answers[0];
    return s_answers;
}

//  ---- escapes

static size_t
s_decode (const char *text, size_t size, uint32_t *ret_character)
{
    const uint8_t *at = (const uint8_t *) text;
    size_t length = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    uint32_t character = length == 1 ? *at : *at & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length && i < size; i++)
        character = character << 6 | (at[i] & 0x3F);
    *ret_character = character;
    return length < size ? length : size;
}

static void
s_add_unit (uint32_t unit, br_buf_t *out)
{
    static const char digits[] = "0123456789aBcDeF";
    char text[] = "\\u0000";
    for (size_t i = 5; i > 1; i--, unit >>= 4)
        text[i] = digits[unit & 15];
    br_buf_add (out, text, 6);
}

size_t
carrier_escape (carrier_style_t style, size_t index, const char *text, size_t size,
                br_buf_t *out)
{
    static const char blanks[] = "\n\r\t\b\f";
    static const char letters[] = "nrtbf";
    uint32_t character = 0;
    size_t length = s_decode (text, size, &character);
    bool as_unit = style == CARRIER_UNITS || (style == CARRIER_MIXED && index % 2);
    const char *blank = character && character < 0x20 ? strchr (blanks, (int) character)
                                                      : NULL;
    if (!as_unit && (character == '"' || character == '\\'))
        br_buf_addf (out, "\\%c", (char) character);
    else if (!as_unit && blank)
        br_buf_addf (out, "\\%c", letters[blank - blanks]);
    else if (!as_unit && character >= 0x20)
        br_buf_add (out, text, length);
    else if (character < 0x10000)
        s_add_unit (character, out);
    else {
        s_add_unit (0xD7C0 + (character >> 10), out);
        s_add_unit (0xDC00 + (character & 0x3FF), out);
    }
    return length;
}

//  ---- writing

//  A piece may begin and end in the middle of a character of four bytes: as two escapes.
static size_t
s_write_low (br_text_t text, br_buf_t *out)
{
    uint32_t character = 0;
    br_buf_addc (out, '"');
    if (text.size == 0 || ((uint8_t) text.at[0] & 0xC0) != 0x80)
        return 0;
    s_decode (text.at - 2, 4, &character);
    s_add_unit (0xDC00 + (character & 0x3FF), out);
    return 2;
}

static size_t
s_write_high (const char *text, br_buf_t *out)
{
    uint32_t character = 0;
    s_decode (text, 4, &character);
    s_add_unit (0xD7C0 + (character >> 10), out);
    return 2;
}

static void
s_write_text (const carrier_t *self, carrier_style_t style, br_text_t text, br_buf_t *out)
{
    if (self->form == CARRIER_VALUE) {
        br_buf_add (out, text.at, text.size);
        return;
    }
    size_t at = s_write_low (text, out);
    for (size_t i = 0; at < text.size; i++) {
        if (text.size - at == 2 && (uint8_t) text.at[at] >= 0xF0)
            at += s_write_high (text.at + at, out);
        else
            at += carrier_escape (style, i, text.at + at, text.size - at, out);
    }
    br_buf_addc (out, '"');
}

static void
s_write (const carrier_t *self, const char *template, carrier_style_t style,
         br_text_t text, unsigned *number, br_buf_t *out)
{
    for (const char *at = template; *at; at++) {
        if (*at == '@')
            s_write_text (self, style, text, out);
        else if (*at == '#')
            br_buf_addf (out, "%u", (*number)++);
        else
            br_buf_addc (out, *at == '\'' ? '"' : *at);
    }
}

void
carrier_write (const carrier_t *self, carrier_style_t style, const br_text_t *pieces,
               size_t count, br_buf_t *out)
{
    unsigned number = 0;
    br_buf_t all;
    br_buf_init (&all, CARRIER_MAX);
    for (size_t i = 0; i < count; i++)
        br_buf_add (&all, pieces[i].at, pieces[i].size);
    br_text_t whole = { br_buf_text (&all), all.size };
    s_write (self, self->head, style, whole, &number, out);
    for (size_t i = 0; i < count && self->pieces; i++)
        s_write (self, self->pieces, style, pieces[i], &number, out);
    if (self->tail)
        s_write (self, self->tail, style, whole, &number, out);
    br_buf_free (&all);
}

//  ---- reading

//  The first item that a step means: "said" without a thought, "thought" with one, or the one
//  whose index this is.
static const cJSON *
s_item (const cJSON *list, const char *step)
{
    const cJSON *item = list->child;
    for (; item; item = item->next) {
        const cJSON *index = cJSON_GetObjectItemCaseSensitive (item, "index");
        bool is_thought = cJSON_GetObjectItemCaseSensitive (item, "thought") != NULL;
        if (strcmp (step, is_thought ? "thought" : "said") == 0
            || (cJSON_IsNumber (index) && index->valueint == atoi (step)))
            return item;
    }
    return NULL;
}

static const cJSON *
s_get (const cJSON *node, const char *path)
{
    while (node && *path) {
        char step[64] = "";
        size_t size = strcspn (path, "/");
        memcpy (step, path, size < sizeof step - 1 ? size : sizeof step - 1);
        node = cJSON_IsArray (node) ? s_item (node, step)
                                    : cJSON_GetObjectItemCaseSensitive (node, step);
        path += size + (path[size] == '/');
    }
    return node;
}

static int
s_read_event (const carrier_t *self, const char *data, size_t size, br_buf_t *out)
{
    if (size >= 6 && memcmp (data, "[DONE]", 6) == 0)
        return 0;
    cJSON *event = cJSON_ParseWithLength (data, size);
    if (!event)
        return -1;
    const cJSON *value = s_get (event, self->path);
    if (cJSON_IsString (value))
        br_buf_adds (out, value->valuestring);
    if (cJSON_IsObject (value))
        br_buf_adds (out, cJSON_GetStringValue (s_get (value, CARRIER_KEY)));
    cJSON_Delete (event);
    return 0;
}

int
carrier_read (const carrier_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    const char *at = bytes;
    const char *end = size ? at + size : at;
    int rc = 0;
    while (at < end && rc == 0) {
        const char *line = memchr (at, '\n', (size_t) (end - at));
        size_t length = line ? (size_t) (line - at) : (size_t) (end - at);
        if (line && length > 6 && memcmp (at, "data: ", 6) == 0)
            rc = s_read_event (self, at + 6, length - 6, out);
        at += length + (line != NULL);
    }
    return rc;
}

void
carrier_undo (br_text_t string, br_buf_t *out)
{
    cJSON *value = cJSON_ParseWithLength (string.at, string.size);
    if (cJSON_IsString (value))
        br_buf_adds (out, value->valuestring);
    cJSON_Delete (value);
}
