//  echo_codec: an echo in any protocol that has a codec.

#include <ctype.h>

#include "broker/proto/codec.h"
#include "actors/echo/echo_codec.h"

#define ID_SIZE 24             //  characters
#define STREAM_END_BYTES 16384 //  kept free for the last events
#define REPEATS 5              //  times that the last events may say all of it again

//  Where the deltas of the answer go.
typedef struct {
    const br_codec_t *codec;
    void *writer;      //  of a stream, or NULL
    br_reply_t *whole; //  or NULL
    br_buf_t out;
    size_t sent; //  bytes
    size_t said; //  bytes of the words, as JSON has them
    echo_piece_fn *fn;
    void *arg;
} player_t;

static void
s_flush (player_t *player)
{
    if (player->out.size)
        player->fn (player->arg, player->out.data, player->out.size);
    player->sent += player->out.size;
    br_buf_clear (&player->out);
}

static void
s_play (player_t *player, const br_delta_t *delta)
{
    if (player->whole) {
        (void) br_reply_add (player->whole, delta, NULL);
        return;
    }
    player->codec->write_delta (player->writer, delta, &player->out);
    s_flush (player);
}

static size_t
s_json_size (const char *text, size_t size)
{
    size_t bytes = 0;
    for (size_t i = 0; i < size; i++)
        bytes += (uint8_t) text[i] < 0x20 ? 6 : text[i] == '"' || text[i] == '\\' ? 2 : 1;
    return bytes;
}

//  A stream stays in the first window, its last events included.
static bool
s_fits (const player_t *player)
{
    return player->whole
           || player->sent + REPEATS * player->said + 2 * STREAM_END_BYTES
                  < ECHO_STREAM_MAX;
}

static void
s_play_words (player_t *player, const echo_reply_t *reply)
{
    const char *at = (const char *) reply->text.data;
    const char *end = at + reply->text.size;
    while (at < end && s_fits (player)) {
        size_t size = echo_reply_word (at, end);
        player->said += s_json_size (at, size);
        if (!s_fits (player))
            break;
        s_play (player, &(br_delta_t) { .kind = BR_DELTA_TEXT, .text = { at, size } });
        at += size;
    }
}

static void
s_play_all (player_t *player, const echo_reply_t *reply, const char *id)
{
    br_usage_t usage = { .known = true,
                         .input = reply->input_tokens,
                         .output = reply->output_tokens };
    s_play (player, &(br_delta_t) { .kind = BR_DELTA_START,
                                    .id = br_text (id),
                                    .model = br_text (reply->model),
                                    .created = reply->created });
    s_play_words (player, reply);
    s_play (player, &(br_delta_t) { .kind = BR_DELTA_USAGE, .usage = usage });
    s_play (player, &(br_delta_t) { .kind = BR_DELTA_FINISH,
                                    .finish = BR_FINISH_STOP,
                                    .native = BR_TEXT ("stop") });
    s_play (player, &(br_delta_t) { .kind = BR_DELTA_END });
}

//  The call's id, in letters and digits alone.
static void
s_make_id (const echo_reply_t *reply, char id[ID_SIZE + 1])
{
    size_t size = 0;
    for (const char *at = reply->call; *at && size < ID_SIZE; at++)
        if (isalnum ((unsigned char) *at))
            id[size++] = *at;
    while (size < ID_SIZE)
        id[size++] = '0';
    id[size] = 0;
}

static void
s_echo (const echo_reply_t *reply, bool stream, echo_piece_fn *fn, void *arg)
{
    char id[ID_SIZE + 1];
    s_make_id (reply, id);
    br_asked_t asked = { .call = reply->asked,
                         .model = br_text (reply->model),
                         .id = id,
                         .now = reply->created };
    player_t player = { .codec = br_codec_of (reply->protocol), .fn = fn, .arg = arg };
    br_buf_init (&player.out, ECHO_STREAM_MAX);
    if (stream)
        player.writer = player.codec->writer_new (&asked);
    else
        player.whole = br_reply_new ();
    s_play_all (&player, reply, id);
    if (player.whole) {
        player.codec->write_reply (player.whole, &asked, &player.out);
        s_flush (&player);
    } else
        player.codec->writer_destroy (&player.writer);
    br_reply_destroy (&player.whole);
    br_buf_free (&player.out);
}

void
echo_codec_whole (const echo_reply_t *reply, echo_piece_fn *fn, void *arg)
{
    s_echo (reply, false, fn, arg);
}

void
echo_codec_stream (const echo_reply_t *reply, echo_piece_fn *fn, void *arg)
{
    s_echo (reply, true, fn, arg);
}
