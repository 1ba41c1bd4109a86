// SPDX-License-Identifier: MIT
// Addresses: of pages, as people write them, and of hosts, which may be private.
#pragma once

#include <sys/socket.h>

#include <string>

namespace taskrun {

/// The address of a page.
struct PageAddress {
  std::string text;  ///< as it was written, in one cell of a line
  std::string url;   ///< as a server is asked for it
  std::string host;  ///< in lower case
};

/// Reads what somebody wrote; what is no ASCII is encoded, and space around it is left out. Throws
/// Error (usage) where it is no address of a page by http or https.
PageAddress page_address(const std::string& text);

/// Whether it is not one of the addresses that can be reached from everywhere: those that the
/// IANA's registries of special-purpose addresses take out, and groups; likewise what carries one
/// of the old kind inside.
bool is_private(const sockaddr& address);

}  // namespace taskrun
