// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/kiro/identity.h"

#include <QTest>

using namespace kirotray;

class TstIdentity : public QObject
{
    Q_OBJECT

private slots:
    void readsKindNamesAndTheirAliases_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("stored"); // empty: unknown
        QTest::addRow("social") << u"social"_s << u"social"_s;
        QTest::addRow("another program's capitals") << u"Social"_s << u"social"_s;
        QTest::addRow("builder id") << u"builder-id"_s << u"builder-id"_s;
        QTest::addRow("builder id in one word") << u"BuilderId"_s << u"builder-id"_s;
        QTest::addRow("identity center") << u"IdC"_s << u"idc"_s;
        QTest::addRow("iam") << u"iam"_s << u"idc"_s;
        QTest::addRow("external idp") << u"external_idp"_s << u"external_idp"_s;
        QTest::addRow("api key") << u" api_key "_s << u"api_key"_s;
        QTest::addRow("empty") << QString() << QString();
        QTest::addRow("unknown") << u"socialist"_s << QString();
    }
    void readsKindNamesAndTheirAliases()
    {
        QFETCH(QString, text);
        QFETCH(QString, stored);
        const auto kind = accountKindFromString(text);
        QCOMPARE(kind ? toString(*kind) : QString(), stored);
    }

    void everyKindSurvivesBeingStored()
    {
        for (const AccountKind kind :
             {AccountKind::Social, AccountKind::BuilderId, AccountKind::IdentityCenter,
              AccountKind::ExternalIdp, AccountKind::ApiKey})
            QCOMPARE(accountKindFromString(toString(kind)), std::optional(kind));
    }

    void choosesTheApiRegion_data()
    {
        QTest::addColumn<QString>("chosen");
        QTest::addColumn<QString>("arn");
        QTest::addColumn<QString>("sso");
        QTest::addColumn<QString>("region");
        const QString euArn = u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EX12"_s;
        const QString none;
        QTest::addRow("chosen beats the ARN") << u"us-east-1"_s << euArn << none << u"us-east-1"_s;
        QTest::addRow("ARN beats the SSO region")
            << none << euArn << u"us-west-2"_s << u"eu-central-1"_s;
        QTest::addRow("malformed ARN is passed over")
            << none << u"arn:aws:codewhisperer:eu-central-1:1:profile/x"_s << u"us-west-2"_s
            << u"us-east-1"_s;
        QTest::addRow("European SSO region") << none << none << u"eu-west-3"_s << u"eu-central-1"_s;
        QTest::addRow("northern SSO region")
            << none << none << u"eu-north-1"_s << u"eu-central-1"_s;
        QTest::addRow("Asian SSO region") << none << none << u"ap-southeast-2"_s << u"us-east-1"_s;
        QTest::addRow("unlisted SSO region") << none << none << u"sa-east-1"_s << u"us-east-1"_s;
        QTest::addRow("nothing known") << none << none << none << u"us-east-1"_s;
    }
    void choosesTheApiRegion()
    {
        QFETCH(QString, chosen);
        QFETCH(QString, arn);
        QFETCH(QString, sso);
        QFETCH(QString, region);
        KiroIdentity identity;
        identity.apiRegion = chosen;
        identity.profileArn = arn;
        identity.ssoRegion = sso;
        QCOMPARE(apiRegionOf(identity), region);
    }

    void recognisesProfileArns_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isArn");
        QTest::addRow("usual")
            << u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s << true;
        QTest::addRow("other partition")
            << u"arn:aws-us-gov:codewhisperer:us-gov-west-1:123456789012:profile/A1"_s << true;
        QTest::addRow("short account")
            << u"arn:aws:codewhisperer:us-east-1:69947594138:profile/EHGA"_s << false;
        QTest::addRow("other service")
            << u"arn:aws:s3:us-east-1:699475941385:profile/EHGA"_s << false;
        QTest::addRow("no profile id")
            << u"arn:aws:codewhisperer:us-east-1:699475941385:profile/"_s << false;
        QTest::addRow("line break behind")
            << u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA\n"_s << false;
        QTest::addRow("header injection")
            << u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA\r\nX: y"_s << false;
        QTest::addRow("empty") << QString() << false;
    }
    void recognisesProfileArns()
    {
        QFETCH(QString, text);
        QFETCH(bool, isArn);
        QCOMPARE(isProfileArn(text), isArn);
    }
};

QTEST_APPLESS_MAIN(TstIdentity)
#include "tst_identity.moc"
