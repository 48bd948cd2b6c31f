//  guard_spelling: where a server's name ends and a tool's begins.
//
//  In a folded name '/' parts and '_' joins. What is joined could be cut anywhere, so a cut
//  at '_' counts only when nothing behind it parts, or when the rule names one tool.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_spelling.h"

struct _guard_spelling_t {
    char *name;                //  owned
    char *folded[GUARD_FOLDS]; //  owned
    size_t count;              //  parts
    const char *parts[GUARD_SPELLING_PARTS_MAX];
    const char *folded_parts[GUARD_FOLDS][GUARD_SPELLING_PARTS_MAX];
};

struct _guard_server_t {
    char *name; //  owned
    char *core; //  owned; letters and digits alone, without what stands around it
};

//  Words that stand around the name of a server, and what stands in front of any tool.
static const char *const s_around[] = { "mcp", "server", NULL };
static const char *const s_mcp[] = { "mcp", NULL };
static const char *const s_wrappers[] = { "functions", "function",    "tools",
                                          "tool",      "default_api", "multi_tool_use",
                                          NULL };

//  ---- parts

//  Notes where parts begin; the first one is the whole. in: end, bytes that count
//  ret:  their number, also of those that have no place
static size_t
s_cut (const char *name, size_t end, const char *parts[GUARD_SPELLING_PARTS_MAX])
{
    size_t count = 1, mark = 0;
    bool has_letter = false, is_parted = false;
    parts[0] = name;
    for (const char *at = name; at < name + end; at += mark ? mark : 1) {
        mark = guard_fold_mark (at);
        if (mark) {
            is_parted = is_parted || (has_letter && guard_fold_separator (at));
            continue;
        }
        has_letter = true;
        if (is_parted && count++ < GUARD_SPELLING_PARTS_MAX)
            parts[count - 1] = at;
        is_parted = false;
    }
    return count;
}

//  The same parts of a folded name.
static void
s_cut_folded (const char *at, const char *parts[GUARD_SPELLING_PARTS_MAX], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        parts[i] = at;
        at += strcspn (at, "/");
        at += *at == '/';
    }
}

guard_spelling_t *
guard_spelling_new (const char *name)
{
    guard_spelling_t *self = BR_NEW (guard_spelling_t);
    self->name = br_strdup (name);
    size_t end = guard_fold_end (name);
    self->count = s_cut (self->name, end, self->parts);
    if (self->count > GUARD_SPELLING_PARTS_MAX) {
        guard_spelling_destroy (&self);
        return NULL;
    }
    char *trimmed = br_strdup (name);
    trimmed[end] = 0;
    for (int i = 0; i < GUARD_FOLDS; i++) {
        self->folded[i] = guard_fold_new (trimmed, (guard_fold_t) i, false);
        s_cut_folded (self->folded[i], self->folded_parts[i], self->count);
    }
    free (trimmed);
    return self;
}

void
guard_spelling_destroy (guard_spelling_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_spelling_t *self = *self_p;
    for (int i = 0; i < GUARD_FOLDS; i++)
        free (self->folded[i]);
    free (self->name);
    free (self);
    *self_p = NULL;
}

size_t
guard_spelling_parts (const guard_spelling_t *self)
{
    return self->count;
}

//  ---- words of a folded name

static bool
s_is_mark (char c)
{
    return c == '_' || c == '/';
}

//  Where a name goes on behind one of these words, at its mark; NULL when it does not.
static const char *
s_past_word (const char *at, const char *const *words)
{
    for (; *words; words++) {
        size_t size = strlen (*words);
        if (strncmp (at, *words, size) == 0 && s_is_mark (at[size]) && at[size + 1])
            return at + size;
    }
    return NULL;
}

//  The same behind a server's core; marks inside of it do not count.
static const char *
s_past_core (const char *at, const char *core)
{
    for (; *core; at++) {
        if (*at == *core)
            core++;
        else if (!s_is_mark (*at))
            return NULL;
    }
    return s_is_mark (*at) && at[1] ? at : NULL;
}

//  ---- servers

//  A folded name without the words around it, unless nothing else is there.
static void
s_strip (char *name)
{
    const char *behind = s_past_word (name, s_around);
    for (; behind; behind = s_past_word (name, s_around))
        memmove (name, behind + 1, strlen (behind + 1) + 1);
    for (size_t i = 0; s_around[i];) {
        size_t size = strlen (name), word = strlen (s_around[i]);
        bool is_last = size > word + 1 && s_is_mark (name[size - word - 1])
                       && strcmp (name + size - word, s_around[i]) == 0;
        if (is_last)
            name[size - word - 1] = 0;
        i = is_last ? 0 : i + 1;
    }
}

//  "caller frees"
static char *
s_core (const char *name)
{
    char *core = guard_fold_new (name, GUARD_FOLD_CASE, false), *to = core;
    s_strip (core);
    for (const char *at = core; *at; at++)
        if (!s_is_mark (*at))
            *to++ = *at;
    *to = 0;
    return core;
}

guard_server_t *
guard_server_new (const char *name)
{
    guard_server_t *self = BR_NEW (guard_server_t);
    self->name = br_strdup (name);
    self->core = s_core (name);
    return self;
}

void
guard_server_destroy (guard_server_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->core);
    free ((*self_p)->name);
    free (*self_p);
    *self_p = NULL;
}

bool
guard_server_may_be (const guard_server_t *self, const char *name)
{
    char *core = s_core (name);
    bool is_same = strcmp (core, self->core) == 0;
    free (core);
    return is_same;
}

//  ---- exact spellings

//  What follows a server's name, or NULL. What may stand in no tool's name may be '_'.
static const char *
s_behind (const char *name, const char *server)
{
    for (; *server; server++, name++) {
        bool is_plain = isalnum ((unsigned char) *server) || *server == '-';
        if (*name != *server && (is_plain || *name != '_'))
            return NULL;
    }
    return name;
}

//  Whether nothing parts it.
static bool
s_is_joined (const char *text)
{
    while (*text && !guard_fold_separator (text))
        text++;
    return *text == 0;
}

static guard_spelled_t
s_is (const char *name, const char *server, const guard_glob_t *glob)
{
    const char *behind = s_behind (name, server);
    if (!behind)
        return GUARD_SPELLED_NOT;
    size_t size = guard_fold_separator (behind);
    if (size && behind[size] && (!glob || guard_glob_fits (glob, behind + size)))
        return GUARD_SPELLED_PARTED;
    bool is_joined = !size && (*behind == '_' || *behind == '-') && behind[1]
                     && s_is_joined (behind + 1)
                     && (!glob || guard_glob_fits (glob, behind + 1));
    return is_joined ? GUARD_SPELLED_JOINED : GUARD_SPELLED_NOT;
}

guard_spelled_t
guard_spelling_is (const guard_spelling_t *self, size_t part,
                   const guard_server_t *server, const guard_glob_t *glob)
{
    static const char *const s_prefixes[] = { "", "mcp__", "mcp_" };
    guard_spelled_t best = GUARD_SPELLED_NOT;
    for (size_t i = 0; i < sizeof s_prefixes / sizeof *s_prefixes; i++) {
        size_t size = strlen (s_prefixes[i]);
        if (strncmp (self->parts[part], s_prefixes[i], size) != 0)
            continue;
        guard_spelled_t one = s_is (self->parts[part] + size, server->name, glob);
        best = one > best ? one : best;
    }
    return best;
}

bool
guard_spelling_is_of_any (const guard_spelling_t *self, size_t part,
                          const guard_glob_t *glob)
{
    return guard_glob_fits (glob, self->parts[part]);
}

//  ---- what it may mean

//  Whether what is behind a mark may be a tool that fits.
static bool
s_fits_behind (const char *mark, const guard_glob_t *glob, guard_fold_t fold)
{
    bool is_cut = *mark == '/' || !strchr (mark, '/')
                  || (glob && !guard_glob_has_star (glob));
    return is_cut && (!glob || guard_glob_fits_folded (glob, fold, mark + 1));
}

//  With the server's name at its beginning; words around it may follow.
static bool
s_may_follow (const char *at, const guard_server_t *server, const guard_glob_t *glob,
              guard_fold_t fold)
{
    const char *mark = s_past_core (at, server->core);
    for (; mark; mark = s_past_word (mark + 1, s_around))
        if (s_fits_behind (mark, glob, fold))
            return true;
    return false;
}

bool
guard_spelling_may_be (const guard_spelling_t *self, size_t part,
                       const guard_server_t *server, const guard_glob_t *glob)
{
    for (int fold = 0; fold < GUARD_FOLDS; fold++) {
        const char *at = self->folded_parts[fold][part];
        while (at) {
            if (s_may_follow (at, server, glob, (guard_fold_t) fold))
                return true;
            const char *mark = s_past_word (at, s_around);
            at = mark ? mark + 1 : NULL;
        }
    }
    return false;
}

//  Without wrappers, which are parts, and "mcp".
static const char *
s_unwrapped (const char *at)
{
    for (;;) {
        const char *mark = s_past_word (at, s_wrappers);
        if (!mark || *mark != '/')
            mark = s_past_word (at, s_mcp);
        if (!mark)
            return at;
        at = mark + 1;
    }
}

bool
guard_spelling_may_be_bare (const guard_spelling_t *self, const guard_glob_t *glob)
{
    if (guard_glob_is_all (glob))
        return false;
    for (int fold = 0; fold < GUARD_FOLDS; fold++) {
        const char *name = self->folded[fold], *rest = s_unwrapped (name);
        bool is_one = !strchr (rest, '/') || !guard_glob_has_star (glob);
        if (is_one
            && (guard_glob_fits_folded (glob, (guard_fold_t) fold, name)
                || guard_glob_fits_folded (glob, (guard_fold_t) fold, rest)))
            return true;
    }
    return false;
}

//  Behind "mcp_" any server may be named, and end at any '_'.
static bool
s_fits_joined (const char *at, const guard_glob_t *glob, guard_fold_t fold)
{
    if (strncmp (at, "mcp_", strlen ("mcp_")) != 0 || strchr (at, '/'))
        return false;
    for (at = strchr (at, '_'); at && at[1]; at = strchr (at + 1, '_'))
        if (guard_glob_fits_folded (glob, fold, at + 1))
            return true;
    return false;
}

bool
guard_spelling_may_be_of_any (const guard_spelling_t *self, size_t part,
                              const guard_glob_t *glob)
{
    for (int fold = 0; fold < GUARD_FOLDS; fold++) {
        const char *at = self->folded_parts[fold][part];
        if (guard_glob_fits_folded (glob, (guard_fold_t) fold, at)
            || s_fits_joined (at, glob, (guard_fold_t) fold))
            return true;
    }
    return false;
}
