// SPDX-License-Identifier: MIT
#include "app/accounts/importpreview.h"
#include "app/base/limits.h"
#include "tests/tokenkeeperbench.h"

#include <QTest>

using namespace kirotray;

using Action = PreviewEntry::Action;

/// What an import would do, and that it does exactly that.
class TstImportPreview : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void tellsWhatWillBecomeOfEachEntry();
    void aUserInTwoSourcesIsTakenOnce();
    void aDamagedSourceGivesNothing();
    void tooManyAccountsAreRefused();
    void showsNoSecrets();
    void aSealedTextNeedsItsPassphrase();
    void applyingDoesWhatWasShown();
    void applyingKeepsWhatTheUserChangedMeanwhile();
    void applyingRefusesWhatWouldEndOtherwise();

private:
    QString write(const QString &name, const QByteArray &json) const
    {
        QFile file(m_folder->filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(json) == json.size() ? file.fileName()
                                                                                  : QString();
    }
    static QByteArray entry(const QByteArray &refresh, const QByteArray &email)
    {
        return "{\"refreshToken\":\"" + refresh + "\",\"authMethod\":\"social\",\"email\":\""
            + email + "\"}";
    }
    Account addKnown(const char *email, const char *refresh)
    {
        Account account = addAccount(Valid);
        account.email = QString::fromLatin1(email);
        account.label = account.email;
        account.provider.clear();
        Credential credential;
        credential.refreshToken = Secret(refresh);
        account.fingerprint = fingerprintOf(credential);
        [[maybe_unused]] const Result<Done> put = m_store->put(account);
        keep(account, credential);
        return account;
    }
    std::optional<Result<AccountIntake::Outcome>> apply(const ImportPreview &preview)
    {
        const auto plan = preview.plan(m_store->accounts());
        if (!plan)
            return Result<AccountIntake::Outcome>(plan.error());
        std::optional<Result<AccountIntake::Outcome>> answer;
        auto *intake = new AccountIntake(
            *m_store, *m_keeper, plan.value(), this,
            [&](const Result<AccountIntake::Outcome> &result) { answer = result; });
        intake->start();
        return QTest::qWaitFor([&] { return answer.has_value(); }) ? answer : std::nullopt;
    }
};

void TstImportPreview::tellsWhatWillBecomeOfEachEntry()
{
    const Account known = addKnown("a@example.com", "aorA");
    const Account changed = addKnown("b@example.com", "aorB");
    const QString file =
        write(u"three.json"_s,
              '[' + entry("aorA", "a@example.com") + ',' + entry("aorNEW", "b@example.com") + ','
                  + entry("aorC", "c@example.com") + ']');
    const auto preview = ImportPreview::ofFiles(m_store->accounts(), {file});
    QCOMPARE(preview.sources().size(), std::size_t(1));
    const PreviewSource &source = preview.sources().front();
    QCOMPARE(source.source, file);
    QCOMPARE(source.format, u"kiro.rs credentials"_s);
    QCOMPARE(source.entries.size(), std::size_t(3));
    QVERIFY(source.entries[0].action == Action::Keep);
    QCOMPARE(source.entries[0].id, known.id);
    QVERIFY(source.entries[1].action == Action::Update);
    QCOMPARE(source.entries[1].id, changed.id);
    QVERIFY(source.entries[2].action == Action::Add);
    QCOMPARE(source.entries[2].label, u"c@example.com"_s);
    QVERIFY(source.entries[2].why.isEmpty());
    for (const Action action : {Action::Add, Action::Update, Action::Keep})
        QCOMPARE(preview.count(action), 1);
}

void TstImportPreview::aUserInTwoSourcesIsTakenOnce()
{
    const auto preview =
        ImportPreview::ofFiles({},
                               {write(u"one.json"_s, entry("aorONE", "a@example.com")),
                                write(u"two.json"_s, entry("aorTWO", "a@example.com"))});
    QCOMPARE(preview.count(Action::Add), 1);
    QCOMPARE(preview.count(Action::Keep), 1);
    QVERIFY(preview.sources()[0].entries[0].action == Action::Keep); // the later one is taken
    const auto plan = preview.plan({});
    QVERIFY(plan);
    QCOMPARE(plan.value().size(), std::size_t(1));
    QCOMPARE(plan.value().front().imported.credential.refreshToken.reveal(), QByteArray("aorTWO"));
}

void TstImportPreview::aDamagedSourceGivesNothing()
{
    const auto preview = ImportPreview::ofFiles(
        {},
        {write(u"bad.json"_s, '[' + entry("aorONE", "a@example.com") + ",{\"refreshToken\":5}]"),
         write(u"good.json"_s, entry("aorTWO", "b@example.com")),
         m_folder->filePath(u"absent.json"_s)});
    QVERIFY(preview.sources()[0].error && preview.sources()[0].entries.empty());
    QVERIFY(preview.sources()[0].error->what.contains(u"[1].refreshToken"));
    QVERIFY(!preview.sources()[1].error);
    QVERIFY(preview.sources()[2].error);
    QCOMPARE(preview.plan({}).value().size(), std::size_t(1));
}

void TstImportPreview::tooManyAccountsAreRefused()
{
    std::vector<Account> known(limits::MaxAccounts);
    for (std::size_t i = 0; i < known.size(); ++i)
        known[i].id.value = QString::number(i);
    const auto preview = ImportPreview::ofText(known, entry("aorONE", "a@example.com"));
    QCOMPARE(preview.count(Action::Refuse), 1);
    QVERIFY(preview.sources().front().entries.front().why.contains(u"500"));
    QVERIFY(!preview.plan(known));
    known.pop_back();
    QVERIFY(ImportPreview::ofText(known, entry("aorONE", "a@example.com")).plan(known));
}

void TstImportPreview::showsNoSecrets()
{
    const auto preview = ImportPreview::ofText(
        {}, "aorSECRETone\na@example.com----SECRETpw----aorSECRETtwo----SECRETid----SECRETs\n");
    QCOMPARE(preview.count(Action::Add), 2);
    for (const PreviewEntry &entry : preview.sources().front().entries)
        for (const QString &text : {entry.label, entry.provider, entry.why, entry.id.value})
            QVERIFY2(!text.contains(u"SECRET"), qPrintable(text));
}

void TstImportPreview::aSealedTextNeedsItsPassphrase()
{
    const QByteArray text = R"({"format":"kirotray-sealed-accounts","version":1,"sealed":"AAAA"})";
    QVERIFY(isSealedExportText(text));
    const auto preview = ImportPreview::ofText({}, text);
    QVERIFY(preview.sources().front().error);
    QVERIFY(preview.sources().front().error->what.contains(u"passphrase"));
    QVERIFY(preview.plan({}).value().empty());
}

void TstImportPreview::applyingDoesWhatWasShown()
{
    const Account kept = addKnown("a@example.com", "aorA");
    const Account changed = addKnown("b@example.com", "aorB");
    const auto preview = ImportPreview::ofText(m_store->accounts(),
                                               '[' + entry("aorA", "a@example.com") + ','
                                                   + entry("aorNEW", "b@example.com") + ','
                                                   + entry("aorC", "c@example.com") + ']');
    const auto answer = apply(preview);
    QVERIFY(answer && *answer);
    QCOMPARE(answer->value().added, preview.count(Action::Add));
    QCOMPARE(answer->value().updated, preview.count(Action::Update) + preview.count(Action::Keep));
    QCOMPARE(m_store->accounts().size(), std::size_t(3));
    QCOMPARE(stored(kept).refreshToken.reveal(), QByteArray("aorA"));
    QCOMPARE(stored(changed).refreshToken.reveal(), QByteArray("aorNEW"));
    QVERIFY(m_store->find(preview.sources().front().entries[2].id) != nullptr);
}

void TstImportPreview::applyingKeepsWhatTheUserChangedMeanwhile()
{
    Account known = addKnown("a@example.com", "aorA");
    const auto preview =
        ImportPreview::ofText(m_store->accounts(), entry("aorNEW", "a@example.com"));
    known.label = u"renamed"_s;
    QVERIFY(m_store->put(known));
    const auto answer = apply(preview);
    QVERIFY(answer && *answer);
    QCOMPARE(m_store->find(known.id)->label, u"renamed"_s);
}

void TstImportPreview::applyingRefusesWhatWouldEndOtherwise()
{
    const Account known = addKnown("a@example.com", "aorA");
    const auto preview =
        ImportPreview::ofText(m_store->accounts(), entry("aorNEW", "a@example.com"));
    QVERIFY(m_store->remove(known.id));
    const auto answer = apply(preview);
    QVERIFY(answer && !*answer);
    QCOMPARE(answer->error().code, Error::Code::BadInput);
    QVERIFY(m_store->accounts().empty());
}

QTEST_GUILESS_MAIN(TstImportPreview)
#include "tst_importpreview.moc"
