//  ingress_tools: a table of empty lists.

#include "actors/ingress/ingress_tools.h"

static const char *const s_lists[BR_SURFACE_COUNT] = {
    [BR_SURFACE_TOOLS] = "{\"tools\":[]}",
    [BR_SURFACE_ADMIN_TOOLS] = "{\"tools\":[]}",
    [BR_SURFACE_ADMIN_TOOL_SOURCES] = "{\"upstreams\":[]}",
    [BR_SURFACE_ADMIN_AGENTS] = "{\"agents\":[]}",
    [BR_SURFACE_ADMIN_MCP_TOOLS] = "{\"tools\":[]}",
    [BR_SURFACE_ADMIN_MCP_SERVERS] = "{\"servers\":[]}",
};

const char *
ingress_tools_answer (br_surface_t surface, const char *path, br_error_t *reterr)
{
    if (s_lists[surface])
        return s_lists[surface];
    char name[BR_SURFACE_ID_MAX + 1];
    br_surface_name (surface, path, name, sizeof name);
    br_error_set (reterr, BR_ENOTFOUND, "there is no server of tools '%.100s'", name);
    return NULL;
}
