//  messages_field: what is lost on the way or cannot be carried is told to the client, in
//  its own words.

#include "broker/proto/messages/messages_parts.h"

void
messages_lose (messages_out_t *self, br_field_t field, bool changed)
{
    const char *name = br_field_name (field, self->call->protocol);
    br_loss_add (self->losses, self->arena, br_text (name), changed);
}

void
messages_lose_at (messages_out_t *self, br_text_t path, const char *otherwise,
                  bool changed)
{
    br_loss_add (self->losses, self->arena, path.size ? path : br_text (otherwise),
                 changed);
}

int
messages_refuse (messages_out_t *self, br_text_t field, const char *what)
{
    return br_error_set (self->reterr, BR_EINVALID, "%.*s: %s at %s %s", (int) field.size,
                         field.at, self->target->model, self->target->provider, what);
}
