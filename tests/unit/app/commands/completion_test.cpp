// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "app/commands/commands.hpp"
#include "app/commands/completion_text.hpp"
#include "shell_says.hpp"
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
    p.path("file", file, "a file");
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
      {{"compare", "--jour"}, ""},
      {{"compare", "choosy", "--jour"}, ""},
      {{"compare", "--js"}, "--json"},
      {{"launch", "choosy", "--jour"}, "--journal"},
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
  const auto faults = [](const std::string& shell, const std::string& script) {
    return is_there(shell) ? said_by(shell + " -n", script) : "0\n";
  };
  EXPECT_EQ(faults("zsh", zsh_completion(some_tables())), "0\n");
  EXPECT_EQ(faults("fish", fish_completion(some_tables())), "0\n");
  const std::string zsh = zsh_completion(some_tables());
  EXPECT_EQ(zsh.find("#compdef prog\n"), 0U);
  EXPECT_NE(zsh.find(R"('--how:it'\''s $(said) with `care`\: \o')"), zsh.npos) << zsh;
  EXPECT_NE(zsh.find("'choosy --how'|'choosy -H') values='fast exact'"), zsh.npos) << zsh;
  const std::string fish = fish_completion(some_tables());
  EXPECT_NE(fish.find("-n '__taskrun_has choosy' -s H -l how -x -a 'fast exact' -d "
                      R"('it\'s $(said) with `care`: \\o')"),
            fish.npos)
      << fish;
  EXPECT_NE(fish.find(" -l file -r -F -d 'a file'"), fish.npos) << fish;
}

// The line of a text that begins so.
std::string line_with(const std::string& text, const std::string& begin) {
  const auto at = text.find(begin);
  return at == text.npos ? "" : text.substr(at, text.find('\n', at) - at);
}

TEST(CompletionTest, other_shells_offer_no_run_option_that_the_command_refuses) {
  const std::string zsh = zsh_completion(some_tables());
  EXPECT_EQ(line_with(zsh, "'compare:run')").find("--journal"), zsh.npos) << zsh;
  EXPECT_NE(line_with(zsh, "'compare:run')").find("--json"), zsh.npos) << zsh;
  EXPECT_NE(line_with(zsh, "'launch:run')").find("--journal"), zsh.npos) << zsh;
  const std::string fish = fish_completion(some_tables());
  const std::string before = "-n 'not __taskrun_has";
  EXPECT_NE(fish.find(before + " compare status log list help completion version' -l journal "),
            fish.npos)
      << fish;
  EXPECT_NE(fish.find(before + " status log list help completion version' -l json "), fish.npos)
      << fish;
}

}  // namespace
}  // namespace taskrun::testing
