// SPDX-License-Identifier: MIT
#include "app/accounts/registrationwarnings.h"

#include <QTest>

using namespace kirotray;

class TstRegistrationWarnings : public QObject
{
    Q_OBJECT

private slots:
    void onlyRegistrationsThatEndSoonAreToldOf_data()
    {
        QTest::addColumn<qint64>("seconds"); // until the end; 0: no end is known
        QTest::addColumn<bool>("enabled");
        QTest::addColumn<bool>("signInNeeded");
        QTest::addColumn<QString>("word"); // empty: no warning
        const qint64 day = 24 * 3600;
        QTest::addRow("none") << qint64(0) << true << false << QString();
        QTest::addRow("far away") << 60 * day << true << false << QString();
        QTest::addRow("just too far") << 14 * day + 1 << true << false << QString();
        QTest::addRow("in two weeks") << 14 * day << true << false << u"in 14 days"_s;
        QTest::addRow("tomorrow") << day << true << false << u"in one day"_s;
        QTest::addRow("in an hour") << qint64(3600) << true << false << u"today"_s;
        QTest::addRow("over") << -day << true << false << u"ended on 2026-10-31"_s;
        QTest::addRow("switched off") << day << false << false << QString();
        QTest::addRow("dead already") << -day << true << true << QString();
    }
    void onlyRegistrationsThatEndSoonAreToldOf()
    {
        QFETCH(qint64, seconds);
        QFETCH(bool, enabled);
        QFETCH(bool, signInNeeded);
        QFETCH(QString, word);
        const QDateTime now(QDate(2026, 11, 1), QTime(6, 0), Qt::UTC);
        Account account;
        account.id.value = u"a"_s;
        account.label = u"work"_s;
        account.enabled = enabled;
        if (signInNeeded)
            account.problem = AccountProblem::SignInNeeded;
        if (seconds != 0)
            account.registrationEndsAt = now.addSecs(seconds);
        const auto warnings = registrationWarnings({account}, now);
        QCOMPARE(warnings.empty(), word.isEmpty());
        if (warnings.empty())
            return;
        QCOMPARE(warnings.front().id, account.id);
        QCOMPARE(warnings.front().hasEnded, seconds < 0);
        QVERIFY2(warnings.front().what.contains(word), qPrintable(warnings.front().what));
        QVERIFY(warnings.front().what.startsWith(u"work: "));
    }

    void theFirstToEndComesFirst()
    {
        const QDateTime now(QDate(2026, 11, 1), QTime(6, 0), Qt::UTC);
        std::vector<Account> accounts(3);
        const QList<int> days {5, -1, 3};
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            accounts[i].id.value = QString::number(i);
            accounts[i].registrationEndsAt = now.addDays(days[static_cast<qsizetype>(i)]);
        }
        QStringList order;
        for (const RegistrationWarning &warning : registrationWarnings(accounts, now))
            order.append(warning.id.value);
        QCOMPARE(order, (QStringList {u"1"_s, u"2"_s, u"0"_s}));
    }
};

QTEST_GUILESS_MAIN(TstRegistrationWarnings)
#include "tst_registrationwarnings.moc"
