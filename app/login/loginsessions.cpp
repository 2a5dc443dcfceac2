// SPDX-License-Identifier: MIT
#include "app/login/loginsessions.h"

#include "app/base/limits.h"
#include "app/login/remotelinks.h"

#include <QPointer>

#include <algorithm>

namespace kirotray {

namespace {

constexpr int SessionIdBytes = 18; ///< 24 characters
constexpr qint64 EndedLifetime = 600; ///< seconds that an ended sign-in is kept
constexpr std::size_t MaxEndedSessions = 32;

/// What a sign-in under way is, and what it has become.
struct KeptLogin
{
    LoginStatus status;
    std::unique_ptr<Login> login; ///< null once it has ended
    QDateTime endedAt; ///< UTC
};

} // namespace

class LoginSessions::Private
{
public:
    Private(LoginSessions *owner, LoginServices loginServices, Taker accountTaker)
        : q(owner)
        , services(std::move(loginServices))
        , taker(std::move(accountTaker))
    {
    }

    KeptLogin *find(const QString &id) const;
    KeptLogin &add(const QString &provider, std::unique_ptr<Login> login);
    void stepped(const QString &id, const LoginStep &step);
    void finished(const QString &id, const Result<std::vector<ImportedAccount>> &result);
    void taken(const QString &id, const Result<QStringList> &ids);
    void forgetOld();
    int running() const;

    LoginSessions *q;
    LoginServices services;
    Taker taker;
    std::vector<std::unique_ptr<KeptLogin>> sessions; ///< oldest first
    RemoteLinks links;
};

KeptLogin *LoginSessions::Private::find(const QString &id) const
{
    const auto found = std::ranges::find_if(
        sessions, [&id](const auto &session) { return session->status.id == id; });
    return found == sessions.end() ? nullptr : found->get();
}

int LoginSessions::Private::running() const
{
    return static_cast<int>(std::ranges::count_if(sessions, [](const auto &session) {
        return session->status.state == LoginStatus::State::Running;
    }));
}

void LoginSessions::Private::forgetOld()
{
    const QDateTime oldest = services.clock().addSecs(-EndedLifetime);
    std::erase_if(sessions, [&oldest](const auto &session) {
        return session->endedAt.isValid() && session->endedAt < oldest;
    });
    for (auto at = sessions.begin(); at != sessions.end() && sessions.size() > MaxEndedSessions;) {
        if ((*at)->endedAt.isValid())
            at = sessions.erase(at);
        else
            ++at;
    }
}

KeptLogin &LoginSessions::Private::add(const QString &provider, std::unique_ptr<Login> login)
{
    forgetOld();
    auto session = std::make_unique<KeptLogin>();
    const QString id = QString::fromLatin1(randomToken(SessionIdBytes));
    session->status.id = id;
    session->status.provider = provider;
    session->status.startedAt = services.clock();
    session->login = std::move(login);
    QObject::connect(session->login.get(), &Login::stepped, q,
                     [this, id](const LoginStep &step) { stepped(id, step); });
    QObject::connect(session->login.get(), &Login::finished, q,
                     [this, id](const auto &result) { finished(id, result); });
    sessions.push_back(std::move(session));
    return *sessions.back();
}

void LoginSessions::Private::stepped(const QString &id, const LoginStep &step)
{
    KeptLogin *session = find(id);
    if (session == nullptr)
        return;
    std::vector<LoginStep> &steps = session->status.steps;
    if (steps.size() >= static_cast<std::size_t>(limits::MaxLoginSteps))
        steps.erase(steps.begin());
    steps.push_back(step);
    emit q->changed(id);
}

void LoginSessions::Private::finished(const QString &id,
                                      const Result<std::vector<ImportedAccount>> &result)
{
    KeptLogin *session = find(id);
    if (session == nullptr || !session->login)
        return;
    session->login.release()->deleteLater(); // it is telling its end just now
    if (!result)
        return taken(id, result.error());
    taker(result.value(), [self = QPointer<LoginSessions>(q), id](const Result<QStringList> &ids) {
        if (self)
            self->d->taken(id, ids);
    });
}

void LoginSessions::Private::taken(const QString &id, const Result<QStringList> &ids)
{
    KeptLogin *session = find(id);
    if (session == nullptr || session->endedAt.isValid())
        return;
    session->endedAt = services.clock();
    LoginStatus &status = session->status;
    status.state = ids ? LoginStatus::State::Done : LoginStatus::State::Failed;
    if (ids)
        status.accountIds = ids.value();
    else
        status.error = ids.error();
    emit q->changed(id);
}

LoginSessions::LoginSessions(LoginServices services, Taker taker, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(services), std::move(taker)))
{
}

LoginSessions::~LoginSessions() = default;

Result<QString> LoginSessions::start(const QString &provider, const LoginInput &input)
{
    const auto bad = [](const QString &what, const QString &path) {
        return Error {Error::Code::BadInput, what, path};
    };
    const LoginProvider *way = findLoginProvider(provider);
    if (way == nullptr)
        return bad(u"there is no such way to sign in"_s, u"provider"_s);
    if (way->needsStartUrl && input.startUrl.trimmed().isEmpty())
        return bad(u"is needed"_s, u"startUrl"_s);
    if (way->needsSecret && input.secret.isEmpty())
        return bad(u"is needed"_s, u"secret"_s);
    if (way->isRisky && !input.acceptsRisk)
        return bad(u"the warning must be accepted"_s, u"acceptsRisk"_s);
    if (!input.proxy.isEmpty() && !ProxyChoice::parse(input.proxy))
        return bad(u"is no proxy"_s, u"proxy"_s);
    if (d->running() >= limits::MaxLogins)
        return bad(u"too many sign-ins are under way"_s, {});
    Result<std::unique_ptr<Login>> made = way->make(d->services, input);
    if (!made)
        return made.error();
    KeptLogin &session = d->add(provider, std::move(made).value());
    const QString id = session.status.id;
    session.login->start();
    emit changed(id);
    return id;
}

Result<Done> LoginSessions::input(const QString &id, const Secret &text)
{
    const KeptLogin *session = d->find(id);
    if (session == nullptr || !session->login)
        return Error {Error::Code::BadInput, u"no such sign-in is under way"_s, u"id"_s};
    if (text.reveal().size() > limits::MaxLoginInput)
        return Error {Error::Code::BadInput, u"the input is too long"_s, {}};
    return session->login->input(text);
}

void LoginSessions::cancel(const QString &id)
{
    const KeptLogin *session = d->find(id);
    if (session != nullptr && session->login)
        session->login->cancel();
}

std::optional<LoginStatus> LoginSessions::status(const QString &id) const
{
    d->forgetOld();
    const KeptLogin *session = d->find(id);
    if (session == nullptr)
        return std::nullopt;
    return session->status;
}

std::vector<LoginStatus> LoginSessions::all() const
{
    d->forgetOld();
    std::vector<LoginStatus> list;
    for (const auto &session : d->sessions)
        list.push_back(session->status);
    return list;
}

Result<QString> LoginSessions::makeRemoteLink(const QString &provider, const LoginInput &input)
{
    const LoginProvider *way = findLoginProvider(provider);
    if (way == nullptr || !way->worksRemotely)
        return Error {Error::Code::BadInput, u"this way to sign in cannot be done by a link"_s,
                      u"provider"_s};
    // What is missing or wrong is said now, not to whoever opens the link.
    if (const auto tried = way->make(d->services, input); !tried)
        return tried.error();
    return d->links.make(*this, provider, input, d->services.clock());
}

LoginSessions::RemotePage LoginSessions::remotePage(const QString &path, const QByteArray &form,
                                                    const QString &language)
{
    return d->links.page(*this, {path, form, language, d->services.clock()});
}

} // namespace kirotray
