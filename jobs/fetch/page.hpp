// SPDX-License-Identifier: MIT
// One page from the web, by libcurl: the limits that it is fetched under, and what becomes of it.
// How many are fetched at a time is left to the job.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "fetch/curl.hpp"
#include "taskrun/core/new_file.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/job/context.hpp"

namespace taskrun {

enum class PrivateAddresses { refuse, allow };

struct FetchLimits {
  Duration connect_timeout = std::chrono::seconds(10);
  Duration total_timeout = std::chrono::seconds(60);
  Duration stall_timeout = std::chrono::seconds(20);  ///< without a byte
  std::uint64_t most_bytes = 10 << 20;
  std::uint64_t redirect_count = 5;
  std::uint64_t try_count = 3;
  PrivateAddresses private_addresses = PrivateAddresses::refuse;
  std::string save_folder;  ///< empty: bodies are not kept
};

/// What to fetch; its number tells saved files apart.
struct PageRequest {
  std::uint64_t number = 0;
  std::string url;
};

/// What came of it. Where `error` says something, there is no page.
struct Page {
  std::string url;
  long status = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  std::string type;
  std::string title;
  std::string error;
};

/// The host that a URL names. Throws Error (usage) where it is no http or https URL.
std::string host_of(const std::string& url);

/// The title of an HTML page, its entities decoded, on one line.
std::string title_of(std::string_view html);

struct CurlDeleter {
  void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
};
/// Keeps connections open between transfers. One thread at a time.
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;
/// Throws Error (environment) where libcurl has none.
CurlHandle make_curl_handle();

/// A try at a page. Made on a handle, which it uses until it is gone; libcurl is then told to
/// perform the handle, one way or another. One thread.
class Transfer {
 public:
  /// All outlive it.
  Transfer(CURL* handle, const PageRequest& request, const FetchLimits& limits,
           const Context& context);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// What came of it, when libcurl is done with that code. Once.
  Page finish(CURLcode code);
  /// After finish: how long to wait before another try; nothing where none would help.
  std::optional<Duration> retry_delay(CURLcode code, std::uint64_t tries_made) const;

 private:
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  bool take(std::string_view data);
  std::string save_path() const;
  bool keep(std::string_view data);
  // Why it could not be written; empty where it was, or where it was not to be.
  std::string end_file(bool whole);
  std::string cannot_write(std::error_code why) const;
  std::string failure(CURLcode code) const;

  CURL* handle_;
  const PageRequest& request_;
  const FetchLimits& limits_;
  const Context& context_;
  char error_text_[CURL_ERROR_SIZE] = "";
  std::string refusal_;  // why we ended it, if we did
  int shortage_ = 0;     // an errno: why it has no connection
  std::string head_;     // the beginning of the body, where the title is
  std::uint64_t bytes_ = 0;
  NewFile file_;
};

}  // namespace taskrun
