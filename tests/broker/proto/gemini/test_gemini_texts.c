//  gemini_texts: requests, answers and events of generateContent.

#include "tests/broker/proto/texts_told.h"

static void
given_contents_when_walked_then_roles_and_parts_tell_the_places (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_GOOGLE_STREAM,
        "{\"system_instruction\":{\"role\":\"user\",\"parts\":[{\"text\":\"S\"}]},"
        "\"contents"
        "\":[{\"role\":\"user\",\"parts\":[{\"text\":\"U\"},{\"inline_data\":{\"mime_"
        "type\":\"t"
        "ext/"
        "plain\",\"data\":\"QQ\"}},{\"fileData\":{\"mimeType\":\"x\",\"fileUri\":\"https:"
        "//"
        "f\"}}]},{\"role\":\"model\",\"parts\":[{\"thought\":true,\"text\":\"H\","
        "\"thoughtS"
        "ignature\":\"s\"},{\"text\":\"A\"},{\"functionCall\":{\"name\":\"f\",\"args\":{"
        "\"id\":\""
        "x\"}},\"thoughtSignature\":\"s\"},{\"executableCode\":{\"language\":\"PYTHON\","
        "\"c"
        "ode\":\"C\"}},{\"codeExecutionResult\":{\"outcome\":\"OUTCOME_OK\",\"output\":"
        "\"O\""
        "}}]},{\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":"
        "\"R"
        "\"}}},{\"functionResponse\":{\"response\":{\"error\":\"E\"}}}],\"role\":"
        "\"user\"}]}",
        "system text \"S\"\n"
        "user text \"U\"\n"
        "user base64 QQ\n"
        "user text \"https://f\"\n"
        "reason text \"H\"\n"
        "said text \"A\"\n"
        "call value {\"id\":\"x\"}\n"
        "call text \"C\"\n"
        "result text \"O\"\n"
        "result value {\"output\":\"R\"}\n"
        "error value {\"error\":\"E\"}\n");
}

static void
given_offers_and_settings_when_walked_then_texts_in_them_are_told (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_GOOGLE,
        "{\"contents\":[],\"tools\":[{\"function_declarations\":[{\"name\":\"f\","
        "\"descrip"
        "tion\":\"D\",\"parametersJsonSchema\":{\"a\":1}}]},{\"googleSearch\":{}}],\"gene"
        "rationConfig\":{\"response_schema\":{\"b\":2},\"responseMimeType\":\"applicati"
        "on/json\",\"stopSequences\":[\"X\"]},\"toolConfig\":{\"functionCallingConfig\":"
        "{\"mode\":\"ANY\"}},\"safetySettings\":[{\"category\":\"c\",\"threshold\":\"t\"}"
        "]}",
        "offer text \"D\"\n"
        "offer value {\"a\":1}\n"
        "system value {\"b\":2}\n"
        "user text \"X\"\n");
}

static void
given_other_operations_when_walked_then_their_texts_are_told (void **state)
{
    (void) state;
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_GOOGLE_EMBED,
                   "{\"model\":\"models/"
                   "m\",\"content\":{\"parts\":[{\"text\":\"A\"}]},\"taskType\":\"T\","
                   "\"title\":\"B\"}",
                   "user text \"A\"\n"
                   "user text \"B\"\n");
    texts_told_is (
        TEXTS_REQUEST, BR_SURFACE_GOOGLE_EMBEDS,
        "{\"requests\":[{\"model\":\"m\",\"content\":{\"parts\":[{\"text\":\"A\"}]}}]}",
        "user text \"A\"\n");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_GOOGLE_TOKENS,
                   "{\"generateContentRequest\":{\"model\":\"m\",\"contents\":[{\"role\":"
                   "\"user\",\"par"
                   "ts\":[{\"text\":\"A\"}]}],\"systemInstruction\":{\"parts\":[{"
                   "\"text\":\"S\"}]}}}",
                   "user text \"A\"\n"
                   "system text \"S\"\n");
}

static void
given_an_answer_when_walked_then_what_is_said_is_told (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_ANSWER, BR_SURFACE_GOOGLE_STREAM,
        "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"A\"},{"
        "\"text"
        "\":\"H\",\"thought\":true}]},\"finishReason\":\"STOP\",\"finishMessage\":\"F\","
        "\"gro"
        "undingMetadata\":{\"webSearchQueries\":[\"Q\"]},\"logprobsResult\":{\"chosenCa"
        "ndidates\":[{\"token\":\"A\"}]}}],\"usageMetadata\":{\"promptTokensDetails\":[{"
        "\"modality\":\"TEXT\"}]},\"modelVersion\":\"m\",\"responseId\":\"r\"}",
        "answer text 1.0.0 \"A\"\n"
        "reason text 2.0.0 \"H\"\n"
        "answer text \"F\"\n"
        "answer text \"Q\"\n"
        "answer again {\"chosenCandidates\":[{\"token\":\"A\"}]}\n");
    texts_told_is (TEXTS_ANSWER, BR_SURFACE_GOOGLE_STREAM,
                   "[{\"error\":{\"code\":400,\"message\":\"M\",\"status\":\"S\","
                   "\"details\":[{\"@type\":\""
                   "t\",\"reason\":\"r\"}]}}]",
                   "answer text \"M\"\n"
                   "answer text \"S\"\n"
                   "answer text \"r\"\n");
}

static void
given_events_when_walked_then_thoughts_and_words_have_channels (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
                   "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\","
                   "\"thought\":true},{\"text"
                   "\":\"A\"},{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}}}]}},{"
                   "\"index\":1,\"con"
                   "tent\":{\"parts\":[{\"text\":\"B\"}]}}]}",
                   "reason text 2.0.0 \"H\"\n"
                   "answer text 1.0.0 \"A\"\n"
                   "call value {\"a\":1}\n"
                   "answer text 1.0.1 \"B\"\n");
}

static void
given_a_finish_when_walked_then_the_candidate_ends (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
                   "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},"
                   "\"finishReason\":\"STOP"
                   "\",\"index\":0},{\"finishReason\":\"MAX_TOKENS\",\"index\":1}],"
                   "\"usageMetadata\":"
                   "{}}",
                   "answer text 1.0.0 \"\"\n"
                   "end choice 0 behind perhaps\n"
                   "end choice 1 perhaps\n");
}

static void
given_a_block_or_an_error_when_walked_then_all_end (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
        "{\"promptFeedback\":{\"blockReason\":\"SAFETY\",\"blockReasonMessage\":\"M\"}}",
        "answer text \"M\"\n"
        "end all perhaps\n");
    texts_told_is (TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
                   "{\"error\":{\"code\":500,\"message\":\"M\",\"status\":\"INTERNAL\"}}",
                   "answer text \"M\"\n"
                   "answer text \"INTERNAL\"\n"
                   "end all\n");
}

static void
given_files_when_walked_then_those_of_words_are_told (void **state)
{
    (void) state;
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'"
                       "text/plain','data':'aGk='}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inline_data':{'data':'aGk="
                       "','mime_type':'Application/JSON; charset=utf-8'}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'"
                       "image/png','data':'aGk='}}]}]}",
                       "");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'"
                       "image/png','mime_type':'text/csv','data':'aGk='}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'"
                       "text/csv','mimeType':'image/png','data':'aGk='}}]}]}",
                       "user base64 aGk=\n");
    texts_told_quoted (TEXTS_REQUEST, BR_SURFACE_GOOGLE,
                       "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'"
                       "application/x','displayName':'a.md','data':'JVBERi0x'}}]}]}",
                       "user text 'a.md'\nuser base64 JVBERi0x\n");
    texts_told_quoted (TEXTS_ANSWER, BR_SURFACE_GOOGLE,
                       "{'candidates':[{'content':{'parts':[{'inlineData':{'mimeType':'"
                       "text/csv','data':'aGk='}}]}}]}",
                       "answer base64 aGk=\n");
    texts_told_quoted (TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
                       "{'candidates':[{'content':{'parts':[{'inlineData':{'mimeType':'"
                       "text/csv','data':'aGk='}}]}}]}",
                       "answer base64 aGk=\n");
}

static void
given_a_reason_that_is_none_when_walked_then_nothing_ends (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
        "{'candidates':[{'finishReason':'FINISH_REASON_UNSPECIFIED'},{'index':1,'finish_"
        "reason':'MAX_TOKENS'},{'index':2,'finishReason':null}],'promptFeedback':{'"
        "blockReason':'BLOCK_REASON_UNSPECIFIED'}}",
        "end choice 1 perhaps\n");
}

static void
given_arguments_in_snakes_when_walked_then_paths_are_apart (void **state)
{
    (void) state;
    texts_told_quoted (
        TEXTS_EVENT, BR_SURFACE_GOOGLE_STREAM,
        "{'candidates':[{'content':{'parts':[{'function_call':{'partial_args':[{'json_"
        "path':'$.a','string_value':'A','will_continue':true}]}}]}}]}",
        "call text 6.13926416.0 'A'\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_contents_when_walked_then_roles_and_parts_tell_the_places),
        cmocka_unit_test (
            given_offers_and_settings_when_walked_then_texts_in_them_are_told),
        cmocka_unit_test (given_other_operations_when_walked_then_their_texts_are_told),
        cmocka_unit_test (given_an_answer_when_walked_then_what_is_said_is_told),
        cmocka_unit_test (given_events_when_walked_then_thoughts_and_words_have_channels),
        cmocka_unit_test (given_a_finish_when_walked_then_the_candidate_ends),
        cmocka_unit_test (given_a_block_or_an_error_when_walked_then_all_end),
        cmocka_unit_test (given_files_when_walked_then_those_of_words_are_told),
        cmocka_unit_test (given_a_reason_that_is_none_when_walked_then_nothing_ends),
        cmocka_unit_test (given_arguments_in_snakes_when_walked_then_paths_are_apart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
