// SPDX-License-Identifier: MIT
// libcurl, loaded when the first page is asked for: it brings some thirty libraries along, and to
// load those takes longer than a small run of any other job.
#pragma once

#include <curl/curl.h>

namespace taskrun {

/// Its functions by their names without `curl_`; what they do is told in libcurl's own manual.
struct Curl {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_free) free;

  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_strerror) easy_strerror;

  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_setopt) multi_setopt;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_multi_strerror) multi_strerror;

  decltype(&::curl_url) url;
  decltype(&::curl_url_cleanup) url_cleanup;
  decltype(&::curl_url_get) url_get;
  decltype(&::curl_url_set) url_set;
};

/// From any thread; ready for use, and never unloaded. Throws Error (environment) where it cannot
/// be loaded.
const Curl& curl();

}  // namespace taskrun
