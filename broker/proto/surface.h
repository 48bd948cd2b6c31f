//  surface: what a client can ask for, by method and path: one row each. The row says which
//  protocol it is, where the model is named, who may answer, and what a provider of the
//  same protocol calls the operation.

#ifndef BR_SURFACE_H
#define BR_SURFACE_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/proto/protocol.h"
#include "broker/proto/request.h"

#define BR_SURFACE_ID_MAX 256 //  bytes of the id of a stored object

//  Numbers travel on the bus: new ones go to the end.
typedef enum {
    BR_SURFACE_NONE,
    BR_SURFACE_CHAT,   //  POST /v1/chat/completions
    BR_SURFACE_MODELS, //  GET /v1/models, answered here
    BR_SURFACE_HEALTH, //  GET /health, answered here
    BR_SURFACE_READY,  //  GET /ready, answered here
    BR_SURFACE_RESPONSES,
    BR_SURFACE_MESSAGES,
    BR_SURFACE_GOOGLE,        //  :generateContent
    BR_SURFACE_GOOGLE_STREAM, //  :streamGenerateContent
    BR_SURFACE_MODEL,         //  GET /v1/models/{model}, answered here
    BR_SURFACE_GOOGLE_MODELS, //  GET /v1beta/models, answered here
    BR_SURFACE_GOOGLE_MODEL,  //  GET /v1beta/models/{model}, answered here
    BR_SURFACE_RESPONSES_TOKENS,
    BR_SURFACE_MESSAGES_TOKENS,
    BR_SURFACE_GOOGLE_TOKENS,
    BR_SURFACE_RESPONSES_COMPACT,
    BR_SURFACE_RESPONSE, //  GET /v1/responses/{id}
    BR_SURFACE_RESPONSE_DELETE,
    BR_SURFACE_RESPONSE_CANCEL,
    BR_SURFACE_RESPONSE_ITEMS,
    BR_SURFACE_GOOGLE_EMBED,
    BR_SURFACE_GOOGLE_EMBEDS,
    BR_SURFACE_EMBEDDINGS,
    BR_SURFACE_IMAGES,
    BR_SURFACE_IMAGE_EDITS,
    BR_SURFACE_IMAGE_VARIATIONS,
    BR_SURFACE_SPEECH,
    BR_SURFACE_TRANSCRIPTIONS,
    BR_SURFACE_TRANSLATIONS,
    BR_SURFACE_MODERATIONS,
    BR_SURFACE_RERANK,
    BR_SURFACE_COMPLETIONS,
    BR_SURFACE_QUOTE,           //  POST /v1/quote, answered here
    BR_SURFACE_ADMIN_METRICS,   //  GET /admin/metrics, answered here, as are those below
    BR_SURFACE_METRICS,         //  GET /v1/metrics: JSON
    BR_SURFACE_METRICS_TEXT,    //  GET /metrics: Prometheus
    BR_SURFACE_ADMIN_ROUTES,    //  GET /admin/routes
    BR_SURFACE_ADMIN_ROUTE_ADD, //  POST /admin/routes
    BR_SURFACE_ADMIN_ROUTE_REMOVE, //  DELETE /admin/routes/{name}
    BR_SURFACE_ADMIN_READ,         //  GET /admin/{command}
    BR_SURFACE_ADMIN_ASK,          //  POST /admin/{command}
    BR_SURFACE_OPENAPI,            //  GET /openapi.json
    BR_SURFACE_ROUTES,             //  GET /v1/routes
    BR_SURFACE_TOOLS,              //  GET /v1/tools
    BR_SURFACE_ADMIN_TOOLS,        //  GET /admin/tools
    BR_SURFACE_ADMIN_TOOL_SOURCES, //  GET /admin/tools/upstreams
    BR_SURFACE_ADMIN_AGENTS,       //  GET /admin/agents
    BR_SURFACE_ADMIN_MCP_TOOLS,    //  GET /admin/mcp/tools
    BR_SURFACE_ADMIN_MCP_SERVERS,  //  GET /admin/mcp/servers
    BR_SURFACE_ADMIN_MCP_FILTER,   //  PUT /admin/mcp/servers/{name}/filter
    BR_SURFACE_ADMIN_MCP_PARAMS,   //  PUT /admin/mcp/servers/{name}/params
    BR_SURFACE_COUNT
} br_surface_t;

//  Who may answer.
typedef enum {
    BR_SURFACE_OWN,    //  ingress itself
    BR_SURFACE_TALK,   //  an endpoint of any protocol: what it says is translated
    BR_SURFACE_TOKENS, //  the same; only tokens are counted, and where nobody can count
                       //  they are estimated
    BR_SURFACE_PASS,   //  an endpoint of its own protocol; all bytes pass as they are
    BR_SURFACE_OBJECT  //  as PASS, and only the one that made the object {id}
} br_surface_kind_t;

//  How the path may begin instead.
typedef enum {
    BR_SURFACE_AS_IS,  //  in no other way
    BR_SURFACE_V1,     //  with /v1 or without
    BR_SURFACE_V1BETA, //  with /v1beta, with /v1, or with neither
} br_surface_start_t;

typedef struct _br_surface_row_t {
    const char *method; //  of the client, and of the request to a provider
    const char *path; //  as clients write it. "{model}" stands for anything but nothing,
                      //  "{id}" for one segment that is an id
    br_surface_start_t start;
    br_surface_kind_t kind;
    br_protocol_t wire;    //  of its bodies, streams and errors
    const char *protocol;  //  the same as the configuration spells it; NULL when OWN
    const char *upstream;  //  NULL when OWN. Appended to a provider's api_base, as its
                           //  own documentation counts the base: OpenAI's ends with /v1,
                           //  Anthropic's and Google's end with the host. So a base that
                           //  ends with the first segment of this has it already.
                           //  "{model}" is to be replaced by attempt.start's model (its
                           //  '/' may stay, all else that is not unreserved is escaped),
                           //  "{id}" by its object, which needs no escape
    request_place_t place; //  where the model is. FORM: a body that is multipart; when it
                           //  is JSON the model is in the BODY. See model_bare
    bool stream;           //  it always answers with a stream
    bool any_answer; //  a success may be anything, sound or plain text, not JSON alone
} br_surface_row_t;

//  NULL for BR_SURFACE_NONE and numbers that are none.
const br_surface_row_t *br_surface_row (unsigned surface);

//  What a protocol has for TALK, in a stream or not, or for TOKENS; where it cannot count,
//  its TALK.
//  in:   protocol, as the configuration spells it
//  ret:  BR_SURFACE_NONE for a protocol that is not talked
br_surface_t br_surface_for (const char *protocol, br_surface_kind_t kind, bool stream);

//  The surface of a request; escapes of the path are undone, a slash at its end is ignored.
//  BR_SURFACE_NONE: *ret_known tells whether the path exists with another method.
br_surface_t br_surface_of (const char *method, const char *path, bool *ret_known);

//  What stands in the path for {model} or {id}, without escapes.
//  in:   path, one that is the surface's; room, bytes of out
//  ret:  0, or -1 when there is no such thing or it does not fit; then out is ""
int br_surface_name (br_surface_t surface, const char *path, char *out, size_t room);

//  What a path is that other routers serve and we do not ("files"), or NULL.
const char *br_surface_unserved (const char *path);

//  In which protocol somebody expects to hear that a path is wrong. path may be NULL.
br_protocol_t br_surface_wire_of (const char *path);

#endif
