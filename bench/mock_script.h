//  mock_script: what the mock provider does with one request. Starts from the defaults of
//  the command line, then the model's name, then the header x-mock have their say.

#ifndef MOCK_SCRIPT_H
#define MOCK_SCRIPT_H

#include <stddef.h>

#define MOCK_FILE_MAX 64 //  bytes of a file's name, with its end

//  Switches are 0 or 1; -1 means "not wanted" where 0 has a meaning.
typedef struct _mock_script_t {
    int status;         //  HTTP status; from 400 on an error body is sent
    int retry_after_s;  //  retry-after of 429 and 503; -1 = none
    int chunks;         //  content chunks of a stream
    int gap_ms;         //  between two chunks
    int first_ms;       //  before the first byte of the answer
    int size;           //  bytes of an answer or of a chunk's event; 0 = 820 and 190
    int cut;            //  close after that many chunks, or in the middle of an answer
    int stall_after;    //  after that many chunks silence, the connection stays open
    int bad_chunk;      //  number of the chunk that is broken JSON, from 0
    int times;          //  the script holds for that many requests, then the defaults
    int stall;          //  never answers
    int reset;          //  RST instead of an answer; with cut, instead of the close
    int empty;          //  closes with nothing
    int html;           //  an HTML page instead of JSON
    int error_in_200;   //  the first frame, or the answer, is an error object
    int endless;        //  the answer never ends
    int echo_body;      //  the answer tells size, SHA-256 and head of the request's body
    int gzip;           //  content-encoding: gzip, asked for or not
    int no_done;        //  a stream without data: [DONE]
    int no_usage;       //  neither answers nor streams carry usage
    int split;          //  bytes of a write at the most; 0 = any
    int gap_us;         //  after each write
    int error_after;    //  an error event after that many events, then the end
    int end_after;      //  the end, well framed, after that many events
    int tools;          //  the scripted conversation, on each protocol
    int strict;         //  of it: reasoning must come back
    int greet;          //  its greeting for any model and request; nothing is checked
    int no_retry_after; //  no word of when to come back
    int should_retry;   //  x-should-retry of an error: 0, 1; -1 = none
    int context;        //  the error is that the input is too long for the model
    int policy;         //  the error is that the content is not allowed
    int credit;         //  the error is that the money is used up
    int mistyped;       //  the content type is that of a plain text
    int tag;            //  nothing: makes a name of its own
    char file[MOCK_FILE_MAX]; //  a recorded answer in the folder --files; "" = none
} mock_script_t;

void mock_script_init (mock_script_t *self);

//  Applies one key. value may be NULL: then the key means 1.
//  Returns 0, or -1 where the key is unknown or the value is no number of its range.
int mock_script_set (mock_script_t *self, const char *key, const char *value);

//  "key=value;key=value". Returns 0, or -1 with the culprit in ret_bad (bad_size bytes).
int mock_script_header (mock_script_t *self, const char *text, char *ret_bad,
                        size_t bad_size);

//  "mock-429", "mock-chunks60-gap5", also behind a prefix that ends with ':' or '/'.
//  Names that do not begin with "mock-" change nothing. Returns as mock_script_header.
int mock_script_model (mock_script_t *self, const char *model, char *ret_bad,
                       size_t bad_size);

#endif
