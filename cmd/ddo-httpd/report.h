/* report: /health for load balancers, /status for programs, /metrics for Prometheus.
 *
 * /health needs no login and says only whether pushes are accepted now: 200 "ok", or 503.  The
 * other two read the store anew for each request; 503 means that it cannot be read.  /status is
 * JSON, with DirectDNSOnly's keys where they mean the same.  /metrics is Prometheus' text format
 * 0.0.4.
 */
#ifndef DDO_REPORT_H
#define DDO_REPORT_H

#include "answer.h"
#include "api.h"

void report_health(struct api *api, const struct api_request *req, struct answer *out);
void report_status(struct api *api, const struct api_request *req, struct answer *out);
void report_metrics(struct api *api, const struct api_request *req, struct answer *out);

#endif
