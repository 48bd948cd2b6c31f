//  metrics_operation: one row a surface.

#include "actors/metrics/metrics_operation.h"
#include "broker/proto/surface.h"

static const char *const s_operations[BR_SURFACE_COUNT] = {
    [BR_SURFACE_CHAT] = "chat",
    [BR_SURFACE_RESPONSES] = "chat",
    [BR_SURFACE_MESSAGES] = "chat",
    [BR_SURFACE_GOOGLE] = "generate_content",
    [BR_SURFACE_GOOGLE_STREAM] = "generate_content",
    [BR_SURFACE_COMPLETIONS] = "text_completion",
    [BR_SURFACE_EMBEDDINGS] = "embeddings",
    [BR_SURFACE_GOOGLE_EMBED] = "embeddings",
    [BR_SURFACE_GOOGLE_EMBEDS] = "embeddings",
};

const char *
metrics_operation (uint64_t surface)
{
    const char *operation = surface < BR_SURFACE_COUNT ? s_operations[surface] : NULL;
    return operation ? operation : "other";
}
