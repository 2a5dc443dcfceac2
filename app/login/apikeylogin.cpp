// SPDX-License-Identifier: MIT
#include "app/login/apikeylogin.h"

#include "app/base/limits.h"
#include "app/login/timedlogin.h"

#include <QRegularExpression>

namespace kirotray {

namespace {

class ApiKeyLogin final : public TimedLogin
{
public:
    ApiKeyLogin(const LoginServices &services, const LoginInput &input, Secret key)
        : TimedLogin(services, input)
        , m_key(std::move(key))
        , m_account(newAccount(AccountKind::ApiKey, {}))
        , m_calls(services.http, services.tables)
    {
        m_calls.setGeneralProxy(services.generalProxy);
    }

protected:
    void begin() override
    {
        step(loginstep::Working {loginstep::Working::What::Discovering});
        m_calls.profiles(identityOf(m_account, m_key), calls(),
                         [this](const Result<std::vector<KiroProfile>> &found) {
                             const Result<ImportedAccount> account =
                                 keyAccount(m_account, m_key, found);
                             if (account)
                                 succeed({account.value()});
                             else
                                 fail(account.error());
                         });
    }

private:
    Secret m_key;
    Account m_account;
    ControlCalls m_calls;
};

} // namespace

Result<Secret> apiKeyOf(const Secret &pasted)
{
    const QByteArray text = pasted.reveal().trimmed();
    const auto bad = [](const QString &what) {
        return Error {Error::Code::BadInput, what, u"secret"_s};
    };
    if (text.isEmpty())
        return bad(u"the API key is needed"_s);
    if (text.size() > limits::MaxLoginInput)
        return bad(u"is too long for an API key"_s);
    if (text.endsWith("...") || text.endsWith("\xE2\x80\xA6"))
        return bad(u"is a truncated copy (it ends with dots): copy the whole key"_s);
    static const QRegularExpression form(uR"(\Aksk_[A-Za-z0-9_-]{16,}\z)"_s);
    if (!form.match(QString::fromUtf8(text)).hasMatch())
        return bad(u"is no API key: they begin with ksk_ and have at least 20 characters"_s);
    return Secret(text);
}

Result<ImportedAccount> keyAccount(const Account &fresh, const Secret &key,
                                   const Result<std::vector<KiroProfile>> &found)
{
    if (!found && found.error().code == Error::Code::Unauthorized)
        return found.error();
    ImportedAccount imported {fresh, {}};
    imported.account.label = u"API key"_s;
    imported.credential.accessToken = key;
    if (found && !found.value().empty()) {
        imported.account.profileArn = found.value().front().arn;
        imported.account.profileSource = u"login"_s;
    }
    return imported;
}

Result<std::unique_ptr<Login>> makeApiKeyLogin(const LoginServices &services,
                                               const LoginInput &input)
{
    const Result<Secret> key = apiKeyOf(input.secret);
    if (!key)
        return key.error();
    return std::unique_ptr<Login>(std::make_unique<ApiKeyLogin>(services, input, key.value()));
}

} // namespace kirotray
