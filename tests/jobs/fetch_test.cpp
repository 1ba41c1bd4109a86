// SPDX-License-Identifier: MIT
// Only against a server of the test's own, on the loopback network.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "fetch/page.hpp"
#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "loopback_server.hpp"
#include "refusal.hpp"
#include "temporary_file.hpp"

void register_job_fetch(taskrun::Registry&);

namespace taskrun::testing {
namespace {

std::unique_ptr<Job> fetch(const Options& options) { return make_job(register_job_fetch, options); }

struct Line {
  std::string url, outcome, bytes, seconds, type, text;
};

std::vector<Line> lines_of_output(const std::string& output) {
  std::vector<Line> lines;
  std::istringstream in(output);
  for (std::string one; std::getline(in, one);) {
    std::istringstream cells(one);
    Line line;
    for (auto* cell :
         {&line.url, &line.outcome, &line.bytes, &line.seconds, &line.type, &line.text}) {
      std::getline(cells, *cell, '\t');
    }
    lines.push_back(line);
  }
  return lines;
}

// Each test with both engines.
class FetchTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<Line> fetched(const std::vector<std::string>& paths, Options options = {}) {
    for (const auto& path : paths) options.push_back({"URL", server_.url(path)});
    options.push_back({"engine", GetParam()});
    options.push_back({"allow-private", ""});
    const auto job = fetch(options);
    return lines_of_output(printed(*job, run_serially(*job, job->open().chunk_count)));
  }
  Line one(const std::string& path, const Options& options = {}) {
    return fetched({path}, options).at(0);
  }

  LoopbackServer server_;
};
INSTANTIATE_TEST_SUITE_P(Engines, FetchTest, ::testing::Values("threads", "async"));

TEST_P(FetchTest, pages_are_told_in_the_order_of_their_urls) {
  const auto lines = fetched({"/wait/60", "/title/One", "/status/404", "/title/Two"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].text, "waited");
  EXPECT_EQ(lines[1].text, "One");
  EXPECT_EQ(lines[1].outcome, "200");
  EXPECT_EQ(lines[1].bytes, "40");
  EXPECT_EQ(lines[1].type, "text/html; charset=utf-8");
  EXPECT_EQ(lines[2].outcome, "404");
  EXPECT_EQ(lines[3].url, server_.url("/title/Two"));
}

TEST_P(FetchTest, redirects_are_followed_so_far_and_no_further) {
  EXPECT_EQ(one("/redirect/4").text, "there");
  const Line far = one("/redirect/5");
  EXPECT_EQ(far.outcome, "error");
  EXPECT_NE(far.text.find("redirects"), std::string::npos) << far.text;
  EXPECT_EQ(one("/redirect/1", {{"redirects", "2"}}).text, "there");
}

TEST_P(FetchTest, bodies_without_end_are_given_up) {
  const Line line = one("/endless", {{"max-bytes", "100kB"}});
  EXPECT_EQ(line.outcome, "error");
  EXPECT_EQ(line.text, "it has more than 100000 bytes (--max-bytes)");
}

TEST_P(FetchTest, servers_that_stall_are_given_up) {
  const Options once{{"page-timeout", "200ms"}, {"tries", "1"}};
  EXPECT_NE(one("/stall", once).text.find("timed out"), std::string::npos);
  EXPECT_NE(one("/wait/5000", once).text.find("timed out"), std::string::npos);
}

TEST_P(FetchTest, broken_answers_are_errors_with_a_reason) {
  const auto lines = fetched({"/garbage", "/close", "/short", "/title/fine"}, {{"tries", "1"}});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lines[i].outcome, "error");
    EXPECT_FALSE(lines[i].text.empty());
  }
  EXPECT_EQ(lines[3].text, "fine");
}

TEST_P(FetchTest, a_busy_server_is_asked_again_as_often_as_allowed) {
  EXPECT_EQ(one("/busy/1/a", {{"tries", "2"}}).text, "free");
  EXPECT_EQ(server_.request_count(), 2);
  EXPECT_EQ(one("/busy/2/b", {{"tries", "2"}}).outcome, "503");
  EXPECT_EQ(server_.request_count(), 4);
}

TEST_P(FetchTest, what_cannot_be_reached_is_an_error) {
  const auto job = fetch({{"URL", "http://127.0.0.1:1/"},
                          {"URL", "http://nowhere.invalid/"},
                          {"tries", "1"},
                          {"allow-private", ""},
                          {"engine", GetParam()}});
  const auto lines = lines_of_output(printed(*job, run_serially(*job, 1)));
  EXPECT_EQ(lines[0].outcome, "error");
  EXPECT_EQ(lines[1].outcome, "error");
  EXPECT_NE(lines[1].text.find("nowhere.invalid"), std::string::npos) << lines[1].text;
}

TEST_P(FetchTest, private_addresses_are_refused_unless_allowed) {
  const auto job = fetch({{"URL", server_.url("/title/secret")},
                          {"URL", "http://localhost:" + server_.url("").substr(17) + "/title/x"},
                          {"engine", GetParam()}});
  for (const auto& line : lines_of_output(printed(*job, run_serially(*job, 1)))) {
    EXPECT_EQ(line.outcome, "error");
    EXPECT_EQ(line.text, "its address is a private one; --allow-private allows that");
  }
  EXPECT_EQ(server_.request_count(), 0);
}

TEST_P(FetchTest, a_host_gets_no_more_connections_than_allowed) {
  Options options{{"engine", GetParam()}, {"allow-private", ""}, {"per-host", "3"}};
  for (int i = 0; i < 24; ++i) options.push_back({"URL", server_.url("/wait/20")});
  RunOptions run_options;
  run_options.slots = 12;
  const auto run = run_on_loopback(1, run_options, [&] { return fetch(options); });
  const auto lines = lines_of_output(run.output);
  EXPECT_EQ(lines.size(), 24U);
  for (const auto& line : lines) EXPECT_EQ(line.outcome, "200") << line.text;
  EXPECT_LE(server_.most_at_once(), 3);
  EXPECT_GE(server_.most_at_once(), 2);
}

TEST_P(FetchTest, pages_may_be_kept) {
  const TemporaryFolder folder;
  const auto lines = fetched({"/title/kept", "/endless"},
                             {{"save", folder.path().string()}, {"max-bytes", "20000"}});
  std::ifstream file(folder.path() / "000001-127.0.0.1");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), "<!doctype html><title>kept</title><p>body");
  // Of what failed nothing is left, not even a part.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_P(FetchTest, pages_are_not_written_through_the_links_of_others) {
  const TemporaryFolder folder;
  const auto victim = folder.put("victim", "precious");
  for (const char* name : {"000001-127.0.0.1", "000001-127.0.0.1.part"}) {
    std::filesystem::create_symlink("victim", folder.path() / name);
  }
  EXPECT_EQ(one("/title/kept", {{"save", folder.path().string()}}).text, "kept");
  std::ifstream file(victim);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(folder.path() / "000001-127.0.0.1"));
}

TEST_P(FetchTest, a_page_without_a_byte_is_kept_as_well) {
  const TemporaryFolder folder;
  EXPECT_EQ(one("/empty", {{"save", folder.path().string()}}).outcome, "200");
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "000001-127.0.0.1"), 0U);
}

TEST_P(FetchTest, a_page_that_cannot_get_its_name_is_an_error) {
  const TemporaryFolder folder;
  folder.put("000001-127.0.0.1/something", "in the way");
  const Line line = one("/title/kept", {{"save", folder.path().string()}});
  EXPECT_EQ(line.outcome, "error");
  EXPECT_NE(line.text.find("cannot write " + folder.path().string()), std::string::npos)
      << line.text;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_P(FetchTest, two_runs_agree_where_times_are_left_out) {
  EXPECT_EQ(one("/title/One", {{"untimed", ""}}).seconds, "-");
  Options options{{"engine", GetParam()}, {"allow-private", ""}, {"summary", ""}, {"untimed", ""}};
  options.push_back({"URL", server_.url("/title/a")});
  const auto job = fetch(options);
  EXPECT_EQ(printed(*job, run_serially(*job, 1)), "200\t1\n38 bytes");
}

TEST_P(FetchTest, a_summary_adds_up) {
  Options options{{"engine", GetParam()}, {"allow-private", ""}, {"summary", ""}, {"tries", "1"}};
  for (const char* path : {"/title/a", "/status/404", "/title/b", "/close"}) {
    options.push_back({"URL", server_.url(path)});
  }
  const auto job = fetch(options);
  const auto json = job->json(run_serially(*job, 2));
  EXPECT_EQ(json["outcomes"].dump(), R"({"200":2,"404":1,"error":1})");
  EXPECT_EQ(json["bytes"], 38 + 38 + 39);
}

TEST(TitleTest, titles_are_read_as_browsers_do) {
  EXPECT_EQ(title_of("<title>A &amp; B &#233; &hellip;</title>"), "A & B \u00e9 \u2026");
  EXPECT_EQ(title_of("<html><head>\n<TITLE lang=en>\n two\t words\n</TITLE>"), "two words");
  EXPECT_EQ(title_of("<body><svg><title>no</title></svg>"), "");
  EXPECT_EQ(title_of("<title></title>"), "");
  EXPECT_EQ(title_of(""), "");
  EXPECT_EQ(title_of("<title>a<b>c</title>"), "a<b>c");
  EXPECT_EQ(title_of(std::string(100'000, '<')), "");
}

TEST(FetchInputTest, what_is_no_page_is_refused) {
  const auto refusal = [](const Options& options) {
    return refusal_of([&] { fetch(options)->open(); });
  };
  for (const char* url :
       {"ftp://example.org/", "file:///etc/passwd", "example.org", "", "http://"}) {
    EXPECT_NE(refusal({{"URL", url}}).find("is not the address of a page"), std::string::npos)
        << url;
  }
  EXPECT_NE(refusal({{"URL", "http://a/"}, {"save", "/none"}}).find("no such folder"),
            std::string::npos);
}

TEST_P(FetchTest, a_line_that_is_no_page_is_an_error_of_its_own) {
  const TemporaryFile file(server_.url("/title/a") + "\n\nnonsense\n" + server_.url("/title/b"));
  const auto job = fetch({{"file", file.path()}, {"engine", GetParam()}, {"allow-private", ""}});
  const auto lines = lines_of_output(printed(*job, run_serially(*job, 1)));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].text, "a");
  EXPECT_EQ(lines[1].outcome, "error");
  EXPECT_NE(lines[1].text.find(":3: 'nonsense' is not"), std::string::npos) << lines[1].text;
  EXPECT_EQ(lines[2].text, "b");
}

}  // namespace
}  // namespace taskrun::testing
