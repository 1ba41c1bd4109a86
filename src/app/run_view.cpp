// SPDX-License-Identifier: MIT
#include "app/run_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "taskrun/report/account_text.hpp"

namespace taskrun {
namespace {

constexpr std::size_t most_failed_chunks_named = 10;

// What is shown in the end: bars only where there is a terminal.
ProgressStyle chosen_style(const RunSettings& settings, const Console& console) {
  if (settings.quiet || settings.progress == ProgressStyle::off) return ProgressStyle::off;
  if (settings.progress == ProgressStyle::lines || settings.progress == ProgressStyle::verbose) {
    return settings.progress;
  }
  return console.has_terminal() ? ProgressStyle::bar : ProgressStyle::lines;
}

const char* prefix(Level level) {
  switch (level) {
    case Level::warning:
      return "warning: ";
    case Level::error:
      return "error: ";
    default:
      return "";
  }
}

std::string items_text(const FailedChunk& f) {
  return f.end_item - f.first_item <= 1
             ? fmt::format("item {}", f.first_item + 1)
             : fmt::format("items {} to {}", f.first_item + 1, f.end_item);
}

// What the result lacks. A chunk of text may have written all but what failed in it.
const char* loss_of(const Job& job) {
  if (job.has_effects()) return "";
  return job.emits() ? "; the result leaves out what failed in them"
                     : "; the result leaves them out";
}

}  // namespace

RunView::RunView(const RunSettings& settings, const Job& job, Console& console,
                 const OutputWriter& output, std::string list_all)
    : quiet_(settings.quiet),
      verbose_(settings.verbose),
      loss_(loss_of(job)),
      console_(console),
      output_(output),
      list_all_(std::move(list_all)),
      style_(chosen_style(settings, console)),
      asked_for_(settings.progress != ProgressStyle::automatic),
      pace_(style_ == ProgressStyle::bar
                ? ProgressPace(bar_interval)
                : ProgressPace(line_interval, asked_for_ ? first_line_after : line_interval)),
      steps_(settings.progress_items) {}

void RunView::on_event(const Event& event) {
  if (event.level >= Level::warning || verbose_) console_.line(prefix(event.level) + event.text);
}

void RunView::on_progress(const Progress& progress) {
  if (failure_) std::rethrow_exception(failure_);
  output_.check();
  last_ = progress;
  is_last_shown_ = false;
  const bool due = style_ == ProgressStyle::verbose
                       ? steps_.due(progress)
                       : style_ != ProgressStyle::off && pace_.due(steady_now());
  if (due) show(progress);
}

void RunView::show(const Progress& progress) {
  is_last_shown_ = true;
  if (style_ == ProgressStyle::lines) {
    console_.line(progress_line(progress));
  } else if (style_ == ProgressStyle::verbose) {
    console_.line(progress_step_line(progress));
  } else if (const auto width = console_.bar_width(); width > 0) {
    console_.draw(progress_bar(progress, width));
  }
}

void RunView::tell_failed(const Account& account) {
  const auto named = std::min(account.failed.size(), most_failed_chunks_named);
  for (std::size_t i = 0; i < named; ++i) {
    const FailedChunk& f = account.failed[i];
    const std::string tries = f.attempts > 1 ? fmt::format(" {} times", f.attempts) : "";
    console_.line(
        fmt::format("chunk {} ({}) failed{}: {}", f.chunk + 1, items_text(f), tries, f.error));
  }
  console_.line(fmt::format(
      "{} of {} chunks failed{}{}", account.chunks_failed, account.chunk_count,
      named < account.chunks_failed
          ? fmt::format(" (those above and {} more; {})", account.chunks_failed - named, list_all_)
          : "",
      loss_));
}

void RunView::tell_end(const Account& account, std::uint32_t core_count, const std::string& alone) {
  console_.clear();
  // However short the run: who asks for lines gets one.
  const bool in_lines = style_ == ProgressStyle::lines || style_ == ProgressStyle::verbose;
  if (in_lines && asked_for_ && last_ && !is_last_shown_) show(*last_);
  if (!quiet_) console_.paragraph(account_paragraph(account));
  if (account.chunks_failed > 0) {
    tell_failed(account);
    console_.line(alone);
  }
  if (quiet_) return;
  if (const auto text = advice(account, core_count)) console_.line("advice: " + *text);
}

}  // namespace taskrun
