//  messages_texts: requests, answers and events of Anthropic Messages.

#include "tests/broker/proto/texts_told.h"

static void
given_turns_when_walked_then_roles_and_types_tell_the_places (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_MESSAGES,
                   "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"S\","
                   "\"cache_control\":{\"typ"
                   "e\":\"ephemeral\",\"ttl\":\"5m\"}}],\"messages\":[{\"role\":\"user\","
                   "\"content\":\"U\"}"
                   ",{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
                   "\"thinking\":\"H\",\"sig"
                   "nature\":\"s\"},{\"type\":\"redacted_thinking\",\"data\":\"blob\"},{"
                   "\"type\":\"text\""
                   ",\"text\":\"A\"},{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\","
                   "\"input\":{\"id\":\"sec"
                   "ret\"}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                   "\"tool_use_id\""
                   ":\"i\",\"content\":\"R\"},{\"is_error\":true,\"type\":\"tool_"
                   "result\",\"tool_use_id"
                   "\":\"i\",\"content\":[{\"type\":\"text\",\"text\":\"E\"}]},{\"type\":"
                   "\"text\",\"text\":\"V"
                   "\"}]}],\"metadata\":{\"user_id\":\"u\"}}",
                   "system text \"S\"\n"
                   "user text \"U\"\n"
                   "reason text \"H\"\n"
                   "said text \"A\"\n"
                   "call value {\"id\":\"secret\"}\n"
                   "result text \"R\"\n"
                   "error text \"E\"\n"
                   "user text \"V\"\n");
}

static void
given_documents_when_walked_then_texts_count_and_blobs_do_not (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{"
        "\"data"
        "\":\"QQ\",\"type\":\"base64\",\"media_type\":\"image/"
        "png\"}},{\"type\":\"document\",\""
        "source\":{\"type\":\"text\",\"media_type\":\"text/"
        "plain\",\"data\":\"D\"},\"title\":\""
        "T\",\"context\":\"C\"},{\"type\":\"document\",\"source\":{\"type\":\"content\","
        "\"conte"
        "nt\":[{\"type\":\"text\",\"text\":\"P\"}]}},{\"type\":\"search_result\","
        "\"source\":\"h"
        "ttps://"
        "s\",\"title\":\"W\",\"content\":[{\"type\":\"text\",\"text\":\"X\"}]},{\"type\":"
        "\"image\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}]}]}",
        "user text \"D\"\n"
        "user text \"T\"\n"
        "user text \"C\"\n"
        "user text \"P\"\n"
        "user text \"https://s\"\n"
        "user text \"W\"\n"
        "user text \"X\"\n");
}

static void
given_tools_of_the_provider_when_walked_then_results_are_told (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"server_tool_"
        "use\","
        "\"id\":\"i\",\"name\":\"web_search\",\"input\":{\"query\":\"Q\"}},{\"type\":"
        "\"web_searc"
        "h_tool_result\",\"tool_use_id\":\"i\",\"content\":[{\"type\":\"web_search_result"
        "\",\"url\":\"https://"
        "u\",\"title\":\"T\",\"encrypted_content\":\"e\"}]},{\"type\":\"co"
        "de_execution_tool_result\",\"content\":{\"type\":\"code_execution_result\",\"s"
        "tdout\":\"O\",\"return_code\":0}}]}]}",
        "call value {\"query\":\"Q\"}\n"
        "result text \"https://u\"\n"
        "result text \"T\"\n"
        "result text \"O\"\n");
}

static void
given_offers_when_walked_then_descriptions_and_schemas_are_told (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{\"tools\":[{\"name\":\"n\",\"description\":\"D\",\"input_schema\":{\"type\":"
        "\"object"
        "\"},\"input_examples\":[{\"a\":1}]}],\"mcp_servers\":[{\"type\":\"url\",\"url\":"
        "\"ht"
        "tps://"
        "u\",\"name\":\"n\",\"authorization_token\":\"t\"}],\"output_config\":{\"effo"
        "rt\":\"high\",\"format\":{\"type\":\"json_schema\",\"schema\":{\"a\":2}}},"
        "\"stop_seq"
        "uences\":[\"X\"],\"thinking\":{\"type\":\"adaptive\"}}",
        "offer text \"D\"\n"
        "offer value {\"type\":\"object\"}\n"
        "offer value [{\"a\":1}]\n"
        "offer text \"https://u\"\n"
        "system value {\"a\":2}\n"
        "user text \"X\"\n");
}

static void
given_an_answer_when_walked_then_what_is_said_is_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_MESSAGES,
                   "{\"id\":\"i\",\"type\":\"message\",\"role\":\"assistant\","
                   "\"content\":[{\"type\":\"text"
                   "\",\"text\":\"A\",\"citations\":[{\"type\":\"char_location\",\"cited_"
                   "text\":\"C\"}]},"
                   "{\"type\":\"tool_use\",\"name\":\"n\",\"input\":{\"a\":1}}],\"stop_"
                   "reason\":\"tool_us"
                   "e\",\"usage\":{\"service_tier\":\"x\"}}",
                   "answer text \"A\"\n"
                   "answer text \"C\"\n"
                   "call value {\"a\":1}\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_MESSAGES,
                   "{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"M\"},"
                   "\"request_id\":\"r\"}",
                   "answer text \"M\"\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_MESSAGES_TOKENS, "{\"input_tokens\":3}", "");
}

static void
given_events_of_a_block_when_walked_then_its_texts_are_pieces (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_MESSAGES,
        "{\"type\":\"message_start\",\"message\":{\"id\":\"i\",\"content\":[]}}", "");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
                   "\"type\":\"text\""
                   ",\"text\":\"A\"}}",
                   "answer text 1.0.1 \"A\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
                   "\"text_delta\",\""
                   "text\":\"A\"}}",
                   "answer text 1.0.1 \"A\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"delta\":{\"thinking\":\"A\",\"type\":\"thinking_delta\"},"
                   "\"index\":0,\"type\":\"co"
                   "ntent_block_delta\"}",
                   "reason text 2.0.0 \"A\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{"
                   "\"type\":\"tool_"
                   "use\",\"id\":\"i\",\"name\":\"n\",\"input\":{}}}",
                   "");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":"
                   "\"input_json_de"
                   "lta\",\"partial_json\":\"{\\\"a\"}}",
                   "call json 6.0.2 \"{\\\"a\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                   "\"signature_del"
                   "ta\",\"signature\":\"s\"}}",
                   "end choice 0 perhaps\n");
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_MESSAGES,
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_"
        "del"
        "ta\",\"citation\":{\"type\":\"x\",\"cited_text\":\"C\",\"title\":\"T\"}}}",
        "answer text \"C\"\n"
        "answer text \"T\"\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{"
                   "\"type\":\"bash_"
                   "code_execution_tool_result\",\"content\":{\"stdout\":\"O\"}}}",
                   "result text \"O\"\n");
}

static void
given_ends_when_walked_then_what_they_end_is_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"content_block_stop\",\"index\":2}", "end choice 2\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"stop_"
                   "sequence\",\"stop_s"
                   "equence\":\"X\"},\"usage\":{\"a\":1}}",
                   "answer text \"X\"\n"
                   "end all\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES, "{\"type\":\"message_stop\"}",
                   "end all\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                   "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                   "\"message\":\"M\"}}",
                   "answer text \"M\"\n"
                   "end all\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_MESSAGES, "{\"type\":\"ping\"}", "");
}

static void
given_files_when_walked_then_those_of_words_are_told (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "base64','media_type':'text/plain','data':'aGk='}}]}]}",
        "user base64 aGk=\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'data':'aGk="
        "','media_type':'application/ld+json','type':'base64'}}]}]}",
        "user base64 aGk=\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "base64','media_type':'application/pdf','data':'aGk='}}]}]}",
        "");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "base64','media_type':'image/png','data':'aGk='}}]}]}",
        "");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "text','media_type':'text/plain','data':'hi'}}]}]}",
        "user text 'hi'\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_MESSAGES,
                       "{'messages':[{'role':'user','content':[{'type':'document','"
                       "source':{'type':'url','url':'https://x'}}]}]}",
                       "user text 'https://x'\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "content','content':[{'type':'text','text':'T'}]}}]}]}",
        "user text 'T'\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "text','type':'base64','media_type':'image/png','data':'words, two'}}]}]}",
        "user text 'words, two'\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "base64','media_type':'text/csv','media_type':'image/png','data':'aGk='}}]}]}",
        "user base64 aGk=\n");
    texts_told_quoted (
        TEXTS_REQUEST, BR_SURFACE_MESSAGES,
        "{'messages':[{'role':'user','content':[{'type':'document','source':{'type':'"
        "base64','type':'text','media_type':'application/pdf','data':'aGk='}}]}]}",
        "user base64 aGk=\n");
}

static void
given_settings_when_walked_then_those_that_reach_the_model_are_told (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_MESSAGES,
                       "{'context_management':{'edits':[{'type':'compact','instructions':"
                       "'I'}]},'metadata':{'user_id':'u'}}",
                       "system text 'I'\n");
}

static void
given_a_signature_between_thoughts_when_walked_then_they_may_go_on (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                       "{'type':'content_block_delta','index':0,'delta':{'type':'"
                       "signature_delta','signature':'s'}}",
                       "end choice 0 perhaps\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                       "{'type':'content_block_stop','index':0}", "end choice 0\n");
}

//  Clients put deltas behind what stands there.
static void
given_blocks_in_the_first_event_when_walked_then_they_are_texts_that_ended (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                       "{'type':'message_start','message':{'id':'i','role':'assistant','"
                       "content':[{'type':'text','text':'A'},{'type':'thinking','thinking"
                       "':'H'}]}}",
                       "answer text 1.0.0 'A'\n"
                       "reason text 2.0.1 'H'\n"
                       "end 1.0.0 behind\n"
                       "end 2.0.1 behind\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_MESSAGES,
                       "{'type':'message_start','message':{'id':'i','content':[]}}", "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_turns_when_walked_then_roles_and_types_tell_the_places),
        cmocka_unit_test (given_documents_when_walked_then_texts_count_and_blobs_do_not),
        cmocka_unit_test (given_tools_of_the_provider_when_walked_then_results_are_told),
        cmocka_unit_test (
            given_offers_when_walked_then_descriptions_and_schemas_are_told),
        cmocka_unit_test (given_an_answer_when_walked_then_what_is_said_is_told),
        cmocka_unit_test (given_events_of_a_block_when_walked_then_its_texts_are_pieces),
        cmocka_unit_test (given_ends_when_walked_then_what_they_end_is_told),
        cmocka_unit_test (given_files_when_walked_then_those_of_words_are_told),
        cmocka_unit_test (
            given_settings_when_walked_then_those_that_reach_the_model_are_told),
        cmocka_unit_test (
            given_a_signature_between_thoughts_when_walked_then_they_may_go_on),
        cmocka_unit_test (
            given_blocks_in_the_first_event_when_walked_then_they_are_texts_that_ended),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
