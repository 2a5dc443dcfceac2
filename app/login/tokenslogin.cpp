// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/login/apikeylogin.h"
#include "app/login/timedlogin.h"

#include <QDir>

#include <algorithm>

namespace kirotray {

namespace {

constexpr qsizetype ShortestRefreshToken = 100; ///< about; a shorter one is a part of it (§4.1)

Error badPaste(const QString &what)
{
    return {Error::Code::BadInput, what, u"secret"_s};
}

bool endsInDots(const QByteArray &text)
{
    return text.endsWith("...") || text.endsWith("\xE2\x80\xA6");
}

/// Credentials as another program's file or a person's note holds them.
struct Pasted
{
    std::vector<ImportedAccount> accounts; ///< of a file's text
    Secret refreshToken; ///< else a bare one
    Secret apiKey; ///< else a bare key
};

Result<Secret> bareRefreshToken(const QByteArray &text)
{
    if (endsInDots(text))
        return badPaste(u"is a truncated copy (it ends with dots): copy the whole token"_s);
    const bool isOneWord =
        std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!isOneWord)
        return badPaste(u"has characters that no token has"_s);
    if (text.size() < ShortestRefreshToken)
        return badPaste(u"is a truncated copy (a refresh token has at least %1 characters): copy "
                        "the whole token"_s.arg(ShortestRefreshToken));
    return Secret(text);
}

Result<Pasted> readPasted(const Secret &secret)
{
    const QByteArray text = secret.reveal().trimmed();
    Pasted pasted;
    if (text.size() > limits::MaxLoginInput)
        return badPaste(u"is too long: import it as a file"_s);
    if (text.startsWith("ksk_") && !text.contains('\n')) {
        const Result<Secret> key = apiKeyOf(secret);
        if (!key)
            return key.error();
        pasted.apiKey = key.value();
        return pasted;
    }
    if (text.startsWith("aor") && !text.contains('\n') && !text.contains("----")) {
        const Result<Secret> token = bareRefreshToken(text);
        if (!token)
            return token.error();
        pasted.refreshToken = token.value();
        return pasted;
    }
    if (text.startsWith("aoa"))
        return badPaste(u"is an access token, which ends within the hour: paste the refresh "
                        "token, which begins with aor"_s);
    if (text.startsWith("http:") || text.startsWith("https:") || text.startsWith("kiro:"))
        return badPaste(u"is an address: paste it into the sign-in that opened the browser"_s);
    // No such folder: pasted text must not make this program read files.
    Result<std::vector<ImportedAccount>> found = importText(text, QDir(u":/none"_s));
    if (!found)
        return badPaste(u"is no token and no credential file of a known format: %1"_s.arg(
            describe(found.error())));
    pasted.accounts = std::move(found).value();
    if (pasted.accounts.empty())
        return badPaste(u"holds no account"_s);
    return pasted;
}

/// Takes over pasted tokens. A bare refresh token is renewed at once: nothing else tells whether it
/// is good. What files of other programs hold is taken as it stands, as an import does.
class TokensLogin final : public TimedLogin
{
public:
    TokensLogin(const LoginServices &services, const LoginInput &input, Pasted pasted)
        : TimedLogin(services, input)
        , m_pasted(std::move(pasted))
        , m_calls(services.http, services.tables)
    {
        m_calls.setGeneralProxy(services.generalProxy);
    }

    Result<Done> input(const Secret &text) override
    {
        if (!isRunning() || !m_asks)
            return TimedLogin::input(text);
        Result<Pasted> pasted = readPasted(text);
        if (!pasted)
            return pasted.error();
        m_asks = false;
        m_pasted = std::move(pasted).value();
        take();
        return Done {};
    }

protected:
    void begin() override
    {
        m_asks = m_pasted.accounts.empty() && m_pasted.refreshToken.isEmpty()
            && m_pasted.apiKey.isEmpty();
        if (m_asks)
            step(loginstep::AskInput {loginstep::AskInput::What::TokensOrUrl});
        else
            take();
    }

private:
    void take()
    {
        if (!m_pasted.apiKey.isEmpty())
            discover();
        else if (!m_pasted.refreshToken.isEmpty())
            renew();
        else
            succeed(m_pasted.accounts);
    }

    void discover()
    {
        step(loginstep::Working {loginstep::Working::What::Discovering});
        const Account fresh = newAccount(AccountKind::ApiKey, {});
        m_calls.profiles(identityOf(fresh, m_pasted.apiKey), calls(),
                         [this, fresh](const Result<std::vector<KiroProfile>> &found) {
                             const Result<ImportedAccount> account =
                                 keyAccount(fresh, m_pasted.apiKey, found);
                             if (account)
                                 succeed({account.value()});
                             else
                                 fail(account.error());
                         });
    }

    void renew()
    {
        step(loginstep::Working {loginstep::Working::What::Exchanging});
        const Account fresh = newAccount(AccountKind::Social, {});
        RefreshInput asking;
        asking.identity = identityOf(fresh, {});
        asking.refreshToken = m_pasted.refreshToken;
        m_calls.refresh(asking, calls(), [this, fresh](const Result<TokenGrant> &grant) {
            if (grant)
                renewed(fresh, grant.value());
            else if (grant.error().code == Error::Code::Unauthorized)
                fail({Error::Code::Unauthorized,
                      u"the token is refused: it is used up, or it belongs to Builder ID or an "
                      "Identity Center, whose client id and secret are needed with it"_s,
                      {},
                      grant.error().httpStatus});
            else
                fail(grant.error());
        });
    }

    void renewed(Account account, const TokenGrant &grant)
    {
        Credential credential;
        credential.accessToken = grant.accessToken;
        credential.refreshToken =
            grant.refreshToken.isEmpty() ? m_pasted.refreshToken : grant.refreshToken;
        credential.expiresAt = grant.expiresAt;
        account.profileArn = grant.profileArn;
        account.profileSource = grant.profileArn.isEmpty() ? QString() : u"login"_s;
        account.label = u"Kiro"_s;
        succeed({ImportedAccount {account, credential}});
    }

    Pasted m_pasted;
    ControlCalls m_calls;
    bool m_asks = false; ///< for input()
};

} // namespace

Result<std::unique_ptr<Login>> makeTokensLogin(const LoginServices &services,
                                               const LoginInput &input)
{
    Pasted pasted;
    if (!input.secret.reveal().trimmed().isEmpty()) {
        Result<Pasted> read = readPasted(input.secret);
        if (!read)
            return read.error();
        pasted = std::move(read).value();
    }
    LoginInput own = input;
    own.secret = {};
    return std::unique_ptr<Login>(std::make_unique<TokensLogin>(services, own, std::move(pasted)));
}

} // namespace kirotray
