//  The items of a stream that is read.

#include "tests/broker/proto/responses/fixture.h"

static void
items_are_known_by_their_index_though_their_ids_change (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.output_item.added','output_index':0,"
                      "'item':{'type':'message','id':'m1','content':[]}}");
    stream_event (&s, "{'type':'response.output_text.delta','output_index':0,"
                      "'content_index':0,'item_id':'m2','delta':'a'}");
    stream_event (&s, "{'type':'response.output_text.delta','output_index':0,"
                      "'content_index':0,'item_id':'m3','delta':'b\\n'}");
    stream_event (&s, "{'type':'response.output_text.done','output_index':0,"
                      "'content_index':0,'item_id':'m4','text':'ab\\nc'}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':0,'item':"
                      "{'type':'message','id':'m5','content':[{'type':'output_text',"
                      "'text':'ab\\nc'}]}}");
    stream_told (&s, "start 0\ntext 0 a\ntext 0 b\n\ntext 0 c\n");
    stream_end (&s);
}

static void
parts_of_a_message_are_blocks_of_their_own (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.output_text.delta','output_index':0,"
                      "'content_index':0,'delta':'a'}");
    stream_event (&s, "{'type':'response.refusal.delta','output_index':0,"
                      "'content_index':1,'delta':'no'}");
    stream_event (&s, "{'type':'response.refusal.done','output_index':0,"
                      "'content_index':1,'refusal':'no!'}");
    stream_event (&s, "{'type':'response.completed','response':{}}");
    stream_told (&s, "start 0\ntext 0 a\nrefusal 1 no\nrefusal 1 !\n"
                     "finish 0 completed refusal\nend 0\n");
    stream_end (&s);
}

static void
citations_belong_to_the_text (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s,
                  "{'type':'response.output_text.delta','output_index':0,'delta':'a'}");
    stream_event (&s, "{'type':'response.output_text.annotation.added','output_index':0,"
                      "'annotation':{'type':'x'}}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':0,'item':"
                      "{'type':'message','content':[{'type':'output_text','text':'a',"
                      "'annotations':[{'type':'x'}]}]}}");
    stream_told (&s, "start 0\ntext 0 a\ncitation 0 {'type':'x'}\n");
    stream_end (&s);
}

static void
reasoning_has_parts_and_a_blob_at_its_end (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.output_item.added','output_index':0,"
                      "'item':{'type':'reasoning','id':'rs_1','summary':[],"
                      "'encrypted_content':'EARLY'}}");
    stream_event (&s, "{'type':'response.reasoning_summary_text.delta','output_index':0,"
                      "'summary_index':0,'delta':'a'}");
    stream_event (&s, "{'type':'response.reasoning_summary_text.delta','output_index':0,"
                      "'summary_index':0,'delta':'b'}");
    stream_event (&s, "{'type':'response.reasoning_summary_text.delta','output_index':0,"
                      "'summary_index':1,'delta':'c'}");
    stream_event (&s, "{'type':'response.reasoning_text.delta','output_index':0,"
                      "'content_index':0,'delta':'raw'}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':0,'item':"
                      "{'type':'reasoning','id':'rs_1','encrypted_content':'ENC',"
                      "'summary':[{'type':'summary_text','text':'ab'},"
                      "{'type':'summary_text','text':'c'}],"
                      "'content':[{'type':'reasoning_text','text':'raw'}]}}");
    stream_told (&s, "start 0\nreasoning 0 part a\nreasoning 0 summary b\n"
                     "reasoning 0 part c\nreasoning 0 raw\nopaque 0 ENC\n");
    stream_end (&s);
}

static void
a_blob_that_comes_behind_another_item_is_a_block_of_its_own (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.reasoning_text.delta','output_index':0,"
                      "'content_index':0,'delta':'hm'}");
    stream_event (&s,
                  "{'type':'response.output_text.delta','output_index':1,'delta':'4'}");
    stream_event (&s, "{'type':'response.reasoning_text.done','output_index':0,"
                      "'content_index':0,'text':'hm'}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':0,'item':"
                      "{'type':'reasoning','summary':[],'encrypted_content':'ENC'}}");
    stream_told (&s, "start 0\nreasoning 0 hm\ntext 1 4\nopaque 2 ENC\n");
    stream_end (&s);
}

static void
arguments_come_in_pieces_or_whole (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.output_item.added','output_index':0,'item':"
                      "{'type':'function_call','call_id':'c1','name':'f',"
                      "'arguments':''}}");
    stream_event (&s, "{'type':'response.output_item.added','output_index':1,'item':"
                      "{'type':'custom_tool_call','call_id':'c2','name':'g'}}");
    stream_event (&s, "{'type':'response.function_call_arguments.delta','output_index':0,"
                      "'delta':'[1'}");
    stream_event (&s, "{'type':'response.custom_tool_call_input.delta','output_index':1,"
                      "'delta':'raw'}");
    stream_event (&s, "{'type':'response.function_call_arguments.done','output_index':0,"
                      "'arguments':'[1]'}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':1,'item':"
                      "{'type':'custom_tool_call','call_id':'c2','name':'g',"
                      "'input':'raw'}}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':2,'item':"
                      "{'type':'function_call','call_id':'c3','name':'h',"
                      "'arguments':'{}'}}");
    stream_event (&s, "{'type':'response.completed','response':{}}");
    stream_told (&s,
                 "start 0\ncall 0 c1 f\ncall 1 custom c2 g\nargs 0 [1\nargs 1 raw\n"
                 "args 0 ]\nargs 1\ncall 2 c3 h\nargs 2 {}\nfinish 0 completed tool_use\n"
                 "end 0\n");
    stream_end (&s);
}

static void
hosted_items_come_whole (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, "{'type':'response.output_item.added','output_index':0,"
                      "'item':{'type':'web_search_call','status':'in_progress'}}");
    stream_event (&s, "{'type':'response.web_search_call.searching','output_index':0}");
    stream_event (&s, "{'type':'response.output_item.done','output_index':0,"
                      "'item':{'type':'web_search_call','status':'completed'}}");
    stream_told (&s, "start 0\n"
                     "hosted 0 {'type':'web_search_call','status':'completed'}\n");
    stream_end (&s);
}

static void
events_of_no_item_or_of_one_out_of_bounds_mean_nothing (void **state)
{
    (void) state;
    static const char *const indices[] = { "-1", "70000", "1e30", "'x'", "null", "{}" };
    stream_t s;
    stream_begin (&s);
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++) {
        char *event = br_strf ("{'type':'response.output_text.delta','output_index':%s,"
                               "'delta':'a'}",
                               indices[i]);
        assert_int_equal (stream_event (&s, event), 0);
        free (event);
    }
    stream_told (&s, "start 0\n");
    stream_end (&s);
}

static void
members_that_are_null_or_of_another_type_harm_nothing (void **state)
{
    (void) state;
    static const char *const events[] = {
        "{'type':'response.output_item.added','output_index':0,'item':null}",
        "{'type':'response.output_item.added','output_index':0,'item':[]}",
        "{'type':'response.output_item.done','output_index':0,'item':5}",
        "{'type':'response.output_text.delta','output_index':0,'delta':null}",
        "{'type':'response.output_text.delta','output_index':0,'delta':{}}",
        "{'type':'response.output_text.done','output_index':0,'text':null,"
        "'content_index':-5}",
        "{'type':'response.output_item.done','output_index':1,'item':{'type':'message',"
        "'content':'x'}}",
        "{'type':'response.output_item.done','output_index':2,'item':{'type':null}}",
        "{'type':'response.output_item.done','output_index':3,'item':{'type':'reasoning',"
        "'summary':{},'content':[null,1],'encrypted_content':[]}}",
        "{'type':'response.output_item.done','output_index':4,'item':"
        "{'type':'function_call','name':null}}",
        "{'type':'response.function_call_arguments.delta','output_index':9,'delta':'x'}",
        "{'type':'response.completed','response':null}",
    };
    stream_t s;
    stream_begin (&s);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        assert_int_equal (stream_event (&s, events[i]), 0);
    stream_told (&s, "start 0\nfinish 0 completed stop\nend 0\n");
    stream_end (&s);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (items_are_known_by_their_index_though_their_ids_change),
        cmocka_unit_test (parts_of_a_message_are_blocks_of_their_own),
        cmocka_unit_test (citations_belong_to_the_text),
        cmocka_unit_test (reasoning_has_parts_and_a_blob_at_its_end),
        cmocka_unit_test (a_blob_that_comes_behind_another_item_is_a_block_of_its_own),
        cmocka_unit_test (arguments_come_in_pieces_or_whole),
        cmocka_unit_test (hosted_items_come_whole),
        cmocka_unit_test (events_of_no_item_or_of_one_out_of_bounds_mean_nothing),
        cmocka_unit_test (members_that_are_null_or_of_another_type_harm_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
