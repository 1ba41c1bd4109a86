// SPDX-License-Identifier: MIT
// Passwords, tokens and keys in arguments: in nothing that is kept or shown, unless that is asked
// for. The commands are those of the real program, run by a shell in a folder of their own.
#ifdef TASKRUN_PROGRAM
#include <filesystem>

#include "program_runs.hpp"
#include "scratch_folder.hpp"

namespace taskrun::testing {
namespace {

// No search for tokens in this file finds one.
const std::string secret = "hunter2canary";
const std::string canary = "canary";
const std::string github_token = "ghp_" + std::string(23, 'a') + secret;

// Each place is one in which something is masked on its own.
const std::string secrets_in_words =
    "--password '" + secret + " and " + canary + "' --token=" + secret + " API_KEY=" + secret +
    " -H 'Authorization: Bearer " + secret + " " + secret + "' 'https://u:" + secret +
    "@h/?access_token=" + secret + "&x=1' " + github_token + " sh -c 'curl -u u:" + secret + " h'";

class SecretsRunTest : public ::testing::Test {
 protected:
  SecretsRunTest() { std::filesystem::create_symlink(TASKRUN_PROGRAM, folder.file("taskrun")); }

  Ended shell(const std::string& script) const {
    Command command{{"/bin/bash", "-c", script}};
    command.directory = folder.path();
    return run(command);
  }
  /// All that is said, and what lies in the folder, but for inputs.
  std::string everything(const Ended& ended) const {
    std::string all = ended.out + ended.err;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
      const bool is_ours =
          file.is_regular_file() && file.path().extension() != ".txt" && !file.is_symlink();
      if (is_ours) all += "\n" + file.path().string() + ": " + content(file.path());
    }
    return all;
  }
  void expect_masked(const Ended& ended) const {
    const std::string all = everything(ended);
    EXPECT_EQ(all.find(canary), std::string::npos)
        << all.substr(all.find(canary) - std::min<std::size_t>(all.find(canary), 300), 600);
  }

  const ScratchFolder folder;
};

TEST_F(SecretsRunTest, secrets_are_in_no_journal_message_or_report) {
  put_file(folder.file("list.txt"), "a\nPASSWORD=" + secret + "\n");
  const auto ended = shell(
      "./taskrun exec -v --progress lines --journal j --json r.json --results d --retries 1 "
      "/bin/false " +
      secrets_in_words + " :::: list.txt");
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_NE(ended.err.find("***"), std::string::npos) << ended.err;
  expect_masked(ended);
  for (const char* look :
       {"status j", "status j --json", "log j", "log j --json", "log j --failed", "resume j",
        "exec --journal j /bin/false --password=hunter2canary ::: a"}) {
    const auto looked = shell(std::string("./taskrun ") + look);
    EXPECT_NE((looked.out + looked.err).find("***"), std::string::npos) << look;
    expect_masked(looked);
  }
  expect_masked(shell("./taskrun describe exec /bin/false " + secrets_in_words + " ::: a"));
  // Before the line is understood.
  expect_masked(shell("./taskrun sieve --password=hunter2canary"));
  expect_masked(shell("./taskrun sieve https://u:hunter2canary@h/"));
}

TEST_F(SecretsRunTest, a_run_is_resumed_with_the_same_secrets_alone) {
  const auto line = [&](const std::string& options, const std::string& password) {
    return "./taskrun exec -q --journal j " + options + " sh -c '[ -e \"$2\" ]' --password " +
           password + " {} ::: b a.txt";
  };
  put_file(folder.file("a.txt"), "");
  EXPECT_EQ(shell(line("", secret)).exit_code, 3);
  const auto alone = shell("./taskrun resume j");
  expect_refused(alone, 2, "give the whole command again, with --journal j --resume");
  expect_refused(shell(line("--resume", "another")), 2, "a secret in the arguments");
  expect_refused(shell(line("--resume", "'***'")), 2, "a secret in the arguments");
  put_file(folder.file("b"), "");
  const auto resumed = shell(line("--resume", secret));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  expect_masked(resumed);
}

TEST_F(SecretsRunTest, a_killed_run_leaves_no_secret_and_the_hint_of_a_stopped_one_shows_none) {
  const auto killed =
      shell("mkfifo f; ./taskrun exec -q --journal j -j 1 sh -c 'echo > f; sleep 60' " +
            secrets_in_words + " ::: a b & read < f; exec 2> /dev/null; kill -9 $!; wait");
  expect_masked(killed);
  EXPECT_NE(content(folder.file("j")).find("***"), std::string::npos);
  const auto stopped =
      shell("rm j* f; ./taskrun exec -q -j 1 --journal j --on-error stop /bin/false " +
            secrets_in_words + " ::: $(seq 300)");
  EXPECT_EQ(stopped.exit_code, 75) << stopped.err;
  EXPECT_NE(stopped.err.find("; continue with: ./taskrun exec --journal j --resume "),
            std::string::npos)
      << stopped.err;
  expect_masked(stopped);
}

TEST_F(SecretsRunTest, kept_secrets_are_in_the_journal_and_resumed_from_it) {
  const auto ended = shell(
      "./taskrun exec -q --keep-secrets --journal j --json r.json test -e a --token=" + secret +
      " -o {} = a ::: b a");
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_EQ(ended.err.find("***"), std::string::npos) << ended.err;
  for (const std::string& text :
       {ended.err, content(folder.file("j")), content(folder.file("r.json")),
        shell("./taskrun status j").out, shell("./taskrun log j").out,
        shell("./taskrun resume j -q").err}) {
    EXPECT_NE(text.find("--token=" + secret), std::string::npos) << text;
  }
}

TEST_F(SecretsRunTest, what_only_refers_to_a_secret_is_resumed_from_the_file) {
  const auto ended = shell("P=" + secret +
                           " ./taskrun exec -q --journal j --shell ': --password "
                           "\"$P\"; [ -e {} ]' ::: a");
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  expect_masked(ended);
  EXPECT_EQ(shell("./taskrun resume j -q").exit_code, 3);
}

#ifdef WITH_MPI
// Rank 0 dies once; the ranks that are started again have the whole command.
TEST_F(SecretsRunTest, Launch_starts_ranks_again_with_their_secrets) {
  put_file(folder.file("command.txt"),
           "[ \"$2\" = hunter2canary ] || exit 9\n"
           "mkdir died 2> /dev/null || exit 0\n"
           "zygote=$(cut -d' ' -f4 /proc/$PPID/stat)\n"
           "kill -9 $(cut -d' ' -f4 /proc/$zygote/stat)\nsleep 60\n");
  const auto ended = shell(
      "./taskrun launch -n 1 exec -q --journal j sh command.txt --password "
      "hunter2canary {} ::: a b");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(std::filesystem::exists(folder.file("died")));
  expect_masked(ended);
}
#endif

}  // namespace
}  // namespace taskrun::testing
#endif
