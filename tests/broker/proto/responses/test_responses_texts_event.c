//  responses_texts_event: events of Responses.

#include "tests/broker/proto/texts_told.h"

static void
given_deltas_when_walked_then_names_and_indices_make_channels (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.output_text.delta\",\"sequence_number\":7,\"item_id\":\"i\""
        ",\"output_index\":1,\"content_index\":2,\"delta\":\"A\",\"logprobs\":[],"
        "\"obfusca"
        "tion\":\"xx\"}",
        "answer text 1.2.1 \"A\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.reasoning_summary_text.delta\",\"output_index\":0,\"summ"
        "ary_index\":3,\"delta\":\"A\"}",
        "reason text 4.3.0 \"A\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.reasoning_text.delta\",\"output_index\":0,\"content_inde"
        "x\":0,\"delta\":\"A\"}",
        "reason text 2.0.0 \"A\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"delta\":\"{\",\"type\":\"response.function_call_arguments.delta\",\"output_i"
        "ndex\":4}",
        "call json 6.0.4 \"{\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.custom_tool_call_input.delta\",\"output_index\":4,\"delt"
        "a\":\"I\"}",
        "call text 7.0.4 \"I\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.refusal.delta\",\"output_index\":0,\"content_index\":0,\"d"
        "elta\":\"I\"}",
        "answer text 5.0.0 \"I\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                   "{\"type\":\"response.audio.delta\",\"delta\":\"QQ\"}", "");
}

static void
given_ends_when_walked_then_whole_texts_come_behind_them (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.output_text.done\",\"output_index\":1,\"content_index\":2"
        ",\"text\":\"A\"}",
        "answer text \"A\"\n"
        "end 1.2.1\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.function_call_arguments.done\",\"output_index\":1,\"name"
        "\":\"f\",\"arguments\":\"{}\"}",
        "call json \"{}\"\n"
        "end 6.0.1\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                   "{\"type\":\"response.completed\",\"response\":{\"output\":[{\"type\":"
                   "\"message\",\""
                   "role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":"
                   "\"A\"}]}]}}",
                   "answer text \"A\"\n"
                   "end all\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                   "{\"type\":\"error\",\"code\":\"c\",\"message\":\"M\",\"param\":null}",
                   "answer text \"c\"\n"
                   "answer text \"M\"\n"
                   "end all\n");
}

static void
given_items_and_parts_when_walked_then_they_are_whole (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                   "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":"
                   "{\"type\":\""
                   "function_call\",\"name\":\"f\",\"arguments\":\"\"}}",
                   "call json \"\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.reasoning_summary_part.done\",\"output_index\":0,\"summa"
        "ry_index\":0,\"part\":{\"type\":\"summary_text\",\"text\":\"H\"}}",
        "reason text \"H\"\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_RESPONSES,
        "{\"type\":\"response.created\",\"response\":{\"instructions\":null,\"output\":[]"
        "}}",
        "");
}

//  Clients put deltas behind what stands there.
static void
given_words_in_what_is_added_when_walked_then_they_are_texts_that_ended (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.content_part.added','output_index':1,'content_"
                       "index':2,'part':{'type':'output_text','text':'A'}}",
                       "answer text 1.2.1 'A'\n"
                       "end 1.2.1 behind\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.reasoning_summary_part.added','output_index':1,"
                       "'summary_index':2,'part':{'type':'summary_text','text':'A'}}",
                       "reason text 4.2.1 'A'\n"
                       "end 4.2.1 behind\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.output_item.added','output_index':3,'item':{'ty"
                       "pe':'message','role':'assistant','content':[{'type':'output_text'"
                       ",'text':'A'}]}}",
                       "answer text 1.0.3 'A'\n"
                       "end 1.0.3 behind\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.created','response':{'output':[{},{'type':'mess"
                       "age','content':[{'type':'refusal','refusal':'A'}]}]}}",
                       "answer text 5.0.1 'A'\n"
                       "end 5.0.1 behind\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.content_part.added','part':{'type':'output_text"
                       "','text':''}}",
                       "answer text 1.0.0 ''\n");
}

static void
given_half_of_the_arguments_when_an_item_is_added_then_it_is_doubtful (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.output_item.added','output_index':0,'item':{'ty"
                       "pe':'function_call','arguments':'{'}}",
                       "call json '{'\ndoubled\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES,
                       "{'type':'response.output_item.added','output_index':0,'item':{'ty"
                       "pe':'function_call','arguments':'{}'}}",
                       "call json '{}'\n");
}

static void
given_events_of_other_operations_when_walked_then_their_texts_are_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_TRANSCRIPTIONS,
                   "{\"type\":\"transcript.text.done\",\"text\":\"A\"}",
                   "answer text \"A\"\n"
                   "end 1.0.0\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_SPEECH,
                   "{\"type\":\"speech.audio.delta\",\"audio\":\"QQ\"}", "");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_IMAGES,
                   "{\"type\":\"image_generation.partial_image\",\"b64_json\":\"QQ\"}",
                   "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_deltas_when_walked_then_names_and_indices_make_channels),
        cmocka_unit_test (given_ends_when_walked_then_whole_texts_come_behind_them),
        cmocka_unit_test (given_items_and_parts_when_walked_then_they_are_whole),
        cmocka_unit_test (
            given_words_in_what_is_added_when_walked_then_they_are_texts_that_ended),
        cmocka_unit_test (
            given_half_of_the_arguments_when_an_item_is_added_then_it_is_doubtful),
        cmocka_unit_test (
            given_events_of_other_operations_when_walked_then_their_texts_are_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
