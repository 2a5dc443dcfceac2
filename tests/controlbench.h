// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"
#include "app/net/httpclient.h"
#include "tests/fakepeer.h"

#include <QObject>
#include <QTest>

#include <functional>
#include <memory>
#include <optional>

namespace kirotray {

/// A test of calls to the upstream's control hosts: a peer, a client, tables that name the peer for
/// each of them, and an account. init() of the test calls renew().
class ControlBench : public QObject
{
protected:
    inline static const QString OwnArn =
        u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE1"_s;

    void renew()
    {
        m_http.reset(); // before the peer it talks to
        m_peer = std::make_unique<FakePeer>();
        m_http = std::make_unique<HttpClient>();
        m_tables = *loadKiroTables({}).tables;
        const QString base = m_peer->url({}).toString(QUrl::StripTrailingSlash);
        m_tables.endpoints.control = {base};
        m_tables.endpoints.mcp = {base};
        m_tables.endpoints.oidc = {base + "/{region}"_L1};
        m_tables.endpoints.socialAuth = {base};
        m_identity = {};
        m_identity.accountId = u"account-1"_s;
        m_identity.accessToken = Secret("aoaEXAMPLE");
        m_identity.profileArn = OwnArn;
        m_identity.machineId = QString(64, u'a');
    }
    KiroTablesPtr tables() const { return std::make_shared<const KiroTables>(m_tables); }

    /// For QVERIFY2; empty when there is none.
    template <typename Value>
    static const char *problem(const Result<Value> &result)
    {
        static QByteArray text;
        text = result ? QByteArray() : describe(result.error()).toUtf8();
        return text.constData();
    }

    /// Runs one call to its end.
    template <typename Value>
    Result<Value> ask(const std::function<void(std::function<void(Result<Value>)>)> &call)
    {
        std::optional<Result<Value>> answer;
        int answers = 0;
        call([&](Result<Value> result) {
            answer.emplace(std::move(result));
            ++answers;
        });
        [&] { QTRY_VERIFY(answer); }();
        if (!answer || answers != 1)
            return Error {Error::Code::Cancelled, u"no answer"_s};
        return *answer;
    }

    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<HttpClient> m_http;
    KiroTables m_tables;
    KiroIdentity m_identity;
};

} // namespace kirotray
