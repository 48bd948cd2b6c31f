//  test_codec: each protocol has one codec, and each codec is whole.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker/proto/codec.h"

static void
given_a_protocol_when_asked_then_its_codec_is_whole (void **state)
{
    (void) state;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++) {
        const br_codec_t *codec = br_codec_of ((br_protocol_t) i);
        assert_int_equal (codec->protocol, i);
        assert_non_null (codec->name);
        assert_non_null (codec->label);
        assert_non_null (codec->tap);
        assert_true (codec->read_call && codec->write_call);
        assert_true (codec->read_reply && codec->write_reply);
        assert_true (codec->reader_new && codec->reader_destroy);
        assert_true (codec->read_event && codec->read_mark && codec->read_end);
        assert_true (codec->writer_new && codec->writer_destroy && codec->write_delta);
        assert_true (codec->write_error && codec->status);
    }
}

static void
given_any_code_when_written_as_an_error_then_each_protocol_has_a_body (void **state)
{
    (void) state;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
        for (unsigned code = BR_EINVALID; code < BR_ERROR_COUNT; code++) {
            const br_codec_t *codec = br_codec_of ((br_protocol_t) i);
            br_buf_t out;
            br_buf_init (&out, 4096);
            codec->write_error ((br_code_t) code, "a \"text\"\n", BR_TEXT_NONE, &out);
            json_tree_t *tree = json_tree_new ();
            const json_node_t *root = json_tree_parse (tree, out.data, out.size, NULL);
            assert_true (json_is (json_get (tree, root, "error"), JSON_OBJECT));
            unsigned status = codec->status ((br_code_t) code);
            assert_true (status >= 400 && status < 600);
            json_tree_destroy (&tree);
            br_buf_free (&out);
        }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_protocol_when_asked_then_its_codec_is_whole),
        cmocka_unit_test (
            given_any_code_when_written_as_an_error_then_each_protocol_has_a_body),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
