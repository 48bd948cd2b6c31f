//  responses_texts: shapes of Responses that its whole bodies and its events share.

#ifndef BR_RESPONSES_TEXTS_H
#define BR_RESPONSES_TEXTS_H

#include "broker/proto/texts_shape.h"

extern const texts_shape_t responses_texts_whole; //  a request or an answer
extern const texts_shape_t responses_texts_item;
extern const texts_shape_t responses_texts_part;
extern const texts_shape_t responses_texts_event;
extern const texts_shape_t responses_texts_created;    //  a response that has begun
extern const texts_shape_t responses_texts_added;      //  an item that has begun
extern const texts_shape_t responses_texts_added_part; //  a part of one

#endif
