// SPDX-License-Identifier: MIT
#include "app/cli/command_line.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

#include "app/commands/commands.hpp"
#include "app/commands/describe.hpp"
#include "app/commands/help_text.hpp"
#include "app/commands/launch_words.hpp"
#include "taskrun/core/error.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

struct Named : FloatSum {
  std::string name;
  bool loud = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.text("name", name, "any text");
    p.flag("loud", loud, "a flag");
    p.example("--items 5", "add five terms");
  }
};

// A job that takes values without a name, and an option several times.
struct Tried : FloatSum {
  std::vector<std::string> things;
  std::vector<std::string> rules;
  void params(Params& p) {
    FloatSum::params(p);
    p.arguments("THING", things, "what to try");
    p.texts("rule", rules, "how to try it");
  }
};

// A job that takes all that follows its options.
struct Rest : FloatSum {
  std::vector<std::string> words;
  bool zero = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.rest("WORD", words, "what to do");
    p.flag("zero", zero, "a flag");
    p.letter('0');
  }
};

Registry two_jobs() {
  Registry jobs;
  jobs.add<Tried>("try", "try things");
  jobs.add<Named>("sum", "add numbers up");
  jobs.add<NumberedLines>("lines", "write lines");
  jobs.add<Rest>("rest", "take the rest");
  return jobs;
}

std::unique_ptr<CommandLine> parse(const std::vector<std::string>& arguments) {
  static const Registry jobs = two_jobs();  // what is parsed refers to it
  return parse_command_line(arguments, all_commands(), jobs);
}

// What is said of a command line that is refused.
std::string refusal(const std::vector<std::string>& arguments) {
  try {
    parse(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    const std::string text = error.what();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  return "not refused";
}

std::string value(const CommandLine& line, const std::string& name) {
  for (const auto& param : line.params.all()) {
    if (param.name == name) return param.value();
  }
  return "no such parameter";
}

// Of an option of the command.
std::string own_value(const CommandLine& line, const std::string& name) {
  for (const auto& param : line.action->options()) {
    if (param.name == name) return param.value();
  }
  return "no such option";
}

TEST(CommandLineTest, values_without_a_name_go_to_the_job_that_takes_some) {
  const auto line = parse({"try", "a b", "--items", "10", "-5", "-", "--threads", "2", "sum"});
  EXPECT_EQ(value(*line, "THING"), R"(["a b","-5","-","sum"])");
  EXPECT_EQ(value(*line, "items"), "10");
}

TEST(CommandLineTest, everything_after_two_dashes_is_a_value) {
  const auto line = parse({"try", "a", "--", "--items", "--help", "--"});
  EXPECT_EQ(line->command, &all_commands().run);
  EXPECT_EQ(value(*line, "THING"), R"(["a","--items","--help","--"])");
  EXPECT_NE(refusal({"sum", "--", "5"}).find("unexpected argument '5'"), std::string::npos);
}

TEST(CommandLineTest, a_job_may_take_all_that_follows_its_options) {
  for (const std::vector<std::string>& before : {std::vector<std::string>{"rest"},
                                                 {"rest", "--"},
                                                 {"-q", "rest"},
                                                 {"-j", "2", "rest"},
                                                 {"rest", "-j", "2", "--quiet"},
                                                 {"launch", "-n", "2", "rest"}}) {
    auto arguments = before;
    arguments.insert(arguments.end(), {"ls", "--help", "--", "-q"});
    EXPECT_EQ(value(*parse(arguments), "WORD"), R"(["ls","--help","--","-q"])");
  }
  const auto line = parse({"rest", "-0", "--items", "7", "x", "--items", "8"});
  EXPECT_EQ(value(*line, "WORD"), R"(["x","--items","8"])");
  EXPECT_EQ(value(*line, "items"), "7");
  EXPECT_EQ(value(*line, "zero"), "yes");
  EXPECT_EQ(parse({"rest", "--help", "x"})->command->name, "help");
  EXPECT_NE(refusal({"rest", "--zeros", "x"}).find("--zero"), std::string::npos);
}

TEST(CommandLineTest, ranks_get_all_but_the_options_of_launch) {
  const std::vector<std::string> expected{"sum", "--items", "5", "-q"};
  for (const std::vector<std::string>& own : {std::vector<std::string>{"-n", "8"},
                                              {"-n8"},
                                              {"--ranks", "8", "--hostfile", "hosts"},
                                              {"--ranks=8", "--restarts=3"}}) {
    std::vector<std::string> arguments{"launch"};
    arguments.insert(arguments.end(), own.begin(), own.end());
    arguments.insert(arguments.end(), {"sum", "--items", "5", "-q"});
    const auto line = parse(arguments);
    EXPECT_EQ(rank_arguments(*line), expected);
    EXPECT_EQ(own_value(*line, "ranks"), "8");
  }
  EXPECT_EQ(rank_arguments(*parse({"launch", "-n", "2", "rest", "ls", "-n", "3"})),
            (std::vector<std::string>{"rest", "--", "ls", "-n", "3"}));
}

TEST(CommandLineTest, a_file_has_a_name) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"sum", "--json", ""},
                                                    {"sum", "--journal", ""},
                                                    {"launch", "--hostfile", "", "sum"},
                                                    {"compare", "--svg", "", "sum"}}) {
    EXPECT_NE(refusal(arguments).find("needs the name of a file"), std::string::npos);
  }
}

TEST(CommandLineTest, an_option_of_a_job_with_arguments_is_still_checked) {
  EXPECT_NE(refusal({"try", "a", "--itmes", "3"}).find("unknown option --itmes"),
            std::string::npos);
}

TEST(CommandLineTest, an_option_may_be_given_several_times_where_the_job_says_so) {
  EXPECT_EQ(value(*parse({"try", "--rule", "x", "y", "--rule=z"}), "rule"), R"(["x","z"])");
}

TEST(CommandLineTest, help_shows_the_values_without_a_name) {
  const auto line = parse({"try", "--help"});
  const std::string text = job_help_text("taskrun", *line->entry, line->params, all_commands().run);
  EXPECT_NE(text.find("try [options] [THING...]"), std::string::npos) << text;
  EXPECT_NE(text.find("  THING...  "), std::string::npos) << text;
}

TEST(CommandLineTest, run_and_job_options_come_in_any_order) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--threads", "3", "sum", "--items", "1e3"},
                                             {"sum", "--items", "1e3", "--threads", "3"},
                                             {"--items", "1e3", "sum", "--threads=3"},
                                             {"sum", "--threads", "3", "--items=1k"}}) {
    const auto line = parse(arguments);
    EXPECT_EQ(line->command, &all_commands().run);
    EXPECT_EQ(line->entry->name, "sum");
    EXPECT_EQ(line->settings.thread_count, 3U);
    EXPECT_EQ(value(*line, "items"), "1000");
  }
}

TEST(CommandLineTest, every_run_option_is_understood) {
  const auto line = parse({"sum", "--chunks", "7", "--schedule", "guided", "--retries", "0",
                           "--credit", "4", "--json", "out.json", "--progress", "lines", "-v"});
  EXPECT_EQ(line->settings.chunk_count, 7U);
  EXPECT_EQ(line->settings.schedule, Schedule::guided);
  EXPECT_EQ(line->settings.retries, 0U);
  EXPECT_EQ(line->settings.credit, 4U);
  EXPECT_EQ(line->settings.json_path, "out.json");
  EXPECT_EQ(line->settings.progress, ProgressStyle::lines);
  EXPECT_TRUE(line->settings.verbose);
}

TEST(CommandLineTest, progress_may_be_a_line_each_so_many_items) {
  EXPECT_EQ(parse({"sum", "--progress", "verbose"})->settings.progress, ProgressStyle::verbose);
  const auto line = parse({"sum", "--progress", "verbose=1k"});
  EXPECT_EQ(line->settings.progress, ProgressStyle::verbose);
  EXPECT_EQ(line->settings.progress_items, 1000U);
  EXPECT_NE(refusal({"sum", "--progress", "verbose=0"}).find("such as verbose=100"),
            std::string::npos);
}

TEST(CommandLineTest, failures_are_tolerated_as_asked) {
  const auto settings = [](const std::string& what) {
    return parse({"sum", "--on-error", what})->settings;
  };
  EXPECT_EQ(settings("continue").failures_tolerated, UINT64_MAX);
  EXPECT_EQ(settings("stop").failures_tolerated, 0U);
  EXPECT_EQ(settings("stop-after=3").failures_tolerated, 2U);
  EXPECT_EQ(settings("stop-after=25%").failure_ratio_tolerated, 0.25);
  EXPECT_EQ(settings("stop-after=25%").failures_tolerated, UINT64_MAX);
  for (const char* wrong : {"", "stop-after=0", "stop-after=101%", "stop-after=x", "stopp"}) {
    EXPECT_NE(refusal({"sum", "--on-error", wrong}).find("stop-after=N%"), std::string::npos);
  }
}

TEST(CommandLineTest, texts_are_taken_as_they_are) {
  EXPECT_EQ(value(*parse({"sum", "--name", "-x y"}), "name"), "-x y");
  EXPECT_EQ(value(*parse({"sum", "--name", "[a,b]"}), "name"), "[a,b]");
  EXPECT_EQ(value(*parse({"sum", "--name", ""}), "name"), "");
  EXPECT_EQ(value(*parse({"sum", "--name=a=b"}), "name"), "a=b");
  EXPECT_EQ(value(*parse({"sum", "--name", "lines"}), "name"), "lines");
}

TEST(CommandLineTest, a_mistyped_name_is_recognised) {
  EXPECT_EQ(refusal({"sun"}), "unknown job or command 'sun'; did you mean 'sum'?");
  EXPECT_EQ(refusal({"lst"}), "unknown job or command 'lst'; did you mean 'list'?");
  EXPECT_EQ(refusal({"banana"}), "unknown job or command 'banana'; 'taskrun list' shows the jobs");
  EXPECT_EQ(refusal({"sum", "--itms", "5"}), "unknown option --itms; did you mean '--items'?");
  EXPECT_EQ(refusal({"sum", "--schedule", "gided"}),
            "--schedule gided: expected auto, static, dynamic, guided or factoring; did you mean "
            "'guided'?");
}

TEST(CommandLineTest, numbers_that_are_none_are_refused_with_what_is_allowed) {
  for (const char* bad : {"abc", "-5", "1e30", "", "1.5"}) {
    EXPECT_EQ(refusal({"sum", "--items", bad}),
              "--items " + std::string(*bad == '\0' ? "''" : bad) +
                  ": expected a whole number from 0 to 2^64-1, such as 1000 or 1e6");
  }
  EXPECT_NE(refusal({"sum", "--threads", "0"}).find("1 to 4096"), std::string::npos);
  EXPECT_NE(refusal({"sum", "--chunks", "0"}).find("1 to"), std::string::npos);
}

TEST(CommandLineTest, a_missing_value_is_named) {
  EXPECT_EQ(refusal({"sum", "--items"}), "--items needs a value, and none follows");
  EXPECT_EQ(refusal({"sum", "--items", "--loud"}), "--items needs a value; --loud follows it");
  EXPECT_EQ(refusal({"sum", "-j"}), "--threads needs a value, and none follows");
}

TEST(CommandLineTest, an_option_given_twice_is_refused) {
  EXPECT_EQ(refusal({"sum", "--items", "1", "--items", "2"}),
            "--items is given twice (1 and 2); give it once");
}

TEST(CommandLineTest, a_flag_takes_no_value) {
  EXPECT_EQ(refusal({"sum", "--loud=yes"}),
            "--loud takes no value; give it alone, or leave it out");
}

TEST(CommandLineTest, stray_arguments_are_refused) {
  EXPECT_NE(refusal({"sum", "5"}).find("unexpected argument '5'"), std::string::npos);
  EXPECT_NE(refusal({"sum", "lines"}).find("one job is run at a time"), std::string::npos);
  EXPECT_NE(refusal({"list", "5"}).find("unexpected argument '5'"), std::string::npos);
}

TEST(CommandLineTest, a_run_needs_a_job) {
  EXPECT_NE(refusal({}).find("missing job name"), std::string::npos);
  EXPECT_NE(refusal({"--threads", "2"}).find("missing job name"), std::string::npos);
  EXPECT_NE(refusal({"describe"}).find("missing job name"), std::string::npos);
}

TEST(CommandLineTest, options_that_contradict_each_other_are_refused) {
  EXPECT_NE(refusal({"sum", "--chunks", "2", "--chunk-size", "3"}).find("give one of them"),
            std::string::npos);
  EXPECT_NE(refusal({"sum", "--quiet", "-v"}).find("exclude each other"), std::string::npos);
  EXPECT_NE(refusal({"lines", "--json", "-"}).find("both go to stdout"), std::string::npos);
}

TEST(CommandLineTest, who_asks_for_help_gets_it_whatever_else_is_wrong) {
  EXPECT_EQ(parse({"sum", "--items", "abc", "--help"})->command->name, "help");
  EXPECT_EQ(parse({"-h"})->entry, nullptr);
  EXPECT_EQ(parse({"help", "sum"})->entry->name, "sum");
  EXPECT_EQ(parse({"--version"})->command->name, "version");
}

TEST(CommandLineTest, options_of_other_programs_are_named_as_they_are_here) {
  const std::pair<std::vector<std::string>, const char*> foreign[] = {
      {{"rest", "--halt", "soon,fail=1", "ls"}, "unknown option --halt; --on-error stop"},
      {{"rest", "-P", "4", "ls"}, "unknown option -P; the number of parallel slots is -j N"},
      {{"rest", "-P4", "ls"}, "is -j N"},
      {{"rest", "--jobs=4", "ls"}, "is -j N"},
      {{"rest", "--joblog", "x", "ls"}, "--journal FILE records each command, 'taskrun log FILE'"},
      {{"rest", "-k", "ls"}, "it is the default: outputs are in the order of the values"},
      {{"rest", "-I{}", "ls"}, "the placeholder is always {}"},
      {{"rest", "-n1", "ls"}, "a command gets one value"},
      {{"rest", "--most-output", "1M", "ls"}, "it is --max-output BYTES now"},
      {{"sum", "--most-bytes", "1M"}, "it is --max-bytes BYTES now"},
      {{"sum", "--nice", "10"}, "put nice in front: nice -n 10 taskrun"},
      {{"sum", "-np", "8"}, "'taskrun launch -n N' starts N ranks"},
      {{"sum", "-n", "8"}, "'taskrun launch' takes it"},
      // Of no meaning for a job that runs no commands.
      {{"sum", "-k"}, "'taskrun sum --help' shows the options"}};
  for (const auto& [arguments, said] : foreign) {
    const std::string text = refusal(arguments);
    EXPECT_NE(text.find(said), std::string::npos) << text;
  }
}

TEST(CommandLineTest, a_name_that_is_proposed_is_near) {
  for (const char* far : {"--halp-me", "--nixe", "--hat", "-Z", "--xy"}) {
    const std::string text = refusal({"sum", far});
    EXPECT_EQ(text.find("did you mean"), std::string::npos) << text;
  }
}

TEST(CommandLineTest, what_is_proposed_has_the_name_that_the_program_was_called_by) {
  const Registry jobs = two_jobs();
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"banana"},
                                                    {"sum", "--banana"},
                                                    {"status"},
                                                    {"sum", "-n", "2"}}) {
    try {
      parse_command_line(arguments, all_commands(), jobs, "bin/my own");
      ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("'bin/my own' "), std::string::npos) << text;
      EXPECT_EQ(text.find("taskrun "), std::string::npos) << text;
    }
  }
}

struct Clash : FloatSum {
  bool other = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.flag("threads", other, "another meaning");
  }
};
struct LetterClash : FloatSum {
  bool other = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.flag("quick", other, "be quick");
    p.letter('q');
  }
};
struct Twice : FloatSum {
  bool other = false;
  void params(Params& p) {
    FloatSum::params(p);
    p.flag("items", other, "another meaning");
  }
};

TEST(CommandLineTest, a_jobs_option_that_clashes_is_named_with_the_job) {
  Registry jobs;
  jobs.add<Clash>("clash", "has an option of runs");
  jobs.add<LetterClash>("letter", "has a letter of runs");
  jobs.add<Twice>("twice", "declares a name twice");
  for (const auto& [job, said] : {std::pair{"clash", "--threads, which is an option of every run"},
                                  {"letter", "-q, which is an option of every run"},
                                  {"twice", "--items twice"}}) {
    try {
      parse_command_line({job}, all_commands(), jobs);
      ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
      EXPECT_NE(
          std::string(error.what()).find("the job '" + std::string(job) + "' declares " + said),
          std::string::npos)
          << error.what();
    }
  }
}

TEST(CommandLineTest, what_is_said_is_true_of_the_command_that_is_given) {
  EXPECT_EQ(
      refusal({"launch", "list"}),
      "'list' is a command and no job; give one of them: 'taskrun help list' shows how to use "
      "it");
  EXPECT_EQ(refusal({"resume", "j", "k"}), "unexpected argument 'k': one journal at a time");
  EXPECT_EQ(refusal({"resume", "j", "--items", "5"}),
            "unknown option --items; options of the job are in the journal and stay as they were");
  EXPECT_EQ(refusal({"resume", "j", "--thraeds", "5"}),
            "unknown option --thraeds; did you mean '--threads'?");
  EXPECT_EQ(refusal({"sum", "help"}), "unexpected argument 'help': --help shows how to use it");
  EXPECT_EQ(refusal({"sum", "--schedule", ""}),
            "--schedule '': expected auto, static, dynamic, guided or factoring");
}

TEST(HelpTest, every_command_has_a_page_of_its_own) {
  for (const Command& info : all_commands().named) {
    const std::string name(info.name);
    for (const auto& arguments :
         {std::vector<std::string>{"help", name}, {name, "--help"}, {name, "-h"}}) {
      const auto line = parse(arguments);
      EXPECT_EQ(line->command->name, "help");
      if (name == "help") continue;
      ASSERT_EQ(line->topic, &info) << name;
    }
    const std::string page = command_help_text("prog", info);
    EXPECT_EQ(page.find(name + ": " + std::string(info.help) + "\n"), 0U) << page;
    EXPECT_NE(page.find("Usage:\n  prog " + name), std::string::npos) << page;
    EXPECT_NE(page.find("Examples:\n  prog "), std::string::npos) << page;
    EXPECT_NE(help_text("prog", all_commands(), two_jobs()).find("\n  " + name + " "),
              std::string::npos);
  }
  EXPECT_NE(command_help_text("prog", all_commands().at("compare")).find("--repeat N"),
            std::string::npos);
  EXPECT_NE(command_help_text("prog", all_commands().at("launch")).find("-n, --ranks N"),
            std::string::npos);
  EXPECT_EQ(command_help_text("prog", all_commands().at("compare")).find("--journal"),
            std::string::npos);
}

// The jobs of the examples, as far as these go.
struct Sieve : FloatSum {
  std::uint64_t limit = 9;
  void params(Params& p) { p.count("limit", limit, "the end"); }
};
struct Powers : FloatSum {
  std::vector<std::string> numbers;
  Duration delay{};
  void params(Params& p) {
    p.arguments("NUMBER", numbers, "what to raise");
    p.duration("delay", delay, "how long to wait");
  }
};

TEST(HelpTest, the_examples_of_every_command_are_understood) {
  Registry jobs;
  jobs.add<Sieve>("sieve", "count primes");
  jobs.add<Powers>("powers", "raise numbers");
  for (const Command& command : all_commands().named) {
    EXPECT_FALSE(command.examples.empty()) << command.name;
    for (const auto& example : command.examples) {
      std::istringstream in(example.arguments.substr(0, example.arguments.find(" |")));
      const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
      const auto line = parse_command_line(words, all_commands(), jobs);
      EXPECT_EQ(line->command, &command) << example.arguments;
    }
    EXPECT_NE(command_help_text("prog", command).find("Exit codes: 0 complete; 2 "),
              std::string::npos);
  }
}

TEST(HelpTest, a_job_run_by_a_command_is_shown_with_the_commands_options) {
  const auto line = parse({"launch", "sum", "--help"});
  const std::string text = job_help_text("prog", *line->entry, line->params, *line->topic);
  EXPECT_NE(text.find("--items N"), std::string::npos) << text;
  EXPECT_NE(text.find("Options of launch:\n  -n, --ranks N"), std::string::npos) << text;
}

TEST(HelpTest, help_about_what_is_not_there_names_what_is_near) {
  EXPECT_EQ(refusal({"help", "compair"}),
            "unknown job or command 'compair'; did you mean 'compare'?");
}

TEST(CommandLineTest, options_of_a_look_into_a_journal_are_checked) {
  EXPECT_EQ(refusal({"status", "x", "--jsn"}), "unknown option --jsn; did you mean '--json'?");
  EXPECT_EQ(refusal({"log", "x", "y"}), "unexpected argument 'y': one journal at a time");
  const auto line = parse({"log", "--json", "x"});
  EXPECT_EQ(line->file, "x");
  EXPECT_EQ(own_value(*line, "json"), "yes");
}

TEST(HelpTest, the_program_shows_its_jobs_with_an_example_each) {
  const std::string text = help_text("prog", all_commands(), two_jobs());
  EXPECT_NE(text.find("sum    add numbers up"), std::string::npos) << text;
  EXPECT_NE(text.find("prog sum --items 5"), std::string::npos) << text;
}

TEST(HelpTest, a_job_shows_its_options_with_default_and_range) {
  const Registry jobs = two_jobs();
  const auto line = parse_command_line({"sum", "--help"}, all_commands(), jobs);
  const std::string text = job_help_text("prog", *line->entry, line->params, all_commands().run);
  EXPECT_NE(text.find("--items N  "), std::string::npos) << text;
  EXPECT_NE(text.find("(default: 1000; 0 to 2^64-1)"), std::string::npos) << text;
  EXPECT_NE(text.find("add five terms"), std::string::npos) << text;
}

TEST(DescribeTest, the_grid_is_told_without_a_run) {
  const Registry jobs = two_jobs();
  const auto line = parse_command_line({"describe", "sum", "--items", "10", "--chunks", "4"},
                                       all_commands(), jobs);
  const std::string text = describe_text(*line);
  EXPECT_NE(text.find("items: 10\nchunks: 4, 2 or 3 items each\n"), std::string::npos) << text;
}

struct Slips : FloatSum {
  std::uint64_t chunk_sise() const { return 7; }
  bool ioBound() const { return true; }
  bool io_bound() const { return false; }
  bool unoredred() const { return true; }
};

TEST(DescribeTest, what_was_found_of_the_class_is_told_and_what_is_nearly_a_member) {
  Registry jobs;
  jobs.add<Slips>("slips", "has members with slips in their names");
  const auto line = parse_command_line({"describe", "slips"}, all_commands(), jobs);
  const std::string text = describe_text(*line);
  EXPECT_NE(
      text.find("class: it has params, dataset, io_bound, map, reduce, print; it has no check, "
                "begin, chunk_size, needs_isolation,"),
      std::string::npos)
      << text;
  for (const char* said : {"nothing calls its member chunk_sise; did you mean 'chunk_size'?",
                           "nothing calls its member ioBound; did you mean 'io_bound'?",
                           "nothing calls its member unoredred; did you mean 'unordered'?"}) {
    EXPECT_NE(text.find(said), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace taskrun::testing
