//  texts_file: what a string says that is a file: words in base64, words as they stand,
//  or something that is no text (images, sound, PDF).

#ifndef BR_TEXTS_FILE_H
#define BR_TEXTS_FILE_H

#include "broker/proto/texts_shape.h"

#define TEXTS_FILE_HEAD_MAX 4096 //  bytes in which a data: URL says what it is

//  By a media type. in: type, bytes
texts_file_t texts_file_of_type (const char *type, size_t size);

//  By the ending of a name: WORDS, or UNKNOWN.
texts_file_t texts_file_of_name (const char *name, size_t size);

//  The span of a string. A file that nobody named is one of words, unless its first bytes are
//  those of a known format; one whose type is no text is words when it begins with some, and
//  not as a known format.
//  in:   string, as it stands, with its quotes; file, where no data: URL says it
//        url, other strings are no files but texts
//  out:  ret_form, ret_at (bytes from string), ret_size
//  ret:  false = it is no text
bool texts_file_span (const uint8_t *string, size_t size, texts_file_t file, bool url,
                      br_text_form_t *ret_form, size_t *ret_at, size_t *ret_size);

#endif
