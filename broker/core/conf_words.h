//  conf_words: an ordered list of short texts (warnings, names), and the search for the
//  name that somebody probably meant.

#ifndef BR_CONF_WORDS_H
#define BR_CONF_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define BR_CONF_WORDS_MAX 4096 //  texts a list keeps; further ones are dropped

typedef struct _br_conf_words_t br_conf_words_t;

br_conf_words_t *br_conf_words_new (void);
void br_conf_words_destroy (br_conf_words_t **self_p);

//  Adds a copy of a text; add_new only when the list does not hold it yet.
void br_conf_words_add (br_conf_words_t *self, const char *text);
void br_conf_words_add_new (br_conf_words_t *self, const char *text);

//  Makes one printable line of a text, in place: control characters become "?". For texts
//  that repeat names which somebody else chose.
void br_conf_words_one_line (char *text);

//  Adds one line made with printf's format. A NULL self drops it.
void br_conf_words_addf (br_conf_words_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

size_t br_conf_words_count (const br_conf_words_t *self);
const char *br_conf_words_at (const br_conf_words_t *self, size_t index); //  or NULL
bool br_conf_words_has (const br_conf_words_t *self, const char *text);

//  The distance between two words: letters to insert, delete, change or swap, ignoring
//  case. Words over 63 bytes are as far as can be.
size_t br_conf_words_distance (const char *one, const char *two);

//  The text of the list closest to the word, or NULL when none is close enough to be
//  what was meant. "owned by self, until next change"
const char *br_conf_words_nearest (const br_conf_words_t *self, const char *word);

#endif
