//  document: what documents are where a target has no place for all of one: which of them
//  are text, what they are called, and the blocks that stand in for them.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_DOCUMENT_H
#define BR_DOCUMENT_H

#include "broker/proto/call.h"

//  Makes plain text that came in base64 what it is in canonical form, and its type
//  text/plain without parameters. Other types stay as they are.
//  ret:  0, or -1 for text/plain whose data is no UTF-8 in base64; then media is unchanged
int br_document_decode (br_media_t *media, br_arena_t *arena);

//  The text of media of any type that is text: text/csv, application/json and the like.
//  ret:  false when it is none; then *ret_text is not written
bool br_document_text (const br_media_t *media, br_arena_t *arena, br_text_t *ret_text);

//  Whether a type is one of words. in: mime in lower case, maybe with parameters
bool br_document_is_text (br_text_t mime);

//  The data in base64, that of plain text too.
br_text_t br_document_base64 (const br_media_t *media, br_arena_t *arena);

//  Its own name, or one that its type gives: "document.csv".
br_text_t br_document_name (const br_media_t *media, br_arena_t *arena);

//  What a target has a place for; bits.
typedef enum {
    BR_DOCUMENT_NAMED = 1, //  the name of a file
    BR_DOCUMENT_TYPED = 2, //  files of types that are text beside those of text/...
} br_document_place_t;

//  The blocks of a user's turn as they are for a target: plain text is a text, with its
//  title and context in front; the parts of a document that is made of some stand for
//  themselves; title and context of a file are a text before it where they have no place.
//  Results of tools are looked into. What changes is noted.
//  in:   list, which stays as it is; places, bits of br_document_place_t
//  ret:  list itself where there is no document; else made in arena
br_block_t *br_document_unfold (br_block_t *list, unsigned places, br_loss_t **losses,
                                br_arena_t *arena);

#endif
