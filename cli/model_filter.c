//  model_filter: as actors/ingress answers the same question over HTTP.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "cli/model_filter.h"

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  Whether a list has a word, or a map says that it is true.
static bool
s_has (const cJSON *list, const char *word)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        const char *name = cJSON_IsObject (list) && cJSON_IsTrue (item)
                               ? item->string
                               : cJSON_GetStringValue (item);
        if (name && strcasecmp (name, word) == 0)
            return true;
    }
    return false;
}

//  Abilities that are modalities of the input.
static const struct {
    const char *ability;
    const char *modality;
} s_media[] = {
    { "vision", "image" },      { "images", "image" }, { "audio", "audio" },
    { "audio_input", "audio" }, { "files", "file" },   { "pdf_input", "file" },
};

//  Capabilities are free form: these are the words that are in use.
static bool
s_has_tools (const cJSON *capabilities)
{
    static const char *const words[] = { "tools",          "tool_use",
                                         "tool_call",      "tool_calls",
                                         "tool_calling",   "function_calling",
                                         "function_call",  "functions",
                                         "supports_tools", "supports_function_calling" };
    bool is_list = cJSON_IsArray (capabilities) && cJSON_GetArraySize (capabilities);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_list && s_has (capabilities, words[i]))
            return true;
        if (!is_list && cJSON_IsFalse (s_in (capabilities, words[i])))
            return false;
    }
    return !is_list;
}

static bool
s_supports (const cJSON *model, const char *ability)
{
    const cJSON *inputs = s_in (model, "input_modalities");
    for (size_t i = 0; i < sizeof s_media / sizeof *s_media; i++)
        if (strcmp (s_media[i].ability, ability) == 0)
            return cJSON_GetArraySize (inputs) == 0
                   || s_has (inputs, s_media[i].modality);
    if (strcmp (ability, "tools") == 0 || strcmp (ability, "function_calling") == 0)
        return s_has_tools (s_in (model, "capabilities"));
    if (strcmp (ability, "prompt_caching") == 0)
        return cJSON_IsNumber (
            s_in (s_in (s_in (model, "pricing"), "input_tokens"), "cache_read"));
    return s_has (s_in (model, "capabilities"), ability);
}

static bool
s_supports_all (const cJSON *model, const char *abilities)
{
    bool fits = true;
    while (fits && *abilities) {
        size_t size = strcspn (abilities, ",");
        char *ability = br_strndup (abilities, size);
        fits = !*ability || s_supports (model, ability);
        free (ability);
        abilities += size + (abilities[size] == ',');
    }
    return fits;
}

bool
cli_model_filter_fits (const cli_model_filter_t *self, const char *id, const cJSON *model)
{
    if (self->id && !strcasestr (id, self->id))
        return false;
    if (self->input && !s_has (s_in (model, "input_modalities"), self->input))
        return false;
    if (self->output && !s_has (s_in (model, "output_modalities"), self->output))
        return false;
    return !self->supports || s_supports_all (model, self->supports);
}
