// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/clientkeys.h"

#include <QHash>

#include <optional>

namespace kirotray {

/// Whether a request is counted against its key: it went upstream, or was answered without it. What
/// was refused before costs nobody anything.
bool countsAsUse(const FlowRecord &flow);

/// What the clients' keys may still do. Counts from the admission on, so that requests side by side
/// do not pass a limit together. Keys go by their names. Pure; times are passed in. Any one thread.
class KeyLimits
{
public:
    /// The counts of the list and those kept here are of the same requests: the larger one holds.
    void setKeys(const std::vector<ClientKey> &keys, const QDateTime &now);

    struct Refusal
    {
        enum class Why { Disabled, Model, Requests, Credits };
        Why why = Why::Disabled;
        QString what; ///< English, for the client
        QDateTime until = {}; ///< UTC; the next local day, of Requests and Credits
    };
    /// Counts the request when it is allowed; ended() must follow then. `model` as the client asks
    /// for it; empty: the request names none. A name that is not in the list is allowed: it is the
    /// guard who knows the keys.
    std::optional<Refusal> admit(const QString &name, const QString &model, const QDateTime &now);
    /// Takes back what was counted for one that does not count, and adds the credits.
    void ended(const FlowRecord &flow, const QDateTime &now);

    int requestsToday(const QString &name) const;
    double creditsToday(const QString &name) const;

private:
    static void rollOver(ClientKey &key, const QDateTime &now);

    QHash<QString, ClientKey> m_keys;
};

} // namespace kirotray
