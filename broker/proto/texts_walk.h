//  texts_walk: one walk over a JSON text, led by tables that say what stands where. A table is
//  a shape: the members of an object that somebody knows. What no row names is a text when it
//  is a string, and is looked into when it is not.

#ifndef BR_TEXTS_WALK_H
#define BR_TEXTS_WALK_H

#include "broker/core/json.h"
#include "broker/proto/texts.h"

#define TEXTS_LOOKS_MAX 4   //  members that are looked at before the others
#define TEXTS_LOOKED_MAX 12 //  objects inside of each other that are looked into

//  What a member's value is.
typedef enum {
    TEXTS_WALK,     //  a string is a text, objects and arrays are walked
    TEXTS_OPAQUE,   //  a string is none, nor are those of an array; objects are walked
    TEXTS_SKIP,     //  nothing of it is
    TEXTS_URL,      //  as WALK, but a data: URL in base64 is no text
    TEXTS_JSON,     //  a string is a text that is JSON; an object or array is one text
    TEXTS_REPEATED, //  an object or array of tokens
    TEXTS_SEQUENCE  //  the event's number
} texts_mode_t;

//  What it ends when it is there, not null and not "".
typedef enum {
    TEXTS_GOES_ON,
    TEXTS_ENDS_CHANNEL, //  the one of the object it is in
    TEXTS_ENDS_CHOICE,
    TEXTS_ENDS_ALL
} texts_end_t;

//  Kinds of channels: in the events of one choice and part, strings of a kind are pieces of
//  one text. From TEXTS_KIND_OTHER on they are made of a name.
enum {
    TEXTS_KIND_WHOLE, //  no piece
    TEXTS_KIND_TEXT,
    TEXTS_KIND_THOUGHT,
    TEXTS_KIND_THOUGHT_AGAIN, //  providers say it in two members
    TEXTS_KIND_SUMMARY,
    TEXTS_KIND_REFUSAL,
    TEXTS_KIND_ARGUMENTS,
    TEXTS_KIND_INPUT,
    TEXTS_KIND_FUNCTION, //  the legacy function_call
    TEXTS_KIND_DETAIL,
    TEXTS_KIND_DETAIL_SUMMARY,
    TEXTS_KIND_SPOKEN, //  what a sound says
    TEXTS_KIND_CODE,
    TEXTS_KIND_COMPACT,
    TEXTS_KIND_OTHER = 64,
    TEXTS_KIND_AROUND = 254, //  in a row: as the value that the object is in
    TEXTS_KIND_CLOSED        //  in a row: nothing in it is a piece
};

//  What a member says of a call of a tool.
typedef enum {
    TEXTS_NO_CALL,
    TEXTS_CALL_NAME,
    TEXTS_CALL_TYPE,
    TEXTS_CALL_SERVER,
    TEXTS_CALL_ARGUMENTS
} texts_call_t;

//  Place in a row; none stands for the one around.
#define TEXTS_AT(name) (BR_TEXT_##name + 1)

typedef struct _texts_shape_t texts_shape_t;

//  A member.
typedef struct _texts_row_t {
    const char *key;
    texts_mode_t mode;
    unsigned place;             //  TEXTS_AT; 0 = as around
    const texts_shape_t *shape; //  of objects in it; NULL = texts_any
    unsigned kind;              //  of its strings, in events
    texts_end_t end;
    texts_call_t call;
} texts_row_t;

//  What an object is, by one of its members.
typedef struct _texts_word_t {
    unsigned look;              //  which of the shape's looks
    const char *word;           //  a string, or "true"
    unsigned place;             //  0 = nothing new
    const texts_shape_t *shape; //  NULL = nothing new; its looks do not count
    texts_end_t end;
} texts_word_t;

//  Where the walk is.
typedef struct _texts_spot_t {
    const texts_shape_t *shape; //  of the object, or of objects in an array
    br_text_place_t place;
    texts_mode_t mode; //  of strings in an array
    unsigned kind;
    bool closed; //  nothing is a piece
    uint32_t choice;
    uint32_t part;
    size_t item;     //  number in its array; 0 outside of one
    size_t object;   //  where the object around it stands, bytes
    unsigned looked; //  objects around it that were looked into
} texts_spot_t;

typedef struct _texts_walk_t texts_walk_t;

struct _texts_shape_t {
    const texts_row_t *rows;    //  ends with a row without a key; MAY be NULL
    const texts_shape_t *outer; //  asked for members that rows have not; MAY be NULL
    const char *looks[TEXTS_LOOKS_MAX]; //  members that tell what it is
    const texts_word_t
        *words; //  all that are true count, in their order; ends with a row
                //  without a word; MAY be NULL
    //  MAY. Behind the words: what no table says. rows, the looks as they were found
    void (*enter) (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows);
};

//  What everything falls back to.
extern const texts_shape_t texts_any;

//  Answers and requests of one protocol.
typedef struct _texts_protocol_t {
    const texts_shape_t *request;
    const texts_shape_t *answer;
    const texts_shape_t *event;
    bool snake;  //  names may be written with underscores instead of capitals
    bool parted; //  whole answers have texts in several parts, as streams have
} texts_protocol_t;

extern const texts_protocol_t chat_texts; //  also the legacy completions
extern const texts_protocol_t responses_texts;
extern const texts_protocol_t messages_texts;
extern const texts_protocol_t gemini_texts;

typedef enum {
    TEXTS_REQUEST,
    TEXTS_ANSWER,
    TEXTS_EVENT
} texts_of_t;

//  ret: 0, or what fn returned. err: BR_EINVALID, -1; then fn was not called
//  out:  ret_event, of EVENT alone
int texts_walk (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
                size_t size, br_text_event_t *ret_event, br_text_fn *fn, void *arg,
                br_error_t *reterr);

//  The same, and fn is told what it says of calls instead.
int texts_walk_calls (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
                      size_t size, br_text_event_t *ret_event, br_call_fn *fn, void *arg,
                      br_error_t *reterr);

//  ---- for enter

//  The bytes of a look; one that is absent has none.
const uint8_t *texts_look (const texts_walk_t *walk, const json_row_t *row);
bool texts_look_is (const texts_walk_t *walk, const json_row_t *row, const char *text);

//  A whole number from 0, or `otherwise`.
uint32_t texts_look_number (const texts_walk_t *walk, const json_row_t *row,
                            uint32_t otherwise);

//  A number made of a name, for parts and, with texts_kind_of, for kinds.
uint32_t texts_hash (const void *name, size_t size);
unsigned texts_kind_of (uint32_t hash);

//  The event ends the spot's channel, choice, or all.
void texts_end (texts_walk_t *walk, const texts_spot_t *spot, texts_end_t end);

#endif
