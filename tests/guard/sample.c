//  sample: tables of kinds, frames and look-alikes. Nothing in it is a secret: what looks
//  like one is made when it runs.

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/guard/form.h"
#include "tests/guard/sample.h"
#include "tests/guard/sample_tables.h"

#define COUNT(table) (sizeof (table) / sizeof *(table))
#define FILL_LINES 4

uint64_t
sample_hash (const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * 1099511628211u;
    hash ^= hash >> 31;
    hash *= 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static form_random_t
s_seed (const char *name, unsigned index)
{
    char text[64];
    snprintf (text, sizeof text, "%s %u", name, index);
    return (form_random_t) { sample_hash (text) | 1 };
}

size_t
sample_kinds (void)
{
    return COUNT (s_families);
}

size_t
sample_look_alikes (void)
{
    return COUNT (s_look_alikes);
}

//  The kinds of a family stand together.
static const sample_kind_t *
s_pick_kind (form_random_t *random, const char *family)
{
    size_t first = 0;
    while (strcmp (s_kinds[first].family, family) != 0)
        first++;
    size_t count = 0;
    while (first + count < COUNT (s_kinds)
           && strcmp (s_kinds[first + count].family, family) == 0)
        count++;
    return &s_kinds[first + form_random (random, (uint32_t) count)];
}

//  A few lines that hold nothing of interest, of the sample's half.
static void
s_fill (form_random_t *random, sample_t *sample)
{
    uint32_t lines = form_random (random, FILL_LINES);
    while (lines--) {
        uint32_t row = form_random (random, (uint32_t) COUNT (s_look_alikes) / 2) * 2;
        row += sample->held_out;
        sample->size = form_write (random, s_look_alikes[row], sample->text, sample->size,
                                   SAMPLE_MAX - 1);
        sample->text[sample->size++] = '\n';
    }
    sample->text[sample->size] = '\0';
}

//  Takes a mark out of the value. ret: where it stood, or otherwise when there is none
static size_t
s_take_mark (sample_t *sample, char mark, size_t otherwise)
{
    char *at = memchr (sample->text + sample->at, mark, sample->size - sample->at);
    if (!at)
        return otherwise;
    sample->size--;
    memmove (at, at + 1, (size_t) (sample->text + sample->size - at) + 1);
    return (size_t) (at - sample->text);
}

void
sample_positive (unsigned index, sample_t *ret_sample)
{
    form_random_t random = s_seed ("positive", index);
    const sample_kind_t *kind = s_pick_kind (&random,
                                             s_families[index % COUNT (s_families)]);
    const sample_frames_t *frames = &s_frames[kind->frames];
    uint32_t row = form_random (&random, (uint32_t) frames->count);
    *ret_sample = (sample_t) {
        .family = kind->family,
        .kind = kind->form,
        .held_out = row % 2 != 0,
    };
    s_fill (&random, ret_sample);
    const char *hole = strchr (frames->rows[row], '@');
    assert (hole);
    char front[1024];
    snprintf (front, sizeof front, "%.*s", (int) (hole - frames->rows[row]),
              frames->rows[row]);
    ret_sample->at = form_write (&random, front, ret_sample->text, ret_sample->size,
                                 SAMPLE_MAX - 1);
    ret_sample->size = form_write (&random, kind->form, ret_sample->text, ret_sample->at,
                                   SAMPLE_MAX - 1);
    ret_sample->core_at = s_take_mark (ret_sample, '\1', ret_sample->at);
    ret_sample->core_size = s_take_mark (ret_sample, '\2', ret_sample->size)
                            - ret_sample->core_at;
    ret_sample->value_size = ret_sample->size - ret_sample->at;
    ret_sample->size = form_write (&random, hole + 1, ret_sample->text, ret_sample->size,
                                   SAMPLE_MAX - 1);
    ret_sample->text[ret_sample->size++] = '\n';
    s_fill (&random, ret_sample);
}

void
sample_look_alike (unsigned index, sample_t *ret_sample)
{
    form_random_t random = s_seed ("look-alike", index);
    *ret_sample = (sample_t) { .held_out = index % COUNT (s_look_alikes) % 2 != 0 };
    ret_sample->kind = s_look_alikes[index % COUNT (s_look_alikes)];
    ret_sample->size = form_write (&random, ret_sample->kind, ret_sample->text, 0,
                                   SAMPLE_MAX - 1);
    ret_sample->text[ret_sample->size++] = '\n';
    s_fill (&random, ret_sample);
}
