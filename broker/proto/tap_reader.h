//  tap_reader: what a protocol brings along to be tapped: one const table, named in
//  its codec.

#ifndef BR_TAP_READER_H
#define BR_TAP_READER_H

#include "broker/proto/tap.h"
#include "broker/proto/tap_told.h"

typedef struct _tap_reader_t {
    //  MUST. One event of a stream, in order; notes what it finds in *result, sets unknown
    //  when it makes no sense. name is "" for an event without one. size > 0.
    //  ret:  TAP_NOTHING for a keep-alive and for what only announces an answer, TAP_ERROR
    //        for an error object, else TAP_DATA
    tap_first_t (*event) (tap_result_t *result, const char *name, const uint8_t *data,
                          size_t size);

    //  MUST. A whole plain body, size > 0. ret: as event
    tap_first_t (*body) (tap_result_t *result, const uint8_t *bytes, size_t size);

    //  MUST. What of an event, and of a whole body, is said to the client.
    const tap_told_t *told_event;
    const tap_told_t *told_body;

    //  MAY. A stream that ends behind a finish is whole: there is no marker, or some
    //  providers leave it out.
    bool ends_by_finish;

    //  MAY. A stream may come as one JSON array, whose elements are its events.
    bool streams_array;
} tap_reader_t;

#endif
