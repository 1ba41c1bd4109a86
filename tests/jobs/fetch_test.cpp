// SPDX-License-Identifier: MIT
// Only against a server of the test's own, on the loopback network.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "fetch/address.hpp"
#include "fetch/title.hpp"
#include "job_drive.hpp"
#include "loopback_run.hpp"
#include "loopback_server.hpp"
#include "refusal.hpp"
#include "sanitized.hpp"
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

struct Fetched {
  std::vector<Line> lines;
  std::vector<std::string> failures;  // of chunks
};

Fetched fetched(const Options& options, std::uint32_t slots = 2) {
  RunOptions run_options;
  run_options.slots = slots;
  const auto run = run_on_loopback(1, run_options, [&] { return fetch(options); });
  Fetched all{lines_of_output(run.output), {}};
  for (const auto& failed : run.outcome.account.failed) all.failures.push_back(failed.error);
  return all;
}

// Each test with both engines.
class FetchTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<Line> fetched(const std::vector<std::string>& paths, Options options = {}) {
    for (const auto& path : paths) options.push_back({"URL", server_.url(path)});
    options.push_back({"engine", GetParam()});
    options.push_back({"allow-private", ""});
    auto all = testing::fetched(options);
    failures_ = std::move(all.failures);
    return std::move(all.lines);
  }
  Line one(const std::string& path, const Options& options = {}) {
    return fetched({path}, options).at(0);
  }

  LoopbackServer server_;
  std::vector<std::string> failures_;  // of the last ones that were fetched
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
  const auto lines = testing::fetched({{"URL", "http://127.0.0.1:1/"},
                                       {"URL", "http://nowhere.invalid/"},
                                       {"tries", "1"},
                                       {"allow-private", ""},
                                       {"engine", GetParam()}})
                         .lines;
  EXPECT_EQ(lines[0].outcome, "error");
  EXPECT_EQ(lines[1].outcome, "error");
  EXPECT_NE(lines[1].text.find("nowhere.invalid"), std::string::npos) << lines[1].text;
}

TEST_P(FetchTest, private_addresses_are_refused_unless_allowed) {
  const Options options{{"URL", server_.url("/title/secret")},
                        {"URL", "http://localhost:" + server_.url("").substr(17) + "/title/x"},
                        {"engine", GetParam()}};
  for (const auto& line : testing::fetched(options).lines) {
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
  EXPECT_EQ(json["failed"], 2);
  const std::string failure = job->failure(run_serially(*job, 2));
  EXPECT_EQ(failure, "2 pages failed: " + server_.url("/status/404") + ": HTTP 404; and 1 more");
}

TEST_P(FetchTest, pages_with_codes_that_are_errors_fail_and_are_told_all_the_same) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths{"/title/a", "/status/404"};
  const Options save{{"save", folder.path().string()}};
  const auto lines = fetched(paths, save);
  EXPECT_EQ(lines.at(0).text, "a");
  EXPECT_EQ(lines.at(1).outcome, "404");
  EXPECT_EQ(lines.at(1).text, "so");
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0], server_.url("/status/404") + ": HTTP 404");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);

  fetched(paths, {{"ok-codes", "200,400-404"}});
  EXPECT_TRUE(failures_.empty());
  fetched(paths, {{"ok-codes", "404"}});
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0], server_.url("/title/a") + ": HTTP 200");
  fetched({"/close", "/close"}, {{"ok-codes", "100-999"}, {"tries", "1"}});
  EXPECT_EQ(failures_.size(), GetParam() == std::string("async") ? 1U : 2U);
}

TEST(FetchInputTest, codes_are_a_list) {
  for (const char* list : {"", "200-", "-", "99", "1000", "300-200", "200,,404", "ok", "200,"}) {
    EXPECT_NE(refusal_of([&] {
                fetch({{"ok-codes", list}});
              }).find("expected codes of HTTP"),
              std::string::npos)
        << list;
  }
}

TEST_P(FetchTest, a_server_that_asks_for_much_patience_is_not_asked_again) {
  const Line line = one("/patience/3600");
  EXPECT_EQ(line.outcome, "503");
  EXPECT_EQ(server_.request_count(), 1);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0], server_.url("/patience/3600") +
                              ": HTTP 503; not tried again: it asks for 3600 s of patience "
                              "(Retry-After), more than 60 s");
  one("/patience/9223372036854775807");
  EXPECT_EQ(server_.request_count(), 2);
}

TEST_P(FetchTest, a_page_takes_no_longer_than_it_may_with_all_tries) {
  const Time before = steady_now();
  const Options options{{"page-timeout", "400ms"}, {"tries", "20"}};
  one("/patience/30", options);
  EXPECT_NE(failures_.at(0).find("--page-timeout leaves no time"), std::string::npos);
  const Line stalled = one("/stall", options);
  EXPECT_NE(stalled.text.find("timed out"), std::string::npos) << stalled.text;
  EXPECT_NE(stalled.text.find("--page-timeout leaves no time"), std::string::npos);
  EXPECT_EQ(server_.request_count(), 2);
  EXPECT_LT(seconds(steady_now() - before), 20);
}

// Each waits for room at its host before its time begins.
TEST_P(FetchTest, the_time_of_a_page_begins_when_its_host_has_room) {
  const std::vector<std::string> paths(6, "/wait/300");
  for (const auto& line : fetched(paths, {{"per-host", "1"}, {"page-timeout", "1s"}})) {
    EXPECT_EQ(line.outcome, "200") << line.text;
  }
}

TEST(TitleTest, titles_are_read_as_browsers_do) {
  EXPECT_EQ(title_of("<title>A &amp; B &#233; &hellip;</title>"), "A & B \u00e9 \u2026");
  EXPECT_EQ(title_of("<html><head>\n<TITLE lang=en>\n two\t words\n</TITLE>"), "two words");
  EXPECT_EQ(title_of("<body><svg><title>no</title></svg>"), "");
  EXPECT_EQ(title_of("<title></title>"), "");
  EXPECT_EQ(title_of(""), "");
  EXPECT_EQ(title_of("<title>a<b>c</title>"), "a<b>c");
  EXPECT_EQ(title_of(std::string(100'000, '<')), "");
  EXPECT_EQ(title_of("<!-- <title>no</title> --><title>yes</title>"), "yes");
  EXPECT_EQ(title_of("<!--><title>yes</title>-->"), "yes");
  EXPECT_EQ(title_of("<!-- a --!><title>yes</title>"), "yes");
  EXPECT_EQ(title_of("<script>'<title>no</title>'</script ><title>yes</title>"), "yes");
  EXPECT_EQ(title_of("<meta a='<title>no</title>' b=\">\"><title/>yes</title >"), "yes");
  EXPECT_EQ(title_of("<template><title>no</title></template><title>yes"), "yes");
  EXPECT_EQ(title_of("<svg><![CDATA[</svg><title>no</title>]]><title>no</title></svg><title>yes"),
            "yes");
  EXPECT_EQ(title_of("<math><title>no</title><p><title>yes</title>"), "yes");
  EXPECT_EQ(title_of("<body><p>sloppy<title>yes</title>"), "yes");
  EXPECT_EQ(title_of("</ <title>no</title>><?x <title>no?><title>yes</title>"), "yes");
  EXPECT_EQ(title_of("<titles>no</titles><plaintext><title>no</title>"), "");
  EXPECT_EQ(title_of("<title>\u009b31m\u202e\x9b</title>", "text/html; charset=utf-8"),
            "\ufffd31m?\ufffd");
}

long most_memory_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// With a parser for all of it, 64 KiB of such tags took 4 GB and 5 seconds.
TEST(TitleTest, whatever_a_page_holds_its_title_costs_little) {
  const auto many = [](const std::string& text) {
    const std::size_t size = sanitized ? 16 << 10 : 256 << 10;
    std::string all;
    while (all.size() < size) all += text;
    return all;
  };
  const Time before = steady_now();
  const long memory_before = most_memory_kilobytes();
  for (const char* text : {"<b>",        "<div>",
                           "<p><b c=d>", "<table><tr>",
                           "<title>",    "<!--",
                           "<!-- -->",   "<a '",
                           "</",         "<svg>",
                           "<template>", "<![CDATA[",
                           "&amp",       "<title>x</title>&",
                           "\xff",       "<script>",
                           "</script",   "<title></titl>",
                           "<x a=b ",    "<meta charset="}) {
    for (const char* type : {"", "text/html; charset=shift_jis", "text/html; charset=utf-16"}) {
      title_of(many(text), type);
      title_of("<title>" + many(text), type);
    }
  }
  // 120 pages: many times what they take here.
  EXPECT_LT(seconds(steady_now() - before), 30);
  if (!sanitized) {
    EXPECT_LT(most_memory_kilobytes() - memory_before, 100 << 10);
  }
}

TEST(TitleTest, encodings_are_found_as_browsers_do) {
  const std::string latin = "<title>Caf\xe9 \x80</title>";
  const std::string japanese = "<title>\x93\xfa\x96{</title>";
  EXPECT_EQ(title_of("\xef\xbb\xbf<title>Caf\u00e9</title>"), "Caf\u00e9");
  EXPECT_EQ(title_of("<title>Caf\u00e9</title>"), "Caf\u00e9");
  EXPECT_EQ(title_of(latin), "Caf\u00e9 \u20ac");
  for (const char* type : {"text/html; charset=ISO-8859-1", "text/html;charset=\"windows-1252\"",
                           "text/html; charset = 'Latin1'; x=y", "text/html; CHARSET=us-ascii"}) {
    EXPECT_EQ(title_of(latin, type), "Caf\u00e9 \u20ac") << type;
  }
  EXPECT_EQ(title_of(japanese, "text/html; charset=Shift_JIS"), "\u65e5\u672c");
  EXPECT_EQ(title_of("<meta charset=sjis>" + japanese), "\u65e5\u672c");
  EXPECT_EQ(
      title_of("<meta content='text/html; charset=x-sjis' http-equiv=Content-Type>" + japanese),
      "\u65e5\u672c");
  // The header is right, a mark more so; names that nobody knows, and UTF-16 in a <meta>, are not.
  EXPECT_EQ(title_of("<meta charset=utf-8>" + japanese, "text/html; charset=shift_jis"),
            "\u65e5\u672c");
  EXPECT_EQ(title_of("\xef\xbb\xbf<title>\u00e9</title>", "text/html; charset=shift_jis"),
            "\u00e9");
  EXPECT_EQ(title_of("<title>\u00e9</title>", "text/html; charset=//TRANSLIT"), "\u00e9");
  EXPECT_EQ(title_of("<meta charset=utf-16><title>\u00e9</title>"), "\u00e9");
  const std::string wide("\xff\xfe<\0t\0i\0t\0l\0e\0>\0\xe9\0\x3c\xd8<\0/\0t\0i\0t\0l\0e\0>\0", 36);
  EXPECT_EQ(title_of(wide), "\u00e9\ufffd");
  EXPECT_EQ(title_of("<title>\xc4\xe3", "text/html; charset=gb2312"), "\u4f60");
  EXPECT_EQ(title_of("<title>\xb0\xa1\xff", "text/html; charset=euc-kr"), "\uac00\ufffd");
  EXPECT_EQ(title_of("<title>\xa7\x41\xa6\x6e", "text/html; charset=big5"), "\u4f60\u597d");
  EXPECT_EQ(title_of("<title>\xf0\xd2", "text/html; charset=koi8-r"), "\u041f\u0440");
  EXPECT_EQ(title_of("<title>\xcf\xf0", "text/html; charset=cp1251"), "\u041f\u0440");
  EXPECT_EQ(title_of("<title>\xa4", "text/html; charset=iso-8859-15"), "\u20ac");
}

TEST_P(FetchTest, what_servers_say_of_a_page_is_no_escape_code) {
  server_.set_raw("text/html;charset=latin1;\xc2\x9b", "<title>Caf\xe9 \x9b\x1b[31m</title>");
  const Line line = one("/raw");
  EXPECT_EQ(line.type, "text/html;charset=latin1;?");
  EXPECT_EQ(line.text, "Caf\u00e9 \u203a\ufffd[31m");
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
  const auto [lines, failures] =
      testing::fetched({{"file", file.path()}, {"engine", GetParam()}, {"allow-private", ""}});
  ASSERT_EQ(lines.size(), 3U);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_NE(failures[0].find(":3: 'nonsense' is not"), std::string::npos);
  EXPECT_EQ(lines[0].text, "a");
  EXPECT_EQ(lines[1].outcome, "error");
  EXPECT_NE(lines[1].text.find(":3: 'nonsense' is not"), std::string::npos) << lines[1].text;
  EXPECT_EQ(lines[2].text, "b");
}

TEST(PageAddressTest, addresses_are_taken_as_people_write_them) {
  EXPECT_EQ(page_address("  HTTP://Example.ORG/A ").host, "example.org");
  EXPECT_EQ(page_address("  HTTP://Example.ORG/A ").text, "HTTP://Example.ORG/A");
  EXPECT_EQ(page_address("http://h/a b?\u00e9").url, "http://h/a%20b?%c3%a9");
  EXPECT_EQ(page_address("http://h").url, "http://h/");
}

bool is_private_text(const std::string& text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return is_private(reinterpret_cast<const sockaddr&>(v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  return is_private(reinterpret_cast<const sockaddr&>(v6));
}

TEST(PageAddressTest, what_the_registries_take_out_is_private) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "169.254.1.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.255",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:0:192.168.0.1",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b:1::1",
                           "64:ff9b:1::8.8.8.8",
                           "100::1",
                           "100:0:0:1::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:1ff:ffff::1",
                           "2001:db8::1",
                           "2002:a00:1::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "3fff:fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    EXPECT_TRUE(is_private_text(text)) << text;
  }
  for (const char* text : {"1.1.1.1",         "9.255.255.255",
                           "11.0.0.0",        "100.63.255.255",
                           "100.128.0.0",     "172.15.255.255",
                           "172.32.0.0",      "192.0.1.1",
                           "192.31.196.1",    "192.88.98.1",
                           "198.17.255.255",  "198.20.0.0",
                           "203.0.112.1",     "203.0.114.0",
                           "223.255.255.255", "2000::1",
                           "2001:200::1",     "2001:3::1",
                           "2001:4:112::1",   "2001:20::1",
                           "2001:30::1",      "2001:4860:4860::8888",
                           "2003::1",         "2a00::1",
                           "3ffe::1",         "3fff:1000::1",
                           "::ffff:8.8.8.8",  "::ffff:0:8.8.8.8",
                           "64:ff9b::8.8.8.8"}) {
    EXPECT_FALSE(is_private_text(text)) << text;
  }
}

}  // namespace
}  // namespace taskrun::testing
