// SPDX-License-Identifier: MIT
#include "app/accounts/accountexport.h"
#include "app/accounts/accountintake.h"
#include "app/base/limits.h"
#include "tests/tokenkeeperbench.h"

#include <QDir>
#include <QTest>

using namespace kirotray;

/// Accounts with their secrets leave by a file, and come back from it.
class TstAccountExport : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void aSealedExportComesBack();
    void theSealedFileIsPrivateAndHoldsNoPlainText();
    void aWrongPassphraseIsToldAsSuch();
    void aDamagedSealIsRefused_data();
    void aDamagedSealIsRefused();
    void plainFormsComeBack_data();
    void plainFormsComeBack();
    void aFormLeavesOutWhatItCannotHold();
    void refusesARequestThatLacksSomething_data();
    void refusesARequestThatLacksSomething();
    void aFailedExportLeavesTheOldFile_data();
    void aFailedExportLeavesTheOldFile();
    void exportsOnlyWhatWasAskedFor();
    void anAccountWithoutSecretIsLeftOut();
    void waitsForATokenThatIsBeingRenewed();
    void exportsTheTokenThatTheVaultCouldNotTake();
    void ourExportDoesNotReplaceATokenThatWorks();
    void refusesADamagedExport_data();
    void refusesADamagedExport();

private:
    using Answered = std::optional<Result<ExportOutcome>>;
    std::vector<ImportedAccount> addAll();
    Answered run(const ExportRequest &request);
    ExportRequest sealedRequest() const
    {
        ExportRequest request;
        request.passphrase = Secret("long enough");
        request.file = file();
        return request;
    }
    ExportRequest plainRequest(ExportForm form) const
    {
        ExportRequest request;
        request.plain = true;
        request.confirmation = QString::fromLatin1(PlainExportConfirmation);
        request.form = form;
        request.file = file();
        return request;
    }
    QString file() const { return m_folder->filePath(u"export.json"_s); }
    QByteArray bytes() const
    {
        QFile written(file());
        return written.open(QIODevice::ReadOnly) ? written.readAll() : QByteArray();
    }
};

namespace {

constexpr char Arn[] = "arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345";

ImportedAccount exampleOf(AccountKind kind, int number)
{
    ImportedAccount example;
    Account &account = example.account;
    account.id.value = u"11111111-2222-4333-8444-00000000000%1"_s.arg(number);
    account.kind = kind;
    account.email = u"user%1@example.com"_s.arg(number);
    account.label = account.email;
    account.machineId = u"0%1"_s.arg(number).repeated(32);
    account.createdAt = QDateTime(QDate(2026, 10, number), QTime(1, 2, 3), Qt::UTC);
    Credential &credential = example.credential;
    credential.accessToken = Secret("aoaPLAIN" + QByteArray::number(number));
    if (kind == AccountKind::ApiKey) {
        credential.accessToken = Secret("ksk_PLAIN0123456789012345");
        account.profileArn = QString::fromLatin1(Arn);
        account.profileSource = u"import"_s;
        return example;
    }
    credential.refreshToken = Secret("aorPLAIN" + QByteArray::number(number));
    credential.expiresAt = QDateTime(QDate(2030, 1, 1), QTime(12, 0), Qt::UTC);
    if (kind == AccountKind::Social)
        account.provider = u"Google"_s;
    if (kind != AccountKind::Social)
        credential.clientId = u"client"_s;
    if (kind == AccountKind::BuilderId || kind == AccountKind::IdentityCenter)
        credential.clientSecret = Secret("eyPLAINsecret");
    if (kind == AccountKind::BuilderId)
        account.provider = u"BuilderId"_s;
    if (kind == AccountKind::IdentityCenter) {
        account.provider = u"Enterprise"_s;
        account.startUrl = u"https://d-1.awsapps.com/start"_s;
        account.ssoRegion = u"eu-west-1"_s;
    }
    if (kind == AccountKind::ExternalIdp) {
        account.tokenEndpoint = u"https://login.microsoftonline.com/t/oauth2/v2.0/token"_s;
        account.scopes = u"a offline_access"_s;
    }
    return example;
}

} // namespace

std::vector<ImportedAccount> TstAccountExport::addAll()
{
    std::vector<ImportedAccount> all;
    int number = 0;
    for (const AccountKind kind :
         {AccountKind::Social, AccountKind::BuilderId, AccountKind::IdentityCenter,
          AccountKind::ExternalIdp, AccountKind::ApiKey}) {
        ImportedAccount example = exampleOf(kind, ++number);
        example.account.fingerprint = fingerprintOf(example.credential);
        keep(example.account, example.credential);
        [[maybe_unused]] const Result<Done> put = m_store->put(example.account);
        all.push_back(example);
    }
    return all;
}

TstAccountExport::Answered TstAccountExport::run(const ExportRequest &request)
{
    Answered answered;
    auto *exported =
        new AccountExport(*m_store, *m_keeper, request, this,
                          [&](const Result<ExportOutcome> &result) { answered = result; });
    exported->start();
    if (answered)
        return std::nullopt; // it must not answer before it returns
    return QTest::qWaitFor([&] { return answered.has_value(); }) ? answered : std::nullopt;
}

void TstAccountExport::aSealedExportComesBack()
{
    auto all = addAll();
    all[0].account.group = u"work"_s;
    all[0].account.tags = QStringList {u"a"_s, u"b"_s};
    all[0].account.description = u"words"_s;
    all[0].account.priority = 3;
    all[0].account.stopsBeforeOverage = false;
    QVERIFY(m_store->put(all[0].account));
    Account local = all[1].account; // what belongs to this machine stays here
    local.importedFrom = u"/somewhere/token.json"_s;
    local.writesBack = true;
    local.problem = AccountProblem::SignInNeeded;
    local.note = u"sign in again"_s;
    QVERIFY(m_store->put(local));
    const Answered answered = run(sealedRequest());
    QVERIFY2(answered && *answered, "no export");
    QCOMPARE(answered->value().accounts, 5);
    QVERIFY(answered->value().leftOut.isEmpty());
    QVERIFY(isSealedExport(file()));
    const auto found = findAccounts(file(), Secret("long enough"));
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().accounts.size(), all.size());
    for (const ImportedAccount &expected : all) {
        const Account *account = nullptr;
        for (const ImportedAccount &imported : found.value().accounts) {
            if (imported.account.id != expected.account.id)
                continue;
            account = &imported.account;
            QVERIFY(imported.credential == expected.credential);
        }
        QVERIFY(account != nullptr);
        QCOMPARE(*account, expected.account);
    }
}

void TstAccountExport::theSealedFileIsPrivateAndHoldsNoPlainText()
{
    addAll();
    QVERIFY(run(sealedRequest()));
    const QByteArray written = bytes();
    for (const char *plain : {"PLAIN", "example.com", "refreshToken"})
        QVERIFY2(!written.contains(plain), plain);
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QVERIFY(!(QFile::permissions(file()) & others));
    ExportRequest asText = sealedRequest();
    asText.file.clear();
    const Answered answered = run(asText);
    QVERIFY(answered && *answered);
    QVERIFY(isSealedExportText(answered->value().sealed));
    QVERIFY(findAccountsIn(answered->value().sealed, QDir(), Secret("long enough")));
}

void TstAccountExport::aWrongPassphraseIsToldAsSuch()
{
    addAll();
    QVERIFY(run(sealedRequest()));
    for (const char *wrong : {"", "long enougH", "other words"}) {
        const auto found = findAccounts(file(), Secret(wrong));
        QVERIFY(!found);
        QCOMPARE(found.error().code, Error::Code::BadInput);
        QVERIFY(found.error().what.contains(u"passphrase"));
    }
}

void TstAccountExport::aDamagedSealIsRefused_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addRow("another version") << QByteArray("\"version\":1") << QByteArray("\"version\":2");
    QTest::addRow("version as text")
        << QByteArray("\"version\":1") << QByteArray("\"version\":\"1\"");
    QTest::addRow("no version") << QByteArray("\"version\"") << QByteArray("\"other\"");
    QTest::addRow("no seal") << QByteArray("\"sealed\"") << QByteArray("\"other\"");
    QTest::addRow("no base64") << QByteArray("\"sealed\":\"") << QByteArray("\"sealed\":\"!");
    QTest::addRow("another magic") << QByteArray("\"sealed\":\"S") << QByteArray("\"sealed\":\"T");
    QTest::addRow("seal that is a number")
        << QByteArray("\"sealed\":") << QByteArray("\"sealed\":1,\"x\":");
    QTest::addRow("seal that is empty")
        << QByteArray("\"sealed\":") << QByteArray("\"sealed\":\"\",\"x\":");
    QTest::addRow("seal that is short")
        << QByteArray("\"sealed\":") << QByteArray("\"sealed\":\"S2lyb1RyYXlWYXVsdAE=\",\"x\":");
    QTest::addRow("end cut off") << QByteArray("\"}\n") << QByteArray("\n");
    QTest::addRow("a changed letter") << QByteArray() << QByteArray();
}

void TstAccountExport::aDamagedSealIsRefused()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    addAll();
    QVERIFY(run(sealedRequest()));
    QByteArray damaged = bytes();
    if (from.isEmpty()) {
        const qsizetype at = damaged.size() - 100;
        damaged[at] = damaged.at(at) == 'A' ? 'B' : 'A';
    } else {
        QVERIFY(damaged.contains(from));
        damaged.replace(from, to);
    }
    const auto found = findAccountsIn(damaged, QDir(), Secret("long enough"));
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
}

void TstAccountExport::plainFormsComeBack_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("accounts");
    QTest::addRow("ours") << u"kirotray"_s << u"KiroTray export"_s << 5;
    QTest::addRow("kiro.rs") << u"kiro-rs"_s << u"kiro.rs credentials"_s << 4;
    QTest::addRow("Kiro Account Manager")
        << u"kiro-account-manager"_s << u"Kiro Account Manager export"_s << 3;
    QTest::addRow("Kiro-Go") << u"kiro-go"_s << u"Kiro-Go configuration"_s << 3;
    QTest::addRow("kiro2api") << u"kiro2api"_s << u"kiro2api tokens"_s << 2;
}

void TstAccountExport::plainFormsComeBack()
{
    QFETCH(QString, name);
    QFETCH(QString, format);
    QFETCH(int, accounts);
    const auto all = addAll();
    const auto form = exportFormFromString(name);
    QVERIFY(form);
    QCOMPARE(toString(*form), name);
    const Answered answered = run(plainRequest(*form));
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().accounts, accounts);
    QCOMPARE(answered->value().leftOut.size(), 5 - accounts);
    QVERIFY(answered->value().sealed.isEmpty());
    QVERIFY(!(QFile::permissions(file()) & (QFile::ReadGroup | QFile::ReadOther)));
    const auto found = findAccounts(file());
    QVERIFY2(found, qPrintable(found ? QString() : describe(found.error())));
    QCOMPARE(found.value().format, format);
    QCOMPARE(found.value().accounts.size(), static_cast<std::size_t>(accounts));
    for (const ImportedAccount &imported : found.value().accounts) {
        const auto expected =
            std::find_if(all.begin(), all.end(), [&imported](const ImportedAccount &one) {
                return one.account.fingerprint == imported.account.fingerprint;
            });
        QVERIFY(expected != all.end());
        QVERIFY(imported.account.kind == expected->account.kind);
        QCOMPARE(imported.credential.clientId, expected->credential.clientId);
        QVERIFY(imported.credential.clientSecret == expected->credential.clientSecret);
        if (*form == ExportForm::Kiro2api)
            continue; // it has no place for the rest
        QVERIFY(imported.credential == expected->credential);
        QCOMPARE(imported.account.machineId, expected->account.machineId);
        QCOMPARE(imported.account.email, expected->account.email);
        QCOMPARE(imported.account.provider, expected->account.provider);
        if (expected->account.kind == AccountKind::IdentityCenter) {
            QCOMPARE(imported.account.ssoRegion, expected->account.ssoRegion);
            QCOMPARE(imported.account.startUrl, expected->account.startUrl);
        }
    }
}

void TstAccountExport::aFormLeavesOutWhatItCannotHold()
{
    addAll();
    const Answered answered = run(plainRequest(ExportForm::KiroRs));
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().leftOut.size(), 1);
    QVERIFY(answered->value().leftOut.front().startsWith(u"user4@example.com: "));
}

void TstAccountExport::refusesARequestThatLacksSomething_data()
{
    QTest::addColumn<QString>("member");
    for (const char *member : {"confirm", "path", "passphrase", "format", "accounts"})
        QTest::addRow("%s", member) << QString::fromLatin1(member);
}

void TstAccountExport::refusesARequestThatLacksSomething()
{
    QFETCH(QString, member);
    addAll();
    ExportRequest request = member == u"confirm" || member == u"path"
        ? plainRequest(ExportForm::KiroGo)
        : sealedRequest();
    if (member == u"confirm")
        request.confirmation = u"yes"_s;
    else if (member == u"path")
        request.file.clear();
    else if (member == u"passphrase")
        request.passphrase = Secret("7 signs");
    else if (member == u"format")
        request.form = ExportForm::KiroRs;
    else
        request.accounts = {AccountId {u"nobody"_s}};
    const Answered answered = run(request);
    QVERIFY(answered && !*answered);
    QCOMPARE(answered->error().code, Error::Code::BadInput);
    QCOMPARE(answered->error().path, member);
    QVERIFY(!QFile::exists(file()));
}

void TstAccountExport::aFailedExportLeavesTheOldFile_data()
{
    QTest::addColumn<bool>("vaultFails");
    QTest::addRow("the vault is locked") << true;
    QTest::addRow("the folder is not there") << false;
}

void TstAccountExport::aFailedExportLeavesTheOldFile()
{
    QFETCH(bool, vaultFails);
    addAll();
    QFile old(file());
    QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
    old.close();
    ExportRequest request = sealedRequest();
    if (vaultFails)
        m_vault->failReads(true);
    else
        request.file = m_folder->filePath(u"nowhere/export.json"_s);
    const Answered answered = run(request);
    QVERIFY(answered && !*answered);
    QCOMPARE(answered->error().code, Error::Code::Storage);
    QCOMPARE(bytes(), QByteArray("old"));
    QCOMPARE(QDir(m_folder->path()).entryList({u"export*"_s}, QDir::Files).size(), 1);
}

void TstAccountExport::exportsOnlyWhatWasAskedFor()
{
    const auto all = addAll();
    ExportRequest request = plainRequest(ExportForm::KiroTray);
    request.accounts = {all[2].account.id};
    const Answered answered = run(request);
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().accounts, 1);
    QVERIFY(bytes().contains("aorPLAIN3"));
    QVERIFY(!bytes().contains("aorPLAIN1"));
}

void TstAccountExport::anAccountWithoutSecretIsLeftOut()
{
    const auto all = addAll();
    m_storage->items.erase(vaultKey(all[0].account.id));
    const Answered answered = run(sealedRequest());
    QVERIFY(answered && *answered);
    QCOMPARE(answered->value().accounts, 4);
    QCOMPARE(answered->value().leftOut.size(), 1);
    m_storage->items.clear();
    const Answered nothing = run(sealedRequest());
    QVERIFY(nothing && !*nothing);
    QCOMPARE(nothing->error().path, u"accounts"_s);
}

void TstAccountExport::waitsForATokenThatIsBeingRenewed()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW", "aorROTATED"));
    const auto token = ask(account);
    QVERIFY(m_keeper->isBusy());
    QVERIFY(run(plainRequest(ExportForm::KiroRs)));
    QVERIFY(bytes().contains("aorROTATED"));
    QVERIFY(!bytes().contains("aorOLD"));
}

void TstAccountExport::exportsTheTokenThatTheVaultCouldNotTake()
{
    const Account account = addAccount(Expired);
    m_vault->failWrites(true);
    m_peer->next(grant("aoaNEW", "aorROTATED"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QVERIFY(run(plainRequest(ExportForm::KiroRs)));
    QVERIFY(bytes().contains("aorROTATED"));
}

void TstAccountExport::ourExportDoesNotReplaceATokenThatWorks()
{
    auto all = addAll();
    QVERIFY(run(sealedRequest()));
    Credential rotated = all[0].credential;
    rotated.refreshToken = Secret("aorROTATED");
    keep(all[0].account, rotated);
    const auto found = findAccounts(file(), Secret("long enough"));
    QVERIFY(found);
    auto plan = planIntake(m_store->accounts(), found.value().accounts);
    QCOMPARE(plan.size(), std::size_t(5));
    for (const IntakeEntry &entry : plan)
        QVERIFY(!entry.isNew && entry.keepsCredential);
    // A different lineage under the same id, and ours is dead: now the export helps.
    Account dead = all[0].account;
    dead.fingerprint = u"of another one"_s;
    QVERIFY(m_store->put(dead));
    QVERIFY(planIntake(m_store->accounts(), found.value().accounts).front().keepsCredential);
    dead.problem = AccountProblem::SignInNeeded;
    QVERIFY(m_store->put(dead));
    QVERIFY(!planIntake(m_store->accounts(), found.value().accounts).front().keepsCredential);
}

void TstAccountExport::refusesADamagedExport_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *name, const QByteArray &from, const QByteArray &to,
                        const char *named) {
        QTest::addRow("%s", name) << from << to << QString::fromLatin1(named);
    };
    row("another version", "\"version\":1", "\"version\":9", "version");
    row("no accounts", "\"accounts\"", "\"other\"", "accounts");
    row("no id", "11111111-2222-4333-8444-000000000001", "", "accounts[0].id");
    row("an id that is none", "11111111-2222-4333-8444-000000000001", "PLAIN", "accounts[0].id");
    row("an unknown kind", "\"kind\":\"social\"", "\"kind\":\"PLAIN\"", "accounts[0].kind");
    row("no credential", "\"credential\"", "\"other\"", "accounts[0].credential");
    row("a credential that is a text", "\"credential\":{", "\"credential\":\"PLAIN\",\"x\":{",
        "accounts[0].credential");
    row("a token that is a number", "\"aorPLAIN1\"", "5", "accounts[0].credential");
    row("no token", "\"refreshToken\":\"aorPLAIN1\"", "\"x\":1", "accounts[0].credential");
    row("a machine id of another form", QByteArray("01").repeated(32), "PLAIN",
        "accounts[0].machineId");
    row("a region that leads elsewhere", "eu-west-1", "PLAIN.com/", "accounts[2].ssoRegion");
    row("an identity provider elsewhere", "https://login.microsoftonline.com", "https://PLAIN.com",
        "accounts[3].tokenEndpoint");
    row("a profile that is none", Arn, "PLAIN", "accounts[4].profileArn");
    row("a time that is none", "2026-10-01T01:02:03.000Z", "PLAIN", "accounts[0].createdAt");
    row("a time that is beyond the calendar", "2030-01-01T12:00:00.000Z",
        "9999-12-31T23:59:59-12:00", "accounts[0]");
    row("its end cut off", "}]}", "}]", "");
}

void TstAccountExport::refusesADamagedExport()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QString, named);
    addAll();
    QVERIFY(run(plainRequest(ExportForm::KiroTray)));
    QByteArray damaged = bytes();
    QVERIFY(findAccountsIn(damaged, QDir()));
    QVERIFY(damaged.contains(from));
    damaged.replace(damaged.indexOf(from), from.size(), to);
    const auto found = findAccountsIn(damaged, QDir());
    QVERIFY(!found);
    QCOMPARE(found.error().code, Error::Code::BadInput);
    const QString message = describe(found.error());
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(!message.contains(u"PLAIN"), qPrintable(message));
}

QTEST_GUILESS_MAIN(TstAccountExport)
#include "tst_accountexport.moc"
