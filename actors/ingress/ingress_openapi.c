//  ingress_openapi: a file that is part of the program, with a version in it.

#include <assert.h>
#include <string.h>

#include "actors/ingress/ingress_openapi.h"
#include "broker/core/buf.h"
#include "broker/core/embedded.h"
#include "broker/core/version.h"

#define DOCUMENT_MAX (4u << 20) //  bytes

//  What the file says where the version is to stand.
static const char s_unset[] = "\"version\": \"0.0.0\"";

br_blob_t *
ingress_openapi_new (void)
{
    size_t size = 0;
    const char *text = br_embedded (INGRESS_OPENAPI_FILE, &size);
    assert (text);
    br_buf_t buf;
    br_buf_init (&buf, DOCUMENT_MAX);
    const char *place = strstr (text, s_unset);
    size_t head = place ? (size_t) (place - text) : 0;
    if (place) {
        br_buf_add (&buf, text, head);
        br_buf_adds (&buf, "\"version\": \"" BR_VERSION "\"");
        head += strlen (s_unset);
    }
    br_buf_add (&buf, text + head, size - head);
    uint8_t *data = br_buf_take (&buf, &size);
    return br_blob_take (data, size);
}
