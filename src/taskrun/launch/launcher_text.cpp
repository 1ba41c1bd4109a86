// SPDX-License-Identifier: MIT
#include "taskrun/launch/launcher_text.hpp"

#include <algorithm>
#include <array>

namespace taskrun {
namespace {

// Longer ones are none of the launcher's own.
constexpr std::size_t most_block_lines = 60;

bool is_ruler(const std::string& line) {
  constexpr std::array<std::size_t, 2> lengths{66, 74};  // a rank's MPI library, the launcher
  return std::find(lengths.begin(), lengths.end(), line.size()) != lengths.end() &&
         line.find_first_not_of('-') == std::string::npos;
}

bool starts_with_any(const std::string& line, const auto& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* beginning) { return line.starts_with(beginning); });
}

// "[host:pid] …": what launchers and daemons log. One for each rank that dies, and harmless.
bool is_log(const std::string& line) {
  const auto bracket = line.find("] ");
  const auto colon = line.rfind(':', bracket);
  return line.starts_with('[') && bracket != std::string::npos && colon != std::string::npos &&
         bracket > colon + 1 && line.find_first_not_of("0123456789", colon + 1) == bracket;
}

bool is_noise(const std::string& line) {
  constexpr std::array own{"mpirun: ", "mpiexec: ", "orterun: ", "prterun: "};
  return starts_with_any(line, own) || is_log(line);
}

bool is_about_connections(const std::string& line) {
  constexpr std::array known{"ssh: ",
                             "Host key verification failed",
                             "Permission denied (",
                             "kex_exchange_identification: ",
                             "Connection closed by ",
                             "Connection to ",
                             "Connection reset by "};
  return starts_with_any(line, known) || line.find(": Permission denied (") != std::string::npos;
}

}  // namespace

std::string LauncherText::filter(std::string_view bytes) {
  pieces_.add(bytes);
  std::string shown;
  for (FarReader::Part part; pieces_.next(part);) shown += take(part);
  return shown;
}

std::string LauncherText::take(const FarReader::Part& part) {
  switch (part.kind) {
    case FarReader::Part::Kind::text:
      return filter_ranks(ranks_[part.rank].add(part.text));
    case FarReader::Part::Kind::word:
      words_.push_back(part.word);
      return "";
    case FarReader::Part::Kind::trouble:
      if (missing_.empty()) missing_ = part.text;
      return "";
    case FarReader::Part::Kind::launcher:
      return take_lines(own_.add(part.text));
  }
  return "";
}

std::string LauncherText::rest() {
  std::string shown = take_lines(own_.rest() + pieces_.rest());
  for (auto& [rank, lines] : ranks_) {
    if (const std::string left = lines.rest(); !left.empty()) shown += left + "\n";
  }
  block_.clear();
  return shown;
}

std::string LauncherText::take_lines(const std::string& lines) {
  std::string shown;
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size());
    shown += take_line(lines.substr(begin, end - begin));
    begin = end + 1;
  }
  return shown;
}

std::string LauncherText::take_line(const std::string& line) {
  // That of Open MPI 5 writes zero bytes, alone and in front of its lines.
  if (line.starts_with('\0')) {
    const auto begin = line.find_first_not_of('\0');
    return begin == std::string::npos ? "" : take_line(line.substr(begin));
  }
  if (!line.empty() && !is_ruler(line)) last_line_ = line;
  if (is_ruler(line)) {
    if (block_.empty()) {
      block_.push_back(line);
    } else {
      end_block();
    }
    return "";
  }
  if (is_noise(line)) return "";
  if (is_about_connections(line)) {
    connection_ = line;
    return "";
  }
  if (block_.empty()) return std::string(line).append("\n");
  block_.push_back(line);
  if (block_.size() <= most_block_lines) return "";
  std::string shown;
  for (const auto& kept : block_) shown.append(kept).append("\n");
  block_.clear();
  return shown;
}

void LauncherText::end_block() {
  std::string paragraph;
  for (std::size_t i = 1; i < block_.size() && !block_[i].empty(); ++i) {
    const auto begin = block_[i].find_first_not_of(" \t");
    if (begin == std::string::npos) break;
    if (!paragraph.empty()) paragraph += ' ';
    paragraph.append(block_[i], begin);
  }
  if (first_block_.empty()) first_block_ = paragraph;
  block_.clear();
}

std::string LauncherText::cause() const {
  if (!missing_.empty()) {
    const auto space = missing_.find(' ');
    const std::string said = space == std::string::npos ? "" : missing_.substr(space + 1);
    return "the program does not run on host " + missing_.substr(0, space) +
           (said.empty() ? "" : " (" + said + ")") +
           "; install the same build there, at the same path";
  }
  if (!connection_.empty()) {
    std::string said = connection_;
    said.erase(std::remove(said.begin(), said.end(), '\r'), said.end());
    return "a host cannot be reached (" + said +
           "); every host in the hostfile needs a known name, and ssh to it without a password";
  }
  if (first_block_.starts_with("ORTE was unable to reliably start one or more daemons")) {
    return "a host could not be reached, or has no Open MPI in PATH; every host needs ssh to it "
           "without a password and the same Open MPI";
  }
  // What Open MPI 5 says of interfaces is as true where it lacks a thread to look for them.
  if (first_block_.starts_with("No network interfaces were found") ||
      first_block_.starts_with("The PMIx server's listener thread failed")) {
    return "mpirun cannot listen to its ranks: the user may have no more processes (ulimit -u), or "
           "the loopback interface is down (ip link set lo up)";
  }
  if (first_block_.find("plm_rsh_agent") != std::string::npos ||
      first_block_.find("plm_ssh_agent") != std::string::npos ||
      first_block_.find("No available launching agents") != std::string::npos) {  // Open MPI 5
    return "mpirun finds no ssh in PATH (nor what OMPI_MCA_plm_rsh_agent names, if that is set), "
           "which starts ranks on other hosts; install it, or add its folder to PATH";
  }
  std::string said = first_block_;
  while (said.ends_with('.') || said.ends_with(':')) said.pop_back();
  return said.empty() ? "" : "mpirun says: " + said;
}

}  // namespace taskrun
