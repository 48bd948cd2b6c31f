//  conf_words: an ordered list of short texts, and the nearest of them.

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_words.h"

#define WORD_MAX 64  //  bytes of a word that is compared, with its end
#define TEXT_MAX 512 //  bytes of a formatted text, with its end

struct _br_conf_words_t {
    char **texts; //  owned, each owned
    size_t count; //  texts in use
    size_t room;  //  texts there is room for
};

br_conf_words_t *
br_conf_words_new (void)
{
    return BR_NEW (br_conf_words_t);
}

void
br_conf_words_destroy (br_conf_words_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_words_t *self = *self_p;
    while (self->count)
        free (self->texts[--self->count]);
    free (self->texts);
    free (self);
    *self_p = NULL;
}

void
br_conf_words_add (br_conf_words_t *self, const char *text)
{
    if (self->count == BR_CONF_WORDS_MAX)
        return;
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 8;
        self->texts = br_realloc (self->texts, self->room * sizeof *self->texts);
    }
    self->texts[self->count++] = br_strdup (text);
}

void
br_conf_words_add_new (br_conf_words_t *self, const char *text)
{
    if (!br_conf_words_has (self, text))
        br_conf_words_add (self, text);
}

void
br_conf_words_one_line (char *text)
{
    for (; *text; text++)
        if (iscntrl ((unsigned char) *text))
            *text = '?';
}

void
br_conf_words_addf (br_conf_words_t *self, const char *format, ...)
{
    if (!self)
        return;
    char text[TEXT_MAX];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    br_conf_words_one_line (text);
    br_conf_words_add (self, text);
}

size_t
br_conf_words_count (const br_conf_words_t *self)
{
    return self->count;
}

const char *
br_conf_words_at (const br_conf_words_t *self, size_t index)
{
    return index < self->count ? self->texts[index] : NULL;
}

bool
br_conf_words_has (const br_conf_words_t *self, const char *text)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->texts[i], text) == 0)
            return true;
    return false;
}

static size_t
s_min (size_t one, size_t two)
{
    return one < two ? one : two;
}

static bool
s_same (char one, char two)
{
    return tolower ((unsigned char) one) == tolower ((unsigned char) two);
}

//  Optimal string alignment: three rows of the usual table are enough.
size_t
br_conf_words_distance (const char *one, const char *two)
{
    size_t rows = strlen (one);
    size_t columns = strlen (two);
    if (rows >= WORD_MAX || columns >= WORD_MAX)
        return WORD_MAX;
    size_t table[3][WORD_MAX];
    for (size_t j = 0; j <= columns; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t *now = table[i % 3];
        const size_t *last = table[(i + 2) % 3];
        const size_t *before = table[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            now[j] = last[j - 1] + (s_same (one[i - 1], two[j - 1]) ? 0 : 1);
            now[j] = s_min (now[j], s_min (last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && s_same (one[i - 1], two[j - 2])
                && s_same (one[i - 2], two[j - 1]))
                now[j] = s_min (now[j], before[j - 2] + 1);
        }
    }
    return table[rows % 3][columns];
}

const char *
br_conf_words_nearest (const br_conf_words_t *self, const char *word)
{
    const char *nearest = NULL;
    size_t limit = strlen (word) / 3 + 2; //  further away is another word
    for (size_t i = 0; i < self->count; i++) {
        size_t distance = br_conf_words_distance (word, self->texts[i]);
        if (distance < limit && distance < strlen (self->texts[i])) {
            nearest = self->texts[i];
            limit = distance;
        }
    }
    return nearest;
}
