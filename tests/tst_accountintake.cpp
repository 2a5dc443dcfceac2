// SPDX-License-Identifier: MIT
#include "app/accounts/accountintake.h"
#include "tests/tokenkeeperbench.h"

#include <QTest>

using namespace kirotray;

/// Plans of what is taken over, and the storing of them over a vault that can refuse.
class TstAccountIntake : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void aNewUserIsAdded();
    void whatTheUserSettledStays();
    void theProblemGoesWithTheOldToken();
    void theSameTokenKeepsOurs();
    void whatTheSourceDoesNotTellStays();
    void aProfileChosenByTheUserStays();
    void aUserIsKnownByTheServicesId();
    void twoUsersOfOneNameStayTwo();
    void entriesOfOneUserAreOne_data();
    void entriesOfOneUserAreOne();
    void theRegistrationsEndIsNoted();
    void aPlanOfNothingSucceeds();
    void storesAllWithTheirSecrets();
    void aRefusedSecretTakesNothing();
    void aFullListPutsChangedAccountsBack();

private:
    using Answered = std::optional<Result<AccountIntake::Outcome>>;
    Answered take(std::vector<IntakeEntry> entries);
};

namespace {

ImportedAccount intakeOf(const char *email, const char *refresh)
{
    ImportedAccount imported;
    imported.account.id.value = u"new-"_s + QString::fromLatin1(refresh);
    imported.account.label = QString::fromLatin1(email);
    imported.account.email = QString::fromLatin1(email);
    imported.account.provider = u"Google"_s;
    imported.account.machineId = u"m-"_s + QString::fromLatin1(refresh);
    imported.credential.refreshToken = Secret(refresh);
    imported.account.fingerprint = fingerprintOf(imported.credential);
    return imported;
}

Account knownToIntake(const char *email, const char *refresh)
{
    Account account = intakeOf(email, refresh).account;
    account.id.value = u"old-"_s + QString::fromLatin1(refresh);
    return account;
}

QDateTime intakeTime(int minute)
{
    return QDateTime(QDate(2026, 11, 20), QTime(12, minute), Qt::UTC);
}

} // namespace

TstAccountIntake::Answered TstAccountIntake::take(std::vector<IntakeEntry> entries)
{
    Answered answered;
    auto *intake =
        new AccountIntake(*m_store, *m_keeper, std::move(entries), this,
                          [&](const Result<AccountIntake::Outcome> &result) { answered = result; });
    intake->start();
    if (answered)
        return std::nullopt; // it must not answer before it returns
    return QTest::qWaitFor([&] { return answered.has_value(); }) ? answered : std::nullopt;
}

void TstAccountIntake::aNewUserIsAdded()
{
    const auto plan =
        planIntake({knownToIntake("a@example.com", "r1")}, {intakeOf("b@example.com", "r2")});
    QCOMPARE(plan.size(), std::size_t(1));
    QVERIFY(plan.front().isNew && !plan.front().keepsCredential);
    QCOMPARE(plan.front().imported.account.id.value, u"new-r2"_s);
}

void TstAccountIntake::whatTheUserSettledStays()
{
    Account known = knownToIntake("a@example.com", "r1");
    known.label = u"mine"_s;
    known.priority = 7;
    known.group = u"work"_s;
    known.tags = QStringList {u"x"_s};
    known.enabled = false;
    known.description = u"words"_s;
    known.writesBack = true;
    known.stopsBeforeOverage = false;
    known.proxy = u"http://localhost:1"_s;
    known.createdAt = intakeTime(1);
    const Account taken =
        planIntake({known}, {intakeOf("a@example.com", "r2")}).front().imported.account;
    known.fingerprint = taken.fingerprint; // the only thing that is new
    QCOMPARE(taken, known);
}

void TstAccountIntake::theProblemGoesWithTheOldToken()
{
    Account known = knownToIntake("a@example.com", "r1");
    known.problem = AccountProblem::SignInNeeded;
    known.note = u"sign in again"_s;
    const auto plan = planIntake({known}, {intakeOf("a@example.com", "r2")});
    QVERIFY(plan.front().imported.account.problem == AccountProblem::None);
    QVERIFY(plan.front().imported.account.note.isEmpty());
    QVERIFY(!plan.front().isNew && !plan.front().keepsCredential);
}

void TstAccountIntake::theSameTokenKeepsOurs()
{
    Account known = knownToIntake("a@example.com", "r1");
    known.problem = AccountProblem::SignInNeeded;
    known.note = u"sign in again"_s;
    known.registrationEndsAt = intakeTime(5);
    const auto plan = planIntake({known}, {intakeOf("a@example.com", "r1")});
    QVERIFY(plan.front().keepsCredential);
    QCOMPARE(plan.front().imported.account, known);
}

void TstAccountIntake::whatTheSourceDoesNotTellStays()
{
    Account known = knownToIntake("a@example.com", "r1");
    known.userId = u"d-1.u"_s;
    known.ssoRegion = u"eu-west-1"_s;
    known.apiRegion = u"eu-central-1"_s;
    known.importedFrom = u"/somewhere/token.json"_s;
    known.profileArn = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/E"_s;
    known.profileSource = u"list"_s;
    ImportedAccount imported = intakeOf("a@example.com", "r2");
    imported.account.apiRegion = u"us-east-1"_s;
    const Account taken = planIntake({known}, {imported}).front().imported.account;
    known.fingerprint = taken.fingerprint;
    known.apiRegion = u"us-east-1"_s;
    QCOMPARE(taken, known);
}

void TstAccountIntake::aProfileChosenByTheUserStays()
{
    Account known = knownToIntake("a@example.com", "r1");
    known.profileArn = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/E"_s;
    ImportedAccount imported = intakeOf("a@example.com", "r1");
    imported.account.profileArn = known.profileArn + u'2';
    imported.account.profileSource = u"import"_s;
    known.profileSource = u"user"_s;
    QCOMPARE(planIntake({known}, {imported}).front().imported.account.profileArn, known.profileArn);
    known.profileSource = u"list"_s;
    imported.account.email.clear(); // another ARN of the same e-mail would be another account
    QCOMPARE(planIntake({known}, {imported}).front().imported.account.profileArn,
             imported.account.profileArn);
}

void TstAccountIntake::aUserIsKnownByTheServicesId()
{
    Account known = knownToIntake("old@example.com", "r1");
    known.userId = u"d-1.u"_s;
    ImportedAccount imported = intakeOf("new@example.com", "r2");
    imported.account.userId = u"d-1.u"_s;
    QVERIFY(!planIntake({known}, {imported}).front().isNew);
    imported.account.userId = u"d-1.v"_s;
    QVERIFY(planIntake({known}, {imported}).front().isNew);
    imported.account.userId = u"d-1.u"_s;
    imported.account.provider = u"Github"_s;
    QVERIFY(planIntake({known}, {imported}).front().isNew);
}

void TstAccountIntake::twoUsersOfOneNameStayTwo()
{
    ImportedAccount one = intakeOf("a@example.com", "r1");
    ImportedAccount two = intakeOf("a@example.com", "r2");
    one.account.userId = u"d-1.u"_s;
    two.account.userId = u"d-1.v"_s;
    QCOMPARE(planIntake({}, {one, two}).size(), std::size_t(2));
}

void TstAccountIntake::entriesOfOneUserAreOne_data()
{
    QTest::addColumn<QDateTime>("first");
    QTest::addColumn<QDateTime>("second");
    QTest::addColumn<QByteArray>("taken");
    QTest::addRow("the later one") << QDateTime() << QDateTime() << QByteArray("r2");
    QTest::addRow("the one that lasts longer")
        << intakeTime(9) << intakeTime(8) << QByteArray("r1");
    QTest::addRow("the longer one comes last")
        << intakeTime(8) << intakeTime(9) << QByteArray("r2");
}

void TstAccountIntake::entriesOfOneUserAreOne()
{
    QFETCH(QDateTime, first);
    QFETCH(QDateTime, second);
    QFETCH(QByteArray, taken);
    ImportedAccount one = intakeOf("a@example.com", "r1");
    ImportedAccount two = intakeOf("A@example.com", "r2");
    one.credential.expiresAt = first;
    two.credential.expiresAt = second;
    const auto plan = planIntake({}, {one, two});
    QCOMPARE(plan.size(), std::size_t(1));
    QCOMPARE(plan.front().imported.credential.refreshToken.reveal(), taken);
    // The first is found by its token, the second by its e-mail: they are one known account.
    const Account known = knownToIntake("a@example.com", "r1");
    one.account.email.clear();
    one.account.label.clear();
    const auto update = planIntake({known}, {one, two});
    QCOMPARE(update.size(), std::size_t(1));
    QCOMPARE(update.front().imported.account.id, known.id);
    QCOMPARE(update.front().keepsCredential, taken == "r1");
}

void TstAccountIntake::theRegistrationsEndIsNoted()
{
    ImportedAccount imported = intakeOf("a@example.com", "r1");
    imported.credential.clientSecretExpiresAt = intakeTime(3);
    QCOMPARE(planIntake({}, {imported}).front().imported.account.registrationEndsAt, intakeTime(3));
}

void TstAccountIntake::aPlanOfNothingSucceeds()
{
    startKeeper();
    const Answered answered = take({});
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().added + answered->value().updated, 0);
}

void TstAccountIntake::storesAllWithTheirSecrets()
{
    startKeeper();
    const Account known = addAccount(Valid);
    ImportedAccount again = intakeOf("", "aorAGAIN");
    again.account.userId = u"d-1.u"_s;
    Account told = known;
    told.userId = u"d-1.u"_s;
    told.provider.clear();
    QVERIFY(m_store->put(told));
    const Answered answered =
        take(planIntake(m_store->accounts(), {intakeOf("b@example.com", "aorNEW"), again}));
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().added, 1);
    QCOMPARE(answered->value().updated, 1);
    QCOMPARE(answered->value().ids.size(), std::size_t(2));
    for (const AccountId &id : answered->value().ids)
        QVERIFY(m_store->find(id) != nullptr);
    QCOMPARE(stored(known).refreshToken.reveal(), QByteArray("aorAGAIN"));
}

void TstAccountIntake::aRefusedSecretTakesNothing()
{
    startKeeper();
    m_vault->failWrites(true);
    const Answered answered = take(planIntake({}, {intakeOf("b@example.com", "aorNEW")}));
    QVERIFY(answered && !*answered);
    QCOMPARE(answered->error().code, Error::Code::Storage);
    QVERIFY(m_store->accounts().empty());
    QVERIFY(m_storage->items.empty());
}

void TstAccountIntake::aFullListPutsChangedAccountsBack()
{
    startKeeper();
    Account known = knownToIntake("a@example.com", "r1");
    known.provider.clear();
    QVERIFY(m_store->put(known));
    ImportedAccount changed = intakeOf("", "r1");
    ImportedAccount nameless = intakeOf("b@example.com", "r2");
    nameless.account.id = {}; // the list refuses it
    const Answered answered = take(planIntake(m_store->accounts(), {changed, nameless}));
    QVERIFY(answered && !*answered);
    QCOMPARE(m_store->accounts(), std::vector<Account> {known});
}

QTEST_GUILESS_MAIN(TstAccountIntake)
#include "tst_accountintake.moc"
