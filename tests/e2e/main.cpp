// SPDX-License-Identifier: MIT
// The tests' main: mpirun gets the surroundings that it needs in a test.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
  std::istringstream settings(MPI_ENVIRONMENT);
  for (std::string setting; std::getline(settings, setting, '|');) {
    const auto equals = setting.find('=');
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
