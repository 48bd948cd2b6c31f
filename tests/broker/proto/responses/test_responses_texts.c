//  responses_texts: requests and answers of Responses.

#include "tests/broker/proto/texts_told.h"

static void
given_an_input_when_walked_then_it_is_the_users (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                   "{\"model\":\"m\",\"instructions\":\"S\",\"input\":\"U\",\"include\":["
                   "\"x\"],\"user\":\"u\""
                   ",\"metadata\":{\"a\":\"b\"},\"prompt\":{\"id\":\"p\",\"version\":"
                   "\"1\",\"variables\":{\"v"
                   "\":\"V\",\"w\":{\"type\":\"input_text\",\"text\":\"W\"}}}}",
                   "system text \"S\"\n"
                   "user text \"U\"\n"
                   "user value {\"v\":\"V\",\"w\":{\"type\":\"input_text\",\"text\":"
                   "\"W\"}}\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'prompt':{'variables':{'password':'P','f':{'type':'input_file',"
                       "'filename':'a.txt','file_data':'aGk='}}}}",
                       "user text 'password'\nuser text 'P'\nuser text 'f'\n"
                       "user text 'a.txt'\nuser base64 aGk=\n");
}

static void
given_items_when_walked_then_roles_and_types_tell_the_places (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_RESPONSES,
        "{\"input\":[{\"role\":\"developer\",\"content\":\"D\"},{\"type\":\"message\","
        "\"role\":"
        "\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"U\"},{\"type\":"
        "\"input_imag"
        "e\",\"image_url\":\"data:image/png;base64,QQ\"},{\"type\":\"input_file\",\"file_"
        "data\":\"data:x;base64,Q\",\"filename\":\"F\"},{\"type\":\"input_file\",\"file_"
        "url"
        "\":\"https://"
        "f\"}]},{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"typ"
        "e\":\"output_text\",\"text\":\"A\",\"annotations\":[]},{\"type\":\"refusal\","
        "\"refus"
        "al\":\"R\"}]},{\"type\":\"reasoning\",\"id\":\"r\",\"summary\":[{\"type\":"
        "\"summary_te"
        "xt\",\"text\":\"H\"}],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"I\"}]"
        ",\"enc"
        "rypted_content\":\"e\"},{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":"
        "\"f\","
        "\"arguments\":\"{}\"},{\"type\":\"function_call_output\",\"call_id\":\"c\","
        "\"output"
        "\":\"O\"},{\"type\":\"custom_tool_call\",\"call_id\":\"d\",\"name\":\"p\","
        "\"input\":\"P\""
        "},{\"type\":\"custom_tool_call_output\",\"call_id\":\"d\",\"output\":[{\"type\":"
        "\"i"
        "nput_text\",\"text\":\"Q\"}]},{\"type\":\"local_shell_call\",\"action\":{"
        "\"type\":\""
        "exec\",\"command\":[\"rm\"]}},{\"type\":\"mcp_call\",\"server_label\":\"l\","
        "\"name\":"
        "\"n\",\"arguments\":\"{}\",\"output\":\"X\",\"error\":\"E\"},{\"type\":\"image_"
        "generati"
        "on_call\",\"result\":\"QQ\",\"revised_prompt\":\"Z\"},{\"type\":\"item_"
        "reference\","
        "\"id\":\"i\"}]}",
        "system text \"D\"\n"
        "user text \"U\"\n"
        "user base64 Q\n"
        "user text \"F\"\n"
        "user text \"https://f\"\n"
        "said text \"A\"\n"
        "said text \"R\"\n"
        "reason text \"H\"\n"
        "reason text \"I\"\n"
        "call json \"{}\"\n"
        "result text \"O\"\n"
        "call text \"P\"\n"
        "result text \"Q\"\n"
        "call value {\"type\":\"exec\",\"command\":[\"rm\"]}\n"
        "call json \"{}\"\n"
        "result text \"X\"\n"
        "error text \"E\"\n"
        "call text \"Z\"\n");
}

static void
given_offers_when_walked_then_descriptions_and_schemas_are_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                   "{\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":"
                   "\"D\",\"parameters\""
                   ":{\"a\":1},\"strict\":false},{\"type\":\"custom\",\"name\":\"c\","
                   "\"format\":{\"type\":"
                   "\"grammar\",\"syntax\":\"lark\",\"definition\":\"G\"}},{\"type\":"
                   "\"mcp\",\"server_lab"
                   "el\":\"l\",\"server_url\":\"https://"
                   "u\",\"authorization\":\"t\",\"headers\":{\"a\":\"b"
                   "\"},\"allowed_tools\":[\"x\"],\"server_description\":\"M\"}],"
                   "\"text\":{\"format\":{"
                   "\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"b\":2}},"
                   "\"verbosity\":\"low\"},\""
                   "reasoning\":{\"effort\":\"high\"}}",
                   "offer text \"D\"\n"
                   "offer value {\"a\":1}\n"
                   "offer text \"G\"\n"
                   "offer text \"https://u\"\n"
                   "offer text \"M\"\n"
                   "system value {\"b\":2}\n");
}

static void
given_an_answer_when_walked_then_what_is_said_is_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_RESPONSES,
                   "{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\","
                   "\"error\":null,\"instr"
                   "uctions\":\"S\",\"output\":[{\"type\":\"message\",\"id\":\"m\","
                   "\"role\":\"assistant\",\""
                   "content\":[{\"type\":\"output_text\",\"text\":\"A\",\"logprobs\":[{"
                   "\"token\":\"A\"}],"
                   "\"annotations\":[{\"type\":\"url_citation\",\"url\":\"https://"
                   "u\",\"title\":\"T\"}]}"
                   "]},{\"type\":\"function_call\",\"arguments\":\"{}\",\"name\":\"f\"}],"
                   "\"usage\":{\"a\":"
                   "\"b\"},\"truncation\":\"disabled\"}",
                   "system text \"S\"\n"
                   "answer text \"A\"\n"
                   "answer again [{\"token\":\"A\"}]\n"
                   "answer text \"https://u\"\n"
                   "answer text \"T\"\n"
                   "call json \"{}\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_RESPONSES,
                   "{\"error\":{\"message\":\"M\",\"code\":\"c\"}}",
                   "answer text \"M\"\n"
                   "answer text \"c\"\n");
}

static void
given_files_when_walked_then_those_of_words_are_told (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'input_file','file_"
                       "data':'data:text/csv;base64,aGk='}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'input_file','"
                       "filename':'a.txt','file_data':'aGk='}]}]}",
                       "user text 'a.txt'\nuser base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'input_file','"
                       "filename':'a.pdf','file_data':'JVBERi0x'}]}]}",
                       "user text 'a.pdf'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'input_image','image_"
                       "url':'data:image/png;base64,aGk='}]}]}",
                       "");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'x','data':'some "
                       "words, then'},{'type':'y','data':'iVBORw0KGgo'}]}]}",
                       "user text 'some words, then'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES,
                       "{'input':[{'role':'user','content':[{'type':'input_audio','input_"
                       "audio':{'data':'aGk=','format':'wav'}}]}]}",
                       "");
}

static void
given_calls_of_a_shell_when_walked_then_they_are_json (void **state)
{
    (void) state;
    static const char *const items[] = {
        "{'type':'local_shell_call','action':%s}",
        "{'type':'shell_call','action':%s}",
        "{'type':'apply_patch_call','operation':%s}",
        "{'type':'file_search_call','queries':%s}",
        "{'type':'x','action':%s}",
    };
    static const char value[] = "{'command':['rm','-rf','/'],'env':{'PASSWORD':'p'}}";
    char *told = br_strf ("call value %s\n", value);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        char *item = br_strf (items[i], value);
        char *request = br_strf ("{'input':[%s]}", item);
        char *answer = br_strf ("{'output':[%s]}", item);
        char *event = br_strf ("{'type':'response.output_item.added','item':%s}", item);
        texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_RESPONSES, request, told);
        texts_told_quoted (TEXTS_ANSWER, BR_SURFACE_RESPONSES, answer, told);
        texts_told_quoted (TEXTS_EVENT, BR_SURFACE_RESPONSES, event, told);
        free (event);
        free (answer);
        free (request);
        free (item);
    }
    free (told);
}

static void
given_settings_when_walked_then_those_that_reach_the_model_are_told (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_RESPONSES,
        "{'context_management':[{'type':'compaction','x':'I'}],'metadata':{'a':'b'},'"
        "user':'u','safety_identifier':'s','prompt_cache_key':'k'}",
        "system text 'I'\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_input_when_walked_then_it_is_the_users),
        cmocka_unit_test (given_items_when_walked_then_roles_and_types_tell_the_places),
        cmocka_unit_test (
            given_offers_when_walked_then_descriptions_and_schemas_are_told),
        cmocka_unit_test (given_an_answer_when_walked_then_what_is_said_is_told),
        cmocka_unit_test (given_files_when_walked_then_those_of_words_are_told),
        cmocka_unit_test (given_calls_of_a_shell_when_walked_then_they_are_json),
        cmocka_unit_test (
            given_settings_when_walked_then_those_that_reach_the_model_are_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
