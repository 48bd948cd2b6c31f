//  texts_shape: the tables that say what stands where in a body. A table is a shape: the
//  members of an object that somebody knows. What no row names is a text when it is a
//  string; an object there has the user's shape, whose strings and keys all are texts.

#ifndef BR_TEXTS_SHAPE_H
#define BR_TEXTS_SHAPE_H

#include "broker/core/json.h"
#include "broker/proto/texts.h"

#define TEXTS_LOOKS_MAX 5   //  members that are looked at before the others
#define TEXTS_LOOKED_MAX 12 //  objects inside of each other that are looked into

//  What a member's value is.
typedef enum {
    TEXTS_WALK,     //  a string is a text, objects and arrays are walked
    TEXTS_OPAQUE,   //  a string is none, nor are those of an array; objects are walked
    TEXTS_SKIP,     //  nothing of it is
    TEXTS_URL,      //  as WALK, but a data: URL in base64 is what it says that it is
    TEXTS_FILE,     //  a string is a file in base64, or its URL; the spot knows which
    TEXTS_JSON,     //  a string is a text that is JSON; an object or array is one text
    TEXTS_REPEATED, //  an object or array of tokens
    TEXTS_SEQUENCE  //  the event's number
} texts_mode_t;

//  What it ends when it is there, not null, "", or a word for "none".
typedef enum {
    TEXTS_GOES_ON,
    TEXTS_ENDS_CHANNEL, //  the one of the object it is in
    TEXTS_ENDS_CHOICE,
    TEXTS_ENDS_ALL,
    TEXTS_MAY_END_CHOICE, //  says so, but may go on
    TEXTS_MAY_END_ALL
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
    TEXTS_CALL_SPACE,
    TEXTS_CALL_ARGUMENTS
} texts_call_t;

//  What a file is.
typedef enum {
    TEXTS_FILE_UNKNOWN,
    TEXTS_FILE_WORDS,
    TEXTS_FILE_BLOB //  images, sound, PDF
} texts_file_t;

//  Place in a row; none stands for the one around.
#define TEXTS_AT(name) (BR_TEXT_##name + 1)

typedef struct _texts_shape_t texts_shape_t;

//  A member.
typedef struct _texts_row_t {
    const char *key;
    texts_mode_t mode;
    unsigned place; //  TEXTS_AT; 0 = as around
    const texts_shape_t
        *shape;    //  of objects in it; NULL = texts_any, or texts_free where
                   //  no object belongs
    unsigned kind; //  of its strings, in events
    texts_end_t end;
    texts_call_t call;
} texts_row_t;

//  A member that is no text.
#define TEXTS_ROW_OPAQUE(name)                                                           \
    {                                                                                    \
        .key = name, .mode = TEXTS_OPAQUE                                                \
    }
#define TEXTS_ROW_SKIP(name)                                                             \
    {                                                                                    \
        .key = name, .mode = TEXTS_SKIP                                                  \
    }

//  What an object is, by one of its members.
typedef struct _texts_word_t {
    unsigned look;              //  which of the shape's looks
    const char *word;           //  a string, or "true"
    unsigned place;             //  0 = nothing new
    const texts_shape_t *shape; //  NULL = nothing new; its looks do not count. Not taken
                                //  when the look stands there twice
    texts_end_t end;
} texts_word_t;

//  Where the walk is.
typedef struct _texts_spot_t {
    const texts_shape_t *shape; //  of the object, or of objects in an array
    br_text_place_t place;
    texts_mode_t mode; //  of strings in an array
    texts_file_t file; //  of FILE
    unsigned kind;
    bool closed; //  nothing is a piece
    bool joins;  //  closed, but clients may read a call there as a piece all the same
    uint64_t id; //  of a call; 0 = it says none
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
    const texts_word_t *words;          //  all that are true count, in their order; ends
                                        //  with a row without a word; MAY be NULL
    //  MAY. Of objects in members that nobody knows; NULL = texts_free
    const texts_shape_t *inner;
    bool is_free; //  it falls back to nothing, and its keys are texts
    //  MAY. Behind the words: what no table says. rows, the looks as they were found
    void (*enter) (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows);
};

//  What everything falls back to.
extern const texts_shape_t texts_any;

//  An object that is made as a protocol says, and all in it: keys are none of its words.
extern const texts_shape_t texts_made;

//  An object whose members nobody names in advance.
extern const texts_shape_t texts_free;

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

//  A row found, with a bit for each row of its shape; 0 = it has none.
typedef struct _texts_found_t {
    const texts_row_t *row; //  NULL = nobody knows the key
    uint64_t bit;
    //  It is a look for who reads keys in any case, and was not found as one.
    bool near_look;
} texts_found_t;

//  There are clients that read keys in any case, so what is spelled like a row that tells
//  something is that row; what a row passes over is known by its exact spelling alone.
//  in:   key, as it stands, with its quotes
texts_found_t texts_shape_find (const texts_shape_t *shape, const uint8_t *key,
                                size_t size, bool snake);

//  ---- for enter

//  The bytes of a look; one that is absent has none.
const uint8_t *texts_look (const texts_walk_t *walk, const json_row_t *row);
bool texts_look_is (const texts_walk_t *walk, const json_row_t *row, const char *text);

//  Whether the text ends so. in: tail, ASCII
bool texts_look_ends (const texts_walk_t *walk, const json_row_t *row, const char *tail);

//  A number made of an id; 0 = it is no text, or "".
uint64_t texts_look_id (const texts_walk_t *walk, const json_row_t *row);

//  A whole number from 0 to TEXTS_NUMBER_MAX, or `otherwise`. An event with anything else
//  but null there is one that clients may read in another way.
#define TEXTS_NUMBER_MAX 0xFFFFFF
uint32_t texts_look_number (const texts_walk_t *walk, const json_row_t *row,
                            uint32_t otherwise);

//  A number made of a name, for parts and, with texts_kind_of, for kinds.
uint32_t texts_hash (const void *name, size_t size);
unsigned texts_kind_of (uint32_t hash);

//  Whether pieces of a text can be there.
bool texts_has_pieces (const texts_walk_t *walk);

//  The event ends the spot's channel, choice, or all.
void texts_end (texts_walk_t *walk, const texts_spot_t *spot, texts_end_t end);

//  A client may put the event's pieces together in another way.
void texts_doubt (texts_walk_t *walk);

//  The event begins a block or item, of this number.
void texts_begin (texts_walk_t *walk, uint64_t number);

//  ---- enters that several protocols have

//  The choice is the first look, or the place in the array.
void texts_enter_choice (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows);

//  What the object's file is: looks that are names of files by their ending, all others
//  by the type that they say. What is said twice is words.
void texts_enter_file (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows);

#endif
