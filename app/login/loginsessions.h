// SPDX-License-Identifier: MIT
#pragma once

#include "app/login/login.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace kirotray {

/// A sign-in as windows, the console and the admin API see it. A value.
struct LoginStatus
{
    QString id; ///< random, not guessable
    QString provider;
    enum class State { Running, Done, Failed };
    State state = State::Running;
    std::vector<LoginStep> steps; ///< all so far, limits::MaxLoginSteps at most
    QStringList accountIds; ///< Done: the accounts it made or renewed
    std::optional<Error> error; ///< Failed
    QDateTime startedAt; ///< UTC
};

/// The sign-ins under way, and what becomes of them: accounts are stored and completed before a
/// sign-in is Done. Ended ones are kept for a while, so that a reader that polls sees the end. A
/// remote link (design: AUT-10) lets a browser on another machine do a sign-in's part: a one-time
/// secret, limits::RemoteLoginLifetime, one use. Main thread.
class LoginSessions : public QObject
{
    Q_OBJECT
public:
    /// Stores and completes what a sign-in gave; calls `done` with the accounts' ids.
    using Taker = std::function<void(std::vector<ImportedAccount> accounts,
                                     std::function<void(Result<QStringList>)> done)>;

    LoginSessions(LoginServices services, Taker taker, QObject *parent = nullptr);
    ~LoginSessions() override;

    /// The id of a new sign-in. Error::BadInput: unknown provider, missing input, too many.
    Result<QString> start(const QString &provider, const LoginInput &input);
    Result<Done> input(const QString &id, const Secret &text);
    void cancel(const QString &id);
    std::optional<LoginStatus> status(const QString &id) const;
    std::vector<LoginStatus> all() const;

    /// A one-time path, "/login/<secret>", that offers this provider to whoever opens it.
    Result<QString> makeRemoteLink(const QString &provider, const LoginInput &input);
    struct RemotePage
    {
        int status = 200; ///< HTTP; 404 for an unknown, used or expired secret
        QByteArray html; ///< to be sent with loginPageHeaders()
    };
    /// The page behind the link: starts the sign-in, shows its link or code, takes the redirected
    /// URL by a form, says how it ended. `form`: the fields of a POST; empty for a GET.
    RemotePage remotePage(const QString &path, const QByteArray &form, const QString &language);

signals:
    void changed(const QString &id);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
