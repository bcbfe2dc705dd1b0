/*
 * The streams of an SRTP session, in place of libsrtp's own list (SRTP_NO_STREAM_LIST), which is walked
 * from stream to stream for each packet: whoever watches forty others has eighty of them. Here the SSRCs
 * lie side by side. What each function promises stands in libsrtp's stream_list_priv.h.
 */
#include <config.h>

#include "alloc.h"
#include "stream_list_priv.h"

#include <string.h>

static const size_t first_capacity = 4;

typedef struct srtp_stream_list_ctx_t_ {
  /* As they are in packets, in the order of `streams`. */
  uint32_t *ssrcs;
  srtp_stream_t *streams;
  size_t count;
  size_t capacity;
} stream_list;

static srtp_err_status_t grow(stream_list *list) {
  const size_t capacity = list->capacity == 0 ? first_capacity : 2 * list->capacity;
  uint32_t *const ssrcs = srtp_crypto_alloc(capacity * sizeof *ssrcs);
  srtp_stream_t *const streams = srtp_crypto_alloc(capacity * sizeof *streams);
  if (ssrcs == NULL || streams == NULL) {
    if (ssrcs != NULL) srtp_crypto_free(ssrcs);
    if (streams != NULL) srtp_crypto_free(streams);
    return srtp_err_status_alloc_fail;
  }
  if (list->capacity > 0) {
    memcpy(ssrcs, list->ssrcs, list->count * sizeof *ssrcs);
    memcpy(streams, list->streams, list->count * sizeof *streams);
    srtp_crypto_free(list->ssrcs);
    srtp_crypto_free(list->streams);
  }
  list->ssrcs = ssrcs;
  list->streams = streams;
  list->capacity = capacity;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_stream_list_alloc(srtp_stream_list_t *list_ptr) {
  /* Zeroed by libsrtp. */
  *list_ptr = srtp_crypto_alloc(sizeof(stream_list));
  return *list_ptr == NULL ? srtp_err_status_alloc_fail : srtp_err_status_ok;
}

srtp_err_status_t srtp_stream_list_dealloc(srtp_stream_list_t list) {
  if (list->count > 0) return srtp_err_status_fail;
  if (list->capacity > 0) {
    srtp_crypto_free(list->ssrcs);
    srtp_crypto_free(list->streams);
  }
  srtp_crypto_free(list);
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_stream_list_insert(srtp_stream_list_t list, srtp_stream_t stream) {
  if (list->count == list->capacity) {
    const srtp_err_status_t status = grow(list);
    if (status != srtp_err_status_ok) return status;
  }
  list->ssrcs[list->count] = stream->ssrc;
  list->streams[list->count] = stream;
  ++list->count;
  return srtp_err_status_ok;
}

srtp_stream_t srtp_stream_list_get(srtp_stream_list_t list, uint32_t ssrc) {
  for (size_t index = 0; index < list->count; ++index) {
    if (list->ssrcs[index] == ssrc) return list->streams[index];
  }
  return NULL;
}

void srtp_stream_list_remove(srtp_stream_list_t list, srtp_stream_t stream) {
  for (size_t index = 0; index < list->count; ++index) {
    if (list->streams[index] != stream) continue;
    --list->count;
    list->ssrcs[index] = list->ssrcs[list->count];
    list->streams[index] = list->streams[list->count];
    return;
  }
}

void srtp_stream_list_for_each(srtp_stream_list_t list, int (*callback)(srtp_stream_t, void *), void *data) {
  /* From the end, so that the callback may remove the stream that it was given. */
  for (size_t index = list->count; index > 0; --index) {
    if (callback(list->streams[index - 1], data)) return;
  }
}
