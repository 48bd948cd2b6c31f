//  texts_file: words, or a blob. Who says nothing of a file's type has its words looked
//  at, unless it begins as images, sound, archives and PDF do. Who says that it is one of
//  those, and then says words, has them looked at, too.

#include <string.h>
#include <strings.h>

#include "broker/core/buf.h"
#include "broker/core/json_value.h"
#include "broker/core/text.h"
#include "broker/proto/document.h"
#include "broker/proto/text_string.h"
#include "broker/proto/texts_file.h"

#define TYPE_MAX 256   //  bytes of a type that is looked at
#define PROBE_BYTES 64 //  in which what is no base64 shows it
#define SAYS_MAX 192   //  bytes that are read to know whether a blob says words
#define SAYS_MIN 6     //  bytes of what says less than any pattern finds

//  ---- types and names

//  By the beginning of the type.
static const char *const s_blobs[] = {
    "image/",
    "audio/",
    "video/",
    "font/",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/vnd.",
    "application/msword",
    "application/epub",
};

static const char *const s_endings[] = {
    "txt",     "text",  "md",     "markdown", "rst",  "adoc", "tex",  "csv", "tsv",
    "json",    "jsonl", "ndjson", "xml",      "html", "htm",  "yaml", "yml", "toml",
    "ini",     "cfg",   "conf",   "env",      "log",  "sql",  "py",   "js",  "mjs",
    "ts",      "tsx",   "jsx",    "c",        "h",    "cc",   "cpp",  "hpp", "cs",
    "java",    "kt",    "go",     "rs",       "rb",   "php",  "pl",   "lua", "r",
    "swift",   "scala", "sh",     "bash",     "zsh",  "ps1",  "bat",  "css", "diff",
    "patch",   "srt",   "vtt",    "ics",      "eml",  "vcf",  "pem",  "key", "tf",
    "graphql", "proto", "ipynb",
};

//  XML is words whatever it draws: image/svg+xml.
static bool
s_is_xml (br_text_t mime)
{
    const char *behind = mime.size ? memchr (mime.at, ';', mime.size) : NULL;
    size_t size = behind ? (size_t) (behind - mime.at) : mime.size;
    while (size && mime.at[size - 1] == ' ')
        size--;
    return size > 4
           && (memcmp (mime.at + size - 4, "+xml", 4) == 0
               || memcmp (mime.at + size - 4, "/xml", 4) == 0);
}

texts_file_t
texts_file_of_type (const char *type, size_t size)
{
    char lower[TYPE_MAX];
    while (size && *type == ' ') {
        type++;
        size--;
    }
    size = size < sizeof lower ? size : sizeof lower;
    for (size_t i = 0; i < size; i++)
        lower[i] = (char) (type[i] >= 'A' && type[i] <= 'Z' ? type[i] + 32 : type[i]);
    br_text_t mime = { lower, size };
    if (br_document_is_text (mime) || s_is_xml (mime))
        return TEXTS_FILE_WORDS;
    for (size_t i = 0; i < sizeof s_blobs / sizeof s_blobs[0]; i++)
        if (br_text_starts (mime, s_blobs[i]))
            return TEXTS_FILE_BLOB;
    return TEXTS_FILE_UNKNOWN;
}

texts_file_t
texts_file_of_name (const char *name, size_t size)
{
    const char *dot = size ? memrchr (name, '.', size) : NULL;
    if (!dot)
        return TEXTS_FILE_UNKNOWN;
    size_t length = size - (size_t) (dot + 1 - name);
    for (size_t i = 0; i < sizeof s_endings / sizeof s_endings[0]; i++)
        if (strlen (s_endings[i]) == length
            && strncasecmp (dot + 1, s_endings[i], length) == 0)
            return TEXTS_FILE_WORDS;
    return TEXTS_FILE_UNKNOWN;
}

//  ---- data: URLs

typedef struct {
    texts_file_t file;
    bool is_base64;
    size_t size; //  bytes of the head as it stands, with its comma
} head_t;

static bool
s_has_base64 (const char *head, size_t size)
{
    static const char mark[] = ";base64";
    for (size_t i = 0; i + sizeof mark - 1 <= size; i++)
        if (strncasecmp (head + i, mark, sizeof mark - 1) == 0)
            return true;
    return false;
}

//  in:   text, without escapes. ret: bytes to behind the comma; 0 = no data: URL
static size_t
s_read_head (const char *text, size_t size, head_t *ret_head)
{
    static const char scheme[] = "data:";
    size_t at = 0;
    while (at < size && (uint8_t) text[at] <= ' ')
        at++;
    if (size - at < sizeof scheme || strncasecmp (text + at, scheme, sizeof scheme - 1))
        return 0;
    at += sizeof scheme - 1;
    const char *comma = memchr (text + at, ',', size - at);
    if (!comma)
        return 0;
    size_t length = (size_t) (comma - text) - at;
    ret_head->file = texts_file_of_type (text + at, length);
    ret_head->is_base64 = s_has_base64 (text + at, length);
    return (size_t) (comma + 1 - text);
}

//  A head that has escapes.
static bool
s_read_escaped (const uint8_t *inside, size_t size, head_t *ret_head)
{
    br_buf_t text;
    text_string_t string;
    br_buf_init (&text, TEXTS_FILE_HEAD_MAX * 2);
    text_string_init (&string);
    size_t behind = 0;
    if (text_string_push (&string, inside, size, &text) == 0)
        behind = s_read_head ((const char *) text.data, text.size, ret_head);
    if (behind)
        ret_head->size = (size_t) text_string_raw_end (&string, behind);
    text_string_free (&string);
    br_buf_free (&text);
    return behind != 0;
}

//  Mostly a string is none, which its first bytes tell.
static bool
s_head (const uint8_t *inside, size_t size, head_t *ret_head)
{
    if (size == 0 || !memchr ("dD\\ ", *inside, 4))
        return false;
    size = size < TEXTS_FILE_HEAD_MAX ? size : TEXTS_FILE_HEAD_MAX;
    const uint8_t *comma = memchr (inside, ',', size);
    size_t plain = comma ? (size_t) (comma + 1 - inside) : size;
    if (memchr (inside, '\\', plain))
        return s_read_escaped (inside, size, ret_head);
    ret_head->size = s_read_head ((const char *) inside, plain, ret_head);
    return ret_head->size != 0;
}

//  ---- base64

static bool
s_may_be_base64 (const uint8_t *inside, size_t size)
{
    static const char others[] = "+/=-_\\ ";
    size = size < PROBE_BYTES ? size : PROBE_BYTES;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = inside[i];
        bool is_word = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
                       || (byte >= 'a' && byte <= 'z');
        if (!is_word && !memchr (others, byte, sizeof others - 1))
            return false;
    }
    return true;
}

//  "\/" counts as "/".
static bool
s_starts (const uint8_t *inside, size_t size, const char *start)
{
    size_t at = 0;
    for (; *start; start++, at++) {
        if (at + 1 < size && inside[at] == '\\' && inside[at + 1] == '/')
            at++;
        if (at >= size || inside[at] != (uint8_t) *start)
            return false;
    }
    return true;
}

//  What begins as files do that are no words: PNG, JPEG, GIF, RIFF, PDF, ZIP, Ogg, FLAC,
//  MP3, gzip, MP4, TIFF, and the older documents of Office.
static bool
s_is_known_blob (const uint8_t *inside, size_t size)
{
    static const char *const starts[] = {
        "iVBORw0KGgo", "/9j/",    "R0lGODlh", "R0lGODdh", "UklGR",  "JVBERi0",
        "UEsDB",       "T2dnUwA", "ZkxhQwA",  "SUQzA",    "SUQzB",  "//u",
        "//M",         "H4sI",    "AAAA",     "SUkqA",    "TU0AKg", "0M8R4KGx",
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (s_starts (inside, size, starts[i]))
            return true;
    return false;
}

//  The number that a digit of either alphabet stands for; -1 = it is none.
static int
s_digit (uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

//  The first bytes that base64 says. Of escapes only line ends and "\/" are usual; what
//  else is no digit does not count.
static size_t
s_says (const uint8_t *inside, size_t size, uint8_t said[SAYS_MAX])
{
    uint32_t bits = 0;
    unsigned digits = 0;
    size_t count = 0;
    for (size_t i = 0; i < size && count < SAYS_MAX; i++) {
        if (inside[i] == '\\' && i + 1 < size && inside[i + 1] != '/') {
            i++;
            continue;
        }
        int digit = s_digit (inside[i]);
        if (digit < 0)
            continue;
        bits = bits << 6 | (uint32_t) digit;
        if (digits++ % 4)
            said[count++] = (uint8_t) (bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    return count;
}

//  Whether bytes are words: no control character but those of a text, and UTF-8, whose last
//  character may be cut.
static bool
s_is_words (const uint8_t *at, size_t size)
{
    const uint8_t *end = at + size;
    if (size < SAYS_MIN)
        return false;
    while (at < end) {
        if ((*at < ' ' && !memchr ("\t\n\f\r", *at, 4)) || *at == 0x7f)
            return false;
        size_t length = *at < 0x80 ? 1 : json_utf8 (at, end);
        if (length == 0)
            return *at >= 0xc2 && end - at < 4;
        at += length;
    }
    return true;
}

//  What its type calls a blob. in: inside, behind the head of a data: URL. Nobody writes
//  base64 with "\u".
static bool
s_is_blob (const uint8_t *inside, size_t size)
{
    uint8_t said[SAYS_MAX];
    if (s_is_known_blob (inside, size))
        return true;
    if (memmem (inside, size < SAYS_MAX ? size : SAYS_MAX, "\\u", 2))
        return false;
    return s_may_be_base64 (inside, size)
           && !s_is_words (said, s_says (inside, size, said));
}

bool
texts_file_span (const uint8_t *string, size_t size, texts_file_t file, bool url,
                 br_text_form_t *ret_form, size_t *ret_at, size_t *ret_size)
{
    head_t head = { .size = 0 };
    bool has_head = size > 2 && s_head (string + 1, size - 2, &head);
    *ret_form = BR_TEXT_STRING;
    *ret_at = 0;
    *ret_size = size;
    if (!has_head && (url || size <= 2 || !s_may_be_base64 (string + 1, size - 2)))
        return size > 2 || (size == 2 && (url || file != TEXTS_FILE_BLOB));
    if (has_head && !head.is_base64)
        return true;
    if (head.file != TEXTS_FILE_UNKNOWN && file != TEXTS_FILE_WORDS)
        file = head.file;
    size_t at = 1 + head.size;
    if (at + 1 >= size
        || (file == TEXTS_FILE_BLOB && s_is_blob (string + at, size - 1 - at))
        || (file == TEXTS_FILE_UNKNOWN && s_is_known_blob (string + at, size - 1 - at)))
        return false;
    *ret_form = BR_TEXT_BASE64;
    *ret_at = at;
    *ret_size = size - 1 - at;
    return true;
}
