// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "app/commands/commands.hpp"
#include "app/commands/completion_text.hpp"
#include "scratch_folder.hpp"
#include "taskrun/core/shell_words.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

struct Choosy : FloatSum {
  std::string how = "fast";
  std::string file;
  void params(Params& p) {
    FloatSum::params(p);
    p.choice("how", how, "it's $(said) with `care`: \\o", {"fast", "exact"});
    p.letter('H');
    p.text("file", file, "a file");
  }
};

struct Wrapping : FloatSum {
  std::vector<std::string> words;
  void params(Params& p) {
    FloatSum::params(p);
    p.rest("WORD", words, "what to do");
  }
};

CompletionTables some_tables() {
  Registry jobs;
  jobs.add<Choosy>("choosy", "choose");
  jobs.add<Wrapping>("wrap", "run it");
  return completion_tables("prog", all_commands(), jobs);
}

// What a shell says of a script, and its exit code.
std::string said_by(const std::string& shell, const std::string& script) {
  const ScratchFolder folder;
  const std::string path = folder.file("script");
  std::ofstream(path) << script;
  const std::string command = "timeout 30 " + shell + " " + shell_word(path) + " 2>&1; echo $?";
  FILE* const said = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer;
  for (std::size_t count; (count = fread(buffer.data(), 1, buffer.size(), said)) > 0;) {
    text.append(buffer.data(), count);
  }
  pclose(said);
  return text;
}

bool is_there(const std::string& shell) {
  return std::system(("command -v " + shell + " >/dev/null").c_str()) == 0;
}

// What bash would offer for each of these lines, whose last word is at the cursor: a line each.
std::string offered(const std::vector<std::vector<std::string>>& lines) {
  std::string script = bash_completion(some_tables());
  for (const auto& words : lines) {
    script += "COMP_WORDS=(prog " + shell_words(words) +
              ")\nCOMP_CWORD=" + std::to_string(words.size()) +
              "\n_prog 2>&1\necho \"${COMPREPLY[*]}\"\n";
  }
  return said_by("bash --norc", script);
}

TEST(CompletionTest, bash_offers_what_may_stand_at_the_cursor) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> expected{
      {{"la"}, "launch"},
      {{"ch"}, "choosy"},
      {{"--sched"}, "--schedule"},
      {{"--schedule", "gu"}, "guided"},
      {{"--schedule", "=", "st"}, "static"},
      {{"--on-error", "stop-"}, "stop-after="},
      {{"--progress", ""}, "auto bar lines verbose off"},
      {{"choosy", "--how", ""}, "fast exact"},
      {{"choosy", "-H", "e"}, "exact"},
      {{"choosy", "--ho"}, "--how"},
      {{"wrap", "--ho"}, ""},
      {{"choosy", "--thr"}, "--threads"},
      {{"--threads", "2", "cho"}, "choosy"},
      {{"launch", "--ra"}, "--ranks"},
      {{"launch", "-n", "2", "ch"}, "choosy"},
      {{"launch", "-n", "2", "choosy", "--how", "f"}, "fast"},
      {{"status", ""}, ""},
      {{"status", "--"}, "--json --help"},
      {{"log", "--f"}, "--failed"},
      {{"help", "com"}, "compare completion"},
      {{"completion", ""}, "bash zsh fish"},
      {{"choosy", "--journal", ""}, ""},
      {{"wrap", "ls", "--ho"}, ""},
      {{"wrap", "ls", "choo"}, ""}};
  std::vector<std::vector<std::string>> lines;
  std::string all;
  for (const auto& [words, offer] : expected) {
    lines.push_back(words);
    all += offer + "\n";
  }
  EXPECT_EQ(offered(lines), all + "0\n");
}

TEST(CompletionTest, other_shells_can_read_their_script) {
  if (is_there("zsh")) {
    EXPECT_EQ(said_by("zsh -n", zsh_completion(some_tables())), "0\n");
  }
  if (is_there("fish")) {
    EXPECT_EQ(said_by("fish -n", fish_completion(some_tables())), "0\n");
  }
  const std::string zsh = zsh_completion(some_tables());
  EXPECT_EQ(zsh.find("#compdef prog\n"), 0U);
  EXPECT_NE(zsh.find(R"('--how:it'\''s $(said) with `care`\: \o')"), zsh.npos) << zsh;
  EXPECT_NE(zsh.find("'choosy --how'|'choosy -H') values='fast exact'"), zsh.npos) << zsh;
  const std::string fish = fish_completion(some_tables());
  EXPECT_NE(fish.find("-n '__taskrun_has choosy' -s H -l how -x -a 'fast exact' -d "
                      R"('it\'s $(said) with `care`: \\o')"),
            fish.npos)
      << fish;
}

}  // namespace
}  // namespace taskrun::testing
