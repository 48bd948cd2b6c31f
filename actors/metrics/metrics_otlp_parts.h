//  metrics_otlp_parts: the pieces that requests of spans and of figures are made of.

#ifndef BR_METRICS_OTLP_PARTS_H
#define BR_METRICS_OTLP_PARTS_H

#include "broker/core/json_writer.h"

//  An attribute; an empty text is none.
void metrics_otlp_text (json_writer_t *out, const char *key, const char *value);
void metrics_otlp_count (json_writer_t *out, const char *key, uint64_t value);

//  A member of 64 bits, which the encoding wants as a text.
void metrics_otlp_number (json_writer_t *out, const char *key, uint64_t value);

//  The head of a request with one resource and one scope, and its end.
void metrics_otlp_begin (json_writer_t *out, const char *resources, const char *scopes,
                         const char *items);
void metrics_otlp_end (json_writer_t *out);

#endif
