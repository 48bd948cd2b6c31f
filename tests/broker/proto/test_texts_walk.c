//  texts_walk: the walk itself, whatever the tables say.

#include "tests/broker/proto/texts_told.h"

#define CHAT BR_SURFACE_CHAT

static int
s_count (void *arg, const br_text_span_t *span)
{
    (void) span;
    return ++*(int *) arg == 2 ? 7 : 0;
}

static void
given_an_escaped_key_when_walked_then_it_is_the_same_key (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        "{\"\\u006dessages\":[{\"r\\u006fle\":\"\\u0073ystem\",\"conte\\u006et\""
        ":\"S\"}],\"us\\u0065r\":\"u\",\"\":\"E\",\"\\ud800\":\"L\"}",
        "system text \"S\"\nuser text \"E\"\nuser text \"L\"\n");
}

static void
given_doubles_of_a_member_when_walked_then_all_texts_count (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"A\",\"content\":\"B\","
        "\"role\":\"system\"}],\"messages\":[{\"content\":\"C\"}]}",
        "system text \"A\"\nsystem text \"B\"\nuser text \"C\"\n");
}

static void
given_blanks_and_escapes_when_walked_then_spans_are_exact (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        " \n{ \"input\" : [ \"a\\\"]}\" ,\t\"\\\\\" , 1 , true, null, { } , [ ] "
        "] , \"tools\" : [ { \"parameters\" : { \"a\" : \"}\" } } ] } \r\n",
        "user text \"a\\\"]}\"\nuser text \"\\\\\"\n"
        "offer value { \"a\" : \"}\" }\n");
}

static void
given_text_that_is_no_json_when_walked_then_nothing_is_told (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "{\"input\":\"a\"",
        "{\"input\":\"a\",}",
        "{\"input\":\"a\"} x",
        "{\"input\":\"\xff\"}",
        "\"",
        "nul",
        "[1,]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int count = 0;
        br_error_t error = { .text = "" };
        assert_int_equal (br_texts_of_request (CHAT, texts[i], strlen (texts[i]), s_count,
                                               &count, &error),
                          -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_int_equal (count, 0);
    }
}

static void
given_a_listener_that_has_enough_when_walked_then_the_walk_ends (void **state)
{
    (void) state;
    static const char text[] = "{\"input\":[\"a\",[\"b\"],\"c\"]}";
    int count = 0;
    assert_int_equal (
        br_texts_of_request (CHAT, text, strlen (text), s_count, &count, NULL), 7);
    assert_int_equal (count, 2);
}

static void
s_repeat (br_buf_t *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        br_buf_adds (out, text);
}

//  Each level is looked into, but not without an end.
static void
given_blocks_in_blocks_when_walked_then_the_deepest_text_is_told (void **state)
{
    (void) state;
    const size_t depth = 120;
    br_buf_t text;
    br_buf_init (&text, 1u << 20);
    br_buf_adds (&text, "{\"messages\":");
    s_repeat (&text, "[{\"type\":\"tool_result\",\"content\":", depth);
    br_buf_adds (&text, "\"deep\"");
    s_repeat (&text, "}]", depth);
    br_buf_adds (&text, "}");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_MESSAGES, br_buf_text (&text),
                   "result text \"deep\"\n");
    br_buf_clear (&text);
    s_repeat (&text, "[", JSON_DEPTH_MAX + 1);
    s_repeat (&text, "]", JSON_DEPTH_MAX + 1);
    int count = 0;
    assert_int_equal (
        br_texts_of_request (CHAT, text.data, text.size, s_count, &count, NULL), -1);
    br_buf_free (&text);
}

static void
given_more_ends_than_fit_when_walked_then_all_end (void **state)
{
    (void) state;
    br_buf_t text;
    br_buf_init (&text, 1u << 20);
    br_buf_adds (&text, "{\"choices\":[");
    for (int i = 0; i <= BR_TEXT_ENDS_MAX; i++)
        br_buf_addf (&text, "%s{\"index\":%d,\"finish_reason\":\"stop\"}", i ? "," : "",
                     i);
    br_buf_adds (&text, "]}");
    texts_told_is (TEXTS_EVENT, CHAT, br_buf_text (&text), "end all perhaps\n");
    br_buf_free (&text);
}

static void
given_odd_indices_when_walked_then_channels_are_made_and_in_doubt (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, CHAT,
                   "{\"choices\":[{\"index\":-1,\"delta\":{\"content\":\"A\"}},"
                   "{\"index\":1.5,\"delta\":{\"content\":\"B\"}},"
                   "{\"index\":7,\"delta\":{\"content\":\"C\"}}]}",
                   "answer text 1.0.0 \"A\"\nanswer text 1.0.1 \"B\"\n"
                   "answer text 1.0.7 \"C\"\ndoubled\n");
    //  and: one that is not said
    texts_told_is (TEXTS_EVENT, CHAT,
                   "{\"choices\":[{\"index\":null,\"delta\":{\"content\":\"A\"}},"
                   "{\"delta\":{\"content\":\"B\"}}]}",
                   "answer text 1.0.0 \"A\"\nanswer text 1.0.1 \"B\"\n");
}

static void
given_a_number_of_an_event_when_walked_then_its_range_is_told (void **state)
{
    (void) state;
    static const char text[] = "{\"type\":\"ping\", \"sequence_number\" : 42 }";
    br_text_event_t event;
    int count = 0;
    assert_int_equal (br_texts_of_event (BR_SURFACE_RESPONSES, text, strlen (text),
                                         &event, s_count, &count, NULL),
                      0);
    assert_true (event.has_sequence);
    assert_int_equal (event.sequence_size, 2);
    assert_memory_equal (text + event.sequence_at, "42", 2);
}

//  ---- said twice

static void
given_a_piece_that_stands_twice_when_walked_then_the_event_says_so (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *event;
        const char *told;
    } rows[] = {
        { CHAT,
          "{'choices':[{'index':0,'delta':{'content':'A'},'delta':{'content':'B'}}]}",
          "answer text 1.0.0 'A'\nanswer text 1.0.0 'B'\ndoubled\n" },
        { CHAT, "{'choices':[{'delta':{'content':'A','c\\u006fntent':'B'}}]}",
          "answer text 1.0.0 'A'\nanswer text 1.0.0 'B'\ndoubled\n" },
        { CHAT, "{'choices':[{'index':0,'delta':{'content':'A'},'index':1}]}",
          "answer text 1.0.1 'A'\ndoubled\n" },
        { CHAT,
          "{'choices':[{'delta':{'role':'a','content':'A','role':'b'}}],'id':1,'id':2}",
          "answer text 1.0.0 'A'\n" },
        { CHAT,
          "{'choices':[{'index':0,'delta':{'content':'A'}},"
          "{'index':0,'delta':{'content':'B'}}]}",
          "answer text 1.0.0 'A'\nanswer text 1.0.0 'B'\n" },
        { BR_SURFACE_RESPONSES,
          "{'type':'response.output_text.delta','delta':'A','delta':'B'}",
          "answer text 1.0.0 'A'\nanswer text 1.0.0 'B'\ndoubled\n" },
        { BR_SURFACE_RESPONSES,
          "{'type':'response.completed','response':{'output':[{'type':'message',"
          "'type':'message','content':'A','content':'B'}]}}",
          "answer text 'A'\nanswer text 'B'\nend all\n" },
        { BR_SURFACE_MESSAGES,
          "{'type':'content_block_delta','index':0,'index':1,'delta':{'text':'A'}}",
          "answer text 1.0.1 'A'\ndoubled\n" },
        { BR_SURFACE_GOOGLE_STREAM,
          "{'candidates':[{'content':{'parts':[{'text':'A','text':'B'},{'text':'C'}]}}]}",
          "answer text 1.0.0 'A'\nanswer text 1.0.0 'B'\nanswer text 1.0.0 'C'\n"
          "doubled\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        texts_told_quoted (TEXTS_EVENT, rows[i].surface, rows[i].event, rows[i].told);
}

//  ---- slices

typedef struct {
    br_buf_t spans; //  of br_text_span_t
    size_t stop;    //  after so many; 0 = never
    size_t count;
} heard_t;

static int
s_keep (void *arg, const br_text_span_t *span)
{
    heard_t *heard = arg;
    br_buf_add (&heard->spans, span, sizeof *span);
    return ++heard->count == heard->stop ? 7 : 0;
}

static void
s_is_the_same_in_slices (br_surface_t surface, const void *bytes, size_t size,
                         size_t slice)
{
    heard_t whole = { .stop = 0 };
    heard_t parts = { .stop = 0 };
    br_error_t error = { .text = "" };
    br_buf_init (&whole.spans, 64u << 20);
    br_buf_init (&parts.spans, 64u << 20);
    assert_int_equal (br_texts_of_request (surface, bytes, size, s_keep, &whole, &error),
                      0);
    br_texts_t *texts = br_texts_new_request (surface, bytes, size);
    int rc = 1;
    while (rc == 1)
        rc = br_texts_step (texts, slice, s_keep, &parts, &error);
    assert_int_equal (rc, 0);
    assert_int_equal (br_texts_step (texts, slice, s_keep, &parts, &error), 0);
    assert_int_equal (parts.count, whole.count);
    assert_int_equal (parts.spans.size, whole.spans.size);
    assert_memory_equal (parts.spans.data, whole.spans.data, whole.spans.size);
    br_texts_destroy (&texts);
    assert_null (texts);
    br_buf_free (&whole.spans);
    br_buf_free (&parts.spans);
}

static void
given_slices_of_any_size_when_walked_then_the_texts_are_the_same (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *body;
    } rows[] = {
        { CHAT,
          " { 'messages' : [ { 'content' : [ { 'text' : 'a\\u00e9\xc3\xa9\\\\' } , 'b' ]"
          " , 'role' : 'system' } ] , 'unknown' : { 'k\\u0041' : [ 1.5e3 , null , "
          "true , { } , [ ] , 'v' ] } , 'tools' : [ { 'parameters' : { 'a' : '}' } "
          "} ] } " },
        { BR_SURFACE_MESSAGES,
          "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':"
          "'base64','media_type':'text/plain','data':'aGk='}},{'type':'tool_result',"
          "'is_error':true,'content':[[[[[[[[[[[[[[[[[[[[{'text':'deep'}]]]]]]]]]]]]]]]]]"
          "]]]"
          "}]}]}" },
        { BR_SURFACE_GOOGLE, "{'contents':[{'parts':[{'functionResponse':{'response':{"
                             "'error':'E'}}}],'role':'user'}]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen (rows[i].body);
        char *body = texts_told_quotes (rows[i].body);
        for (size_t slice = 0; slice <= size + 1; slice++)
            s_is_the_same_in_slices (rows[i].surface, body, size, slice);
        free (body);
    }
}

//  Given objects and lists of the user's own shape in a request, then a key and its value
//  are one text, and so are the words of a list.
static void
given_a_shape_of_the_users_when_walked_then_it_is_one_text (void **state)
{
    (void) state;
    static const struct {
        const char *body;
        const char *told;
    } rows[] = {
        { "{'extra_body':{'password':'p','n':1}}",
          "user value {'password':'p','n':1}\n" },
        { "{'x':['rm','-rf','/']}", "user value ['rm','-rf','/']\n" },
        { "{'x':[1,2,[3]],'y':{},'z':[]}", "" },
        { "{'stop':['a','b'],'prompt':['c']}",
          "user text 'a'\nuser text 'b'\nuser text 'c'\n" },
        //  What is sealed, and files, are found by walking; objects beside them are whole.
        { "{'x':{'signature':'s','y':{'password':'p'}}}",
          "user text 'signature'\nuser text 'y'\n"
          "user value {'password':'p'}\n" },
        { "{'x':{'url':'data:text/plain;base64,aGk='}}",
          "user text 'url'\nuser base64 aGk=\n" },
        { "{'x':{'sign\\u0061ture':'s'}}", "user text 'sign\\u0061ture'\n" },
        { "{'x':{'a':'\\u00e9'}}", "user value {'a':'\\u00e9'}\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        texts_told_quoted (TEXTS_REQUEST, CHAT, rows[i].body, rows[i].told);
    //  Not in answers, whose numbers and words stay as they are.
    texts_told_quoted (TEXTS_ANSWER, CHAT, "{'x':{'a':'b'}}",
                       "answer text 'a'\nanswer text 'b'\n");
}

//  Given more than fits in one text, then its parts that fit are one each, in any slices.
static void
given_a_large_shape_of_the_users_when_walked_then_its_parts_are_texts (void **state)
{
    (void) state;
    static const size_t s_slices[] = { 1, 7, 1000, 32767, 32768, 32769, 100000 };
    br_buf_t body;
    br_buf_init (&body, 1u << 20);
    br_buf_adds (&body, "{\"x\":[[\"");
    s_repeat (&body, "a", 32768 - 4);
    br_buf_adds (&body, "\"],[\"");
    s_repeat (&body, "b", 32768 - 3);
    br_buf_adds (&body, "\"],{\"password\":\"p\"}]}");
    for (size_t i = 0; i < sizeof s_slices / sizeof *s_slices; i++)
        s_is_the_same_in_slices (CHAT, body.data, body.size, s_slices[i]);
    heard_t heard = { .stop = 0 };
    br_buf_init (&heard.spans, 4096);
    assert_int_equal (
        br_texts_of_request (CHAT, body.data, body.size, s_keep, &heard, NULL), 0);
    const br_text_span_t *spans = (const br_text_span_t *) (void *) heard.spans.data;
    assert_int_equal (heard.count, 3);
    assert_int_equal (spans[0].form, BR_TEXT_JSON_VALUE);
    assert_int_equal (spans[0].size, 32768);
    assert_int_equal (spans[1].form, BR_TEXT_STRING);
    assert_int_equal (spans[2].form, BR_TEXT_JSON_VALUE);
    br_buf_free (&heard.spans);
    br_buf_free (&body);
}

//  A step stops also inside of a string, a look, a value that is only crossed, and blanks.
static void
given_a_large_body_when_walked_in_slices_then_no_step_does_it_all (void **state)
{
    (void) state;
    static const struct {
        const char *head;
        const char *part;
        const char *tail;
    } rows[] = {
        { "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}",
          ",{\"text\":\"a\"}", "]}]}" },
        { "{\"input\":\"", "words and \\u0041", "\"}" },
        { "{\"metadata\":{\"a\":\"", "words and \\u0041", "\"}}" },
        { "{\"", "key", "\":1}" },
        { "{\"input\":", "            ", "\"a\"}" },
    };
    const size_t slice = 1000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_buf_t body;
        br_buf_init (&body, 1u << 20);
        br_buf_adds (&body, rows[i].head);
        s_repeat (&body, rows[i].part, 20000);
        br_buf_adds (&body, rows[i].tail);
        heard_t heard = { .stop = 0 };
        br_buf_init (&heard.spans, 64u << 20);
        br_texts_t *texts = br_texts_new_request (CHAT, body.data, body.size);
        size_t steps = 1;
        size_t most = 0;
        for (size_t before = 0; br_texts_step (texts, slice, s_keep, &heard, NULL) == 1;
             steps++) {
            most = heard.count - before > most ? heard.count - before : most;
            before = heard.count;
        }
        assert_true (steps >= body.size * 2 / slice);
        assert_true (steps <= body.size * 4 / slice);
        assert_true (most <= slice / 8);
        br_texts_destroy (&texts);
        br_buf_free (&heard.spans);
        br_buf_free (&body);
    }
}

static void
given_a_body_that_breaks_at_its_end_when_walked_in_slices_then_nothing_is_told (
    void **state)
{
    (void) state;
    static const char body[] = "{\"input\":[\"a\",\"b\",\"c\",\"d\"]]";
    heard_t heard = { .stop = 0 };
    br_error_t error = { .text = "" };
    br_texts_t *texts = br_texts_new_request (CHAT, body, strlen (body));
    int rc = 1;
    while (rc == 1)
        rc = br_texts_step (texts, 4, s_keep, &heard, &error);
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_int_equal (heard.count, 0);
    assert_int_equal (br_texts_step (texts, 4, s_keep, &heard, NULL), -1);
    br_texts_destroy (&texts);
    br_texts_destroy (&texts);
    br_texts_destroy (NULL);
}

static void
given_a_listener_that_has_enough_when_walked_in_slices_then_it_is_over (void **state)
{
    (void) state;
    static const char body[] = "{\"input\":[\"a\",\"b\",\"c\",\"d\"]}";
    heard_t heard = { .stop = 2 };
    br_error_t error = { .text = "" };
    br_buf_init (&heard.spans, 4096);
    br_texts_t *texts = br_texts_new_request (CHAT, body, strlen (body));
    assert_int_equal (br_texts_step (texts, SIZE_MAX, s_keep, &heard, &error), -1);
    assert_int_equal (error.code, 0);
    assert_int_equal (br_texts_step (texts, SIZE_MAX, s_keep, &heard, &error), -1);
    assert_int_equal (heard.count, 2);
    br_texts_destroy (&texts);
    br_buf_free (&heard.spans);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_escaped_key_when_walked_then_it_is_the_same_key),
        cmocka_unit_test (given_doubles_of_a_member_when_walked_then_all_texts_count),
        cmocka_unit_test (given_blanks_and_escapes_when_walked_then_spans_are_exact),
        cmocka_unit_test (given_text_that_is_no_json_when_walked_then_nothing_is_told),
        cmocka_unit_test (
            given_a_listener_that_has_enough_when_walked_then_the_walk_ends),
        cmocka_unit_test (
            given_blocks_in_blocks_when_walked_then_the_deepest_text_is_told),
        cmocka_unit_test (given_more_ends_than_fit_when_walked_then_all_end),
        cmocka_unit_test (
            given_odd_indices_when_walked_then_channels_are_made_and_in_doubt),
        cmocka_unit_test (given_a_number_of_an_event_when_walked_then_its_range_is_told),
        cmocka_unit_test (
            given_a_piece_that_stands_twice_when_walked_then_the_event_says_so),
        cmocka_unit_test (
            given_slices_of_any_size_when_walked_then_the_texts_are_the_same),
        cmocka_unit_test (given_a_shape_of_the_users_when_walked_then_it_is_one_text),
        cmocka_unit_test (
            given_a_large_shape_of_the_users_when_walked_then_its_parts_are_texts),
        cmocka_unit_test (
            given_a_large_body_when_walked_in_slices_then_no_step_does_it_all),
        cmocka_unit_test (
            given_a_body_that_breaks_at_its_end_when_walked_in_slices_then_nothing_is_told),
        cmocka_unit_test (
            given_a_listener_that_has_enough_when_walked_in_slices_then_it_is_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
