// SPDX-License-Identifier: MIT
// Fetches pages and tells what came of each: status, size, time, type and title. Many at a time, by
// a thread each or by one event loop. A page that cannot be had is a line that says why.
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
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
#include "shared/input_lines.hpp"
#include "shared/waiting.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"

namespace {

using taskrun::Page;
using taskrun::PageRequest;

struct Summary {
  std::map<std::string, std::uint64_t> outcomes;  // "200", "404", … or "error"
  std::uint64_t bytes = 0;
  double longest_seconds = 0;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& outcomes& bytes& longest_seconds;
  }
};

std::string outcome(const Page& page) {
  return page.error.empty() ? std::to_string(page.status) : "error";
}

// What one rank's threads share: handles with open connections, and how many speak to a host.
class Connections {
 public:
  // Waits until the host has room.
  taskrun::CurlHandle take(const std::string& host, std::uint64_t most) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return in_use_[host] < most; });
    ++in_use_[host];
    if (idle_.empty()) return taskrun::make_curl_handle();
    auto handle = std::move(idle_.back());
    idle_.pop_back();
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

 private:
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
    params.text("save", limits_.save_folder, "a folder to keep the pages in, as NUMBER-HOST");
    params.flag("summary", summary_, "show a count per status instead of a line per page");
    params.flag("untimed", untimed_, "leave out how long pages took, which differs from run to run");
    params.duration("connect-timeout", limits_.connect_timeout, "how long connecting may take",
                    std::chrono::milliseconds(1), std::chrono::hours(1));
    params.duration("page-timeout", limits_.total_timeout, "how long a page may take in all",
                    std::chrono::milliseconds(1), std::chrono::hours(24));
    params.duration("stall-timeout", limits_.stall_timeout, "how long a server may send nothing",
                    std::chrono::seconds(1), std::chrono::hours(1));
    params.byte_count("max-bytes", limits_.most_bytes, "skip larger pages", 1);
    params.count("redirects", limits_.redirect_count, "how often to follow to another place", 0,
                 50);
    params.count("tries", limits_.try_count, "how often to ask a server that is busy or gone", 1,
                 20);
    params.flag("allow-private", allow_private_, "also fetch from addresses of private networks");
    params.example("https://www.debian.org https://www.gnu.org", "two pages");
    params.example("--file urls.txt --summary --io-threads 64", "many, 64 at a time");
  }

  void check() const {
    urls_.check(taskrun::host_of);
    const auto& folder = limits_.save_folder;
    if (!folder.empty() && !std::filesystem::is_directory(folder)) {
      throw taskrun::usage_error("--save " + folder + ": there is no such folder; make it first");
    }
  }

  bool emits() const { return !summary_; }
  // A loop needs no threads of its own for waiting.
  bool io_bound() const { return engine_ == "threads"; }
  // A loop is kept busy by many; the last ones of a chunk leave it idle.
  std::uint64_t chunk_size() const { return io_bound() ? 1 : 8 * in_flight_; }

  taskrun::Lines dataset() const { return urls_.lines(); }

  void emit(std::span<const taskrun::Line> part, taskrun::Output& out,
            const taskrun::Context& context) const {
    for (const auto& page : pages(part, context)) {
      out << page.url << '\t' << outcome(page) << '\t' << page.bytes << '\t' << time_of(page)
          << '\t' << page.type << '\t' << (page.error.empty() ? page.title : page.error) << '\n';
    }
  }

  Summary map(std::span<const taskrun::Line> part, const taskrun::Context& context) const {
    Summary summary;
    for (const auto& page : pages(part, context)) {
      ++summary.outcomes[outcome(page)];
      summary.bytes += page.bytes;
      if (!untimed_) summary.longest_seconds = std::max(summary.longest_seconds, page.seconds);
    }
    return summary;
  }

  Summary reduce(Summary left, const Summary& right) const {
    for (const auto& [outcome, count] : right.outcomes) left.outcomes[outcome] += count;
    left.bytes += right.bytes;
    left.longest_seconds = std::max(left.longest_seconds, right.longest_seconds);
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
            {"longest_seconds", summary.longest_seconds}};
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
        urls_.read(part[i], taskrun::host_of);
        requests.push_back({part[i].number, part[i].text});
        places.push_back(&all[i]);
      } catch (const taskrun::Error& error) {
        all[i].url = taskrun::shown(part[i].text);
        all[i].error = error.what();
      }
    }
    auto fetched = fetch_all(requests, context);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = std::move(fetched[i]);
    return all;
  }

  std::vector<Page> fetch_all(const std::vector<PageRequest>& requests,
                              const taskrun::Context& context) const {
    taskrun::FetchLimits limits = limits_;
    if (allow_private_) limits.private_addresses = taskrun::PrivateAddresses::allow;
    if (engine_ == "async") {
      return taskrun::fetch_in_loop(requests, limits, {in_flight_, per_host_}, context);
    }
    std::vector<Page> pages;
    for (const auto& request : requests) pages.push_back(page(request, limits, context));
    return pages;
  }

  Page page(const PageRequest& request, const taskrun::FetchLimits& limits,
            const taskrun::Context& context) const {
    const std::string host = taskrun::host_of(request.url);
    for (std::uint64_t tries = 1;; ++tries) {
      auto handle = connections_->take(host, per_host_);
      Page page;
      std::optional<taskrun::Duration> delay;
      {
        taskrun::Transfer transfer(handle.get(), request, limits, context);
        const CURLcode code = taskrun::curl().easy_perform(handle.get());
        page = transfer.finish(code);
        delay = transfer.retry_delay(code, tries);
      }
      connections_->give(host, std::move(handle));
      if (!delay || context.stop_requested()) return page;
      taskrun::wait(*delay, context);
    }
  }

  taskrun::GivenValues urls_{"URLs"};
  std::string engine_ = "threads";
  std::uint64_t in_flight_ = 32;
  std::uint64_t per_host_ = 6;
  bool summary_ = false;
  bool untimed_ = false;
  bool allow_private_ = false;
  taskrun::FetchLimits limits_;
  std::unique_ptr<Connections> connections_ = std::make_unique<Connections>();
};

}  // namespace

TASKRUN_JOB(fetch, "fetch pages and show their status, size, type and title", Fetch)
