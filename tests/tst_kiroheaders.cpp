// SPDX-License-Identifier: MIT
#include "app/kiro/profilechoice.h"
#include "app/kiro/requestbuilder.h"

#include <QRegularExpression>
#include <QTest>

using namespace kirotray;

class TstKiroHeaders : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_tables = *loadKiroTables({}).tables;
        m_tables.client.os = u"linux#6.8.0"_s;
        m_machine = QByteArray(64, 'a');
    }

    void aChatCallCarriesTheHeadersOfTheOfficialClient()
    {
        const QByteArray agent = "KiroIDE-1.1.14-" + m_machine;
        QCOMPARE(text(KiroCallKind::Chat, AccountKind::Social, "arn:x"),
                 "Authorization: Bearer aoaEXAMPLE\n"
                 "Content-Type: application/json\n"
                 "Accept: */*\n"
                 "x-amzn-kiro-agent-mode: vibe\n"
                 "x-amzn-codewhisperer-optout: true\n"
                 "x-amzn-kiro-profile-arn: arn:x\n"
                 "User-Agent: aws-sdk-js/1.0.34 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#22.22.0 "
                 "api/codewhispererstreaming#1.0.34 m/E "
                     + agent + "\nx-amz-user-agent: aws-sdk-js/1.0.34 " + agent
                     + "\namz-sdk-invocation-id: inv\n"
                       "amz-sdk-request: attempt=1; max=3\n");
    }

    void aControlCallNamesTheRuntimeClient()
    {
        const QByteArray agent = "KiroIDE-1.1.14-" + m_machine;
        QCOMPARE(text(KiroCallKind::Control, AccountKind::Social, {}),
                 "Authorization: Bearer aoaEXAMPLE\n"
                 "Content-Type: application/json\n"
                 "Accept: */*\n"
                 "x-amzn-codewhisperer-optout: true\n"
                 "User-Agent: aws-sdk-js/1.0.0 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#22.22.0 "
                 "api/codewhispererruntime#1.0.0 m/N,E "
                     + agent + "\nx-amz-user-agent: aws-sdk-js/1.0.0 " + agent
                     + "\namz-sdk-invocation-id: inv\n"
                       "amz-sdk-request: attempt=1; max=1\n");
    }

    void tokenCallsCarryNoToken()
    {
        QCOMPARE(text(KiroCallKind::SocialAuth, AccountKind::Social, {}),
                 "Content-Type: application/json\n"
                 "User-Agent: KiroIDE-1.1.14-"
                     + m_machine + '\n');
        QCOMPARE(text(KiroCallKind::Oidc, AccountKind::BuilderId, {}),
                 QByteArray("Content-Type: application/json\n"
                            "User-Agent: aws-sdk-js/3.980.0 ua/2.1 os/linux#6.8.0 lang/js "
                            "md/nodejs#22.22.0 api/sso-oidc#3.980.0 m/E KiroIDE\n"
                            "x-amz-user-agent: aws-sdk-js/3.980.0 KiroIDE\n"
                            "amz-sdk-invocation-id: inv\n"
                            "amz-sdk-request: attempt=1; max=4\n"));
    }

    void onlyKeysAndExternalTokensNameTheirType_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("line");
        QTest::addRow("social") << int(AccountKind::Social) << QByteArray();
        QTest::addRow("builder id") << int(AccountKind::BuilderId) << QByteArray();
        QTest::addRow("identity center") << int(AccountKind::IdentityCenter) << QByteArray();
        QTest::addRow("external idp")
            << int(AccountKind::ExternalIdp) << QByteArray("TokenType: EXTERNAL_IDP\n");
        QTest::addRow("api key") << int(AccountKind::ApiKey) << QByteArray("TokenType: API_KEY\n");
    }
    void onlyKeysAndExternalTokensNameTheirType()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, line);
        for (const KiroCallKind call : {KiroCallKind::Chat, KiroCallKind::Control}) {
            const QByteArray headers = text(call, AccountKind(kind), {});
            QCOMPARE(headers.contains("TokenType"), !line.isEmpty());
            QVERIFY(headers.contains(line));
        }
    }

    void theRunningSystemIsNamedWhenTheTableIsSilent()
    {
        KiroTables tables = m_tables;
        tables.client.os.clear();
        KiroIdentity identity;
        for (const auto &[name, value] :
             kiroHeaders(tables, identity, KiroCallKind::Chat, {}, {})) {
            QVERIFY(name != "amz-sdk-invocation-id");
            if (name == "User-Agent")
                QVERIFY2(
                    QRegularExpression(u" os/[a-z0-9]+#[0-9][^ ]* lang/js .* KiroIDE-1[.0-9]+$"_s)
                        .match(QString::fromLatin1(value))
                        .hasMatch(),
                    value.constData());
        }
    }

    void theProfileArnDependsOnKindAndHost_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("own");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("sent");
        const QString own = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE1"_s;
        const QString none;
        const QString runtime = u"https://runtime.us-east-1.kiro.dev"_s;
        const QString legacy = u"https://q.us-east-1.amazonaws.com"_s;
        const QString local = u"http://127.0.0.1:1234"_s;
        const QString social =
            u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s;
        const QString builder =
            u"arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX"_s;
        const auto row = [](const char *name, AccountKind kind, const QString &arn,
                            const QString &url, const QString &sent) {
            QTest::addRow("%s", name) << int(kind) << arn << url << sent;
        };
        row("social, own", AccountKind::Social, own, legacy, own);
        row("social, shared", AccountKind::Social, none, runtime, social);
        row("builder id on runtime", AccountKind::BuilderId, none, runtime, builder);
        row("builder id on runtime, own", AccountKind::BuilderId, own, runtime, own);
        row("builder id on q", AccountKind::BuilderId, own, legacy, none);
        row("builder id on a local server", AccountKind::BuilderId, none, local, none);
        row("identity center", AccountKind::IdentityCenter, own, legacy, own);
        row("identity center, unknown", AccountKind::IdentityCenter, none, runtime, none);
        row("external idp gets no shared one", AccountKind::ExternalIdp, none, runtime, none);
        row("api key, own", AccountKind::ApiKey, own, runtime, own);
        row("api key, none", AccountKind::ApiKey, none, legacy, none);
        row("malformed", AccountKind::IdentityCenter, u"arn:aws:iam::1:x"_s, legacy, none);
    }
    void theProfileArnDependsOnKindAndHost()
    {
        QFETCH(int, kind);
        QFETCH(QString, own);
        QFETCH(QString, url);
        QFETCH(QString, sent);
        KiroIdentity identity;
        identity.kind = AccountKind(kind);
        identity.profileArn = own;
        QCOMPARE(profileArnFor(m_tables, identity, url), sent);
    }

private:
    QByteArray text(KiroCallKind call, AccountKind kind, const QByteArray &arn) const
    {
        KiroIdentity identity;
        identity.kind = kind;
        identity.accessToken = Secret("aoaEXAMPLE");
        identity.machineId = QString::fromLatin1(m_machine);
        QByteArray lines;
        for (const auto &[name, value] :
             kiroHeaders(m_tables, identity, call, "inv", QString::fromLatin1(arn)))
            lines += name + ": " + value + '\n';
        return lines;
    }

    KiroTables m_tables;
    QByteArray m_machine;
};

QTEST_APPLESS_MAIN(TstKiroHeaders)
#include "tst_kiroheaders.moc"
