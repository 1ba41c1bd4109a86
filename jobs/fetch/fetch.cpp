// SPDX-License-Identifier: MIT
// Fetches pages and tells what came of each: status, size, time, type and title. Many at a time, by
// a thread each or by one event loop. A page that cannot be had is a line that says why, and an
// item that failed.
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <iomanip>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "fetch/curl.hpp"
#include "fetch/page.hpp"
#include "fetch/page_loop.hpp"
#include "shared/folder.hpp"
#include "shared/input_lines.hpp"
#include "shared/waiting.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"

namespace {

using taskrun::Page;
using taskrun::PageRequest;

// Pages that count as errors, and what happened to the first of them.
struct Failures {
  std::uint64_t count = 0;
  std::string first;

  void add(const Page& page) {
    if (page.failure.empty()) return;
    if (++count == 1) first = page.failure;
  }
  Failures& operator+=(const Failures& other) {
    if (count == 0) first = other.first;
    count += other.count;
    return *this;
  }
  std::string text() const {
    return count <= 1 ? first : first + "; and " + std::to_string(count - 1) + " more";
  }
  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& count& first;
  }
};

struct Summary {
  std::map<std::string, std::uint64_t> outcomes;  // "200", "404", … or "error"
  std::uint64_t bytes = 0;
  double longest_seconds = 0;
  Failures failures;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& outcomes& bytes& longest_seconds& failures;
  }
};

// Of a page: its connection and an idle one, looking up the name of its host, the file it is kept
// in.
constexpr std::uint64_t descriptors_of_page = 7;
// Of everything else in the process.
constexpr std::uint64_t other_descriptors = 64;

// Where not even one slot can have as many as it should.
std::uint64_t possible_in_flight(std::uint64_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t left =
      limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, other_descriptors);
  return std::clamp<std::uint64_t>(left / descriptors_of_page, 1, wanted);
}

std::string outcome(const Page& page) {
  return page.error.empty() ? std::to_string(page.status) : "error";
}

// What one rank's threads share: handles with open connections, and how many speak to a host.
class Connections {
 public:
  // A handle for a host, as long as it lives.
  class Use {
   public:
    // Waits until the host has room.
    Use(Connections& all, const std::string& host, std::uint64_t most)
        : all_(all), host_(host), handle_(all.take(host, most)) {}
    ~Use() { all_.give(host_, std::move(handle_)); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    CURL* handle() const { return handle_.get(); }

   private:
    Connections& all_;
    const std::string& host_;
    taskrun::CurlHandle handle_;
  };

 private:
  taskrun::CurlHandle take(const std::string& host, std::uint64_t most) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return in_use_[host] < most; });
    taskrun::CurlHandle handle;
    if (idle_.empty()) {
      handle = taskrun::make_curl_handle();
    } else {
      handle = std::move(idle_.back());
      idle_.pop_back();
    }
    ++in_use_[host];
    return handle;
  }
  void give(const std::string& host, taskrun::CurlHandle handle) {
    {
      const std::lock_guard lock(mutex_);
      if (--in_use_[host] == 0) in_use_.erase(host);
      idle_.push_back(std::move(handle));
    }
    freed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, std::uint64_t> in_use_;
  std::vector<taskrun::CurlHandle> idle_;
};

class Fetch {
 public:
  void params(taskrun::Params& params) {
    urls_.declare(params, "URL", "pages, http:// or https://");
    params.choice("engine", engine_, "a thread for each page, or an event loop for many",
                  {"threads", "async"});
    params.count("in-flight", in_flight_, "for async: pages at a time in each loop", 1, 1000);
    params.count("per-host", per_host_,
                 "connections at a time to a host, from each rank (async: from each loop)", 1,
                 1000);
    params.path("save", limits_.save_folder,
                "a folder to keep pages in that are no errors, as NUMBER-HOST");
    params.flag("summary", summary_, "show a count per status instead of a line per page");
    params.flag("untimed", untimed_,
                "leave out how long pages took, which differs from run to run");
    params.duration("connect-timeout", limits_.connect_timeout, "how long connecting may take",
                    std::chrono::milliseconds(1), std::chrono::hours(1));
    params.duration("page-timeout", limits_.total_timeout,
                    "how long a page may take in all, with all tries and waiting between them",
                    std::chrono::milliseconds(1), std::chrono::hours(24));
    params.duration("stall-timeout", limits_.stall_timeout, "how long a server may send nothing",
                    std::chrono::seconds(1), std::chrono::hours(1));
    params.byte_count("max-bytes", limits_.most_bytes, "skip larger pages", 1);
    params.count("redirects", limits_.redirect_count, "how often to follow to another place", 0,
                 50);
    params.count("tries", limits_.try_count,
                 "how often to ask a server that is busy or gone; one that asks for more than 60 s "
                 "of patience (Retry-After) is not asked again",
                 1, 20);
    params.text("ok-codes", ok_codes_,
                "HTTP codes that are no errors; a page with another one counts as failed, and the "
                "run ends with exit code 3");
    params.flag("allow-private", allow_private_, "also fetch from addresses of private networks");
    params.example("https://www.debian.org https://www.gnu.org", "two pages");
    params.example("--file urls.txt --summary --io-threads 64", "many, 64 at a time");
  }

  void check() const {
    urls_.check(taskrun::page_address);
    taskrun::OkCodes::of(ok_codes_);
    if (!limits_.save_folder.empty()) taskrun::require_folder("--save", limits_.save_folder);
  }

  bool emits() const { return !summary_; }
  // A loop needs no threads of its own for waiting.
  bool io_bound() const { return engine_ == "threads"; }
  std::uint64_t slot_descriptors() const {
    return io_bound() ? descriptors_of_page : in_flight_ * descriptors_of_page;
  }
  // A loop is kept busy by many; the last ones of a chunk leave it idle.
  std::uint64_t chunk_size() const { return io_bound() ? 1 : 8 * in_flight_; }

  taskrun::Lines dataset() const { return urls_.lines(); }

  void emit(std::span<const taskrun::Line> part, taskrun::Output& out,
            const taskrun::Context& context) const {
    Failures failures;
    for (const auto& page : pages(part, context)) {
      out << page.url << '\t' << outcome(page) << '\t' << page.bytes << '\t' << time_of(page)
          << '\t' << page.type << '\t' << (page.error.empty() ? page.title : page.error) << '\n';
      failures.add(page);
    }
    // Trying again is done here already.
    if (failures.count > 0) throw taskrun::ChunkFailed(failures.text(), true);
  }

  Summary map(std::span<const taskrun::Line> part, const taskrun::Context& context) const {
    Summary summary;
    for (const auto& page : pages(part, context)) {
      ++summary.outcomes[outcome(page)];
      summary.bytes += page.bytes;
      if (!untimed_) summary.longest_seconds = std::max(summary.longest_seconds, page.seconds);
      summary.failures.add(page);
    }
    return summary;
  }

  Summary reduce(Summary left, const Summary& right) const {
    for (const auto& [outcome, count] : right.outcomes) left.outcomes[outcome] += count;
    left.bytes += right.bytes;
    left.longest_seconds = std::max(left.longest_seconds, right.longest_seconds);
    left.failures += right.failures;
    return left;
  }

  void print(const Summary& summary, std::ostream& out) const {
    for (const auto& [outcome, count] : summary.outcomes) out << outcome << '\t' << count << '\n';
    out << summary.bytes << " bytes";
    if (!untimed_) out << ", the slowest page took " << summary.longest_seconds << " s";
    out << '\n';
  }

  nlohmann::json json(const Summary& summary) const {
    return {{"outcomes", summary.outcomes},
            {"bytes", summary.bytes},
            {"failed", summary.failures.count},
            {"longest_seconds", summary.longest_seconds}};
  }

  std::string failure(const Summary& summary) const {
    const auto count = summary.failures.count;
    if (count == 0) return "";
    return std::to_string(count) + (count == 1 ? " page" : " pages") +
           " failed: " + summary.failures.text();
  }

 private:
  std::string time_of(const Page& page) const {
    if (untimed_) return "-";
    std::ostringstream time;
    time << std::fixed << std::setprecision(3) << page.seconds;
    return time.str();
  }

  // A line that is no URL is a page that cannot be had.
  std::vector<Page> pages(std::span<const taskrun::Line> part,
                          const taskrun::Context& context) const {
    std::vector<Page> all(part.size());
    std::vector<PageRequest> requests;
    std::vector<Page*> places;  // of the requests
    for (std::size_t i = 0; i < part.size(); ++i) {
      try {
        requests.push_back({part[i].number, urls_.read(part[i], taskrun::page_address)});
        places.push_back(&all[i]);
      } catch (const taskrun::Error& error) {
        all[i].url = taskrun::shown(part[i].text);
        all[i].error = all[i].failure = error.what();
      }
    }
    auto fetched = fetch_all(requests, context);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = std::move(fetched[i]);
    return all;
  }

  std::vector<Page> fetch_all(const std::vector<PageRequest>& requests,
                              const taskrun::Context& context) const {
    taskrun::FetchLimits limits = limits_;
    limits.ok_codes = taskrun::OkCodes::of(ok_codes_);
    if (allow_private_) limits.private_addresses = taskrun::PrivateAddresses::allow;
    if (engine_ == "async") {
      return taskrun::fetch_in_loop(requests, limits, {possible_in_flight(in_flight_), per_host_},
                                    context);
    }
    std::vector<Page> pages;
    for (const auto& request : requests) pages.push_back(page(request, limits, context));
    return pages;
  }

  Page page(const PageRequest& request, const taskrun::FetchLimits& limits,
            const taskrun::Context& context) const {
    taskrun::PageTry what;
    for (;; ++what.number) {
      Page page;
      taskrun::Retry retry;
      {
        const Connections::Use connection(*connections_, request.address.host, per_host_);
        if (what.number == 1) what.began = taskrun::steady_now();
        taskrun::Transfer transfer(connection.handle(), request, what, limits, context);
        const CURLcode code = taskrun::curl().easy_perform(connection.handle());
        page = transfer.finish(code);
        retry = transfer.retry(code);
      }
      page.note(retry.why_not);
      if (!retry.delay || context.stop_requested()) return page;
      taskrun::wait(*retry.delay, context);
    }
  }

  taskrun::GivenValues urls_{"URLs"};
  std::string engine_ = "threads";
  std::uint64_t in_flight_ = 32;
  std::uint64_t per_host_ = 6;
  bool summary_ = false;
  bool untimed_ = false;
  bool allow_private_ = false;
  std::string ok_codes_ = "200-399";
  taskrun::FetchLimits limits_;
  std::unique_ptr<Connections> connections_ = std::make_unique<Connections>();
};

}  // namespace

TASKRUN_JOB(fetch, "fetch pages and show their status, size, type and title", Fetch)
