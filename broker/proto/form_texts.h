//  form_texts: the texts of a multipart/form-data body that a model could act on, as the
//  prompt of an edit of an image, or of a transcript.

#ifndef BR_FORM_TEXTS_H
#define BR_FORM_TEXTS_H

#include "broker/proto/texts.h"

//  Texts of the user, in the form RAW, whole. Its boundary is that which the body begins with:
//  whoever knows the Content-Type asks form_begins before. The model's name is none; files
//  are none, unless their type is text or JSON.
//  ret:  0, -1 or what fn returned
//  err:  BR_EINVALID it begins with no boundary, or is malformed
int form_texts (const void *bytes, size_t size, br_text_fn *fn, void *arg,
                br_error_t *reterr);

#endif
