// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/clientkeys.h"
#include "app/base/secret.h"
#include "app/chat/chaterror.h"
#include "app/http/httpmessage.h"

#include <optional>

namespace kirotray {

/// Who may talk to the proxy (design §8). Pure; checked when the header is complete, before any
/// body.
struct ClientGuard
{
    Secret apiKey; ///< empty: no key is asked for
    QByteArray
        host; ///< the address that was configured; names this machine besides the loopback names
    std::vector<ClientKeySecret> keys = {}; ///< beside apiKey
    Secret adminToken = {}; ///< empty: nobody administers

    /// The refusal, or nullopt. Against DNS rebinding `Host` must name this machine; a page of a
    /// foreign `Origin` is refused even with the key; the key may come as `x-api-key`,
    /// `Authorization: Bearer`, `x-goog-api-key` or `?key=` (clients.md §0 no. 1). The admin token
    /// is sent the same way and opens the clients' paths too; a client's key does not open /api.
    enum class Access {
        Open,
        Link, ///< its path is a secret: another machine's browser has any Origin, and any name for
              ///< this one
        Client,
        Admin,
    };
    std::optional<ChatError> check(const HttpRequestHead &head, Access access) const;

    /// Whose key a request carries.
    struct Caller
    {
        QString name; ///< of the client key; "default" is GatewayConfig::apiKey, "admin" the token
        bool isAdmin = false;
        std::optional<ClientKey> key = {}; ///< with limits of its own
    };
    /// Absent: none that is known, where none is asked for.
    std::optional<Caller> callerOf(const HttpRequestHead &head) const;

    /// True for `Origin: null`-free loopback origins, whose pages may read answers.
    static bool isLocalOrigin(const QByteArray &origin);
};

} // namespace kirotray
