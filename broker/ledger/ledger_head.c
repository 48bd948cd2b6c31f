//  ledger_head: the end of a ledger's chain, in a signed file.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "broker/core/json_writer.h"
#include "broker/ledger/ledger_head.h"

#define HEAD_MAX 4096                      //  bytes of the file
#define HEX_MAX (2 * LEDGER_SIGNATURE + 1) //  bytes of the longest text of bytes
#define SIGNED_MAX (LEDGER_NAME_MAX + 256) //  bytes that are signed

static const char s_format[] = "bitrouter ledger head 1";

typedef enum {
    HEAD_DATABASE,
    HEAD_SEQ,
    HEAD_HASH,
    HEAD_PRUNED_SEQ,
    HEAD_PRUNED_HASH,
    HEAD_TIME,
    HEAD_KEY,
    HEAD_SIGNATURE,
    HEAD_ROWS
} head_row_t;

static const char *const s_keys[HEAD_ROWS] = {
    [HEAD_DATABASE] = "database",
    [HEAD_SEQ] = "seq",
    [HEAD_HASH] = "hash",
    [HEAD_PRUNED_SEQ] = "pruned_seq",
    [HEAD_PRUNED_HASH] = "pruned_hash",
    [HEAD_TIME] = "time_ms",
    [HEAD_KEY] = "public_key",
    [HEAD_SIGNATURE] = "signature",
};

void
ledger_head_name (const char *url, char ret_name[LEDGER_NAME_MAX])
{
    size_t size = strcspn (url, "?");
    const char *start = strstr (url, "://");
    const char *host = start ? start + 3 : url;
    const char *at = NULL;
    for (const char *p = host; p < url + size; p++)
        if (*p == '@')
            at = p;
    bool is_file = strncmp (url, "sqlite:", 7) == 0;
    if (at && !is_file)
        snprintf (ret_name, LEDGER_NAME_MAX, "%.*s%.*s", (int) (host - url), url,
                  (int) (url + size - at - 1), at + 1);
    else
        snprintf (ret_name, LEDGER_NAME_MAX, "%.*s", (int) size, url);
}

//  ---- what is signed

static void
s_add_number (br_buf_t *buf, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t) (number >> (56 - 8 * i));
    br_buf_add (buf, bytes, sizeof bytes);
}

static void
s_add_signed (br_buf_t *buf, const ledger_head_t *head)
{
    br_buf_add (buf, s_format, sizeof s_format);
    s_add_number (buf, strlen (head->database));
    br_buf_adds (buf, head->database);
    s_add_number (buf, head->seq);
    br_buf_add (buf, head->hash, sizeof head->hash);
    s_add_number (buf, head->pruned_seq);
    br_buf_add (buf, head->pruned_hash, sizeof head->pruned_hash);
    s_add_number (buf, head->time_ms);
    br_buf_add (buf, head->key, sizeof head->key);
}

//  ---- writing

static void
s_put_hex (json_writer_t *writer, head_row_t row, const uint8_t *bytes, size_t size)
{
    char hex[HEX_MAX];
    sodium_bin2hex (hex, sizeof hex, bytes, size);
    json_put_string (writer, s_keys[row], hex);
}

static void
s_put (br_buf_t *out, const ledger_head_t *head, const uint8_t *signature)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, s_keys[HEAD_DATABASE], head->database);
    json_put_integer (&writer, s_keys[HEAD_SEQ], (int64_t) head->seq);
    s_put_hex (&writer, HEAD_HASH, head->hash, sizeof head->hash);
    json_put_integer (&writer, s_keys[HEAD_PRUNED_SEQ], (int64_t) head->pruned_seq);
    s_put_hex (&writer, HEAD_PRUNED_HASH, head->pruned_hash, sizeof head->pruned_hash);
    json_put_integer (&writer, s_keys[HEAD_TIME], (int64_t) head->time_ms);
    s_put_hex (&writer, HEAD_KEY, head->key, sizeof head->key);
    s_put_hex (&writer, HEAD_SIGNATURE, signature, LEDGER_SIGNATURE);
    json_close (&writer, '}');
    br_buf_addc (out, '\n');
}

static int
s_fail (const char *path, const char *why, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM, "ledger head %.256s: %s", path, why);
}

//  It is not synced: a head that is older than its ledger is sound, and the rename keeps the
//  one before whole.
static int
s_replace (const char *path, const br_buf_t *text, br_error_t *reterr)
{
    char *fresh = br_strf ("%s.new", path);
    int fd = open (fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : 0;
    if (rc == 0 && write (fd, text->data, text->size) != (ssize_t) text->size)
        rc = -1;
    if (fd >= 0 && close (fd))
        rc = -1;
    if (rc == 0)
        rc = rename (fresh, path);
    if (rc)
        s_fail (path, strerror (errno), reterr);
    free (fresh);
    return rc;
}

int
ledger_head_write (ledger_head_t *self, const ledger_signer_t *signer, const char *path,
                   br_error_t *reterr)
{
    uint8_t signature[LEDGER_SIGNATURE];
    br_buf_t buf;
    br_buf_init (&buf, HEAD_MAX);
    memcpy (self->key, ledger_signer_key (signer), sizeof self->key);
    s_add_signed (&buf, self);
    ledger_signer_sign (signer, buf.data, buf.size, signature);
    br_buf_clear (&buf);
    s_put (&buf, self, signature);
    self->is_genuine = true;
    int rc = s_replace (path, &buf, reterr);
    br_buf_free (&buf);
    return rc;
}

//  ---- reading

static bool
s_get_hex (const char *text, const json_row_t *row, uint8_t *out, size_t size)
{
    char hex[HEX_MAX];
    size_t got = 0;
    return row->type == JSON_STRING
           && json_text (text + row->offset, row->size, hex, sizeof hex) == 0
           && sodium_hex2bin (out, size, hex, strlen (hex), NULL, &got, NULL) == 0
           && got == size;
}

static bool
s_get_number (const char *text, const json_row_t *row, uint64_t *out)
{
    int64_t number = 0;
    if (row->type != JSON_NUMBER
        || json_integer (text + row->offset, row->size, &number, NULL) || number < 0)
        return false;
    *out = (uint64_t) number;
    return true;
}

static bool
s_get (const char *text, size_t size, ledger_head_t *head, uint8_t *signature)
{
    json_row_t rows[HEAD_ROWS];
    for (size_t i = 0; i < HEAD_ROWS; i++)
        rows[i] = (json_row_t) { .key = s_keys[i] };
    if (json_members (text, size, rows, HEAD_ROWS, NULL))
        return false;
    const json_row_t *name = &rows[HEAD_DATABASE];
    return name->type == JSON_STRING
           && json_text (text + name->offset, name->size, head->database, LEDGER_NAME_MAX)
                  == 0
           && s_get_number (text, &rows[HEAD_SEQ], &head->seq)
           && s_get_hex (text, &rows[HEAD_HASH], head->hash, LEDGER_HASH)
           && s_get_number (text, &rows[HEAD_PRUNED_SEQ], &head->pruned_seq)
           && s_get_hex (text, &rows[HEAD_PRUNED_HASH], head->pruned_hash, LEDGER_HASH)
           && s_get_number (text, &rows[HEAD_TIME], &head->time_ms)
           && s_get_hex (text, &rows[HEAD_KEY], head->key, LEDGER_PUBLIC_KEY)
           && s_get_hex (text, &rows[HEAD_SIGNATURE], signature, LEDGER_SIGNATURE);
}

static bool
s_is_genuine (const ledger_head_t *head, const uint8_t *signature)
{
    br_buf_t buf;
    br_buf_init (&buf, SIGNED_MAX);
    s_add_signed (&buf, head);
    bool is_genuine = crypto_sign_verify_detached (signature, buf.data, buf.size,
                                                   head->key)
                      == 0;
    br_buf_free (&buf);
    return is_genuine;
}

int
ledger_head_read (ledger_head_t *self, const char *path, br_error_t *reterr)
{
    char text[HEAD_MAX];
    uint8_t signature[LEDGER_SIGNATURE];
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return s_fail (path, strerror (errno), reterr);
    ssize_t size = read (fd, text, sizeof text);
    close (fd);
    if (size < 0)
        return s_fail (path, strerror (errno), reterr);
    ledger_head_t head = { .seq = 0 };
    if (!s_get (text, (size_t) size, &head, signature))
        return br_error_set (reterr, BR_EINVALID, "ledger head %.256s: it is no head",
                             path);
    head.is_genuine = s_is_genuine (&head, signature);
    *self = head;
    return 0;
}
