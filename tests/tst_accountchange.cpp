// SPDX-License-Identifier: MIT
#include "app/accounts/accountchange.h"

#include <QTest>

using namespace kirotray;

class TstAccountChange : public QObject
{
    Q_OBJECT

private slots:
    void changesOnlyWhatIsNamed();
    void refusesWhatCannotBe_data();
    void refusesWhatCannotBe();
    void enablingEndsASuspension();
    void enablingDoesNotEndAMissingSignIn();

private:
    static Account account();
};

Account TstAccountChange::account()
{
    Account account;
    account.id = {u"one"_s};
    account.label = u"mine"_s;
    account.group = u"work"_s;
    account.priority = 2;
    return account;
}

void TstAccountChange::changesOnlyWhatIsNamed()
{
    AccountChange change;
    change.label = u"other"_s;
    change.profileArn = u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s;
    change.stopsBeforeOverage = false;
    const Result<Account> after = changed(account(), change);
    QVERIFY(after);
    Account expected = account();
    expected.label = u"other"_s;
    expected.profileArn = *change.profileArn;
    expected.profileSource = u"user"_s;
    expected.stopsBeforeOverage = false;
    QVERIFY(after.value() == expected);
}

void TstAccountChange::refusesWhatCannotBe_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QString>("value");
    QTest::addRow("an empty label") << u"label"_s << u" "_s;
    QTest::addRow("an endless label") << u"label"_s << QString(501, u'x');
    QTest::addRow("a proxy with a password") << u"proxy"_s << u"http://me:secret@proxy:3128"_s;
    QTest::addRow("a proxy that is none") << u"proxy"_s << u"gopher://proxy"_s;
    QTest::addRow("a region without a service") << u"apiRegion"_s << u"eu-west-1"_s;
    QTest::addRow("an ARN of something else") << u"profileArn"_s << u"arn:aws:s3:::bucket"_s;
    QTest::addRow("an empty tag") << u"tags"_s << u""_s;
}

void TstAccountChange::refusesWhatCannotBe()
{
    QFETCH(QString, member);
    QFETCH(QString, value);
    AccountChange change;
    if (member == u"label")
        change.label = value;
    else if (member == u"proxy")
        change.proxy = value;
    else if (member == u"apiRegion")
        change.apiRegion = value;
    else if (member == u"profileArn")
        change.profileArn = value;
    else
        change.tags = QStringList {value};
    const Result<Account> after = changed(account(), change);
    QVERIFY(!after);
    QCOMPARE(after.error().path, member);
    QVERIFY(!describe(after.error()).contains(u"secret"));
}

void TstAccountChange::enablingEndsASuspension()
{
    Account suspended = account();
    suspended.problem = AccountProblem::Suspended;
    suspended.note = u"the service has suspended this account"_s;
    AccountChange change;
    change.enabled = true;
    const Result<Account> after = changed(suspended, change);
    QVERIFY(after && isUsable(after.value()));
    QVERIFY(after.value().note.isEmpty());
}

void TstAccountChange::enablingDoesNotEndAMissingSignIn()
{
    Account dead = account();
    dead.problem = AccountProblem::SignInNeeded;
    dead.note = u"sign in again"_s;
    AccountChange change;
    change.enabled = true;
    const Result<Account> after = changed(dead, change);
    QVERIFY(after && !isUsable(after.value()));
    QCOMPARE(after.value().note, dead.note);
}

QTEST_APPLESS_MAIN(TstAccountChange)
#include "tst_accountchange.moc"
