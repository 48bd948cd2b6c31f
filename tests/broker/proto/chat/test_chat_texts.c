//  chat_texts: requests, answers and chunks of Chat Completions and the legacy completions.

#include "tests/broker/proto/texts_told.h"

static void
given_messages_when_walked_then_roles_tell_the_places (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{"
        "\"content\":\"D"
        "\",\"role\":\"developer\"},{\"role\":\"user\",\"name\":\"n\",\"content\":[{"
        "\"type\":\"te"
        "xt\",\"text\":\"T\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:"
        "image/png"
        ";base64,AAAA\",\"detail\":\"low\"}},{\"type\":\"image_url\",\"image_url\":{"
        "\"url\":"
        "\"https://x/"
        "y\"}},{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"QQ\",\"form"
        "at\":\"wav\"}},{\"type\":\"file\",\"file\":{\"file_data\":\"data:x;base64,A\","
        "\"file"
        "name\":\"f.pdf\"}}]}]}",
        "system text \"S\"\n"
        "system text \"D\"\n"
        "user text \"n\"\n"
        "user text \"T\"\n"
        "user text \"https://x/y\"\n"
        "user base64 A\n"
        "user text \"f.pdf\"\n");
}

static void
given_a_history_when_walked_then_calls_and_results_are_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_CHAT,
                   "{\"messages\":[{\"role\":\"assistant\",\"content\":null,\"refusal\":"
                   "\"R\",\"reasoni"
                   "ng_content\":\"C\",\"reasoning_details\":[{\"type\":\"reasoning."
                   "text\",\"text\":\""
                   "D\",\"signature\":\"s\"},{\"type\":\"reasoning.encrypted\",\"data\":"
                   "\"blob\"}],\"too"
                   "l_calls\":[{\"id\":\"i\",\"type\":\"function\",\"function\":{"
                   "\"name\":\"f\",\"argument"
                   "s\":\"{\\\"a\\\":1}\"}},{\"id\":\"j\",\"type\":\"custom\",\"custom\":"
                   "{\"name\":\"c\",\"input"
                   "\":\"I\"}}],\"function_call\":{\"name\":\"g\",\"arguments\":\"{}\"}},"
                   "{\"role\":\"tool\""
                   ",\"tool_call_id\":\"i\",\"content\":\"5\"},{\"role\":\"function\","
                   "\"name\":\"g\",\"cont"
                   "ent\":[{\"type\":\"text\",\"text\":\"6\"}]}]}",
                   "said text \"R\"\n"
                   "reason text \"C\"\n"
                   "reason text \"D\"\n"
                   "call json \"{\\\"a\\\":1}\"\n"
                   "call text \"I\"\n"
                   "call json \"{}\"\n"
                   "result text \"5\"\n"
                   "result text \"6\"\n");
}

static void
given_offers_and_settings_when_walked_then_texts_in_them_are_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_CHAT,
                   "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
                   "\"description\":\"D\","
                   "\"parameters\":{\"type\":\"object\"},\"strict\":true}},{\"type\":"
                   "\"custom\",\"custo"
                   "m\":{\"name\":\"c\",\"format\":{\"type\":\"grammar\",\"grammar\":{"
                   "\"syntax\":\"lark\",\""
                   "definition\":\"G\"}}}}],\"functions\":[{\"name\":\"g\","
                   "\"parameters\":{\"a\":1}}],\""
                   "response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
                   "\"name\":\"n\",\"desc"
                   "ription\":\"O\",\"schema\":{\"b\":2}}},\"prediction\":{\"type\":"
                   "\"content\",\"conten"
                   "t\":\"P\"},\"user\":\"u\",\"metadata\":{\"k\":\"v\"},\"tool_choice\":"
                   "\"auto\",\"stop\":[\""
                   "X\"],\"unknown\":{\"deep\":[\"Y\",{\"type\":\"t\",\"z\":\"Z\"}]}}",
                   "offer text \"D\"\n"
                   "offer value {\"type\":\"object\"}\n"
                   "offer text \"G\"\n"
                   "offer value {\"a\":1}\n"
                   "system text \"O\"\n"
                   "system value {\"b\":2}\n"
                   "said text \"P\"\n"
                   "user text \"X\"\n"
                   "user value {\"deep\":[\"Y\",{\"type\":\"t\",\"z\":\"Z\"}]}\n");
}

static void
given_other_operations_when_walked_then_their_texts_are_told (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_EMBEDDINGS,
        "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"encoding_format\":\"float\"}",
        "user text \"a\"\n"
        "user text \"b\"\n");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_COMPLETIONS,
                   "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"suffix\":\"c\"}",
                   "user text \"a\"\n"
                   "user text \"b\"\n"
                   "user text \"c\"\n");
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_RERANK,
        "{\"query\":\"q\",\"documents\":[\"a\",{\"text\":\"b\",\"id\":\"i\"}]}",
        "user text \"q\"\n"
        "user value [\"a\",{\"text\":\"b\",\"id\":\"i\"}]\n");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_MODERATIONS,
                   "{\"input\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_"
                   "url\",\"image_url\":{"
                   "\"url\":\"data:a;base64,b\"}}]}",
                   "user text \"a\"\n"
                   "user base64 b\n");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_SPEECH,
                   "{\"input\":\"a\",\"voice\":\"v\",\"instructions\":\"i\",\"response_"
                   "format\":\"mp3\"}",
                   "user text \"a\"\n"
                   "system text \"i\"\n");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_IMAGES,
                   "{\"prompt\":\"a\",\"size\":\"1x1\",\"quality\":\"hd\"}",
                   "user text \"a\"\n");
}

static void
given_answers_when_walked_then_what_is_said_is_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_CHAT,
                   "{\"id\":\"i\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                   "\"assistant\",\"content"
                   "\":\"A\",\"reasoning\":\"R\",\"annotations\":[{\"type\":\"url_"
                   "citation\",\"url_citat"
                   "ion\":{\"url\":\"https://"
                   "u\",\"title\":\"T\"}}],\"tool_calls\":[{\"id\":\"i\",\"type\":"
                   "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}],"
                   "\"audio\":{\"id\":\"a"
                   "\",\"data\":\"QQ\",\"transcript\":\"W\"}},\"logprobs\":{\"content\":["
                   "{\"token\":\"A\"}]"
                   "},\"finish_reason\":\"stop\"}],\"usage\":{\"a\":1}}",
                   "answer text \"A\"\n"
                   "reason text \"R\"\n"
                   "answer text \"https://u\"\n"
                   "answer text \"T\"\n"
                   "call json \"{}\"\n"
                   "answer text \"W\"\n"
                   "answer again {\"content\":[{\"token\":\"A\"}]}\n");
    texts_told_is (
        TEXTS_ANSWER, BR_SURFACE_CHAT,
        "{\"error\":{\"message\":\"M\",\"type\":\"t\",\"code\":\"c\",\"param\":\"p\"}}",
        "answer text \"M\"\n"
        "answer text \"c\"\n"
        "answer text \"p\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_COMPLETIONS,
                   "{\"choices\":[{\"index\":0,\"text\":\"A\",\"logprobs\":null,\"finish_"
                   "reason\":\"sto"
                   "p\"}]}",
                   "answer text \"A\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_IMAGES,
                   "{\"data\":[{\"b64_json\":\"QQ\",\"revised_prompt\":\"P\"},{\"url\":"
                   "\"https://u\"}]}",
                   "answer text \"P\"\n"
                   "answer text \"https://u\"\n");
}

static void
given_chunks_when_walked_then_pieces_have_a_channel_a_choice (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":1,\"delta\":{\"role\":\"assistant\","
                   "\"content\":\"A\",\"reas"
                   "oning_content\":\"B\",\"reasoning\":\"C\",\"refusal\":\"D\"},"
                   "\"finish_reason\":null"
                   "},{\"delta\":{\"content\":\"E\"}}]}",
                   "answer text 1.0.1 \"A\"\n"
                   "reason text 2.0.1 \"B\"\n"
                   "reason text 3.0.1 \"C\"\n"
                   "answer text 5.0.1 \"D\"\n"
                   "answer text 1.0.1 \"E\"\n");
}

static void
given_chunks_of_calls_when_walked_then_each_has_a_channel (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
                   "\"id\":\"i\",\"fun"
                   "ction\":{\"name\":\"f\",\"arguments\":\"\"}},{\"index\":1,"
                   "\"function\":{\"arguments\""
                   ":\"{\\\"a\"}},{\"index\":2,\"custom\":{\"input\":\"I\"}}],\"function_"
                   "call\":{\"argume"
                   "nts\":\"x\"}}}]}",
                   "call json 6.0.0 \"\"\n"
                   "call json 6.1.0 \"{\\\"a\"\n"
                   "call text 7.2.0 \"I\"\n"
                   "call json 8.0.0 \"x\"\n");
}

static void
given_a_call_that_is_told_at_once_when_walked_then_it_is_whole (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
                   "\"id\":\"i\",\"fun"
                   "ction\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},{\"index\":"
                   "0,\"id\":\"j\",\"func"
                   "tion\":{\"arguments\":\"{\\\"b\\\":2}\",\"name\":\"g\"}}]}}]}",
                   "call json \"{\\\"a\\\":1}\"\n"
                   "call json \"{\\\"b\\\":2}\"\n");
}

static void
given_a_finish_when_walked_then_the_choice_ends (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_CHAT,
        "{\"choices\":[{\"index\":2,\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "end choice 2 perhaps\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"delta\":{"
                   "\"content\":\"A\"}}"
                   ",{\"index\":1,\"finish_reason\":\"length\",\"delta\":{}}]}",
                   "answer text 1.0.0 \"A\"\n"
                   "end choice 0 behind perhaps\n"
                   "end choice 1 perhaps\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A\"},\"finish_"
                   "reason\":\"\"}],\"u"
                   "sage\":null}",
                   "answer text 1.0.0 \"A\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}", "");
}

static void
given_an_error_when_walked_then_all_end (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"error\":{\"message\":\"M\",\"code\":502},\"choices\":[{\"index\":"
                   "0,\"delta\":{\"co"
                   "ntent\":\"\"},\"finish_reason\":\"error\"}]}",
                   "answer text \"M\"\n"
                   "answer text 1.0.0 \"\"\n"
                   "end all behind\n");
}

static void
given_content_in_parts_when_walked_then_thoughts_are_apart (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":"
                   "\"thinking\",\"thinkin"
                   "g\":[{\"type\":\"text\",\"text\":\"A\"}]},{\"type\":\"text\","
                   "\"text\":\"B\"}]}}]}",
                   "reason text 2.0.0 \"A\"\n"
                   "answer text 1.0.0 \"B\"\n");
}

static void
given_details_when_walked_then_each_has_a_channel (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{"
                   "\"index\":3,\"type\""
                   ":\"reasoning.text\",\"text\":\"A\",\"signature\":\"s\"},{\"index\":4,"
                   "\"type\":\"reaso"
                   "ning.summary\",\"summary\":\"B\"},{\"type\":\"reasoning.encrypted\","
                   "\"data\":\"C\"}"
                   "]}}]}",
                   "reason text 9.3.0 \"A\"\n"
                   "reason text 10.4.0 \"B\"\n");
}

static void
given_a_message_in_a_chunk_when_walked_then_it_is_whole (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_CHAT,
                   "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"A\"},"
                   "\"logprobs\":{\"content\""
                   ":[]}}]}",
                   "answer text \"A\"\n"
                   "answer again {\"content\":[]}\n");
}

static void
given_a_chunk_of_completions_when_walked_then_its_text_is_a_piece (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_COMPLETIONS,
        "{\"choices\":[{\"index\":1,\"text\":\"A\",\"finish_reason\":\"stop\"}]}",
        "answer text 1.0.1 \"A\"\n"
        "end choice 1 behind perhaps\n");
}

static void
given_files_when_walked_then_those_of_words_are_told (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'messages':[{'role':'user','content':[{'type':'file','file':{'filename':'a.pdf'"
        ",'file_data':'data:application/pdf;base64,JVBERi0x'}}]}]}",
        "user text 'a.pdf'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'data:text/plain;base64,aGk='}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'data:application\\/json;base64,aGk='}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'data:text/plain,hi%20there'}}]}]}",
                       "user text 'data:text/plain,hi%20there'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'aGk=','filename':'a.txt'}}]}]}",
                       "user base64 aGk=\nuser text 'a.txt'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'JVBERi0x','filename':'a.csv'}}]}]}",
                       "user base64 JVBERi0x\nuser text 'a.csv'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'JVBERi0x'}}]}]}",
                       "");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'messages':[{'role':'user','content':[{'type':'file','file':{'"
                       "file_data':'https://x/y'}}]}]}",
                       "user text 'https://x/y'\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'messages':[{'role':'user','content':[{'type':'file','file':{'file_data':'data:"
        "image/png;base64,aGk=','file_data':'data:text/csv;base64,aGk='}}]}]}",
        "user base64 aGk=\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'messages':[{'content':[{'image_url':{'url':'data:text/"
        "html;base64,aGk='}},{'image_url':'data:image/png;base64,aGk='}]}]}",
        "user base64 aGk=\n");
}

static void
given_what_reaches_a_model_aside_when_walked_then_it_is_told (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'chat_template_kwargs':{'name':'N','b':{'id':['I']}},'messages':[]}",
        "system value {'name':'N','b':{'id':['I']}}\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'messages':[{'role':'user','name':'N','content':'U'},{'role':'assistant','name'"
        ":'M','content':'A'},{'name':'f','role':'function','content':'R'},{'role':'tool',"
        "'name':'g','tool_call_id':'c','content':'S'}]}",
        "user text 'N'\nuser text 'U'\nsaid text 'M'\nsaid text 'A'\nresult text "
        "'R'\nresult text 'S'\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_CHAT,
        "{'name':{'status':'S'},'x':[{'model':'M','format':'F','signature':'s','url':'"
        "data:image/png;base64,aGk='}]}",
        "user value {'status':'S'}\nuser text 'model'\nuser text 'M'\nuser text "
        "'format'\nuser text 'F'\nuser text 'signature'\nuser text 'url'\n");
}

static void
given_what_reaches_no_model_when_walked_then_nothing_is_told (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_CHAT,
                       "{'metadata':{'a':'b'},'user':'u','safety_identifier':'s','prompt_"
                       "cache_key':'k','logprobs':true,'top_logprobs':2}",
                       "");
}

static void
given_a_reason_that_is_none_when_walked_then_nothing_ends (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_EVENT, BR_SURFACE_CHAT,
        "{'choices':[{'index':0,'delta':{},'finish_reason':null},{'index':1,'delta':{},'"
        "finish_reason':''},{'index':2,'delta':{},'finish_reason' : 'stop'}]}",
        "end choice 2 perhaps\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_messages_when_walked_then_roles_tell_the_places),
        cmocka_unit_test (given_a_history_when_walked_then_calls_and_results_are_told),
        cmocka_unit_test (
            given_offers_and_settings_when_walked_then_texts_in_them_are_told),
        cmocka_unit_test (given_other_operations_when_walked_then_their_texts_are_told),
        cmocka_unit_test (given_answers_when_walked_then_what_is_said_is_told),
        cmocka_unit_test (given_chunks_when_walked_then_pieces_have_a_channel_a_choice),
        cmocka_unit_test (given_chunks_of_calls_when_walked_then_each_has_a_channel),
        cmocka_unit_test (given_a_call_that_is_told_at_once_when_walked_then_it_is_whole),
        cmocka_unit_test (given_a_finish_when_walked_then_the_choice_ends),
        cmocka_unit_test (given_an_error_when_walked_then_all_end),
        cmocka_unit_test (given_content_in_parts_when_walked_then_thoughts_are_apart),
        cmocka_unit_test (given_details_when_walked_then_each_has_a_channel),
        cmocka_unit_test (given_a_message_in_a_chunk_when_walked_then_it_is_whole),
        cmocka_unit_test (
            given_a_chunk_of_completions_when_walked_then_its_text_is_a_piece),
        cmocka_unit_test (given_files_when_walked_then_those_of_words_are_told),
        cmocka_unit_test (given_what_reaches_a_model_aside_when_walked_then_it_is_told),
        cmocka_unit_test (given_what_reaches_no_model_when_walked_then_nothing_is_told),
        cmocka_unit_test (given_a_reason_that_is_none_when_walked_then_nothing_ends),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
