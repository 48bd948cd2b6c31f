//  ingress_access: who may speak to us at all, before anything else is looked at: by which
//  name a browser was led here, and from which page it comes. Pure functions.

#ifndef BR_INGRESS_ACCESS_H
#define BR_INGRESS_ACCESS_H

#include "actors/ingress/ingress_settings.h"

//  What a request says of where it comes from; members are NULL when it does not.
typedef struct _ingress_visitor_t {
    bool loopback; //  it came in on a loopback address
    const char *host;
    const char *origin;
} ingress_visitor_t;

//  Whether an address to listen on ("[::1]:8787") can only be reached from this machine.
bool ingress_access_is_loopback (const char *address);

//  err:  BR_EFORBIDDEN a foreign name or page
int ingress_access_check (const ingress_settings_t *settings,
                          const ingress_visitor_t *visitor, br_error_t *reterr);

//  The same for who would command without a credential. "*" lets any page call, and none
//  command: one that may is our own, or listed by its name. What a browser asks for a page
//  without telling which (an image, a link) is known by Sec-Fetch-Site.
//  in:   fetch_site, that header, or NULL
//  err:  BR_EFORBIDDEN
int ingress_access_check_operator (const ingress_settings_t *settings,
                                   const ingress_visitor_t *visitor,
                                   const char *fetch_site, br_error_t *reterr);

//  Whether a page of this origin was allowed by name, so that its browser may read.
bool ingress_access_is_listed (const ingress_settings_t *settings, const char *origin);

#endif
