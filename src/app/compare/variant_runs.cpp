// SPDX-License-Identifier: MIT
#include "app/compare/variant_runs.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/os/unnamed_file.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

std::string text_of(const Descriptor& file) {
  std::ifstream in("/proc/self/fd/" + std::to_string(file.fd()));
  return {std::istreambuf_iterator<char>(in), {}};
}

// A count of what `describe` prints.
std::optional<std::uint64_t> count_in(const std::string& text, std::string_view key) {
  const auto begin = text.rfind(key);
  if (begin == text.npos) return std::nullopt;
  const auto digits = begin + key.size();
  return parse_count(text.substr(digits, text.find_first_of(",\n", digits) - digits));
}

std::optional<DatasetSize> size_in(const std::string& text) {
  const auto items = count_in(text, "\nitems: ");
  const auto chunks = count_in(text, "\nchunks: ");
  if (!items || !chunks) return std::nullopt;
  return DatasetSize{*items, *chunks};
}

Sample sample_of(const MeasuredRun& run, const std::string& json_path) {
  std::ifstream in(json_path);
  const json told = json::parse(in, nullptr, false);
  if (told.is_discarded()) throw environment_error("a run left no statistics in " + json_path);
  const json& account = told["account"];
  return {run, from_seconds(account["wall_seconds"]), account["chunk_count"]};
}

}  // namespace

ChildCommand command_of(const Variant& variant, const std::string& program) {
  ChildCommand command;
  if (variant.rank_count > 0) {
    command.arguments = {"mpirun",    "-np",  std::to_string(variant.rank_count),
                         "--bind-to", "none", "--oversubscribe"};
    if (geteuid() == 0) {
      command.environment = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"};
    }
  }
  command.arguments.push_back(program);
  command.arguments.insert(command.arguments.end(), variant.arguments.begin(),
                           variant.arguments.end());
  return command;
}

std::optional<DatasetSize> VariantRuns::look(const CommandLine& line, const Variant& variant) {
  ChildCommand command{{program_}, {}};
  const auto words = describing_arguments(line);
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  const auto size = size_in(text_of(finish("describe", command).out));
  // Such a dataset is not read before it is computed.
  if (!size && input_.relay() != nullptr) finish_variant(variant);
  input_.settle(signals_);
  if (const int signal = signals_.next()) throw StopAsked{signal};
  return size;
}

Sample VariantRuns::measure(const Variant& variant) {
  Finished finished = finish_variant(variant);
  require_same(variant, std::move(finished.out));
  return sample_of(finished.run, account_path());
}

VariantRuns::Finished VariantRuns::finish(const std::string& name, ChildCommand command) {
  InputRelay* const relay = input_.relay();
  const Descriptor in = relay == nullptr ? input_.open() : Descriptor();
  Finished finished{{}, unnamed_file()};
  command.in = relay == nullptr ? in.fd() : relay->end_for_reading();
  command.out = finished.out.fd();
  finished.run = run_measured(command, signals_, relay);
  if (finished.run.exit_code != 0) throw RunFailed{name, finished.run};
  return finished;
}

VariantRuns::Finished VariantRuns::finish_variant(const Variant& variant) {
  ChildCommand command = command_of(variant, program_);
  add_options(command.arguments, {"--quiet", "--json", account_path()});
  return finish(variant.name, std::move(command));
}

// As everything depends on: the same bytes, however they were computed.
void VariantRuns::require_same(const Variant& variant, Descriptor out) {
  if (!expected_.open()) {
    expected_ = std::move(out);
    first_name_ = variant.name;
    return;
  }
  const auto difference = first_difference(expected_, out);
  if (!difference) return;
  throw environment_error("the results differ: '" + variant.name + "' wrote something else than '" +
                          first_name_ + "', from byte " + std::to_string(*difference) +
                          " on; a job's result must depend on its items and parameters only");
}

}  // namespace taskrun
