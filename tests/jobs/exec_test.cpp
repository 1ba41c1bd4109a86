// SPDX-License-Identifier: MIT
// The parts of exec, and its answers, in this process. Whole runs, their processes and what becomes
// of those are in e2e/exec_test.cpp.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "exec/block.hpp"
#include "exec/input.hpp"
#include "exec/results.hpp"
#include "exec/template.hpp"
#include "exec/words.hpp"
#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "process_end.hpp"
#include "refusal.hpp"
#include "taskrun/core/shell_words.hpp"
#include "temporary_file.hpp"

void register_job_exec(taskrun::Registry&);

namespace taskrun::testing {
namespace {

using Words = std::vector<std::string>;

Options options_of(const Words& words, Options options = {}) {
  for (const auto& word : words) options.push_back({"COMMAND", word});
  return options;
}

// What exec writes for these words behind its options.
std::string output(const Words& words, const Options& options = {}) {
  const auto job = make_job(register_job_exec, options_of(words, options));
  return printed(*job, run_serially(*job, job->open().chunk_count));
}

std::string dry(const Words& words, Options options = {}) {
  options.push_back({"dry-run", ""});
  return output(words, options);
}

std::string refused(const Words& words, const Options& options = {}) {
  return refusal_of([&] { output(words, options); });
}

std::string failure(const Words& words, const Options& options = {}) {
  try {
    output(words, options);
  } catch (const ChunkFailed& failed) {
    return failed.what();
  }
  return "no failure";
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// --- words

TEST(ExecWordsTest, are_cut_as_a_shell_does) {
  EXPECT_EQ(split_words("gzip  -9\t{}"), (Words{"gzip", "-9", "{}"}));
  EXPECT_EQ(split_words("a 'b c' \"d e\" f\\ g"), (Words{"a", "b c", "d e", "f g"}));
  EXPECT_EQ(split_words("''\"\" x\"y\"'z'"), (Words{"", "xyz"}));
  EXPECT_EQ(split_words("awk '{print $1}'"), (Words{"awk", "{print $1}"}));
  EXPECT_EQ(split_words("\"a\\\"b\\$c\\d\" a\\\nb"), (Words{"a\"b$c\\d", "ab"}));
  EXPECT_EQ(split_words(" \n"), Words{});
}

TEST(ExecWordsTest, refuse_what_only_a_shell_can_do) {
  const auto refused = [](const char* command) {
    return refusal_of([&] { split_words(command); });
  };
  for (const char* command : {"a | b", "a; b", "a & b", "a > b", "a < b", "echo $HOME", "echo `a`",
                              "(a)", "echo \"$HOME\""}) {
    EXPECT_NE(refused(command).find("add --shell"), std::string::npos) << command;
  }
  for (const char* command : {"a 'b", "a \"b"}) {
    EXPECT_NE(refused(command).find("not closed"), std::string::npos) << command;
  }
  EXPECT_NE(refused("a\\").find("backslash"), std::string::npos);
}

TEST(ExecWordsTest, are_written_so_that_they_are_read_back) {
  std::mt19937 random(1);
  const std::string alphabet = "ab '\"\\$`|&;<>(){}*?~#!\n\t-=\x01\xff";
  for (int round = 0; round < 2000; ++round) {
    Words words(1 + random() % 4);
    for (auto& word : words) {
      for (auto size = random() % 8; size > 0; --size) word += alphabet[random() % alphabet.size()];
    }
    EXPECT_EQ(split_words(shell_words(words)), words);
  }
}

// --- templates

Words expanded(const Words& words, const Words& values, std::uint64_t number = 1) {
  const ExecNames names{ExecNames::Kind::sources, values.size()};
  return ExecTemplate::of_words(words, names).expand({number, {}, values});
}

TEST(ExecTemplateTest, replaces_what_is_known_and_nothing_else) {
  EXPECT_EQ(expanded({"c", "{}"}, {"d/a.b.txt"}), (Words{"c", "d/a.b.txt"}));
  EXPECT_EQ(expanded({"{.}", "{/}", "{//}", "{/.}"}, {"d/a.b.txt"}),
            (Words{"d/a.b", "a.b.txt", "d", "a.b"}));
  EXPECT_EQ(expanded({"{.}", "{/}", "{//}", "{/.}"}, {".hidden"}),
            (Words{".hidden", ".hidden", ".", ".hidden"}));
  EXPECT_EQ(expanded({"{//}", "{.}"}, {"/x"}), (Words{"/", "/x"}));
  EXPECT_EQ(expanded({"{.}"}, {"a.b/c"}), (Words{"a.b/c"}));
  EXPECT_EQ(expanded({"x{#}y{}z"}, {"v"}, 17), (Words{"x17yvz"}));
  EXPECT_EQ(expanded({"{2}-{1}", "{2.}", "{1/}"}, {"a/b", "c.d"}), (Words{"c.d-a/b", "c", "b"}));
  EXPECT_EQ(expanded({"awk", "{print}", "{", "}", "{}{", "{a b}"}, {"v"}),
            (Words{"awk", "{print}", "{", "}", "v{", "{a b}"}));
}

TEST(ExecTemplateTest, appends_the_values_where_they_are_not_named) {
  EXPECT_EQ(expanded({"c", "-x"}, {"a b"}), (Words{"c", "-x", "a b"}));
  EXPECT_EQ(expanded({"c"}, {"a", "b"}), (Words{"c", "a", "b"}));
  EXPECT_EQ(expanded({"c", "{}", "x{}"}, {"a", "b"}), (Words{"c", "a", "b", "xa b"}));
}

TEST(ExecTemplateTest, never_reads_values_again) {
  EXPECT_EQ(expanded({"c", "{1}", "{2}"}, {"{2}", "{#}{}"}), (Words{"c", "{2}", "{#}{}"}));
}

TEST(ExecTemplateTest, refuses_a_source_that_is_not_there) {
  EXPECT_NE(refusal_of([] {
              expanded({"{3}"}, {"a", "b"});
            }).find("{3} stands for nothing"),
            std::string::npos);
  EXPECT_NE(refusal_of([] { expanded({"{0}"}, {"a"}); }).find("there is 1 source"),
            std::string::npos);
}

// What is replaced, by the plainest means: from left to right, the longest name first.
std::string slowly_replaced(std::string text, const Words& values, std::uint64_t number) {
  std::string all;
  while (!text.empty()) {
    bool found = false;
    const auto is = [&](const std::string& name, const std::string& value) {
      if (found || text.compare(0, name.size(), name) != 0) return;
      found = true;
      all += value;
      text.erase(0, name.size());
    };
    is("{#}", std::to_string(number));
    for (std::size_t i = 0; i < values.size(); ++i)
      is("{" + std::to_string(i + 1) + "}", values[i]);
    std::string joined;
    for (const auto& value : values) joined += (joined.empty() ? "" : " ") + value;
    is("{}", joined);
    if (found) continue;
    all += text[0];
    text.erase(0, 1);
  }
  return all;
}

TEST(ExecTemplateTest, does_as_a_slow_reference_does) {
  std::mt19937 random(7);
  const Words pieces{"{}", "{1}", "{2}", "{#}", "a", "{", "}", " ", "$", "{x}", "'", "-"};
  for (int round = 0; round < 3000; ++round) {
    Words words{"c", "{#}"};  // something is replaced, so nothing is appended
    for (auto count = random() % 4; count > 0; --count) {
      auto& word = words.emplace_back("w");  // no word is {} alone
      for (auto size = random() % 5; size > 0; --size) word += pieces[random() % pieces.size()];
    }
    const Words values{pieces[random() % pieces.size()], pieces[random() % pieces.size()]};
    Words wanted;
    for (const auto& word : words) wanted.push_back(slowly_replaced(word, values, 42));
    EXPECT_EQ(expanded(words, values, 42), wanted);
  }
}

// --- a shell

// What /bin/sh makes of the text for one value.
std::string by_shell(const std::string& text, const std::string& value) {
  return output({text, ":::", value}, {{"shell", ""}});
}

TEST(ExecShellTest, values_are_one_argument_wherever_they_stand) {
  for (const std::string value :
       {"plain", "two words", "$(echo no)", "`echo no`", "'", "\"", "\\", "a;echo no", "*", "-n x",
        "$HOME", "new\nline", "", "|", "&&", "#", "~", "!x", "\xff\xfe"}) {
    const std::string line = "[" + value + "]\n";
    EXPECT_EQ(by_shell("printf '[%s]\\n' {}", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n'", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n' \"{}\"", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n' '{}'", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n' a{}b", value), "[a" + value + "b]\n");
    EXPECT_EQ(by_shell("printf '[%s]\\n' \"$(printf '%s.' {})\"", value), "[" + value + ".]\n");
    EXPECT_EQ(by_shell("f() { printf '[%s]\\n' {}; }; set -- x; f y", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n' \"$1\"", value), line);
    EXPECT_EQ(by_shell("printf '[%s]\\n' \"$@\" # {.}", value), line);
    EXPECT_EQ(by_shell("x={#}; printf '[%s]\\n' \"$@\"", value), line);
    EXPECT_EQ(by_shell("bash -c 'printf \"[%s]\\n\" \"$1\"' bash {}", value), line);
    EXPECT_EQ(
        by_shell("case {} in (*) printf '[%s]\\n' \"$(case x in x) printf %s. {};; esac)\";; esac",
                 value),
        "[" + value + ".]\n");
    EXPECT_EQ(by_shell("x={}; printf '[%s]\\n' \"$x\" # it's {}", value), line);
    EXPECT_EQ(by_shell("(printf '[%s]\\n' {}) | cat", value), line);
  }
}

TEST(ExecShellTest, has_the_language_of_the_shell) {
  EXPECT_EQ(by_shell("echo $(( $1 * 2 )) {#} $0 ${1}", "21"), "42 1 sh 21\n");
  EXPECT_EQ(by_shell("cat <<E\nit's $1\nE\necho {}", "a"), "it's a\na\n");
  EXPECT_EQ(by_shell("echo $((1 + 2)) {}", "a"), "3 a\n");
  EXPECT_THROW(output({"cat <<\nE\necho", ":::", "a"}, {{"shell", ""}}), std::runtime_error);
  EXPECT_EQ(dry({"cat <<\n\necho {}", ":::", "a"}, {{"shell", ""}}),
            "/bin/sh -c 'cat <<\n\necho \"${1}\"' sh a\n");
  EXPECT_EQ(by_shell("for i in 1 2; do echo $i {.}; done", "x.y"), "1 x\n2 x\n");
  EXPECT_EQ(by_shell("case {} in (*.gz) echo gz;; *) echo {};; esac", "a"), "a\n");
  EXPECT_EQ(output({"echo {1} \"{2}\"; echo {}", ":::", "a b", ":::", "c"}, {{"shell", ""}}),
            "a b c\na b c\n");
  EXPECT_EQ(output({"echo", "$(( 1 + 1 ))", ":::", "a"}, {{"shell", ""}}), "2 a\n");
}

TEST(ExecShellTest, values_are_refused_where_they_could_be_code) {
  for (const char* text : {"echo $(( {} + 1 ))",
                           "echo \"$((1 + {}))\"",
                           "(( {} ))",
                           "echo `ls {}`",
                           "eval {}",
                           "eval \"$(cat {})\"",
                           "if true; then eval {}; fi",
                           "command eval {}",
                           "bash -c \"echo {}\"",
                           "bash -c 'echo {}'",
                           "env X=1 timeout 5 sh -ec 'echo {}'",
                           "sh -c {}",
                           "$SHELL -c 'x {}'",
                           "bash -c $x {}",
                           "bash -c 2>&1 {}",
                           "find . -exec sh -c 'rm {}' \\;",
                           "ssh host 'rm {}'",
                           "cat <<E\n{}\nE",
                           "cat <<-E; echo\n\t{}\nE\n",
                           "cat <<'{}'",
                           "echo ${x:-{}}",
                           "echo ${x:{}}",
                           "[[ {} -eq 1 ]]",
                           "a[{}]=1; :",
                           "declare -i x={}",
                           "unset {}",
                           "export {}",
                           "let x={}",
                           "[ -v {} ]",
                           "printf -v {} x",
                           "trap 'rm {}' EXIT",
                           "alias x={}",
                           "echo $'a' {}",
                           "awk '/{}/'",
                           "python3 -c 'print(\"{}\")'",
                           "perl -ne 'print {}'",
                           "$x eval {}",
                           "case {} in ({}) let {};; esac",
                           "echo $({ eval {}; })"}) {
    const std::string why = refusal_of([&] { by_shell(text, "1"); });
    EXPECT_NE(why.find("could run the value as code"), std::string::npos) << text << ": " << why;
  }
  EXPECT_EQ(refusal_of([] { by_shell("echo $(( {} + 1 ))", "1"); }),
            "{} stands in arithmetic, where a shell could run the value as code; the value is in "
            "\"$1\", or give {} as an argument of its own");
  EXPECT_NE(refusal_of([] { by_shell("eval", "id"); }).find("where eval reads code"),
            std::string::npos);
  EXPECT_NE(refused({"bash", "-c", "echo {}", ":::", "x"}).find("the code that bash reads"),
            std::string::npos);
  EXPECT_EQ(output({"sh", "-c", "echo \"$1\"", "sh", ":::", "$(id)"}), "$(id)\n");
}

TEST(ExecShellTest, other_places_are_not_refused) {
  for (const char* text : {"echo eval {}",
                           "echo \"a {} b\"",
                           "x={}; echo $((x + 1))",
                           "export x={}; echo",
                           "grep -c {} <<E\nx\nE\n",
                           "awk '{print $1}' {}",
                           "bash {} -c x",
                           "[ {} = x ]",
                           "test -n {}",
                           "echo bash {}",
                           "{ echo {}; }",
                           "for i in {}; do echo $i; done",
                           "echo ${x:-y} {}",
                           "echo $((1)) {}",
                           "ssh {} uptime",
                           "sh -c 'x' sh {}",
                           "python3 script.py -c {}",
                           "printf '%s' {}",
                           "echo '`' {}",
                           "echo \\` {}",
                           "cat <<< x {}"}) {
    const Words words{text, ":::", "1"};
    EXPECT_NE(dry(words, {{"shell", ""}}), "") << text;
  }
}

// The same text by two shells: what a value says is never run.
TEST(ExecShellTest, no_shell_runs_a_value) {
  const TemporaryFolder folder;
  const auto canary = folder.path() / "ran";
  const std::string call = "$(: >" + canary.string() + ")";
  const Words values{call, ";" + call.substr(2, call.size() - 3) + ";", "a[" + call + "]",
                     "'\"`" + call, "\n" + call.substr(2, call.size() - 3) + "\n"};
  const Words pieces{"{}",
                     "{}",
                     "{}",
                     " ",
                     "\"",
                     "'",
                     "`",
                     "$(",
                     ")",
                     "$((",
                     "))",
                     "(",
                     "echo ",
                     "\\",
                     ";",
                     "\n",
                     "${x:-",
                     "}",
                     "case x in x) ",
                     ";; esac",
                     "<<E\n",
                     "\nE\n",
                     "$'",
                     "eval ",
                     "bash -c ",
                     "[[ ",
                     " ]]",
                     "-eq ",
                     "let ",
                     "a[",
                     "]=1",
                     "f() { ",
                     "}; f ",
                     "#",
                     "$x"};
  std::mt19937 random(11);
  int run_count = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto size = 1 + random() % 8; size > 0; --size) text += pieces[random() % pieces.size()];
    const std::string& value = values[random() % values.size()];
    Words words;
    try {
      words = ExecTemplate::of_shell(text, {ExecNames::Kind::sources, 1}).expand({1, {}, {value}});
    } catch (const Error&) {
      continue;
    }
    words.insert(words.begin(), "timeout");
    words.insert(words.begin() + 1, "10");
    for (const char* shell : {"/bin/sh", "/bin/bash"}) {
      if (!std::filesystem::exists(shell)) continue;
      words[2] = shell;
      ++run_count;
      EXPECT_EQ(std::system((shell_words(words) + " </dev/null >/dev/null 2>&1").c_str()) < 0,
                false);
      ASSERT_FALSE(std::filesystem::exists(canary)) << shell << ": " << text << " with " << value;
    }
  }
  EXPECT_GT(run_count, 20);
}

TEST(ExecShellTest, a_value_is_appended_to_one_simple_command_alone) {
  const Options shell{{"shell", ""}};
  EXPECT_EQ(output({"x=$(echo a; echo b) echo", ":::", "1"}, shell), "1\n");
  EXPECT_EQ(output({"cat </dev/null; echo Hello", ":::", "1"}, {{"shell", ""}, {"no-append", ""}}),
            "Hello\n");
  EXPECT_EQ(output({"echo", "a", ":::", "1", "2"}, {{"no-append", ""}}), "a\na\n");
  for (const char* text : {"echo Hello; sleep 1; echo World!", "a & wait", "a | b", "a && b",
                           "a\nb", "if a; then b; fi", "(a)", "a # b", "x=1", "a 'b", "a \"b",
                           "a $(b", "a\\", "a;", "", "{ a"}) {
    const std::string why = refused({text, ":::", "1"}, shell);
    EXPECT_NE(why.find("write {} or \"$1\" there, or give --no-append"), std::string::npos)
        << text << why;
  }
}

// --- sources

TEST(ExecSourcesTest, are_combined_with_the_last_one_fastest) {
  EXPECT_EQ(dry({"c", "{1}{2}", ":::", "a", "b", ":::", "1", "2", "3"}),
            "c a1\nc a2\nc a3\nc b1\nc b2\nc b3\n");
}

TEST(ExecSourcesTest, are_linked) {
  EXPECT_EQ(dry({"c", ":::", "a", "b", ":::+", "1", "2"}), "c a 1\nc b 2\n");
  EXPECT_EQ(dry({"c", ":::", "a", "b", ":::+", "1", "2", ":::", "x", "y"}),
            "c a 1 x\nc a 1 y\nc b 2 x\nc b 2 y\n");
}

TEST(ExecSourcesTest, that_are_linked_are_equally_long_or_cut_to_the_shortest) {
  const TemporaryFile longer("a\n\nb\n");
  const TemporaryFile shorter("x y\nz");
  EXPECT_EQ(refused({"c", "::::", longer.path(), "::::+", shorter.path()}),
            "linked sources must be equally long: " + longer.path() + " has 3 values, " +
                shorter.path() +
                " has 2 (a blank line is a value); --shortest leaves out what is left over");
  EXPECT_EQ(dry({"c", "::::", longer.path(), "::::+", shorter.path()}, {{"shortest", ""}}),
            "c a 'x y'\nc '' z\n");
  for (const Words& words : {Words{"c", ":::", "a", "b", "c", ":::+", "1", "2"},
                             Words{"c", ":::", "z", ":::", ":::+", "1"},
                             Words{"c", ":::", "a", ":::+", "b", ":::+", "c", "d"}}) {
    EXPECT_NE(refused(words).find("must be equally long: source "), std::string::npos);
  }
  EXPECT_EQ(dry({"c", ":::", "a", "b", "c", ":::+", "1", "2"}, {{"shortest", ""}}),
            "c a 1\nc b 2\n");
}

TEST(ExecSourcesTest, may_be_lists_in_which_a_blank_line_is_a_value) {
  const TemporaryFile list("\xef\xbb\xbfone\n\ntwo words\r\n\r\n-rf");
  EXPECT_EQ(dry({"c", "{#}", "{}", "::::", list.path()}),
            "c 1 one\nc 2 ''\nc 3 'two words'\nc 4 ''\nc 5 -rf\n");
  EXPECT_EQ(dry({"c", "::::", list.path(), "::::+", list.path(), ":::", "x"}),
            "c one one x\nc '' '' x\nc 'two words' 'two words' x\nc '' '' x\nc -rf -rf x\n");
  const TemporaryFile blanks("\n\n");
  EXPECT_EQ(dry({"c", "::::", blanks.path()}), "c ''\nc ''\n");
  const TemporaryFile nulls(std::string("a\nb\0\0c", 6));
  EXPECT_EQ(dry({"c", "::::", nulls.path()}, {{"null", ""}}), "c 'a\nb'\nc ''\nc c\n");
}

TEST(ExecSourcesTest, may_be_empty) {
  EXPECT_EQ(dry({"c", ":::"}), "");
  EXPECT_EQ(dry({"c", ":::", "a", ":::"}), "");
  const TemporaryFile nothing("");
  EXPECT_EQ(dry({"c", "::::", nothing.path()}), "");
}

TEST(ExecSourcesTest, give_commands_where_there_is_none) {
  const TemporaryFile list("echo 'a  b'\n\nprintf x\n");
  EXPECT_EQ(output({"::::", list.path()}), "a  b\nx");
  const TemporaryFile shell_list("echo a | tr a b\n\n# no command\nx=1; echo $x\n");
  EXPECT_EQ(output({"::::", shell_list.path()}, {{"shell", ""}}), "b\n1\n");
  const TemporaryFile comment("# none\necho a\n  # none\n");
  EXPECT_EQ(output({"::::", comment.path()}), "a\n");
  const TemporaryFile bad("echo | cat\n");
  EXPECT_NE(failure({"::::", bad.path()}).find("'|' in the command"), std::string::npos);
  EXPECT_EQ(output({":::", "echo 'a  b'", "printf x"}), "a  b\nx");
  EXPECT_EQ(output({":::", "echo a | tr a b"}, {{"shell", ""}}), "b\n");
  EXPECT_NE(refused({":::", "no-such-command-here x"}).find("no command 'no-such"),
            std::string::npos);
}

TEST(ExecSourcesTest, that_make_no_sense_are_refused) {
  EXPECT_NE(refused({"c", ":::+", "a"}).find("begin with :::"), std::string::npos);
  EXPECT_NE(refused({"c", "::::"}).find("needs the name of a file"), std::string::npos);
  EXPECT_NE(refused({"c", "::::", "/no/such/list"}).find("cannot read /no/such/list: No such"),
            std::string::npos);
  EXPECT_NE(refused({"c", "::::", "/"}).find("cannot read /: Is a directory"), std::string::npos);
  EXPECT_NE(refused({"c", "::::", "-", "::::", "-"}).find("more than once"), std::string::npos);
  EXPECT_NE(refused({"c", "::::", "-", "-"}, {{"csv", ""}}).find("more than once"),
            std::string::npos);
  const TemporaryFile nul(std::string("a\nb\0c\n", 6));
  EXPECT_NE(refused({"c", "::::", nul.path(), ":::", "x"}).find(":2: a NUL byte"),
            std::string::npos);
  EXPECT_NE(failure({"echo", "::::", nul.path()}).find(":2: a NUL byte"), std::string::npos);
  EXPECT_NE(refused({"c", ":::", "a"}, {{"null", ""}, {"csv", ""}}).find("exclude each other"),
            std::string::npos);
  EXPECT_NE(refused({"c", ":::", "a"}, {{"csv", ""}}).find("reads :::: FILE or stdin"),
            std::string::npos);
  EXPECT_NE(refused({"", ":::", "a"}).find("the command is empty"), std::string::npos);
}

// --- tables

TEST(ExecTableTest, a_quote_inside_a_cell_is_text_and_cells_are_named_once) {
  const TemporaryFile csv("place,n,n\n37° 57' 55.6\",1,2\nhere,3,4\n");
  EXPECT_EQ(dry({"c", "{place}", "{3}", "::::", csv.path()}, {{"csv", ""}}),
            "c '37° 57'\\'' 55.6\"' 2\nc here 4\n");
  EXPECT_NE(refused({"c", "{n}", "::::", csv.path()}, {{"csv", ""}}).find("{n}: several columns"),
            std::string::npos);
  const TemporaryFile commented("# by \"us\na\n1\n#,\"\n2\n");
  EXPECT_EQ(dry({"c", "{a}", "::::", commented.path()}, {{"csv", ""}, {"comment", "#"}}),
            "c 1\nc 2\n");
  EXPECT_NE(refused({"c", "{a}"}, {{"csv", ""}, {"comment", "##"}}).find("--comment ##"),
            std::string::npos);
  EXPECT_NE(refused({"c", "{a}"}, {{"comment", "#"}}).find("--comment is for --csv"),
            std::string::npos);
  const TemporaryFile old_mac("a,b\r1,2\r");
  EXPECT_NE(refused({"c", "{a}", "::::", old_mac.path()}, {{"csv", ""}}).find("CR alone"),
            std::string::npos);
  const TemporaryFile wide(
      std::string("\xff\xfe"
                  "a\0\n\0",
                  6));
  EXPECT_NE(refused({"c", "{a}", "::::", wide.path()}, {{"csv", ""}}).find("UTF-16"),
            std::string::npos);
}

TEST(ExecTableTest, cells_of_csv_are_named) {
  const TemporaryFile csv("id,file name,x\r\n1,\"a, \"\"b\"\"\",\n2,two,3\n");
  EXPECT_EQ(dry({"c", "{id}:{file name}", "{x}", "{3}", "{2.}", "::::", csv.path()}, {{"csv", ""}}),
            "c '1:a, \"b\"' '' '' 'a, \"b\"'\nc 2:two 3 3 two\n");
  EXPECT_EQ(dry({"c", "::::", csv.path()}, {{"csv", ""}}), "c '1,\"a, \"\"b\"\"\",'\nc 2,two,3\n");
}

TEST(ExecTableTest, what_is_no_row_fails_alone) {
  const auto why = [](const std::string& text, const char* format) {
    const TemporaryFile file(text);
    return failure({"echo", "{a}", "::::", file.path()}, {{format, ""}});
  };
  EXPECT_NE(why("a,b\n1,2\n1\n", "csv").find(":3: 1 cell, and the header has 2"),
            std::string::npos);
  EXPECT_NE(why("a,b\n\"x\ny\",2\n\"x\"y,2\n", "csv").find(":4: something follows"),
            std::string::npos);
  EXPECT_NE(why("a,b\n\"x,2\n3,4\n", "csv").find(":2: a quote is not closed"), std::string::npos);
  EXPECT_NE(why("a,b\n1,2\n3,4,99\n", "csv").find(":3: 3 cells, and the header has 2"),
            std::string::npos);
  EXPECT_NE(why("{\"a\":1}\nnonsense\n", "jsonl").find(":2: no JSON object"), std::string::npos);
  EXPECT_NE(why("{\"a\":1}\n[1]\n", "jsonl").find(":2: no JSON object"), std::string::npos);
  EXPECT_NE(why("{\"a\":1}\n{\"b\":1}\n", "jsonl").find(":2: there is no field \"a\""),
            std::string::npos);
  EXPECT_NE(why("{\"a\":\"x\\u0000\"}\n", "jsonl").find(":1: a NUL byte"), std::string::npos);
}

TEST(ExecTableTest, headers_are_looked_at_before_anything_runs) {
  const TemporaryFile first("a,b\n1,2\n");
  const TemporaryFile second("\"a\",b\n3,\"4\n5\"\n");
  const TemporaryFile other("b,a\n1,2\n");
  const TemporaryFile bad("\"a\"b\n1\n");
  EXPECT_EQ(dry({"c", "{#}{b}", "::::", first.path(), second.path()}, {{"csv", ""}}),
            "c 12\nc '24\n5'\n");
  EXPECT_NE(refused({"c", "::::", first.path(), other.path()}, {{"csv", ""}})
                .find(other.path() + ":1: other columns than"),
            std::string::npos);
  EXPECT_NE(refused({"c", "::::", bad.path()}, {{"csv", ""}}).find(":1: something follows"),
            std::string::npos);
  EXPECT_NE(refused({"c", "{3}", "::::", first.path()}, {{"csv", ""}}).find("there are 2 columns"),
            std::string::npos);
}

TEST(ExecTableTest, fields_of_jsonl_are_named) {
  const TemporaryFile jsonl(
      "{\"name\": \"a b.txt\", \"n\": 1.5, \"deep\": {\"x\": [1]}, \"nothing\": null}\r\n\n"
      "{\"deep\": true, \"n\": -2, \"name\": \"\\u00e4\", \"nothing\": \"\"}");
  EXPECT_EQ(
      dry({"c", "{name.}", "{n}", "{deep}", "{nothing}", "::::", jsonl.path()}, {{"jsonl", ""}}),
      "c 'a b' 1.5 '{\"x\":[1]}' ''\nc '\u00e4' -2 true ''\n");
}

TEST(ExecTableTest, a_word_in_braces_that_names_nothing_is_refused_before_anything_runs) {
  const TemporaryFile csv("\xef\xbb\xbfid,first name,url\n1,a,b\n");
  const TemporaryFile jsonl("{\"id\": 1}\n{\"first name\": \"a\", \"id\": 2}\n");
  const auto why = [](const Words& words, const TemporaryFile& file, const char* format) {
    Words all{"c"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"::::", file.path()});
    return refused(all, {{format, ""}});
  };
  EXPECT_EQ(dry({"c", "{id}", "{first name}", "::::", csv.path()}, {{"csv", ""}}), "c 1 a\n");
  EXPECT_EQ(
      why({"{ulr}"}, csv, "csv"),
      "{ulr} is no column of " + csv.path() +
          ", which has id, first name, url; did you mean {url}? (--literal-braces leaves such "
          "words as they are, for programs like awk)");
  for (const auto& [word, near] :
       std::vector<std::pair<std::string, std::string>>{{"{ID}", "{id}"},
                                                        {"x{firstname}", "{first name}"},
                                                        {"{First_Name.}", "{first name}"},
                                                        {"{ id }", "{id}"}}) {
    EXPECT_NE(why({word}, csv, "csv").find("did you mean " + near + "?"), std::string::npos)
        << word;
  }
  EXPECT_NE(why({"{something else}"}, csv, "csv").find("is no column of"), std::string::npos);
  EXPECT_NE(why({"{idd}"}, jsonl, "jsonl").find("is no field of"), std::string::npos);
  EXPECT_NE(why({"{first nam}"}, jsonl, "jsonl").find("did you mean {first name}?"),
            std::string::npos);
  EXPECT_EQ(dry({"c", "{print}{id}{9}", "{print $1}", "{\"id\": {id}}", "::::", csv.path()},
                {{"csv", ""}, {"literal-braces", ""}}),
            "c '{print}1{9}' '{print $1}' '{\"id\": 1}'\n");
  EXPECT_EQ(dry({"c", "{print $1}", "{\"id\": {id}}", "${id}", "::::", csv.path()}, {{"csv", ""}}),
            "c '{print $1}' '{\"id\": 1}' '$1'\n");
}

TEST(ExecTableTest, another_separator_is_suggested_and_can_be_given) {
  const TemporaryFile tsv("id\tfile\n1\t\"a\tb\"\n");
  EXPECT_NE(refused({"c", "{id}", "::::", tsv.path()}, {{"csv", ""}}).find("give --separator tab"),
            std::string::npos);
  EXPECT_EQ(dry({"c", "{id}", "{file}", "::::", tsv.path()}, {{"csv", ""}, {"separator", "tab"}}),
            "c 1 'a\tb'\n");
  EXPECT_NE(
      refused({"c", "::::", tsv.path()}, {{"csv", ""}, {"separator", "x"}}).find("one of , ;"),
      std::string::npos);
}

TEST(ExecTableTest, a_name_of_two_columns_is_refused_where_it_is_used) {
  const TemporaryFile csv("a,b,a,\n1,2,3,4\n");
  EXPECT_EQ(dry({"c", "{b}{3}{4}", "{}", "::::", csv.path()}, {{"csv", ""}}), "c 234 1,2,3,4\n");
  EXPECT_NE(refused({"c", "{a}", "::::", csv.path()}, {{"csv", ""}}).find("{a}: several columns"),
            std::string::npos);
}

TEST(ExecTableTest, numbers_of_jsonl_keep_their_digits) {
  const TemporaryFile jsonl(
      "{\"a\": 12345678901234567890123, \"b\": 1.10, \"c\": 1E5, \"d\": [1.50, {\"z\": 2, \"y\": "
      "[]}, \"\u00e9\"], \"a b\": {}, \"b\": -7}\n");
  EXPECT_EQ(dry({"c", "{a}", "{b}", "{c}", "{d}", "{a b}", "::::", jsonl.path()}, {{"jsonl", ""}}),
            "c 12345678901234567890123 -7 1E5 '[1.50,{\"z\":2,\"y\":[]},\"\u00e9\"]' '{}'\n");
}

TEST(ExecTableTest, json_that_is_nested_deeply_fails_alone) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) deep += i % 2 == 0 ? "[" : "{\"a\":";
  const TemporaryFile jsonl("{\"a\":1}\n" + deep + "\n");
  EXPECT_NE(failure({"echo", "{a}", "::::", jsonl.path()}, {{"jsonl", ""}})
                .find(":2: JSON that is nested deeper than 500 levels"),
            std::string::npos);
}

// --- runs

TEST(ExecTest, arguments_arrive_as_they_are) {
  Words values{"plain", "two words", "'",         "\"", "$(touch /tmp/no)", "`x`",
               "-rf",   "--",        "new\nline", "",   "\xff\xfe",         "{}",
               "a\\b",  "*",         "~",         ";"};
  values.push_back(std::string(100'000, 'x'));
  Words words{"printf", "[%s]", "{}", ":::"};
  std::string wanted;
  for (const auto& value : values) {
    words.push_back(value);
    wanted += "[" + value + "]";
  }
  EXPECT_EQ(output(words), wanted);
  words[0] = "printf '[%s]' {}";
  words.erase(words.begin() + 1, words.begin() + 3);
  EXPECT_EQ(output(words), wanted);
}

TEST(ExecTest, output_is_grouped_in_the_order_of_the_items) {
  RunOptions options;
  options.slots = 4;
  options.schedule = Schedule::dynamic;
  const auto run = run_on_loopback(3, options, [] {
    Words words{"sh", "-c", "echo begin $1; sleep 0.0$((($1 * 7) % 5)); echo end $1",
                "sh", "{}", ":::"};
    for (int i = 0; i < 40; ++i) words.push_back(std::to_string(i));
    return make_job(register_job_exec, options_of(words));
  });
  std::string wanted;
  for (int i = 0; i < 40; ++i) {
    wanted += "begin " + std::to_string(i) + "\nend " + std::to_string(i) + "\n";
  }
  EXPECT_EQ(run.output, wanted);
}

TEST(ExecTest, outputs_may_leave_as_they_come) {
  const auto job =
      make_job(register_job_exec, options_of({"echo", ":::", "a"}, {{"unordered", ""}}));
  EXPECT_TRUE(job->unordered());
}

TEST(ExecTest, commands_read_an_empty_stdin) { EXPECT_EQ(output({"cat", "-", ":::", "-"}), ""); }

TEST(ExecTest, commands_know_what_they_are) {
  const std::string text =
      "echo $TASKRUN_ITEM $TASKRUN_CHUNK $TASKRUN_ATTEMPT $OMPI_COMM_WORLD_RANK$PMIX_RANK$PMI_RANK";
  const Words of_launchers{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
  for (const auto& name : of_launchers) ::setenv(name.c_str(), "5", 1);
  EXPECT_EQ(output({text, ":::", "a", "b"}, {{"shell", ""}}), "1 1 1 a\n2 2 1 b\n");
  for (const auto& name : of_launchers) ::unsetenv(name.c_str());
}

TEST(ExecTest, commands_get_neither_our_signals_nor_our_files) {
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(failure({"kill -PIPE $$; echo alive {}", ":::", "x"}, {{"shell", ""}}),
            "killed by SIGPIPE: kill -PIPE $$; echo alive {} ::: x");
  // A number that no shell uses for a pipe of its own.
  const Descriptor open_everywhere(::fcntl(STDERR_FILENO, F_DUPFD, 100));
  EXPECT_EQ(output({"ls /proc/$$/fd | grep -cx {}; :", ":::", std::to_string(open_everywhere.fd())},
                   {{"shell", ""}}),
            "0\n");
}

TEST(ExecTest, commands_run_in_the_folder_that_is_asked_for) {
  const TemporaryFolder folder;
  folder.put("here", "x");
  EXPECT_EQ(output({"ls", ":::", "here"}, {{"workdir", folder.path().string()}}), "here\n");
  EXPECT_NE(refused({"ls", ":::", "a"}, {{"workdir", "/none"}}).find("no such folder"),
            std::string::npos);
}

TEST(ExecTest, lines_may_be_tagged) {
  EXPECT_EQ(output({"printf '1\\n\\n2' ", "{}", ":::", "a"}, {{"tag", ""}, {"shell", ""}}),
            "a\t1\na\t\na\t2");
  ::testing::internal::CaptureStderr();
  output({"echo said {} >&2", ":::", "a", "b"}, {{"tag", ""}, {"shell", ""}});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "a\tsaid a\nb\tsaid b\n");
}

TEST(ExecTest, what_a_command_does_not_end_on_stderr_is_no_part_of_the_next_line) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(output({"printf said >&2; printf {}", ":::", "a", "b"}, {{"shell", ""}}), "ab");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "said\nsaid\n");
}

TEST(ExecTest, what_fails_is_named) {
  EXPECT_EQ(failure({"sh", "-c", "exit $1", "sh", ":::", "7"}),
            "exit code 7: sh -c 'exit $1' sh 7");
  EXPECT_EQ(failure({"sh", "-c", "kill -9 $$", ":::", "x"}),
            "killed by SIGKILL: sh -c 'kill -9 $$' x");
  EXPECT_EQ(failure({"{}", ":::", "no-such-command-here"}),
            "there is no command 'no-such-command-here' in PATH: no-such-command-here");
#ifndef __SANITIZE_THREAD__  // there vfork is fork: what the child finds out stays with it
  EXPECT_NE(failure({"true", ":::", std::string(200'000, 'x')}).find("Argument list too long"),
            std::string::npos);
#endif
}

TEST(ExecTest, what_a_failing_command_wrote_is_kept) {
  const auto job =
      make_job(register_job_exec, options_of({"echo {}; exit 1", ":::", "a"}, {{"shell", ""}}));
  try {
    run_serially(*job, job->open().chunk_count);
    FAIL();
  } catch (const ChunkFailed& failed) {
    EXPECT_EQ(failed.text, "a\n");
  }
}

TEST(ExecTest, a_command_that_is_not_there_is_refused_before_anything_runs) {
  EXPECT_NE(refused({"no-such-command-here", ":::", "a"}).find("there is no command"),
            std::string::npos);
  EXPECT_NE(refused({"/etc/passwd", ":::", "a"}).find("cannot run '/etc/passwd': Permission"),
            std::string::npos);
  EXPECT_NE(refused({"/etc", ":::", "a"}).find("Is a directory"), std::string::npos);
}

TEST(ExecTest, a_script_that_does_not_say_what_runs_it_is_run_by_a_shell) {
  const TemporaryFolder folder;
  const auto script = folder.put("script", "echo \"<$1>\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  EXPECT_EQ(output({script, ":::", "a b"}), "<a b>\n");
}

// PATH, until the test ends.
class SearchPath {
 public:
  explicit SearchPath(const std::string& first) {
    ::setenv("PATH", (first + ":" + before_).c_str(), 1);
  }
  ~SearchPath() { ::setenv("PATH", before_.c_str(), 1); }
  SearchPath(const SearchPath&) = delete;
  SearchPath& operator=(const SearchPath&) = delete;

 private:
  const std::string before_ = ::getenv("PATH");
};

TEST(ExecTest, programs_are_looked_for_from_where_commands_run) {
  const TemporaryFolder folder;
  const auto script = folder.put("tools/mine", "#!/bin/sh\necho $1\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const SearchPath path("tools");
  EXPECT_EQ(output({"mine", ":::", "a"}, {{"workdir", folder.path().string()}}), "a\n");
  EXPECT_EQ(output({"tools/mine", ":::", "a"}, {{"workdir", folder.path().string()}}), "a\n");
  EXPECT_NE(refused({"mine", ":::", "a"}, {{"workdir", "/"}}).find("no command 'mine' in PATH"),
            std::string::npos);
}

#ifndef __SANITIZE_THREAD__  // as above
TEST(ExecTest, a_script_whose_interpreter_is_not_there_is_not_said_to_be_missing) {
  const TemporaryFolder folder;
  const auto script = folder.put("broken", "#!/no/such/interpreter\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const SearchPath path(folder.path().string());
  EXPECT_EQ(failure({"broken", ":::", "a"}),
            "cannot run 'broken': its interpreter /no/such/interpreter is missing: broken a");
  folder.put("broken", "#!/bin/sh\r\necho\r\n");
  EXPECT_NE(failure({"broken", ":::", "a"}).find("its lines end with CR LF"), std::string::npos);
  const auto runs_nothing = folder.put("runs_nothing", "");
  folder.put("broken", "#!" + runs_nothing + "\n");
  EXPECT_NE(failure({"broken", ":::", "a"}).find(runs_nothing + " may not be executed"),
            std::string::npos);
}
#endif

TEST(ExecTest, output_without_end_is_ended) {
  EXPECT_NE(
      failure({"yes", ":::", "x"}, {{"max-output", "100kB"}}).find("wrote more than 100000 bytes"),
      std::string::npos);
  // It has ended before anybody looks.
  const Options options{{"max-output", "3"}, {"shell", ""}};
  EXPECT_EQ(output({"echo 12; : {}", ":::", "x"}, options), "12\n");
  EXPECT_NE(failure({"echo 123; : {}", ":::", "x"}, options).find("wrote more than 3 bytes"),
            std::string::npos);
  EXPECT_NE(
      failure({"echo 12; echo 1 >&2; : {}", ":::", "x"}, options).find("wrote more than 3 bytes"),
      std::string::npos);
}

TEST(ExecTest, a_child_that_is_left_behind_holds_up_nothing) {
  const std::string pid = output({"sleep 600 & echo $! && : {}", ":::", "x"}, {{"shell", ""}});
  EXPECT_TRUE(ends(std::stoi(pid)));
}

TEST(ExecTest, time_is_limited) {
  const auto job = make_job(register_job_exec, options_of({"sleep", ":::", "600"}));
  const std::atomic<bool> stop = false;
  Context context(
      0, 1, stop,
      {.time = std::chrono::milliseconds(50), .memory_bytes = 0, .grace = {}, .cores = 0});
  job->open();
  try {
    job->map({0, 1}, {}, context);
    FAIL();
  } catch (const ChunkFailed& failed) {
    EXPECT_EQ(std::string(failed.what()), "took longer than 0.05 s: sleep 600");
  }
}

TEST(ExecResultsTest, are_files) {
  const TemporaryFolder folder;
  const auto results = folder.path() / "deep" / "results";
  const Options options{{"results", results.string()}, {"shell", ""}};
  EXPECT_EQ(failure({"echo out {}; echo err {} >&2; exit {}", ":::", "3"}, options),
            "exit code 3: echo out {}; echo err {} >&2; exit {} ::: 3");
  EXPECT_EQ(content(results / "000001.stdout"), "out 3\n");
  EXPECT_EQ(content(results / "000001.stderr"), "err 3\n");
  EXPECT_EQ(content(results / "000001.exit"), "3\n");
  EXPECT_EQ(output({"kill -9 $$", ":::"}, options), "");
  EXPECT_NE(failure({"kill -9 $$", ":::", "x"}, options), "");
  EXPECT_EQ(content(results / "000001.exit"), "137\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(results), {}), 3);
}

TEST(ExecResultsTest, what_is_not_complete_has_no_name_of_its_own_and_does_not_stay) {
  const TemporaryFolder folder;
  {
    // Where others can write to the folder they may put a link to where a name can be guessed.
    const auto guessed =
        folder.path() / (".000007.stdout." + std::to_string(getpid()) + ".unfinished");
    std::filesystem::create_symlink("victim", guessed);
    const ExecResultFiles files(folder.path(), 7);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "victim"));
    std::filesystem::remove(guessed);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "000007.stdout"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// --- blocks

TEST(ExecPipeTest, blocks_are_cut_at_lines_and_nothing_is_lost) {
  ::signal(SIGPIPE, SIG_IGN);
  std::mt19937 random(3);
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::string(random() % 50, "abc"[random() % 3]) + "\n";
  text += "the last one has no end";
  const TemporaryFile file(text);
  for (const char* block : {"100", "1000", "1MB"}) {
    EXPECT_EQ(output({"cat", "::::", file.path()}, {{"pipe", ""}, {"block", block}}), text);
  }
  std::istringstream counts(
      output({"wc -l", "::::", file.path()}, {{"pipe", ""}, {"block", "1000"}}));
  int total = 0;
  for (int count = 0; counts >> count;) total += count;
  EXPECT_EQ(total, 2000);
}

TEST(ExecPipeTest, blocks_that_are_sent_have_their_lines_whole) {
  std::mt19937 random(4);
  std::string text;
  for (int i = 0; i < 60; ++i) text += std::string(random() % 1000, "a \t"[random() % 3]) + "\n";
  const TemporaryFile file(text + "the last one has no end");
  const auto kept = std::make_shared<const TextFile>(file.path());
  const ExecInput input(Texts({{"stdin", kept->size_bytes(), kept, {}}}, Overhang::lines));
  // A worker's job: it has no dataset.
  const auto job = make_job(register_job_exec, options_of({"cat"}, {{"pipe", ""}}));
  for (const std::uint64_t chunks : {1U, 2U, 7U, 100U}) {
    const Grid grid = chunk_it(input.size(), chunks);
    const std::atomic<bool> stop = false;
    std::string found;
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
      Bytes sent;
      input.ship(grid.items(chunk), sent);
      Context context(chunk, 1, stop);
      found += std::any_cast<std::string>(job->map(grid.items(chunk), sent, context));
    }
    EXPECT_EQ(found, content(file.path())) << chunks << " chunks";
  }
}

TEST(ExecPipeTest, a_line_longer_than_blocks_is_one_block) {
  const TemporaryFile file("short\n" + std::string(100'000, 'x') + "\nend\n");
  EXPECT_EQ(output({"wc -c", "::::", file.path()}, {{"pipe", ""}, {"block", "10000"}}),
            "100007\n4\n");
  const TemporaryFile endless("xxx");
  EXPECT_EQ(output({"cat", "::::", endless.path()}, {{"pipe", ""}, {"block", "1"}}), "xxx");
}

TEST(ExecPipeTest, lines_of_two_files_are_not_joined) {
  const TemporaryFile first("a\nb");
  const TemporaryFile second("c\n");
  EXPECT_EQ(output({"cat", "::::", first.path(), second.path()}, {{"pipe", ""}}), "a\nb\nc\n");
}

TEST(ExecPipeTest, a_command_need_not_read_all) {
  ::signal(SIGPIPE, SIG_IGN);
  const TemporaryFile file(std::string(1'000'000, 'x') + "\n");
  EXPECT_EQ(output({"head -c 3", "::::", file.path()}, {{"pipe", ""}}), "xxx");
}

TEST(ExecPipeTest, nothing_is_no_block) {
  const TemporaryFile file("");
  EXPECT_EQ(output({"echo ran", "::::", file.path()}, {{"pipe", ""}}), "");
}

}  // namespace
}  // namespace taskrun::testing
