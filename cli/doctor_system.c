//  doctor_system: the clock, the bound of open files, and the libraries.

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>
#include <zmq.h>

#include "broker/core/version.h"
#include "cli/doctor.h"

#define EPOCH 1735689600        //  2025-01-01; no build is older
#define FAR_FUTURE 4102444800LL //  2100-01-01
#define FILES_SCARCE 4096       //  a call holds two connections
#define FILES_ERROR 256

void
doctor_clock (doctor_t *self)
{
    time_t now = time (NULL);
    char text[32];
    struct tm utc;
    gmtime_r (&now, &utc);
    strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (now < EPOCH || now > FAR_FUTURE)
        doctor_say (self, DOCTOR_ERROR, "clock",
                    "it shows %s: tokens and certificates expire by it; set it right",
                    text);
    else
        doctor_say (self, DOCTOR_OK, "clock", "%s", text);
}

void
doctor_descriptors (doctor_t *self)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files))
        return;
    doctor_level_t level = files.rlim_cur < FILES_ERROR    ? DOCTOR_ERROR
                           : files.rlim_cur < FILES_SCARCE ? DOCTOR_WARNING
                                                           : DOCTOR_OK;
    doctor_say (
        self, level, "open files", "%" PRIu64 " at the most%s", (uint64_t) files.rlim_cur,
        level == DOCTOR_OK ? ""
                           : "; each call needs two: `ulimit -n 65536` before the "
                             "start, or LimitNOFILE= of the service");
}

void
doctor_libraries (doctor_t *self)
{
    int major, minor, patch;
    zmq_version (&major, &minor, &patch);
    if (!zmq_has ("ipc") || !zmq_has ("curve"))
        doctor_say (self, DOCTOR_ERROR, "libraries",
                    "libzmq %d.%d.%d was built without ipc or CURVE; install another",
                    major, minor, patch);
    else
        doctor_say (self, DOCTOR_OK, "libraries",
                    "bitrouter " BR_VERSION ", zeromq %d.%d.%d, libcurl %s, "
                    "libmicrohttpd %s, sqlite %s, libsodium %s, cJSON %s",
                    major, minor, patch, curl_version_info (CURLVERSION_NOW)->version,
                    MHD_get_version (), sqlite3_libversion (), sodium_version_string (),
                    cJSON_Version ());
}
