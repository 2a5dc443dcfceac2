// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"

#include <QTest>

#include <optional>

namespace kirotray {

/// Makes one call of a vault and waits for its answer; Error::Cancelled when none came in time.
class VaultAnswers
{
public:
    explicit VaultAnswers(Vault &vault)
        : m_vault(vault)
    {
    }

    Result<Secret> read(const QString &key)
    {
        std::optional<Result<Secret>> answer;
        QObject context;
        m_vault.read(key, &context, [&answer](const Result<Secret> &got) { answer = got; });
        return wait(answer);
    }
    Result<Done> write(const QString &key, const QByteArray &value)
    {
        std::optional<Result<Done>> answer;
        QObject context;
        m_vault.write(key, Secret(value), &context,
                      [&answer](const Result<Done> &got) { answer = got; });
        return wait(answer);
    }
    Result<Done> remove(const QString &key)
    {
        std::optional<Result<Done>> answer;
        QObject context;
        m_vault.remove(key, &context, [&answer](const Result<Done> &got) { answer = got; });
        return wait(answer);
    }
    /// The value, or "error <what>".
    QByteArray text(const QString &key)
    {
        const Result<Secret> got = read(key);
        return got ? got.value().reveal() : "error " + got.error().what.toUtf8();
    }

private:
    template <typename T>
    static Result<T> wait(const std::optional<Result<T>> &answer)
    {
        if (answer.has_value())
            return Error {Error::Code::Cancelled, u"answered at once, not queued"_s};
        [[maybe_unused]] const bool came =
            QTest::qWaitFor([&answer] { return answer.has_value(); }, 60'000);
        return answer.value_or(Error {Error::Code::Cancelled, u"no answer"_s});
    }

    Vault &m_vault;
};

} // namespace kirotray
