// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/base/secret.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace kirotray {

/// Where the browser was sent at the end of a sign-in. Holds a one-time code: never logged.
struct LoginRedirect
{
    QByteArray path; ///< with the leading slash, such as "/oauth/callback"
    QByteArray query; ///< raw, without '?'

    /// Percent-decoded; null when absent. '+' stays: it occurs in codes.
    QByteArray value(QByteArrayView name) const;
    /// A text for people or a list of words: '+' is a space.
    QString text(QByteArrayView name) const;
    /// Compares in constant time. False when either is empty.
    bool hasState(const QByteArray &state) const;
    /// What the service says went wrong: Error::Unauthorized when the user or the service refused
    /// (RFC 6749 §4.1.2.1 access_denied), else Error::Upstream.
    std::optional<Error> failure() const;
};

/// The address that a user copied from the browser: `http://localhost:…`, or `kiro://…` (§4.2
/// no. 2). Error::BadInput: it is none, or longer than limits::MaxLoginInput. The error never
/// repeats it.
Result<LoginRedirect> pastedRedirect(const Secret &text);

} // namespace kirotray
