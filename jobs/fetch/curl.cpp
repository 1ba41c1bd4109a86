// SPDX-License-Identifier: MIT
#include "fetch/curl.hpp"

#include <dlfcn.h>

#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

class Library {
 public:
  // The interface has had this name since 2006.
  Library() : library_(::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) fail();
  }

  template <class Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(::dlsym(library_, name));
    if (function == nullptr) fail();
  }

 private:
  [[noreturn]] static void fail() {
    const char* why = ::dlerror();
    throw environment_error(std::string("libcurl cannot be used: ") +
                            (why == nullptr ? "it is not there" : why));
  }

  void* library_;
};

Curl loaded() {
  const Library library;
  Curl curl{};
  library.find("curl_global_init", curl.global_init);
  library.find("curl_free", curl.free);
  library.find("curl_easy_init", curl.easy_init);
  library.find("curl_easy_cleanup", curl.easy_cleanup);
  library.find("curl_easy_reset", curl.easy_reset);
  library.find("curl_easy_setopt", curl.easy_setopt);
  library.find("curl_easy_getinfo", curl.easy_getinfo);
  library.find("curl_easy_perform", curl.easy_perform);
  library.find("curl_easy_strerror", curl.easy_strerror);
  library.find("curl_multi_init", curl.multi_init);
  library.find("curl_multi_cleanup", curl.multi_cleanup);
  library.find("curl_multi_setopt", curl.multi_setopt);
  library.find("curl_multi_add_handle", curl.multi_add_handle);
  library.find("curl_multi_remove_handle", curl.multi_remove_handle);
  library.find("curl_multi_perform", curl.multi_perform);
  library.find("curl_multi_poll", curl.multi_poll);
  library.find("curl_multi_info_read", curl.multi_info_read);
  library.find("curl_multi_strerror", curl.multi_strerror);
  library.find("curl_url", curl.url);
  library.find("curl_url_cleanup", curl.url_cleanup);
  library.find("curl_url_get", curl.url_get);
  library.find("curl_url_set", curl.url_set);
  // libcurl counts nothing that would have to be undone.
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw environment_error("libcurl cannot be used: it does not start");
  }
  return curl;
}

}  // namespace

const Curl& curl() {
  static const Curl functions = loaded();
  return functions;
}

}  // namespace taskrun
