// SPDX-License-Identifier: MIT
#include "app/compare/compare.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "app/compare/variant_runs.hpp"
#include "app/output.hpp"
#include "app/ranks.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/launch/launcher_text.hpp"
#include "taskrun/launch/mpirun.hpp"
#include "taskrun/launch/run_secret.hpp"
#include "taskrun/launch/stop_signals.hpp"
#include "taskrun/os/cpu_count.hpp"
#include "taskrun/report/comparison.hpp"
#include "taskrun/report/console.hpp"
#include "taskrun/report/result_file.hpp"

namespace taskrun {
namespace {

constexpr std::size_t width_without_terminal = 80;

// --- where it runs

std::string why_no_processes() {
  const std::string why = why_no_ranks();
  return !why.empty() || is_in_path("mpirun") ? why : "there is no mpirun in PATH";
}

// --- what a variant takes

Duration median(std::vector<Duration> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

template <class Part>
std::vector<Duration> durations(const std::vector<Sample>& samples, Part part) {
  std::vector<Duration> values;
  for (const Sample& sample : samples) values.push_back(part(sample));
  return values;
}

VariantFigures figures_of(const Variant& variant, std::string command,
                          const std::vector<Sample>& samples) {
  VariantFigures figures;
  figures.name = variant.name;
  figures.command = std::move(command);
  figures.at_once = variant.at_once;
  figures.walls = durations(samples, [](const Sample& s) { return s.taken.wall; });
  figures.wall = median(figures.walls);
  figures.run = median(durations(samples, [](const Sample& s) { return s.run; }));
  figures.processor = median(durations(samples, [](const Sample& s) { return s.taken.processor; }));
  figures.queued = median(durations(samples, [](const Sample& s) { return s.taken.queued; }));
  for (const Sample& sample : samples) {
    figures.peak_memory_bytes = std::max(figures.peak_memory_bytes, sample.taken.peak_memory_bytes);
  }
  return figures;
}

// --- runs that fail

// mpirun adds words of its own; the rank's are enough.
std::string said_by_taskrun(const std::string& err) {
  std::istringstream lines(err);
  std::string said;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("taskrun: ")) said += line + "\n";
  }
  return said;
}

// Why mpirun could not start the ranks; empty where something else went wrong.
std::string said_by_mpirun(const std::string& err) {
  LauncherText text(random_text());  // nobody marks anything
  static_cast<void>(text.filter(err));
  return text.cause();
}

int pass_on(const RunFailed& failed) {
  std::string said = said_by_taskrun(failed.run.err);
  if (said.empty()) {
    const std::string cause = said_by_mpirun(failed.run.err);
    if (!cause.empty()) throw environment_error(cause);
    said = failed.run.err;
  }
  if (said.empty()) {
    said = "taskrun: the run '" + failed.name + "' ended with exit code " +
           std::to_string(failed.run.exit_code) + " and said nothing\n";
  }
  write_text(STDERR_FILENO, said);
  return failed.run.exit_code;
}

// --- the comparison

class Comparing {
 public:
  Comparing(const CommandLine& line, const CompareSettings& settings,
            const StandardStreams& streams)
      : line_(line),
        settings_(settings),
        out_(streams.out),
        here_{usable_core_count(), why_no_processes()},
        variants_(variants_of(line, here_)),
        samples_(variants_.size()),
        console_(STDERR_FILENO,
                 wants_progress() ? Terminal::on(dup(STDERR_FILENO), getpgrp()) : std::nullopt,
                 line.settings.secrets()) {
    // What cannot be written is told before anything runs.
    const std::string& path = line.settings.json_path;
    if (!path.empty() && path != "-") json_file_.emplace(path);
    if (!settings.svg_path.empty()) svg_file_.emplace(settings.svg_path);
  }

  void run() {
    try {
      run_all();
    } catch (...) {
      console_.clear();
      throw;
    }
    console_.clear();
    tell();
  }

 private:
  void run_all() {
    if (const auto size = runs_.look(line_, variants_[1])) {
      chunk_count_ = size->chunk_count;
      cut(*size);
      require_chunks();
    }
    const std::uint64_t rounds = settings_.repeat_count;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < variants_.size(); ++i) {
        show(variants_[i].name, round * variants_.size() + i + 1, rounds * variants_.size());
        samples_[i].push_back(runs_.measure(variants_[i]));
        // The first one's chunks are what is done one at a time; an event loop takes many at once.
        chunk_count_ = samples_.front().front().chunk_count;
        require_chunks();
      }
    }
  }

  // A small input would be a chunk or two, and most of the variants had nothing to do.
  void cut(const DatasetSize& size) {
    const auto count = chunks_for_all(line_, size, variants_);
    if (!count) return;
    for (Variant& variant : variants_) {
      add_options(variant.arguments, {"--chunks", std::to_string(*count)});
    }
    told_cut_ = "Cut in " + std::to_string(*count) +
                " chunks to be compared; the job itself makes " + std::to_string(size.chunk_count) +
                " of so little.\n";
    chunk_count_ = *count;
  }

  bool wants_progress() const {
    const auto style = line_.settings.progress;
    return !line_.settings.quiet && isatty(STDERR_FILENO) != 0 &&
           (style == ProgressStyle::automatic || style == ProgressStyle::bar);
  }

  void show(const std::string& name, std::uint64_t number, std::uint64_t count) {
    console_.draw("run " + std::to_string(number) + " of " + std::to_string(count) + ": " + name);
  }

  void require_chunks() const {
    if (chunk_count_ >= 2) return;
    throw usage_error(
        "there is nothing to compare: the dataset is a single chunk here; give more items, or "
        "smaller chunks (--chunks)");
  }

  Comparison result() const {
    Comparison comparison;
    comparison.job = line_.entry->name;
    comparison.core_count = here_.core_count;
    comparison.chunk_count = chunk_count_;
    comparison.repeat_count = settings_.repeat_count;
    comparison.io_bound = waits(line_);
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      const auto command = command_of(variants_[i], line_.program);
      const bool kept = line_.settings.secrets() == Secrets::kept;
      const auto words = kept ? command.arguments : without_secrets(command.arguments);
      comparison.variants.push_back(figures_of(variants_[i], shell_words(words), samples_[i]));
      auto& at_once = comparison.variants.back().at_once;
      at_once = std::min(at_once, chunk_count_);
    }
    if (!here_.no_ranks.empty()) comparison.left_out.push_back({"processes", here_.no_ranks});
    return comparison;
  }

  std::size_t out_width() const {
    const auto terminal = isatty(out_) != 0 ? Terminal::on(dup(out_), getpgrp()) : std::nullopt;
    return terminal ? terminal->width() - 1 : width_without_terminal;
  }

  std::string text_of(const Comparison& comparison) const {
    std::string text = comparison_table(comparison) + "\n" +
                       comparison_chart(comparison, out_width()) + "\n" +
                       comparison_sentence(comparison) + "\n" + told_cut_;
    for (const auto& [name, why] : comparison.left_out) {
      text += "Left out: " + name + ", because " + why + ".\n";
    }
    return text;
  }

  void tell() const {
    const Comparison comparison = result();
    const std::string as_json = comparison_json(comparison).dump(2) + "\n";
    const bool json_out = line_.settings.json_path == "-";
    write_text(out_, json_out ? as_json : text_of(comparison));
    if (json_file_) json_file_->write(as_json);
    if (svg_file_) svg_file_->write(comparison_svg(comparison));
  }

  const CommandLine& line_;
  const CompareSettings& settings_;
  const int out_;
  const Surroundings here_;
  std::vector<Variant> variants_;
  std::vector<std::vector<Sample>> samples_;  // of each variant
  Console console_;
  std::optional<ResultFile> json_file_;
  std::optional<ResultFile> svg_file_;
  VariantRuns runs_;
  std::uint64_t chunk_count_ = 0;
  std::string told_cut_;  // nothing where it was not
};

}  // namespace

int compare(const CommandLine& line, const CompareSettings& settings,
            const StandardStreams& streams) {
  try {
    Comparing(line, settings, streams).run();
    return static_cast<int>(ExitCode::complete);
  } catch (const RunFailed& failed) {
    return pass_on(failed);
  } catch (const StopAsked& asked) {
    Console(STDERR_FILENO, std::nullopt).line("stopped before the comparison was complete");
    return exit_code_of_signal(asked.signal);
  }
}

}  // namespace taskrun
