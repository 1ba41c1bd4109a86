// SPDX-License-Identifier: MIT
#include "app/compare/variants.hpp"

#include <algorithm>
#include <set>

#include "app/cli/fresh_job.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

using Words = std::vector<std::string>;

// What a job's own options are called where they matter here; jobs/README.md says so.
constexpr const char* engine_option = "engine";
constexpr const char* event_loop = "async";
constexpr const char* width_option = "in-flight";
constexpr const char* untimed_option = "untimed";

// Of a small dataset, for each thing that is done at the same time: few enough to cost nothing,
// enough to be evened out.
constexpr std::uint64_t chunks_at_a_time = 8;

bool has_event_loop(const CommandLine& line) {
  const FreshJob fresh(line.entry);
  const Param* const engine = param_named(fresh.params.all(), engine_option);
  if (engine == nullptr) return false;
  try {
    engine->parse(event_loop);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_untimed(const CommandLine& line) {
  const Param* const untimed = param_named(line.params.all(), untimed_option);
  return untimed != nullptr && untimed->is_flag();
}

// Each variant has its own, or compare itself does what they say.
std::set<std::string> left_out_options(const CommandLine& line) {
  std::set<std::string> names{"threads", "io-threads", "json",    "svg",
                              "repeat",  "quiet",      "verbose", "progress"};
  if (has_event_loop(line)) names.insert(engine_option);
  if (is_untimed(line)) names.insert(untimed_option);
  return names;
}

void append_option(Words& words, const std::string& name, const std::string& text) {
  // A value may look like an option, or be empty.
  if (text.starts_with('-')) {
    words.push_back("--" + name + "=" + text);
  } else {
    words.insert(words.end(), {"--" + name, text});
  }
}

// Job and options, the variant's own among them, then the values without a name.
Words arguments_of(const CommandLine& line, const Words& own) {
  const auto left_out = left_out_options(line);
  Words words{line.entry->name};
  Words values;
  for (const auto& [name, text] : line.given) {
    if (left_out.count(name) > 0) continue;
    const Param* const param = param_named(line.params.all(), name);
    if (param != nullptr && param->is_arguments()) {
      values.push_back(text);
    } else if (text.empty() && (param == nullptr || param->is_flag())) {
      words.push_back("--" + name);
    } else {
      append_option(words, name, text);
    }
  }
  if (is_untimed(line)) words.push_back(std::string("--") + untimed_option);
  words.insert(words.end(), own.begin(), own.end());
  if (!values.empty()) words.emplace_back("--");
  words.insert(words.end(), values.begin(), values.end());
  return words;
}

std::uint64_t loop_width(const CommandLine& line) {
  const Param* const width = param_named(line.params.all(), width_option);
  return width == nullptr ? 1 : parse_count(width->value()).value_or(1);
}

Words threads(std::uint64_t count) { return {"--threads", std::to_string(count)}; }
Words io_threads(std::uint64_t count) { return {"--io-threads", std::to_string(count)}; }

std::vector<Variant> computing_variants(const CommandLine& line, const Surroundings& here) {
  const std::uint64_t count =
      line.settings.thread_count > 0 ? line.settings.thread_count : here.core_count;
  if (count == 1) {
    throw usage_error("there is nothing to compare with one thread; give --threads 2 or more");
  }
  std::vector<Variant> variants{{"sequential", 0, 1, arguments_of(line, threads(1))},
                                {"threads", 0, count, arguments_of(line, threads(count))}};
  if (here.no_ranks.empty()) {
    variants.push_back({"processes", count, count, arguments_of(line, threads(1))});
  }
  return variants;
}

std::vector<Variant> waiting_variants(const CommandLine& line, const Surroundings& here) {
  const std::uint64_t width =
      line.settings.io_thread_count > 0 ? line.settings.io_thread_count : default_io_thread_count;
  if (width == 1) {
    throw usage_error(
        "there is nothing to compare with --io-threads 1; give more, or leave it out");
  }
  std::vector<Variant> variants{{"one at a time", 0, 1, arguments_of(line, io_threads(1))},
                                {"I/O threads", 0, width, arguments_of(line, io_threads(width))}};
  if (has_event_loop(line)) {
    Words own = threads(1);
    own.insert(own.end(), {std::string("--") + engine_option, event_loop});
    variants.push_back({"event loop", 0, loop_width(line), arguments_of(line, own)});
  }
  if (here.no_ranks.empty()) {
    const std::uint64_t ranks = std::clamp<std::uint64_t>(here.core_count, 2, width);
    const std::uint64_t each = width / ranks;
    variants.push_back({"processes", ranks, ranks * each, arguments_of(line, io_threads(each))});
  }
  return variants;
}

}  // namespace

bool waits(const CommandLine& line) { return line.job->io_bound() || has_event_loop(line); }

Words describing_arguments(const CommandLine& line) {
  Words words{"describe"};
  const Words job = arguments_of(line, {});
  words.insert(words.end(), job.begin(), job.end());
  return words;
}

void add_options(Words& arguments, const Words& options) {
  arguments.insert(std::find(arguments.begin(), arguments.end(), "--"), options.begin(),
                   options.end());
}

std::optional<std::uint64_t> chunks_for_all(const CommandLine& line, const DatasetSize& size,
                                            const std::vector<Variant>& variants) {
  if (line.settings.chunk_count > 0 || line.settings.chunk_size > 0) return std::nullopt;
  std::uint64_t widest = 1;
  for (const Variant& variant : variants) widest = std::max(widest, variant.at_once);
  if (size.chunk_count >= widest) return std::nullopt;
  const std::uint64_t count = std::min(size.item_count, widest * chunks_at_a_time);
  return count > size.chunk_count ? std::optional(count) : std::nullopt;
}

std::vector<Variant> variants_of(const CommandLine& line, const Surroundings& here) {
  return waits(line) ? waiting_variants(line, here) : computing_variants(line, here);
}

}  // namespace taskrun
