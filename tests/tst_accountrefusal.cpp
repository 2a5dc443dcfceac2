// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/gateway/accountrefusal.h"

#include <QTest>

using namespace kirotray;

using Kind = ChatError::Kind;
using Why = Pool::Refusal::Why;
using std::chrono::seconds;

namespace {
const QDateTime Now(QDate(2026, 11, 20), QTime(12, 0), Qt::UTC);
}

class TstAccountRefusal : public QObject
{
    Q_OBJECT

private slots:
    void saysWhatTheUserCanDo_data()
    {
        QTest::addColumn<int>("why");
        QTest::addColumn<QDateTime>("until");
        QTest::addColumn<int>("problem");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("retryAfter"); // -1: none
        QTest::addColumn<QString>("part");
        const auto row = [](const char *name, Why why, const QDateTime &until,
                            AccountEffect problem, Kind kind, qint64 retryAfter, const char *part) {
            QTest::addRow("%s", name) << int(why) << until << int(problem) << int(kind)
                                      << retryAfter << QString::fromLatin1(part);
        };
        const AccountEffect none = AccountEffect::None;
        const QDateTime noTime;
        row("no accounts", Why::NoAccounts, noTime, none, Kind::NoAccount, -1,
            "kirotrayctl accounts import");
        row("all exhausted", Why::Exhausted, QDateTime(QDate(2026, 12, 1), QTime(), Qt::UTC), none,
            Kind::QuotaExhausted, 907'200, "given anew at 2026-12-01 00:00 UTC");
        row("exhausted, nobody knows until when", Why::Exhausted, noTime, none,
            Kind::QuotaExhausted, -1, "used up");
        row("all pause", Why::CoolingDown, Now.addMSecs(90'500), none, Kind::RateLimited, 91,
            "try again in 91 s");
        row("a pause that ends now", Why::CoolingDown, Now, none, Kind::RateLimited, 1, "1 s");
        row("sign-in refused", Why::NoneUsable, noTime, AccountEffect::AuthProblem,
            Kind::Authentication, -1, "signed in again");
        row("suspended", Why::NoneUsable, noTime, AccountEffect::Suspended, Kind::Permission, -1,
            "suspended");
        row("disabled", Why::NoneUsable, noTime, none, Kind::NoAccount, -1, "disabled");
        row("model refused", Why::ModelRefused, noTime, none, Kind::NotFound, -1, "'the-model'");
    }
    void saysWhatTheUserCanDo()
    {
        QFETCH(int, why);
        QFETCH(QDateTime, until);
        QFETCH(int, problem);
        QFETCH(QString, part);
        const ChatError error =
            poolRefusal({Why(why), until}, {AccountEffect(problem)}, "the-model", Now);
        QTEST(int(error.kind), "kind");
        QTEST(error.retryAfter ? qint64(error.retryAfter->count()) : qint64(-1), "retryAfter");
        QVERIFY2(QString::fromStdString(error.message).contains(part), error.message.c_str());
    }

    void tellsTheErrorThatPassesFirst()
    {
        const ChatError suspended {Kind::Permission, "suspended", "", {}};
        const ChatError signIn {Kind::Authentication, "sign in", "", {}};
        const ChatError quota {Kind::QuotaExhausted, "quota", "", seconds(900'000)};
        const ChatError slow {Kind::RateLimited, "slow", "", seconds(1800)};
        const ChatError soon {Kind::RateLimited, "soon", "", seconds(45)};
        const ChatError busy {Kind::Upstream, "busy", "", {}};
        QCOMPARE(soonestOver({suspended, signIn}), signIn);
        QCOMPARE(soonestOver({signIn, quota, suspended}), quota);
        QCOMPARE(soonestOver({quota, slow, soon}), soon);
        QCOMPARE(soonestOver({soon, slow, busy}), busy);
        QCOMPARE(soonestOver({suspended}), suspended);
    }

    void saysWhenToComeBackAfterTheLastAccount()
    {
        const Pool::Refusal exhausted {Why::Exhausted, Now.addSecs(3600)};
        const ChatError daily {Kind::RateLimited, "daily limit.", "", {}};
        const ChatError told = errorAfter(exhausted, {daily}, Now);
        QCOMPARE(int(told.kind), int(Kind::RateLimited));
        QCOMPARE(told.retryAfter, std::optional<seconds>(3600));
        QVERIFY(told.message.find("2026-11-20 13:00 UTC") != std::string::npos);
        const ChatError suspended {Kind::Permission, "suspended", "", {}};
        QCOMPARE(int(errorAfter(exhausted, {suspended}, Now).kind), int(Kind::QuotaExhausted));
        QCOMPARE(errorAfter({Why::AllTried, {}}, {suspended}, Now), suspended);
        QCOMPARE(errorAfter({Why::NoneUsable, {}}, {suspended}, Now), suspended);
    }
};

QTEST_APPLESS_MAIN(TstAccountRefusal)
#include "tst_accountrefusal.moc"
