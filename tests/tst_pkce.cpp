// SPDX-License-Identifier: MIT
#include "app/login/pkce.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

class TstPkce : public QObject
{
    Q_OBJECT
private slots:
    void challengeOfTheStandardsVerifierIsTheStandards();
    void freshPairFitsTogether();
    void verifiersAndStatesAreUrlSafeAndDiffer();
};

void TstPkce::challengeOfTheStandardsVerifierIsTheStandards()
{
    QCOMPARE(pkceChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
             QByteArray("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
}

void TstPkce::freshPairFitsTogether()
{
    const Pkce pkce = makePkce();
    QCOMPARE(pkce.challenge, pkceChallenge(pkce.verifier.reveal()));
    QVERIFY(pkce.verifier.reveal().size() >= 43);
    QVERIFY(pkce.verifier.reveal().size() <= 128);
}

void TstPkce::verifiersAndStatesAreUrlSafeAndDiffer()
{
    static const QRegularExpression safe(u"^[A-Za-z0-9_-]+$"_s);
    QSet<QByteArray> seen;
    for (int i = 0; i < 100; ++i) {
        for (const QByteArray &one : {makePkce().verifier.reveal(), makeLoginState()}) {
            QVERIFY(safe.match(QString::fromLatin1(one)).hasMatch());
            seen.insert(one);
        }
    }
    QCOMPARE(seen.size(), 200);
}

QTEST_APPLESS_MAIN(TstPkce)
#include "tst_pkce.moc"
