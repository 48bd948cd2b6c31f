//  mock_script: what the mock provider does with one request. One table of keys serves
//  the command line, the header and the model's name.

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/mock_script.h"

#define TEXT_MAX 512 //  bytes of a header or a model name that are looked at

typedef struct {
    const char *name;
    const char *alias; //  the name without its unit, for model names; or NULL
    size_t offset;     //  of an int in mock_script_t
    int least;
    int most;
} script_key_t;

#define KEY(name, alias, least, most)                                                    \
    {                                                                                    \
#name, alias, offsetof(mock_script_t, name), least, most                         \
    }

static const script_key_t s_keys[] = {
    KEY (status, NULL, 200, 599),
    KEY (retry_after_s, "retry", -1, 86400),
    KEY (chunks, "n", 0, INT_MAX),
    KEY (gap_ms, "gap", 0, 3600000),
    KEY (first_ms, "first", 0, 3600000),
    KEY (size, NULL, 0, 1 << 26),
    KEY (cut, NULL, -1, INT_MAX),
    KEY (stall_after, "stallafter", -1, INT_MAX),
    KEY (bad_chunk, "badchunk", -1, INT_MAX),
    KEY (times, NULL, 0, INT_MAX),
    KEY (stall, NULL, 0, 1),
    KEY (reset, NULL, 0, 1),
    KEY (empty, NULL, 0, 1),
    KEY (html, NULL, 0, 1),
    KEY (error_in_200, "error", 0, 1),
    KEY (endless, NULL, 0, 1),
    KEY (echo_body, "echo", 0, 1),
    KEY (gzip, NULL, 0, 1),
    KEY (no_done, "nodone", 0, 1),
    KEY (no_usage, "nousage", 0, 1),
    KEY (split, NULL, 0, INT_MAX),
    KEY (gap_us, "gapus", 0, 100000),
    KEY (error_after, "errorafter", -1, INT_MAX),
    KEY (end_after, "endafter", -1, INT_MAX),
    KEY (tools, NULL, 0, 1),
    KEY (strict, NULL, 0, 1),
    KEY (greet, NULL, 0, 1),
    KEY (no_retry_after, "noretryafter", 0, 1),
    KEY (should_retry, "shouldretry", -1, 1),
    KEY (context, NULL, 0, 1),
    KEY (policy, NULL, 0, 1),
    KEY (credit, NULL, 0, 1),
    KEY (mistyped, NULL, 0, 1),
    KEY (tag, NULL, 0, INT_MAX),
};

void
mock_script_init (mock_script_t *self)
{
    *self = (mock_script_t) {
        .status = 200,
        .retry_after_s = 1,
        .chunks = 3,
        .cut = -1,
        .stall_after = -1,
        .bad_chunk = -1,
        .error_after = -1,
        .end_after = -1,
        .should_retry = -1,
    };
}

static const script_key_t *
s_find (const char *name)
{
    for (size_t i = 0; i < sizeof s_keys / sizeof s_keys[0]; i++) {
        const script_key_t *key = &s_keys[i];
        if (!strcmp (key->name, name) || (key->alias && !strcmp (key->alias, name)))
            return key;
    }
    return NULL;
}

static int
s_set_file (mock_script_t *self, const char *value)
{
    if (!value || strlen (value) >= MOCK_FILE_MAX || strchr (value, '/')
        || value[0] == '.')
        return -1;
    snprintf (self->file, sizeof self->file, "%s", value);
    return 0;
}

int
mock_script_set (mock_script_t *self, const char *key, const char *value)
{
    if (!strcmp (key, "file"))
        return s_set_file (self, value);
    const script_key_t *row = s_find (key);
    if (!row)
        return -1;
    long number = 1;
    if (value) {
        char *end;
        errno = 0;
        number = strtol (value, &end, 10);
        if (end == value || *end || errno)
            return -1;
    }
    if (number < row->least || number > row->most)
        return -1;
    *(int *) ((char *) self + row->offset) = (int) number;
    return 0;
}

//  Copies text for strtok_r; longer texts than anyone writes are refused.
static int
s_copy (char *copy, const char *text)
{
    if (strlen (text) >= TEXT_MAX)
        return -1;
    memcpy (copy, text, strlen (text) + 1);
    return 0;
}

static char *
s_trim (char *text)
{
    while (isspace ((unsigned char) *text))
        text++;
    size_t size = strlen (text);
    while (size && isspace ((unsigned char) text[size - 1]))
        text[--size] = 0;
    return text;
}

int
mock_script_header (mock_script_t *self, const char *text, char *ret_bad, size_t bad_size)
{
    char copy[TEXT_MAX];
    snprintf (ret_bad, bad_size, "%.40s", text);
    if (s_copy (copy, text))
        return -1;
    char *rest;
    for (char *pair = strtok_r (copy, ";", &rest); pair;
         pair = strtok_r (NULL, ";", &rest)) {
        char *value = strchr (pair, '=');
        if (value)
            *value++ = 0;
        char *key = s_trim (pair);
        if (*key && mock_script_set (self, key, value ? s_trim (value) : NULL)) {
            snprintf (ret_bad, bad_size, "%s", key);
            return -1;
        }
    }
    return 0;
}

//  "429", "chunks60", "html", "error_in_200", "file.chat.json"
static int
s_word (mock_script_t *self, const char *word)
{
    if (isdigit ((unsigned char) word[0]))
        return mock_script_set (self, "status", word);
    if (!strncmp (word, "file.", 5))
        return s_set_file (self, word + 5);
    if (s_find (word))
        return mock_script_set (self, word, NULL);
    char name[TEXT_MAX];
    size_t size = strlen (word);
    while (size && isdigit ((unsigned char) word[size - 1]))
        size--;
    memcpy (name, word, size);
    name[size] = 0;
    return word[size] ? mock_script_set (self, name, word + size) : -1;
}

int
mock_script_model (mock_script_t *self, const char *model, char *ret_bad, size_t bad_size)
{
    const char *name = model;
    for (const char *c = model; *c; c++)
        if (*c == ':' || *c == '/')
            name = c + 1;
    char copy[TEXT_MAX];
    const char *words = strncmp (name, "mock-", 5) ? NULL : name + 5;
    if (!words && strstr (model, "replay/") && strchr (name, '@'))
        words = strchr (name, '@') + 1;
    if (!words)
        return 0;
    snprintf (ret_bad, bad_size, "%.40s", name);
    if (s_copy (copy, words))
        return -1;
    char *rest;
    for (char *word = strtok_r (copy, "-", &rest); word;
         word = strtok_r (NULL, "-", &rest)) {
        if (s_word (self, word)) {
            snprintf (ret_bad, bad_size, "%s", word);
            return -1;
        }
    }
    return 0;
}
