// SPDX-License-Identifier: MIT
// One page from the web, by libcurl: the limits that it is fetched under, and what becomes of it.
// How many are fetched at a time is left to the job.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fetch/address.hpp"
#include "fetch/curl.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/job/context.hpp"
#include "taskrun/os/new_file.hpp"

namespace taskrun {

enum class PrivateAddresses { refuse, allow };

/// The HTTP codes that are no errors.
class OkCodes {
 public:
  /// Of a list such as 200-299,404. Throws Error (usage).
  static OkCodes of(const std::string& list);
  bool has(long code) const;

 private:
  std::vector<std::pair<long, long>> ranges_;  // first and last
};

struct FetchLimits {
  Duration connect_timeout = std::chrono::seconds(10);
  Duration total_timeout = std::chrono::seconds(60);  ///< all tries, and waiting between them
  Duration stall_timeout = std::chrono::seconds(20);  ///< without a byte
  std::uint64_t most_bytes = 10 << 20;
  std::uint64_t redirect_count = 5;
  std::uint64_t try_count = 3;
  PrivateAddresses private_addresses = PrivateAddresses::refuse;
  OkCodes ok_codes;
  std::string save_folder;  ///< of pages that are no errors; empty: none are kept
};

/// What to fetch; its number tells saved files apart.
struct PageRequest {
  std::uint64_t number = 0;
  PageAddress address;
};

struct PageTry {
  Time began;                ///< the first one
  std::uint64_t number = 1;  ///< from 1
};

/// Whether a page is tried again.
struct Retry {
  std::optional<Duration> delay;  ///< after so long
  std::string why_not;            ///< what to say where another try might have helped
};

/// What came of it. Where `error` says something, there is no page. A page that counts as an error
/// has a `failure`, which says why.
struct Page {
  std::string url;
  long status = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  std::string type;
  std::string title;
  std::string error;
  std::string failure;

  /// Adds why it was not tried again.
  void note(const std::string& why_not);
};

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
  Transfer(CURL* handle, const PageRequest& request, const PageTry& what, const FetchLimits& limits,
           const Context& context);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// What came of it, when libcurl is done with that code. Once.
  Page finish(CURLcode code);
  /// After finish.
  Retry retry(CURLcode code) const;

 private:
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  bool take(std::string_view data);
  bool may_help(CURLcode code) const;
  Duration usual_delay() const;
  Duration time_left() const;
  std::string save_path() const;
  bool keep(std::string_view data);
  // Why it could not be written; empty where it was, or where it was not to be.
  std::string end_file(bool whole);
  std::string cannot_write(int error) const;
  std::string failure(CURLcode code) const;

  CURL* handle_;
  const PageRequest& request_;
  const PageTry try_;
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
