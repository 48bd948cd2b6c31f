//  ingress_abilities: words of a model, one a line, to be looked for.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_abilities.h"
#include "actors/ingress/ingress_facts.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"
#include "broker/proto/candidates.h"

#define WORDS_MAX 16384 //  bytes of the words of one model; more are left out
#define NAME_MAX_BYTES 64
#define SUPPORTS "supports_"

struct _ingress_abilities_t {
    unsigned lacks; //  bits of br_need_t
    bool caches;    //  reading from a cache has a price
    char *words;    //  "\ninput image\noutput text\nhas json\n"
};

//  Names of what the router may need.
static const struct {
    const char *name;
    unsigned need;
} s_needs[] = {
    { "tools", BR_NEED_TOOLS },   { "function_calling", BR_NEED_TOOLS },
    { "vision", BR_NEED_IMAGES }, { "images", BR_NEED_IMAGES },
    { "audio", BR_NEED_AUDIO },   { "audio_input", BR_NEED_AUDIO },
    { "files", BR_NEED_FILES },   { "pdf_input", BR_NEED_FILES },
};

//  ---- a model

static const cJSON *
s_in (const cJSON *node, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive (node, key);
}

static void
s_add_words (br_buf_t *words, const char *kind, const cJSON *list)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        const char *word = cJSON_IsString (item) ? item->valuestring : NULL;
        if (cJSON_IsObject (list) && cJSON_IsTrue (item))
            word = item->string;
        if (word)
            br_buf_addf (words, "%s %s\n", kind, word);
    }
}

ingress_abilities_t *
ingress_abilities_new (const cJSON *model)
{
    ingress_abilities_t *self = BR_NEW (ingress_abilities_t);
    self->lacks = ingress_facts_read (model).lacks;
    self->caches = cJSON_IsNumber (
        s_in (s_in (s_in (model, "pricing"), "input_tokens"), "cache_read"));
    br_buf_t words;
    br_buf_init (&words, WORDS_MAX);
    br_buf_addc (&words, '\n');
    s_add_words (&words, "input", s_in (model, "input_modalities"));
    s_add_words (&words, "output", s_in (model, "output_modalities"));
    s_add_words (&words, "has", s_in (model, "capabilities"));
    self->words = br_strdup (br_buf_text (&words));
    br_buf_free (&words);
    return self;
}

void
ingress_abilities_destroy (ingress_abilities_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->words);
    free (*self_p);
    *self_p = NULL;
}

//  ---- a query

//  Copies the next name of a query; *at goes on to what follows. False at the end.
static bool
s_next (const char **at, char name[NAME_MAX_BYTES])
{
    if (!*at || !**at)
        return false;
    size_t size = strcspn (*at, "=&");
    size_t kept = size < NAME_MAX_BYTES ? size : 0;
    memcpy (name, *at, kept);
    name[kept] = '\0';
    *at += strcspn (*at, "&");
    *at += **at == '&';
    return true;
}

static bool
s_has (const ingress_abilities_t *self, const char *kind, const char *word)
{
    char *line = br_strf ("\n%s %s\n", kind, word);
    bool has = strcasestr (self->words, line) != NULL;
    free (line);
    return has;
}

static bool
s_supports (const ingress_abilities_t *self, const char *name)
{
    for (size_t i = 0; i < sizeof s_needs / sizeof *s_needs; i++)
        if (strcmp (s_needs[i].name, name) == 0)
            return !(self->lacks & s_needs[i].need);
    if (strcmp (name, "prompt_caching") == 0)
        return self->caches;
    return s_has (self, "has", name);
}

//  1 or 0, or -1 for neither.
static int
s_truth (const char *value)
{
    if (strcasecmp (value, "true") == 0 || strcmp (value, "1") == 0)
        return 1;
    return strcasecmp (value, "false") == 0 || strcmp (value, "0") == 0 ? 0 : -1;
}

static bool
s_is_modality (const char *name)
{
    return strcmp (name, "input_modality") == 0 || strcmp (name, "output_modality") == 0;
}

static bool
s_is_support (const char *name)
{
    return strncmp (name, SUPPORTS, strlen (SUPPORTS)) == 0;
}

static const char *
s_value (const char *query, const char *name, char value[NAME_MAX_BYTES])
{
    if (!ingress_request_param (query, name, value, NAME_MAX_BYTES))
        value[0] = '\0';
    return value;
}

int
ingress_abilities_asked (const char *query, br_error_t *reterr)
{
    char name[NAME_MAX_BYTES];
    char value[NAME_MAX_BYTES];
    int asked = 0;
    for (const char *at = query; s_next (&at, name);) {
        if (s_is_modality (name))
            asked = 1;
        if (!s_is_support (name))
            continue;
        if (s_truth (s_value (query, name, value)) < 0)
            return br_error_set (reterr, BR_EINVALID, "%s must be true or false", name);
        asked = 1;
    }
    return asked;
}

bool
ingress_abilities_fit (const ingress_abilities_t *self, const char *query)
{
    char name[NAME_MAX_BYTES];
    char value[NAME_MAX_BYTES];
    for (const char *at = query; s_next (&at, name);) {
        bool fits = true;
        s_value (query, name, value);
        if (s_is_modality (name))
            fits = s_has (self, *name == 'i' ? "input" : "output", value);
        else if (s_is_support (name))
            fits = s_supports (self, name + strlen (SUPPORTS)) == (s_truth (value) == 1);
        if (!fits)
            return false;
    }
    return true;
}
