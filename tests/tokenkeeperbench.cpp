// SPDX-License-Identifier: MIT
#include "tests/tokenkeeperbench.h"

#include "app/base/json.h"

#include <QFile>
#include <QTest>

namespace kirotray {

void TokenKeeperBench::init()
{
    m_now = QDateTime::currentDateTimeUtc();
    m_folder = std::make_unique<QTemporaryDir>();
    m_peer = std::make_unique<FakePeer>();
    m_http = std::make_unique<HttpClient>();
    KiroTables tables = *loadKiroTables(QString()).tables;
    const QString base = u"http://127.0.0.1:%1"_s.arg(m_peer->port());
    tables.endpoints.socialAuth = {base};
    tables.endpoints.control = {base};
    tables.endpoints.oidc = {base + u"/oidc/{region}"_s};
    m_calls = std::make_unique<ControlCalls>(*m_http,
                                             std::make_shared<const KiroTables>(std::move(tables)));
    m_storage = std::make_shared<VaultStorage>();
    startKeeper();
}

void TokenKeeperBench::cleanup()
{
    m_keeper.reset();
    m_vault.reset();
    m_store.reset();
    m_calls.reset();
    m_http.reset();
    m_peer.reset();
}

/// Also the restart after a "crash": the storage is all that is left.
void TokenKeeperBench::startKeeper()
{
    m_keeper.reset();
    m_vault = std::make_unique<ScriptedVault>(m_storage);
    m_store = std::make_unique<AccountStore>(m_folder->filePath(u"accounts.json"_s));
    QVERIFY(m_store->load());
    m_keeper =
        std::make_unique<TokenKeeper>(*m_store, *m_vault, *m_calls, [this] { return m_now; });
}

Account TokenKeeperBench::addAccount(std::chrono::seconds life, AccountKind kind)
{
    Account account;
    account.id.value = u"account-%1"_s.arg(m_store->accounts().size() + 1);
    account.label = u"Google"_s;
    account.kind = kind;
    account.provider = u"Google"_s;
    account.machineId = u"ab"_s.repeated(32);
    Credential credential;
    credential.accessToken = Secret("aoaOLD");
    if (kind != AccountKind::ApiKey) {
        credential.refreshToken = Secret("aorOLD");
        credential.expiresAt = m_now.addSecs(life.count());
    }
    if (kind == AccountKind::BuilderId) {
        credential.clientId = u"client"_s;
        credential.clientSecret = Secret("client secret");
    }
    account.fingerprint = fingerprintOf(credential);
    keep(account, credential);
    [[maybe_unused]] const Result<Done> put = m_store->put(account);
    return account;
}

std::shared_ptr<TokenKeeperBench::Answer> TokenKeeperBench::ask(const Account &account,
                                                                const Secret &rejected)
{
    auto answer = std::make_shared<Answer>();
    m_keeper->token(account.id, rejected, this,
                    [answer](const Result<Secret> &result) { answer->emplace(result); });
    return answer;
}

QByteArray TokenKeeperBench::textOf(const Answer &answer)
{
    if (!answer)
        return "nothing";
    if (*answer)
        return answer->value().reveal();
    switch (answer->error().code) {
    case Error::Code::Unauthorized:
        return "unauthorized";
    case Error::Code::Cancelled:
        return "cancelled";
    case Error::Code::Storage:
        return "storage";
    case Error::Code::BadInput:
        return "bad input";
    case Error::Code::Timeout:
    case Error::Code::Network:
    case Error::Code::RateLimited:
    case Error::Code::Upstream:
        break;
    }
    return "transient";
}

QByteArray TokenKeeperBench::askAndWait(const Account &account, const Secret &rejected)
{
    const std::shared_ptr<Answer> answer = ask(account, rejected);
    [[maybe_unused]] const bool came =
        QTest::qWaitFor([&answer] { return answer->has_value(); }, 30'000);
    return textOf(*answer);
}

PeerScript TokenKeeperBench::grant(const QByteArray &access, const QByteArray &refresh,
                                   const QByteArray &more)
{
    const QByteArray rotated =
        refresh.isEmpty() ? QByteArray() : R"("refreshToken":")" + refresh + R"(",)";
    return PeerScript::reply(
        200, R"({"accessToken":")" + access + R"(",)" + rotated + more + R"("expiresIn":3600})");
}

PeerScript TokenKeeperBench::invalidGrant()
{
    return PeerScript::reply(400,
                             R"({"error":"invalid_grant","error_description":"Invalid token"})");
}

void TokenKeeperBench::writeTokenFile(const QByteArray &access, const QByteArray &refresh,
                                      std::chrono::seconds life, const QByteArray &provider)
{
    QFile file(tokenFile());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"accessToken":")" + access + R"(","refreshToken":")" + refresh
               + R"(","authMethod":"social","provider":")" + provider + R"(","expiresAt":")"
               + m_now.addSecs(life.count()).toString(Qt::ISODateWithMs).toLatin1() + "\"}");
}

QByteArray TokenKeeperBench::sentRefreshToken(int request) const
{
    const Result<JsonDocument> body = JsonDocument::parse(
        m_peer->requests().at(static_cast<std::size_t>(request)).body.toStdString());
    return body
        ? QByteArray::fromStdString(std::string(body.value().root()["refreshToken"].string()))
        : QByteArray("no JSON");
}

} // namespace kirotray
