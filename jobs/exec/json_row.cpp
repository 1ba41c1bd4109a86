// SPDX-License-Identifier: MIT
#include "exec/json_row.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

using nlohmann::json;

constexpr std::size_t most_levels = 500;

// Writes again what is read. No tree is made: neither depth nor size costs more than the text has.
class RowWriter final : public nlohmann::json_sax<json> {
 public:
  explicit RowWriter(JsonRow& row) : row_(row) {}

  bool null() override { return scalar(levels_.size() == 1 ? "" : "null"); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return scalar(text); }
  bool string(string_t& text) override {
    return scalar(levels_.size() == 1 ? text : json(text).dump());
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open('{'); }
  bool start_array(std::size_t) override { return open('['); }
  bool end_object() override { return close('}'); }
  bool end_array() override { return close(']'); }
  bool key(string_t& name) override {
    if (levels_.size() == 1) {
      row_.fields.emplace_back(name, "");
    } else {
      separate();
      text() += json(name).dump() + ":";
      levels_.back().has_key = true;
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  struct Level {
    bool has_members = false;
    bool has_key = false;  // whose value comes next
  };

  std::string& text() { return row_.fields.back().second; }
  void separate() {
    Level& level = levels_.back();
    if (level.has_key) {
      level.has_key = false;
    } else if (std::exchange(level.has_members, true)) {
      text() += ',';
    }
  }
  bool scalar(const std::string& written) {
    if (levels_.empty()) return false;
    if (levels_.size() > 1) separate();
    text() += written;
    return true;
  }
  bool open(char bracket) {
    if (levels_.size() == most_levels) {
      throw usage_error("JSON that is nested deeper than " + std::to_string(most_levels) +
                        " levels");
    }
    if (levels_.empty() && bracket != '{') return false;
    if (levels_.size() > 1) separate();
    if (!levels_.empty()) text() += bracket;
    levels_.emplace_back();
    return true;
  }
  bool close(char bracket) {
    levels_.pop_back();
    if (!levels_.empty()) text() += bracket;
    return true;
  }

  JsonRow& row_;
  std::vector<Level> levels_;
};

}  // namespace

const std::string* JsonRow::find(std::string_view name) const {
  const auto found = std::find_if(fields.rbegin(), fields.rend(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.rend() ? nullptr : &found->second;
}

JsonRow read_json_row(std::string_view line) {
  JsonRow row;
  RowWriter writer(row);
  if (!json::sax_parse(line, &writer)) {
    throw usage_error("no JSON object, such as {\"name\": \"value\"}");
  }
  return row;
}

}  // namespace taskrun
