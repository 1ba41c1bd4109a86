// SPDX-License-Identifier: MIT
#include "taskrun/report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

// Failed chunks are behind us as well; chunks count where there are no items to count.
double done_ratio(const Progress& p) {
  if (p.extent == Extent::open) return 0;
  if (p.chunk_count > 0 && p.chunks_done + p.chunks_failed >= p.chunk_count) return 1;
  const auto done = p.item_count > 0 ? p.items_done : p.chunks_done;
  const auto all = p.item_count > 0 ? p.item_count : p.chunk_count;
  return all == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
}

// Rounded down: 100 % is what is complete.
int done_percent(const Progress& p) { return static_cast<int>(done_ratio(p) * 100); }

std::string rate_text(const Progress& p) {
  const double s = seconds(p.elapsed);
  if (s <= 0 || p.items_done <= p.items_restored) return "";
  const double rate = static_cast<double>(p.items_done - p.items_restored) / s;
  return (rate < 10 ? fmt::format("{:.2g}", rate) : readable_count(rate)) + " items/s";
}

std::string time_left_text(const Progress& p) {
  const double ratio = done_ratio(p);
  // What was restored says nothing of the speed.
  const double restored =
      p.item_count == 0 ? 0
                        : static_cast<double>(p.items_restored) / static_cast<double>(p.item_count);
  if (ratio <= restored || ratio >= 1) return "";
  // Far above any run, and below what a Duration holds.
  const double left = std::min(seconds(p.elapsed) / (ratio - restored) * (1 - ratio), 1e9);
  return (left < 1 ? "<1 s" : readable_duration(from_seconds(left))) + " left";
}

// Few as they are: 10, not 10.0.
std::string items_text(std::uint64_t count) {
  return count < 1000 ? std::to_string(count) : readable_count(static_cast<double>(count));
}

std::string open_text(const Progress& p) {
  return items_text(p.items_done) + " items done, input still open";
}

std::string failed_text(const Progress& p) {
  return p.chunks_failed == 0 ? "" : fmt::format("{} chunks failed", p.chunks_failed);
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string text;
  for (const auto& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  }
  return text;
}

}  // namespace

std::string progress_bar(const Progress& p, std::size_t width) {
  if (p.extent == Extent::open) return progress_line(p).substr(0, width);
  constexpr std::size_t most_cells = 40;
  constexpr std::size_t least_cells = 5;
  const std::string percent = fmt::format("{:3} %", done_percent(p));
  const std::string figures = joined({rate_text(p), time_left_text(p), failed_text(p)});
  // What stands around the cells: "percent [cells] figures", all in ASCII.
  const std::size_t around = percent.size() + figures.size() + 4;
  if (width < around + least_cells) return (percent + "  " + figures).substr(0, width);
  const std::size_t cells = std::min(most_cells, width - around);
  const auto full = static_cast<std::size_t>(done_ratio(p) * static_cast<double>(cells));
  return fmt::format("{} [{}{}] {}", percent, std::string(full, '#'),
                     std::string(cells - full, '.'), figures);
}

std::string progress_line(const Progress& p) {
  if (p.extent == Extent::open) return joined({open_text(p), rate_text(p), failed_text(p)});
  const std::string what =
      p.item_count > 0 ? fmt::format("{} % of {} {}", done_percent(p), items_text(p.item_count),
                                     p.item_count == 1 ? "item" : "items")
                       : fmt::format("{} % of {} chunks", done_percent(p), p.chunk_count);
  return joined({what, rate_text(p), time_left_text(p), failed_text(p)});
}

std::string progress_step_line(const Progress& p) {
  const bool open = p.extent == Extent::open;
  const std::string what = p.item_count == 0
                               ? fmt::format("{} of {} chunks", p.chunks_done, p.chunk_count)
                           : open ? fmt::format("{} items", p.items_done)
                                  : fmt::format("{} of {} items", p.items_done, p.item_count);
  return joined({what + " done after " + readable_duration(p.elapsed), rate_text(p),
                 open ? "" : time_left_text(p), failed_text(p)});
}

bool ProgressSteps::due(const Progress& p) {
  if (p.items_done < next_) return false;
  next_ = after(p);
  return true;
}

std::uint64_t ProgressSteps::after(const Progress& p) const {
  constexpr std::uint64_t times = 20;
  const std::uint64_t done = p.items_done;
  if (items_ == 0 && p.extent == Extent::open) {
    std::uint64_t step = 1;
    for (std::uint64_t power = 1; step <= done && power <= UINT64_MAX / 10; power *= 10) {
      for (const std::uint64_t digit : {1U, 2U, 5U, 10U}) {
        step = digit * power;
        if (step > done) break;
      }
    }
    return step;
  }
  const std::uint64_t step =
      items_ > 0 ? items_ : std::max<std::uint64_t>(1, (p.item_count + times - 1) / times);
  const std::uint64_t steps = done / step + 1;
  return steps > UINT64_MAX / step ? UINT64_MAX : steps * step;
}

bool ProgressPace::due(Time now) {
  if (!next_) next_ = now + first_;
  if (now < *next_) return false;
  next_ = now + interval_;
  return true;
}

}  // namespace taskrun
