//  completions_reply: whole answers. One is read as the only event of a stream.

#include "broker/proto/completions/completions_codec.h"
#include "broker/proto/completions/completions_parts.h"

//  ---- reading

int
completions_read_reply (br_reply_t *reply, const json_tree_t *tree,
                        const json_node_t *root, br_error_t *reterr)
{
    return br_codec_read_as_event (&completions_codec, BR_TEXT ("[DONE]"), reply, tree,
                                   root, reterr);
}

//  ---- what events have, too

const char *
completions_finish_word (br_finish_t finish)
{
    static const char *const words[BR_FINISH_COUNT] = {
        [BR_FINISH_LENGTH] = "length",
        [BR_FINISH_CONTEXT] = "length",
        [BR_FINISH_FILTER] = "content_filter",
        [BR_FINISH_REFUSAL] = "content_filter",
    };
    const char *word = (unsigned) finish < BR_FINISH_COUNT ? words[finish] : NULL;
    return word ? word : "stop";
}

json_writer_t
completions_open (const br_asked_t *asked, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_text_begin (&writer, "id");
    json_text_add (&writer, BR_TEXT ("cmpl-"));
    json_text_add (&writer, br_text (asked->id));
    json_text_end (&writer);
    json_put_string (&writer, "object", "text_completion");
    json_put_integer (&writer, "created", (int64_t) asked->now);
    json_put (&writer, "model", asked->model.at ? asked->model : BR_TEXT (""));
    json_open (&writer, "choices", '[');
    return writer;
}

void
completions_open_choice (json_writer_t *writer)
{
    json_open (writer, NULL, '{');
    json_text_begin (writer, "text");
}

void
completions_close_choice (json_writer_t *writer, unsigned choice, const char *finish)
{
    json_text_end (writer);
    json_put_integer (writer, "index", choice);
    json_put_null (writer, "logprobs");
    json_put (writer, "finish_reason", br_text (finish));
    json_close (writer, '}');
}

//  ---- writing

void
completions_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    json_writer_t writer = completions_open (asked, out);
    for (const br_reply_t *choice = reply; choice; choice = choice->next) {
        completions_open_choice (&writer);
        for (const br_block_t *block = choice->blocks; block; block = block->next)
            if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
                json_text_add (&writer, block->text);
        completions_close_choice (&writer, choice->choice,
                                  completions_finish_word (choice->finish));
    }
    json_close (&writer, ']');
    br_usage_write (&reply->usage, BR_PROTOCOL_COMPLETIONS, "usage", &writer);
    json_close (&writer, '}');
}
