// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"

namespace kirotray {

const std::vector<Command> &commands()
{
    static const std::vector<Command> all {
        {"serve", "", "start the proxy; prints \"listening URL\" when it accepts", 0, 0, runServe},
        {"status", "", "whether a proxy runs for this data folder", 0, 0, runStatus},
        {"login", "PROVIDER", "sign in: google, github, builder-id, idc, portal, api-key, …", 1, 1,
         runLogin},
        {"login remote", "PROVIDER", "a one-time link for a browser on another machine", 1, 1,
         runRemoteLogin},
        {"login providers", "", "the ways to sign in", 0, 0, runAdminCommand},
        {"accounts list", "", "all accounts; needs no vault", 0, 0, runAccountsList},
        {"accounts show", "ID", "one account with state and credits", 1, 1, runAdminCommand},
        {"accounts add", "", "take tokens, keys or an export from standard input", 0, 0,
         runAccountsAdd},
        {"accounts import", "FILE...", "take accounts from files or folders of any known program",
         1, -1, runAccountsImport},
        {"accounts scan", "", "look for accounts of other programs; --auto takes them", 0, 0,
         runAccountsScan},
        {"accounts export", "", "write all accounts to a sealed file; -o FILE", 0, 0,
         runAccountsExport},
        {"accounts refresh", "[ID]", "renew one token, or all of them", 0, 1, runAdminCommand},
        {"accounts restore", "ID", "let a cooling or suspended account be used again", 1, 1,
         runAdminCommand},
        {"accounts enable", "ID", "use it", 1, 1, runAdminCommand},
        {"accounts disable", "ID", "do not use it", 1, 1, runAdminCommand},
        {"accounts set", "ID NAME=VALUE...", "change label, group, priority, proxy, …", 2, -1,
         runAdminCommand},
        {"accounts usage", "[ID]", "credits, read from the service now", 0, 1, runAdminCommand},
        {"accounts remove", "ID", "remove an account and its secrets", 1, 1, runAdminCommand},
        {"flows", "[TEXT]", "the last requests", 0, 1, runAdminCommand},
        {"flows show", "ID", "one request", 1, 1, runAdminCommand},
        {"flows stats", "[HOURS]", "counts by account, model and client", 0, 1, runAdminCommand},
        {"flows export", "", "redacted JSON Lines; --format har", 0, 0, runAdminCommand},
        {"flows replay", "ID [ACCOUNT]", "send a recorded request again", 1, 2, runAdminCommand},
        {"keys list", "", "keys of clients", 0, 0, runAdminCommand},
        {"keys add", "NAME", "a new key, and its secret", 1, 1, runKeysAdd},
        {"keys show", "[NAME]", "the secret of a key", 0, 1, runShowKey},
        {"keys set", "NAME WHAT=VALUE...", "limits, models, enabled", 2, -1, runAdminCommand},
        {"keys renew", "NAME", "give it another secret", 1, 1, runAdminCommand},
        {"keys remove", "NAME", "remove it", 1, 1, runAdminCommand},
        {"key", "", "the key that clients must send", 0, 0, runShowKey},
        {"token", "", "the token of the admin API", 0, 0, runShowToken},
        {"settings", "[NAME=VALUE...]", "show or change settings", 0, -1, runAdminCommand},
        {"doctor", "", "self-test, with a report that holds no secret", 0, 0, runAdminCommand},
    };
    return all;
}

} // namespace kirotray
