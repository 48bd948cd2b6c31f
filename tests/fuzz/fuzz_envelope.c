//  Fuzzer of envelopes: any text opens to a blob or to nothing, what was sealed opens to
//  the same, and no changed byte goes unseen.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/proto/block.h"

#define HEAD 5 //  bytes that say what is sealed, and where it is changed

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_open (const uint8_t *bytes, size_t size, br_arena_t *arena)
{
    br_text_t text = { (const char *) bytes, size };
    br_opaque_t *opaque = br_envelope_open (text, arena);
    if (!opaque)
        return;
    assert (br_envelope_is (text));
    assert (opaque->family != BR_FAMILY_NONE && opaque->family < BR_FAMILIES);
    br_text_t again = br_envelope_seal (opaque, arena);
    assert (br_text_equal (again, text));
}

static void
s_seal (const uint8_t *head, const uint8_t *bytes, size_t size, br_arena_t *arena)
{
    size_t model = head[2] < size ? head[2] : size;
    size_t id = head[3] < size - model ? head[3] : size - model;
    const char *at = (const char *) bytes;
    br_opaque_t opaque = { .family = (br_family_t) (head[0] % (BR_FAMILIES + 1)),
                           .kind = (br_opaque_kind_t) (head[1] % 6),
                           .model = { at, model },
                           .id = { at + model, id },
                           .bytes = { at + model + id, size - model - id } };
    br_text_t text = br_envelope_seal (&opaque, arena);
    if (!text.at)
        return;
    br_opaque_t *again = br_envelope_open (text, arena);
    assert (again && again->family == opaque.family && again->kind == opaque.kind);
    assert (br_text_equal (again->model, opaque.model));
    assert (br_text_equal (again->id, opaque.id));
    assert (br_text_equal (again->bytes, opaque.bytes));
    char *changed = br_arena_take (arena, text.size);
    memcpy (changed, text.at, text.size);
    changed[head[4] % text.size] ^= 1;
    assert (!br_envelope_open ((br_text_t) { changed, text.size }, arena));
    assert (!br_envelope_open ((br_text_t) { text.at, text.size - 1 }, arena));
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1); //  exact, so that a read behind it is seen
    if (size)
        memcpy (copy, bytes, size);
    br_arena_t *arena = br_arena_new ();
    s_open (copy, size, arena);
    if (size >= HEAD)
        s_seal (copy, copy + HEAD, size - HEAD, arena);
    br_arena_destroy (&arena);
    free (copy);
    return 0;
}
