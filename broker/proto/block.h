//  block: a piece of content in canonical form: what a user, a model or a tool said, in
//  the one shape that all protocols are read into and written from. Texts and blocks live
//  in the arena of the call or reply that they belong to, or in the bytes it was read
//  from.

#ifndef BR_BLOCK_H
#define BR_BLOCK_H

#include "broker/core/arena.h"
#include "broker/proto/protocol.h"

typedef enum {
    BR_BLOCK_TEXT,
    BR_BLOCK_REFUSAL,   //  text
    BR_BLOCK_REASONING, //  text and summary; opaques
    BR_BLOCK_IMAGE,     //  media
    BR_BLOCK_DOCUMENT,  //  media
    BR_BLOCK_AUDIO,     //  media
    BR_BLOCK_VIDEO,     //  media
    BR_BLOCK_CALL,      //  a tool is called: id, name, text = arguments
    BR_BLOCK_RESULT,    //  what the tool said: id, name, blocks
    BR_BLOCK_HOSTED,    //  an item of a provider's own tools: raw, for its family alone
    BR_BLOCK_KINDS
} br_block_kind_t;

//  Who made an opaque blob, and so who can read it again.
typedef enum {
    BR_FAMILY_NONE,
    BR_FAMILY_OPENAI,     //  Responses: encrypted_content
    BR_FAMILY_ANTHROPIC,  //  Messages: signature, redacted data
    BR_FAMILY_GOOGLE,     //  thoughtSignature
    BR_FAMILY_OPENROUTER, //  reasoning_details
    BR_FAMILY_PLAIN, //  reasoning_content of DeepSeek, Kimi, Z.ai and others: no blob
    BR_FAMILIES
} br_family_t;

typedef enum {
    BR_OPAQUE_SIGNATURE, //  of the reasoning's text
    BR_OPAQUE_ENCRYPTED, //  reasoning that only the family reads
    BR_OPAQUE_REDACTED,  //  a whole block without text
    BR_OPAQUE_THOUGHT,   //  Google's thoughtSignature of a part
    BR_OPAQUE_DETAILS    //  OpenRouter's reasoning_details, a JSON array
} br_opaque_kind_t;

//  What Google documents as the signature of a call that has none.
#define BR_THOUGHT_UNKNOWN "skip_thought_signature_validator"

//  A blob that goes back byte by byte to the family that made it, and to nobody else.
typedef struct _br_opaque_t {
    struct _br_opaque_t *next;
    br_family_t family;
    br_opaque_kind_t kind;
    br_text_t model; //  the provider's name of the model, if known
    br_text_t bytes; //  as text; never decoded
    br_text_t id;    //  of the item, where the family has one
} br_opaque_t;

//  An image, document, sound or film. One of url, data and file_id is given.
typedef struct _br_media_t {
    br_text_t url;
    br_text_t data;    //  base64, or plain text where mime is text/plain
    br_text_t file_id; //  of the family that keeps it
    br_text_t mime;    //  "image/png"; absent when unknown
    br_text_t name;    //  file name or title
    br_text_t context; //  DOCUMENT: what is to be known of it
    br_text_t detail;  //  low, high, auto, original
} br_media_t;

typedef struct _br_block_t {
    struct _br_block_t *next;
    struct _br_block_t *first; //  itself, where last counts; for br_block_add alone
    struct _br_block_t *last; //  of the list that this one begins; for br_block_add alone
    br_block_kind_t kind;
    br_text_t
        text; //  TEXT, REFUSAL, REASONING; CALL: arguments as the JSON text received
    br_text_t summary; //  REASONING: a summary, where it is told apart from the text
    br_text_t id; //  CALL, RESULT: the call's id, as received; absent where none came
    br_text_t
        name; //  CALL, RESULT: the tool's; absent for a RESULT until it is looked up
    br_text_t item_id;          //  Responses: id of the item
    bool custom;                //  CALL, RESULT: of a freeform tool: text is no JSON
    bool error;                 //  RESULT: the tool failed
    struct _br_block_t *blocks; //  RESULT: its content; an empty list is an empty text
                                //  DOCUMENT: the parts it is made of, if it is; their
                                //  texts are its data too
    br_media_t media;           //  IMAGE and the like
    br_opaque_t *opaques;       //  REASONING, CALL, TEXT
    br_text_t raw;              //  HOSTED: JSON of the item
                                //  TEXT, DOCUMENT: JSON of what it was made of, if that
                                //  says more to its family; absent mostly
    br_text_t citations;        //  TEXT: JSON array in the family's own form
    br_family_t family;         //  of raw and citations
    br_text_t cache;            //  a cache mark stands here: "5m", "1h", "30m" or ""
    br_text_t path;             //  where it stood in the request, for errors and warnings
} br_block_t;

//  Appends a zeroed block of a kind to a list. Whoever takes blocks out of a list clears
//  the first and last of its first one.
br_block_t *br_block_add (br_block_t **list, br_block_kind_t kind, br_arena_t *arena);

br_opaque_t *br_opaque_add (br_opaque_t **list, br_family_t family, br_opaque_kind_t kind,
                            br_text_t bytes, br_arena_t *arena);

//  The first blob of a family and kind, or NULL.
const br_opaque_t *br_opaque_of (const br_opaque_t *list, br_family_t family,
                                 br_opaque_kind_t kind);

//  The texts of all TEXT blocks of a list, joined by separator; "" when there are none.
br_text_t br_block_join (const br_block_t *list, const char *separator,
                         br_arena_t *arena);

const char *br_family_name (br_family_t family);

//  ---- envelopes: how a blob of one family travels through a client of another protocol

#define BR_ENVELOPE_MAX (16u << 20) //  bytes of an envelope

//  "br1." and base64url of family, kind, model, id and bytes, with a checksum. The client
//  hands it back unchanged in the slot where it got it. Absent when it would be too long,
//  or for a blob of no family.
br_text_t br_envelope_seal (const br_opaque_t *opaque, br_arena_t *arena);
bool br_envelope_is (br_text_t text);

//  One that holds nothing, for what has no blob, but whose slot its family wants filled:
//  Anthropic refuses thinking without a signature, Google a first call. By it, it is seen
//  when it comes back that the bytes must not pass. It opens as a blob of BR_FAMILY_PLAIN,
//  which is to be taken for none.
br_text_t br_envelope_empty (br_opaque_kind_t kind, br_arena_t *arena);

//  Whether some JSON may hold an envelope: a quick look at bytes that nobody has parsed.
//  bytes may be NULL when size is 0.
bool br_envelope_may_be_in (const void *bytes, size_t size);

//  NULL when it is none or was changed. "owned by arena"
br_opaque_t *br_envelope_open (br_text_t text, br_arena_t *arena);

#endif
