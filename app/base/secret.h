// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QDebug>

namespace kirotray {

/// A token, key or passphrase. Prints as ***; the only way to its bytes is reveal(), so that every
/// place that opens one can be found by name. Memory is not promised to be erased: QByteArray is
/// implicitly shared.
class Secret
{
public:
    Secret() = default;
    explicit Secret(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
    }

    const QByteArray &reveal() const { return m_bytes; }
    bool isEmpty() const { return m_bytes.isEmpty(); }
    /// Takes the same time wherever the first difference is; only the length is learnt.
    bool constantTimeEquals(QByteArrayView other) const;

    friend bool operator==(const Secret &a, const Secret &b)
    {
        return a.constantTimeEquals(b.m_bytes);
    }

private:
    QByteArray m_bytes;
};

QDebug operator<<(QDebug debug, const Secret &secret);

/// `bytes` random bytes from the system's generator as URL-safe base64 without padding.
QByteArray randomToken(int bytes);

/// Masks what looks like a credential in a line of text: values of token, key, secret, password,
/// code, cookie and authorization members in JSON (also JSON inside a string), forms, queries and
/// headers; bearer and basic credentials; passwords in addresses; `aoa…`, `aor…`, `ksk_…`, `kt-…`,
/// `sk-…`, `eyJ…` tokens; long runs of random characters. UUIDs, names, addresses, paths and
/// sentences stay. Idempotent.
QString redacted(const QString &text);

} // namespace kirotray
