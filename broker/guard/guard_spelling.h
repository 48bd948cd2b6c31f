//  guard_spelling: a tool's name as a client, a model or a provider spells it, against the
//  name of a server and of a tool.
//
//  What is allowed is known by its exact spellings alone: mcp__SERVER__TOOL, and the same
//  with '/', '.', ':', '_' or '-' in front of TOOL, with "mcp_" or without. What is denied is
//  known by all that anybody may have meant: names are folded (guard_fold), what stands
//  behind a name (marks, ":0", all from "<|" on) is not of it, a server may
//  have "mcp" and "server" around it or not, and all this may stand behind other parts,
//  as in "functions.mcp__SERVER__TOOL".
//
//  A part is the name from its beginning, or from behind a "__", '/', '.' or ':'. Parts are
//  told by their number, from 0.

#ifndef BR_GUARD_SPELLING_H
#define BR_GUARD_SPELLING_H

#include "broker/guard/guard_glob.h"

#define GUARD_SPELLING_PARTS_MAX 16 //  parts of a name

typedef struct _guard_spelling_t guard_spelling_t;
typedef struct _guard_server_t guard_server_t;

//  How exactly a part is a tool of a server.
typedef enum {
    GUARD_SPELLED_NOT,
    GUARD_SPELLED_JOINED, //  with '_' or '-', which may stand in names too
    GUARD_SPELLED_PARTED  //  with what parts names
} guard_spelled_t;

//  ret:  NULL when the name has too many parts. "caller destroys"
guard_spelling_t *guard_spelling_new (const char *name);
void guard_spelling_destroy (guard_spelling_t **self_p);

size_t guard_spelling_parts (const guard_spelling_t *self);

//  A server's name. "caller destroys"
guard_server_t *guard_server_new (const char *name);
void guard_server_destroy (guard_server_t **self_p);

//  Whether two names may be those of one server.
bool guard_server_may_be (const guard_server_t *self, const char *name);

//  Whether a part is exactly a tool of the server that fits the glob; NULL = any tool.
guard_spelled_t guard_spelling_is (const guard_spelling_t *self, size_t part,
                                   const guard_server_t *server,
                                   const guard_glob_t *glob);

//  Whether a part may mean a tool of the server that fits the glob; NULL = any tool.
bool guard_spelling_may_be (const guard_spelling_t *self, size_t part,
                            const guard_server_t *server, const guard_glob_t *glob);

//  Whether the name is a tool's alone, without that of a server, and fits the glob. A glob of
//  stars alone names no tool.
bool guard_spelling_may_be_bare (const guard_spelling_t *self, const guard_glob_t *glob);

//  Whether a part is exactly, or may be, a tool of any server that fits the glob.
bool guard_spelling_is_of_any (const guard_spelling_t *self, size_t part,
                               const guard_glob_t *glob);
bool guard_spelling_may_be_of_any (const guard_spelling_t *self, size_t part,
                                   const guard_glob_t *glob);

#endif
