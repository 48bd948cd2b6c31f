//  document: no content of a document is lost on its way to a provider, and none arrives as
//  something else.

#include "broker/proto/document.h"
#include "tests/broker/proto/translated.h"

#define OF_MESSAGES(block)                                                               \
    "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':[" block "]}]}"
#define OF_CHAT(part) "{'model':'m','messages':[{'role':'user','content':[" part "]}]}"
#define OF_GOOGLE(part) "{'contents':[{'role':'user','parts':[" part "]}]}"
#define TEXT_FILE                                                                        \
    "{'type':'file','file':{'filename':'a.txt','file_data':"                             \
    "'data:text/plain;base64,aGVsbG8gdGV4dA=='}}"
#define CSV "{'inlineData':{'mimeType':'text/csv','data':'YSxi'}}"
#define ALL "'title':'T','context':'C','citations':{'enabled':true}"
#define PNG                                                                              \
    "{'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}}"

//  What is asked has `wanted`, and the warning tells it; NULL = it tells nothing.
static void
asks (br_protocol_t client, const char *request, whom_t whom, const char *wanted,
      const char *warning)
{
    translated_t t = { 0 };
    translated_ask (&t, client, request, whom);
    char *json = translated_json (wanted);
    if (!strstr (br_buf_text (&t.asked), json))
        fail_msg ("no %s in %s", json, br_buf_text (&t.asked));
    const char *warnings = br_translate_warnings (t.translate);
    if (warning ? !strstr (warnings, warning) : *warnings)
        fail_msg ("warnings: %s", warnings);
    free (json);
    translated_free (&t);
}

static void
given_a_text_file_when_asked_of_any_then_it_is_text (void **state)
{
    (void) state;
    static const char in_base64[] = OF_MESSAGES (
        "{'type':'document','title':'a.txt','source':{'type':'base64','media_type':"
        "'text/plain','data':'aGVsbG8gdGV4dA=='}}");
    asks (BR_PROTOCOL_CHAT, OF_CHAT (TEXT_FILE), CLAUDE,
          "'source':{'type':'text','media_type':'text/plain','data':'hello text'},"
          "'title':'a.txt'",
          NULL);
    asks (BR_PROTOCOL_CHAT, OF_CHAT (TEXT_FILE), GEMINI_25,
          "{'text':'a.txt\\n\\nhello text'}", "changed messages[0].content[0]");
    asks (BR_PROTOCOL_CHAT, OF_CHAT (TEXT_FILE), GPT_5,
          "{'type':'input_text','text':'a.txt\\n\\nhello text'}",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_CHAT, OF_CHAT (TEXT_FILE), GPT_4,
          "'file_data':'data:text/plain;base64,aGVsbG8gdGV4dA=='", NULL);
    asks (BR_PROTOCOL_MESSAGES, in_base64, GPT_4, "'a.txt\\n\\nhello text'",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, in_base64, GPT_5, "'a.txt\\n\\nhello text'",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, in_base64, GEMINI_25, "'a.txt\\n\\nhello text'",
          "changed messages[0].content[0]");
}

static void
given_plain_text_that_is_none_when_read_then_refused (void **state)
{
    (void) state;
    static const char *const bad[] = { "'data:text/plain;base64,/w=='",
                                       "'data:text/plain;base64,a'" };
    for (size_t i = 0; i < 2; i++) {
        char *request = br_strf (OF_CHAT ("{'type':'file','file':{'file_data':%s}}"),
                                 bad[i]);
        translated_t t = { 0 };
        assert_int_equal (translated_try (&t, BR_PROTOCOL_CHAT, request, CLAUDE), -1);
        assert_int_equal (t.error.code, BR_EINVALID);
        assert_non_null (strstr (t.error.text, "messages[0].content[0].file.file_data"));
        translated_free (&t);
        free (request);
    }
    translated_t t = { 0 };
    assert_int_equal (
        translated_try (&t, BR_PROTOCOL_MESSAGES,
                        OF_MESSAGES ("{'type':'document','source':{'type':'base64',"
                                     "'media_type':'text/plain','data':'/w=='}}"),
                        GPT_4),
        -1);
    assert_non_null (strstr (t.error.text, "messages[0].content[0].source.data"));
    translated_free (&t);
}

static void
given_types_that_are_text_when_asked_then_text_where_files_are_not_taken (void **state)
{
    (void) state;
    static const char json[] = OF_GOOGLE (
        "{'inlineData':{'mimeType':'application/json','data':'W10='}}");
    asks (BR_PROTOCOL_GOOGLE, OF_GOOGLE (CSV), CLAUDE,
          "'source':{'type':'text','media_type':'text/plain','data':'a,b'}",
          "changed contents[0].parts[0]");
    asks (BR_PROTOCOL_GOOGLE, json, CLAUDE,
          "'source':{'type':'text','media_type':'text/plain','data':'[]'}",
          "changed contents[0].parts[0]");
    asks (BR_PROTOCOL_GOOGLE, OF_GOOGLE (CSV), GPT_5,
          "'filename':'document.csv','file_data':'data:text/csv;base64,YSxi'", NULL);
    asks (BR_PROTOCOL_GOOGLE, OF_GOOGLE (CSV), GPT_4,
          "'file_data':'data:text/csv;base64,YSxi','filename':'document.csv'", NULL);
    asks (BR_PROTOCOL_CHAT,
          OF_CHAT ("{'type':'file','file':{'file_data':'data:application/json;base64,"
                   "W10='}}"),
          GEMINI_25, "{'text':'[]'}", "changed messages[0].content[0]");
}

static void
given_types_when_asked_then_it_is_told_which_are_words (void **state)
{
    (void) state;
    assert_true (br_document_is_text (BR_TEXT ("text/csv; charset=utf-8")));
    assert_true (br_document_is_text (BR_TEXT ("application/json")));
    assert_true (br_document_is_text (BR_TEXT ("application/atom+xml")));
    assert_false (br_document_is_text (BR_TEXT ("image/svg+xml")));
    assert_false (br_document_is_text (BR_TEXT ("application/pdf")));
    assert_false (br_document_is_text (BR_TEXT ("")));
}

static void
given_title_and_context_when_asked_then_they_go_along (void **state)
{
    (void) state;
    static const char text[] = OF_MESSAGES (
        "{'type':'document'," ALL ",'source':{'type':'text','media_type':'text/plain',"
        "'data':'body'}}");
    static const char pdf[] = OF_MESSAGES ("{'type':'document'," ALL
                                           ",'source':{'type':'base64','media_type':"
                                           "'application/pdf','data':'AAAA'}}");
    static const whom_t all[] = { GPT_4, GPT_5, GEMINI_25 };
    for (size_t i = 0; i < 3; i++)
        asks (BR_PROTOCOL_MESSAGES, text, all[i], "'T\\n\\nC\\n\\nbody'",
              "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, pdf, GPT_4,
          "{'type':'text','text':'C'},{'type':'file','file':{'file_data':"
          "'data:application/pdf;base64,AAAA','filename':'T'}}",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, pdf, GPT_5,
          "{'type':'input_text','text':'C'},{'type':'input_file','filename':'T'",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, pdf, GEMINI_25,
          "{'text':'T\\n\\nC'},{'inlineData':{'mimeType':'application/pdf'",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, pdf, CLAUDE, "'title':'T','context':'C'", NULL);
}

static void
given_a_document_of_parts_when_asked_then_its_images_are_images (void **state)
{
    (void) state;
    static const char parts[] = OF_MESSAGES (
        "{'type':'document','title':'T','source':{'type':'content','content':[{'type':"
        "'text','text':'one'}," PNG ",{'type':'text','text':'two'}]}}");
    static const char inside[] = "{'model':'m','max_tokens':9,'messages':[{'role':'user',"
                                 "'content':'hi'},{'role':'assistant','content':[{'type':"
                                 "'tool_use','id':'a','name':'f','input':{}}]},{'role':"
                                 "'user','content':[{'type':'tool_result','tool_use_id':"
                                 "'a','content':[{'type':'document','source':{'type':"
                                 "'content','content':[{'type':'text','text':'one'}," PNG
                                 "]}}]}]}]}";
    asks (
        BR_PROTOCOL_MESSAGES, parts, GPT_4,
        "{'type':'text','text':'T'},{'type':'text','text':'one'},{'type':'image_url',"
        "'image_url':{'url':'data:image/png;base64,AAAA'}},{'type':'text','text':'two'}",
        "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, parts, GPT_5,
          "{'type':'input_text','text':'one'},{'type':'input_image','image_url':"
          "'data:image/png;base64,AAAA'},{'type':'input_text','text':'two'}",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, parts, GEMINI_25,
          "{'text':'one'},{'inlineData':{'mimeType':'image/png','data':'AAAA'}},"
          "{'text':'two'}",
          "changed messages[0].content[0]");
    asks (BR_PROTOCOL_MESSAGES, parts, CLAUDE, "'source':{'type':'content'", NULL);
    asks (BR_PROTOCOL_MESSAGES, inside, GPT_4, "data:image/png;base64,AAAA", "changed");
    asks (BR_PROTOCOL_MESSAGES, inside, GPT_5,
          "'output':[{'type':'input_text','text':'one'},{'type':'input_image'",
          "changed");
    asks (BR_PROTOCOL_MESSAGES, inside, GEMINI_25, "'data':'AAAA'", "changed");
}

static void
given_types_when_named_then_by_their_ending (void **state)
{
    (void) state;
    static const struct {
        const char *mime;
        const char *name;
        const char *wanted;
    } rows[] = {
        { "text/csv", NULL, "document.csv" },
        { "text/csv; charset=utf-8", NULL, "document.csv" },
        { "text/markdown", NULL, "document.md" },
        { "application/json", NULL, "document.json" },
        { "application/pdf", NULL, "document.pdf" },
        { NULL, NULL, "document.pdf" },
        { "application/octet-stream", NULL, "document" },
        { "application/../x", NULL, "document" },
        { "application/pdf", "a.pdf", "a.pdf" },
        { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", NULL,
          "document.docx" },
    };
    br_arena_t *arena = br_arena_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_media_t media = { .mime = br_text (rows[i].mime),
                             .name = br_text (rows[i].name) };
        br_text_t name = br_document_name (&media, arena);
        if (!br_text_is (name, rows[i].wanted))
            fail_msg ("%.*s is not %s", (int) name.size, name.at, rows[i].wanted);
    }
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_text_file_when_asked_of_any_then_it_is_text),
        cmocka_unit_test (given_plain_text_that_is_none_when_read_then_refused),
        cmocka_unit_test (
            given_types_that_are_text_when_asked_then_text_where_files_are_not_taken),
        cmocka_unit_test (given_types_when_asked_then_it_is_told_which_are_words),
        cmocka_unit_test (given_title_and_context_when_asked_then_they_go_along),
        cmocka_unit_test (
            given_a_document_of_parts_when_asked_then_its_images_are_images),
        cmocka_unit_test (given_types_when_named_then_by_their_ending),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
