//  Content of messages: a string or parts.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_parts_of_all_types_when_read_then_they_come_through (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                    "\"type\":\"text\",\"text\":\"t\"},{\"type\":\"image_url\",\"image_"
                    "url\":{\"url\":\"https://x/"
                    "y.png\",\"detail\":\"low\"}},{\"type\":\"image_url\",\"image_url\":{"
                    "\"url\":\"data:image/"
                    "gif;base64,QUJD\"}},{\"type\":\"input_audio\",\"input_audio\":{"
                    "\"data\":\"AAA=\",\"format\":\"mp3\"}},{\"type\":\"file\",\"file\":{"
                    "\"filename\":\"f.pdf\",\"file_data\":\"data:application/"
                    "pdf;base64,JVBE\"}},{\"type\":\"video_url\",\"video_url\":{\"url\":"
                    "\"https://x/v\"}}]}]}",
                    "openai", "gpt-4o",
                    "{\"type\":\"text\",\"text\":\"t\"}\n{\"url\":\"https://x/"
                    "y.png\",\"detail\":\"low\"}\ndata:image/"
                    "gif;base64,QUJD\n\"input_audio\":{\"data\":\"AAA=\",\"format\":"
                    "\"mp3\"}\n\"file_data\":\"data:application/"
                    "pdf;base64,JVBE\",\"filename\":\"f.pdf\"\n\"video_url\":{\"url\":"
                    "\"https://x/v\"}",
                    NULL, "");
}

static void
given_a_file_by_its_id_when_read_then_the_same_protocol_gets_it (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                    "\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}]}]}",
                    "openai", "gpt-4o", "\"file\":{\"file_id\":\"file-1\"}", NULL, NULL);
}

static void
given_bad_parts_when_read_then_they_are_refused_by_their_path (void **state)
{
    (void) state;
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                     "\"type\":\"smell\"}]}]}",
                     "`messages[0].content[0].type` is a type of part that cannot stand "
                     "here: \"smell\"");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                     "\"text\":\"x\"}]}]}",
                     "`messages[0].content[0].type` is missing");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                     "\"type\":\"text\"}]}]}",
                     "`messages[0].content[0].text` is missing");
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"image_url\",\"image_url\":{\"url\":\"data:image/png,raw\"}}]}]}",
        "must be base64");
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"image_url\",\"image_url\":{\"url\":\"data:nothing\"}}]}]}",
        "no comma");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                     "\"type\":\"file\",\"file\":{}}]}]}",
                     "needs file_data or file_id");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"system\",\"content\":[{"
                     "\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}",
                     "cannot stand here");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_parts_of_all_types_when_read_then_they_come_through),
        cmocka_unit_test (
            given_a_file_by_its_id_when_read_then_the_same_protocol_gets_it),
        cmocka_unit_test (given_bad_parts_when_read_then_they_are_refused_by_their_path),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
