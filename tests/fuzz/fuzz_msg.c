//  Fuzzer of what other hosts send: any bytes give a message or none, and a message is
//  written again as the same bytes. The rest of the input is read as a directory, a slip
//  and candidates, as those travel in fields.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/directory.h"
#include "broker/core/msg.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/candidates.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_msg (const uint8_t *bytes, size_t size)
{
    static uint8_t nothing;
    size_t body_size;
    br_error_t error = { .code = BR_OK };
    br_msg_t *msg = br_msg_decode (bytes, size, &body_size, &error);
    assert (msg || error.code == BR_EINVALID);
    if (!msg)
        return;
    msg->body = body_size ? br_blob_wrap (&nothing, body_size, NULL, NULL) : NULL;
    br_buf_t buf;
    br_buf_init (&buf, 2 * BR_MSG_FIELDS_MAX);
    br_msg_encode (msg, &buf);
    assert (buf.size == size && memcmp (buf.data, bytes, size) == 0);
    br_buf_clear (&buf);
    br_msg_print (msg, &buf);
    br_buf_free (&buf);
    br_msg_destroy (&msg);
}

static void
s_directory (br_bytes_t bytes)
{
    br_directory_t directory, again;
    br_directory_init (&directory);
    br_directory_init (&again);
    if (br_directory_decode (&directory, 1, bytes) == 0) {
        br_buf_t buf;
        br_buf_init (&buf, 4 * BR_DIRECTORY_MAX);
        br_directory_encode (&directory, &buf);
        br_bytes_t rows = { buf.data, buf.size };
        int rc = br_directory_decode (&again, 1, rows);
        assert (rc == 0 && again.peers_size == directory.peers_size
                && again.places_size == directory.places_size);
        for (uint32_t host = 0; host < 4; host++)
            br_directory_needs_link (&directory, host, host + 1);
        br_buf_free (&buf);
    }
    br_directory_clear (&directory);
    br_directory_clear (&again);
}

static void
s_slip (br_bytes_t bytes)
{
    br_slip_t slip;
    if (br_slip_decode (bytes, &slip))
        return;
    br_buf_t buf;
    br_buf_init (&buf, BR_SLIP_BYTES_MAX);
    br_slip_encode (&slip, &buf);
    assert (buf.size == bytes.size && memcmp (buf.data, bytes.data, buf.size) == 0);
    br_slip_up (&slip, slip.down[0]);
    br_slip_down (&slip, slip.up[0]);
    br_buf_free (&buf);
}

static void
s_candidates (br_bytes_t bytes)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (bytes, rows, BR_CANDIDATES_MAX);
    br_buf_t buf;
    br_buf_init (&buf, 2 * bytes.size + 64 * BR_CANDIDATES_MAX);
    for (int i = 0; i < count; i++) {
        assert (rows[i].weight > 0);
        int rc = br_candidates_add (&buf, &rows[i]);
        assert (rc == 0);
    }
    br_pairs_get (bytes, "weight");
    br_buf_free (&buf);
}

//  The first two bytes tell where the message ends and the rest begins.
int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    size_t cut = (size_t) (bytes[0] << 8 | bytes[1]);
    bytes += 2;
    size -= 2;
    if (cut > size)
        cut = size;
    s_msg (bytes, cut);
    br_bytes_t rest = { bytes + cut, size - cut };
    s_directory (rest);
    s_slip (rest);
    s_candidates (rest);
    return 0;
}
