// SPDX-License-Identifier: MIT
#include "taskrun/core/secrets.hpp"

#include <gtest/gtest.h>

#include <random>

#include "taskrun/core/time.hpp"

namespace taskrun {
namespace {

using Words = std::vector<std::string>;

// Put together, so that no search for tokens in this file finds one.
std::string token(const std::string& prefix, std::size_t size) {
  constexpr std::string_view characters = "A1B2C3D4E5F6G7H2";
  std::string text = prefix;
  for (std::size_t i = 0; i < size; ++i) text += characters[i % characters.size()];
  return text;
}
const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN";
const std::string key =
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAbC=\n-----END RSA PRIVATE KEY-----";

struct Row {
  std::string text;
  std::string shown;
};

void expect_shown(const std::vector<Row>& rows) {
  for (const auto& [text, shown] : rows) {
    EXPECT_EQ(without_secrets(text), shown) << text;
    EXPECT_EQ(without_secrets(shown), shown) << "again: " << shown;
  }
}

TEST(SecretsTest, what_a_name_says_is_secret_is_masked_in_a_text) {
  expect_shown({
      {"run --password hunter2 x", "run --password *** x"},
      {"run --token=abcde x", "run --token=*** x"},
      {"run -password hunter2", "run -password ***"},
      {"PASSWORD=hunter2 run", "PASSWORD=*** run"},
      {"API_KEY=abc run", "API_KEY=*** run"},
      {"export AWS_SECRET_ACCESS_KEY='wJa/lrX UtnF'; run", "export AWS_SECRET_ACCESS_KEY=*** run"},
      {"PGPASSWORD=x psql", "PGPASSWORD=*** psql"},
      {"run x;password='a b'cd f", "run x;password=*** f"},
      {"env dbPassword=x MYSQL_PWD=y run", "env dbPassword=*** MYSQL_PWD=*** run"},
      {"java -Dspring.datasource.password=x", "java -Dspring.datasource.password=***"},
      {"curl -H 'Authorization: Bearer abc def' u", "curl -H 'Authorization: Bearer ***' u"},
      {"curl --header=\"X-Api-Key: abc\" u", "curl --header=\"X-Api-Key: ***\" u"},
      {"curl -H \"Cookie: a=b; c=d\" u", "curl -H \"Cookie: ***\" u"},
      {"Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"},
      {"sends Bearer abcdefghijklmnop.q now", "sends Bearer *** now"},
      {"curl -u user:hunter2 http://h/", "curl -u user:*** http://h/"},
      {"/usr/bin/curl --user=user:hunter2 h", "/usr/bin/curl --user=user:*** h"},
      {"curl -uuser:hunter2 h", "curl -uuser:*** h"},
      {"sshpass -p hunter2 ssh -p 22 h", "sshpass -p *** ssh -p *** h"},
      {"mysql -phunter2 -u root", "mysql -p*** -u root"},
      {"openssl rsa -passin pass:hunter2", "openssl rsa -passin pass:***"},
      {"sh -c 'curl -u a:b \"http://c:d@h/\"'", "sh -c 'curl -u a:*** \"http://c:***@h/\"'"},
      {"exit code 22: curl -u 'a:b c' h", "exit code 22: curl -u 'a:***' h"},
  });
}

TEST(SecretsTest, secrets_in_addresses_and_fields_are_masked) {
  expect_shown({
      {"https://user:pass@host/x", "https://user:***@host/x"},
      {"(postgres://u:p@ss@db:5432/x)", "(postgres://u:***@db:5432/x)"},
      {"http://h/?access_token=abc&page=2", "http://h/?access_token=***&page=2"},
      {"http://h/?a=1&X-Amz-Signature=12ab&b=2", "http://h/?a=1&X-Amz-Signature=***&b=2"},
      {"-d user=me&password=abc", "-d user=me&password=***"},
      {R"({"password":"a, \"b","n":1})", R"({"password":***,"n":1})"},
      {R"({"password": "hunter2", "n": 1})", R"({"password": *** "n": 1})"},
      {R"("{\"token\":\"hunter2\",\"n\":1}")", R"("{\"token\":***,\"n\":1}")"},
  });
}

TEST(SecretsTest, tokens_of_known_forms_are_masked_wherever_they_stand) {
  for (const auto& secret :
       {token("ghp_", 36), token("github_pat_", 50), token("glpat-", 20), token("xoxb-", 24),
        "AKIA" + std::string("IOSFODNN7EXAMPLE"), token("sk-", 40), token("sk_live_", 24),
        token("AIza", 35), token("npm_", 36), token("hf_", 34), token("hvs.", 24), jwt}) {
    for (const std::string before : {"", "run ", "x=", "'", "(", "a, ", "host."}) {
      for (const std::string after : {"", " y", "'", ")", ",b", "/c"}) {
        const std::string shown = without_secrets(before + secret + after);
        EXPECT_EQ(shown, before + "***" + after);
      }
    }
  }
  EXPECT_EQ(without_secrets("a " + key + " b"),
            "a -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- b");
  // Cut off.
  EXPECT_EQ(without_secrets("a " + key.substr(0, 40)), "a -----BEGIN RSA PRIVATE KEY-----***");
}

TEST(SecretsTest, what_is_no_secret_stays) {
  for (const char* text : {"",
                           "***",
                           "run --keys 3 --key-column name",
                           "sort --key 2",
                           "--password-file FILE x",
                           "--max-tokens 100 --tokens 3",
                           "--token 3",
                           "PWD=/home/u OLDPWD=/",
                           "TOKEN_LIMIT=99999",
                           "d41d8cd98f00b204e9800998ecf8427e",
                           "sha256:9f86d081884c7d659a2feaa0c55ad015",
                           "sk-learn",
                           "sk-some-very-long-words-with-dashes",
                           "eyJ.x.y",
                           "AKIA",
                           "ghp_short",
                           "http://host:80/a@b",
                           "ssh user@host",
                           "docker run -u 1000:1000 -p 80:80",
                           "mysql -p -u root",
                           "curl -u name http://h/",
                           "12:30:00",
                           "can't read 'a b'",
                           "syntax error: unexpected token: x",
                           "the password is wrong",
                           "-----BEGIN CERTIFICATE-----",
                           "chunk 6 (items 611 to 732) failed 3 times: crashed: SIGSEGV",
                           "Bearer of news",
                           "--passes 3",
                           "bypass=1",
                           "compass=north"}) {
    EXPECT_EQ(without_secrets(text), text);
  }
}

TEST(SecretsTest, what_refers_to_a_secret_stays) {
  for (const char* text :
       {"curl -H \"Authorization: Bearer $TOKEN\" {}", "curl -u \"$USER:$PASS\" {}",
        "run --password \"${DB_PASSWORD}\"", "TOKEN=$(cat file) run", "PASSWORD={} run",
        "curl -u me:{2} http://h/{1}", "http://me:$PASS@h/", "run --password {password}"}) {
    EXPECT_EQ(without_secrets(text), text);
  }
  // A default is a text as it is.
  EXPECT_EQ(without_secrets("run --password ${P:-hunter2}"), "run --password ***");
}

TEST(SecretsTest, words_of_a_command_are_masked_each_as_a_whole) {
  const auto shown = [](const Words& words) { return without_secrets(words); };
  EXPECT_EQ(shown({"run", "--password", "hunter2 and more", "x"}),
            (Words{"run", "--password", "***", "x"}));
  EXPECT_EQ(shown({"run", "--password", "-x-", "--verbose"}),
            (Words{"run", "--password", "***", "--verbose"}));
  EXPECT_EQ(shown({"run", "--password", "--verbose"}), (Words{"run", "--password", "--verbose"}));
  EXPECT_EQ(shown({"run", "--password", ":::", "a"}), (Words{"run", "--password", ":::", "a"}));
  EXPECT_EQ(shown({"run", "--password=hunter2 'and\" more"}), (Words{"run", "--password=***"}));
  EXPECT_EQ(shown({"env", "PASSWORD=my secret phrase", "x"}), (Words{"env", "PASSWORD=***", "x"}));
  EXPECT_EQ(shown({"curl", "-u", "a:b c", "-H", "Authorization: Bearer x y", "h"}),
            (Words{"curl", "-u", "a:***", "-H", "Authorization: Bearer ***", "h"}));
  EXPECT_EQ(shown({"sh", "-c", "curl -u a:b $1", "x"}),
            (Words{"sh", "-c", "curl -u a:*** $1", "x"}));
  // No shell reads it: it is the secret itself.
  EXPECT_EQ(shown({"run", "--password", "$ecret"}), (Words{"run", "--password", "***"}));
  EXPECT_EQ(shown({"curl", "-H", "Authorization: Bearer {}", ":::", "x"}),
            (Words{"curl", "-H", "Authorization: Bearer {}", ":::", "x"}));
  EXPECT_EQ(shown({}), Words{});
}

TEST(SecretsTest, a_value_is_masked_for_its_name_or_its_form) {
  EXPECT_EQ(without_secrets("password", "hunter2"), "***");
  EXPECT_EQ(without_secrets("password", ""), "");
  EXPECT_EQ(without_secrets("limit", "100"), "100");
  EXPECT_EQ(without_secrets("limit", jwt), "***");
  EXPECT_EQ(shown_with(Secrets::kept, "PASSWORD=x"), "PASSWORD=x");
  EXPECT_EQ(shown_with(Secrets::masked, "PASSWORD=x"), "PASSWORD=***");
}

/// The text, or less of it.
bool is_left_of(const std::string& text, const std::string& less) {
  auto next = less.begin();
  for (const char c : text) next += next != less.end() && *next == c ? 1 : 0;
  return next == less.end();
}

// Any bytes, and what is made of the pieces that the search looks for.
TEST(SecretsTest, any_bytes_are_taken_and_what_is_masked_stays_masked) {
  const std::vector<std::string> pieces{"'",
                                        "\"",
                                        "\\",
                                        " ",
                                        "=",
                                        ":",
                                        "://",
                                        "@",
                                        "password",
                                        "--token",
                                        "curl",
                                        "-u",
                                        "a",
                                        "eyJ",
                                        ".",
                                        "$",
                                        "{",
                                        "}",
                                        "***",
                                        "-----BEGIN PRIVATE KEY-----",
                                        "Authorization",
                                        "Bearer",
                                        "\xff",
                                        std::string(1, '\0'),
                                        "\n",
                                        "&",
                                        "?",
                                        "sk-",
                                        "ghp_",
                                        "pass:",
                                        "1"};
  std::mt19937 random(7);
  int masked = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (auto left = random() % 24; left > 0; --left) text += pieces[random() % pieces.size()];
    const std::string shown = without_secrets(text);
    masked += shown != text ? 1 : 0;
    const std::string again = without_secrets(shown);
    EXPECT_TRUE(is_left_of(shown, again)) << shown << "\n" << again;
    EXPECT_EQ(again.find("***") == again.npos, shown.find("***") == shown.npos) << shown;
    static_cast<void>(without_secrets(std::vector{text, shown}));
  }
  EXPECT_GT(masked, 1000);
}

TEST(SecretsTest, the_time_grows_with_the_text_alone) {
  const auto repeated = [](const std::string& piece) {
    std::string text;
    while (text.size() < 60'000) text += piece;
    return text;
  };
  const Time begin = steady_now();
  for (const char* piece : {"'",
                            "\"",
                            "\\\"",
                            "'\"",
                            "a-",
                            "sk-",
                            "eyJ-",
                            "eyJ.",
                            "x.eyJabcdefgh",
                            "://",
                            "a://b:",
                            "password:'",
                            "password=\"",
                            "-----BEGIN ",
                            "-----BEGIN PRIVATE KEY-----",
                            "curl -u ",
                            "' \"",
                            "{",
                            "${",
                            "Authorization: ",
                            "\"a b\" '",
                            "token\\\":\\\""}) {
    static_cast<void>(without_secrets(repeated(piece)));
  }
  // Were it quadratic, they would take minutes.
  EXPECT_LT(steady_now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace taskrun
