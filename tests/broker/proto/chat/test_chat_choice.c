//  One choice of an answer: blocks open as their members come.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_text_when_read_then_it_is_one_block (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
        "\"assistant\",\"content\":\"\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":["
        "{\"index\":0,\"delta\":{\"content\":\"He\"}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"l\\nlo\"}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
        "\"stop\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 He\ntext 0 l\nlo\nfinish stop (stop)\nend\n");
}

static void
given_reasoning_in_each_dialect_when_read_then_it_is_reasoning (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_"
        "content\":\"a\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"content\":\"b\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\nreasoning 0 a\ntext 1 b\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"reasoning\":\"a\",\"channel\":\"analysis\"}}]}\n{\"id\":\"c1\","
                   "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                   "\"b\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                   "\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\nreasoning 0 a\ntext 1 b\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
                   "\"text\":\"a\"}],\"closed\":true},{\"type\":\"text\",\"text\":\"b\"}]"
                   "}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                   "\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\nreasoning 0 a\ntext 1 b\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"<think>a</"
                   "think>b\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
                   "\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 <think>a</think>b\nfinish stop (stop)\nend\n");
}

static void
given_details_when_read_then_texts_are_said_once_and_a_blob_ends_its_block (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
        "\"reasoning\":\"a\",\"reasoning_details\":[{\"type\":\"reasoning.text\","
        "\"text\":\"a\",\"format\":\"anthropic-claude-v1\"}]}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{"
        "\"type\":\"reasoning.text\",\"signature\":\"S\",\"format\":\"anthropic-claude-"
        "v1\"}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
        "\"reasoning\":\"b\",\"reasoning_details\":[{\"type\":\"reasoning.text\","
        "\"text\":\"b\"}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"
        "\"E\",\"id\":\"rs\",\"format\":\"openai-responses-v1\"}]}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
        "\"stop\"}]}\n[DONE]\n",
        "start c1 m\nreasoning 0 a\nopaque 0 anthropic/0 S\nreasoning 1 b\nopaque 1 "
        "openai/1 E\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":"
                   "\"s\"}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":"
                   "0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\nreasoning 0 summary s\nfinish stop (stop)\nend\n");
}

static void
given_a_signature_with_the_text_that_has_passed_when_read_then_the_text_is_not_said_again (
    void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_"
        "content\":\"a\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"reasoning_content\":\"b\"}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{\"type\":"
        "\"reasoning.text\",\"text\":\"ab\",\"signature\":\"S\",\"format\":\"anthropic-"
        "claude-v1\"}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\nreasoning 0 a\nreasoning 0 b\nopaque 0 anthropic/0 S\nfinish stop "
        "(stop)\nend\n");
}

static void
given_refusal_media_citations_and_logprobs_when_read_then_each_is_told (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"refusal\":\"no\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
                   "\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\nrefusal 0 no\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"audio\":{\"id\":\"a\",\"transcript\":\"t\",\"data\":\"QQ==\"}}}]}"
                   "\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
                   "{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 t\nmedia 1 QQ==\nfinish stop (stop)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"images\":["
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/"
        "png;base64,QQ==\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\nmedia 0 QQ==\nfinish stop (stop)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"x\",\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":"
        "\"u\",\"title\":\"t\",\"start_index\":1,\"end_index\":2}},{\"type\":\"other\"}]}"
        "}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 x\ncitation 0 "
        "{\"type\":\"url_citation\",\"start_index\":1,\"end_index\":2,\"url\":\"u\","
        "\"title\":\"t\"}\nfinish stop (stop)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"x\"},\"logprobs\":{\"content\":[]}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 x\nlogprobs {\"content\":[]}\nfinish stop (stop)\nend\n");
}

static void
given_members_that_are_missing_or_null_when_read_then_they_say_nothing (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\"}\n{\"choices\":null}\n{\"choices\":[]}\n{"
        "\"choices\":[{}]}\n{\"choices\":[{\"delta\":null,\"finish_reason\":null}]}\n{"
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"reasoning\":null,\"tool_"
        "calls\":null,\"refusal\":null},\"finish_reason\":\"\"}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
        "reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
given_a_finish_twice_and_in_the_chunk_with_text_when_read_then_it_is_told_once (
    void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"},\"finish_reason\":\"length\"}]}\n{\"id\":\"c1\","
                   "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                   "\"b\"},\"finish_reason\":\"length\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\ntext 0 b\nfinish length (length)\nend\n");
}

static void
given_an_unknown_finish_when_read_then_it_is_a_stop_and_its_word_is_kept (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"},\"finish_reason\":\"whim\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nfinish whim (stop)\nend\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_when_read_then_it_is_one_block),
        cmocka_unit_test (given_reasoning_in_each_dialect_when_read_then_it_is_reasoning),
        cmocka_unit_test (
            given_details_when_read_then_texts_are_said_once_and_a_blob_ends_its_block),
        cmocka_unit_test (
            given_a_signature_with_the_text_that_has_passed_when_read_then_the_text_is_not_said_again),
        cmocka_unit_test (
            given_refusal_media_citations_and_logprobs_when_read_then_each_is_told),
        cmocka_unit_test (
            given_members_that_are_missing_or_null_when_read_then_they_say_nothing),
        cmocka_unit_test (
            given_a_finish_twice_and_in_the_chunk_with_text_when_read_then_it_is_told_once),
        cmocka_unit_test (
            given_an_unknown_finish_when_read_then_it_is_a_stop_and_its_word_is_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
