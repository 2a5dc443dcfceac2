// SPDX-License-Identifier: MIT
#include "app/accounts/pendinganswer.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"
#include "tests/vaultanswers.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

using namespace kirotray;

/// The vaults that need no keychain: memory and sealed file.
class TstVault : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void keepsSecretsByName_data();
    void keepsSecretsByName();
    void answersOnceAndNeverAfterTheContext_data();
    void answersOnceAndNeverAfterTheContext();
    void fileComesBackWithItsPassphrase();
    void fileShowsNothing();
    void refusesAWrongPassphrase_data();
    void refusesAWrongPassphrase();
    void refusesADamagedFile_data();
    void refusesADamagedFile();
    void crashWhileWritingKeepsTheOldFile();
    void failedWriteIsToldAndForgotten();
    void refusesASecondProgram();
    void pendingAnswerReportsItsEnd();

private:
    QString file() const { return m_folder->filePath(u"vault.bin"_s); }
    std::unique_ptr<Vault> open(const QByteArray &passphrase = "passphrase")
    {
        Result<std::unique_ptr<Vault>> vault = openFileVault(file(), Secret(passphrase));
        m_error = vault ? QString() : describe(vault.error());
        m_code = vault ? Error::Code::Cancelled : vault.error().code;
        return vault ? std::move(vault).value() : nullptr;
    }
    QByteArray bytes() const
    {
        QFile source(file());
        return source.open(QIODevice::ReadOnly) ? source.readAll() : QByteArray();
    }
    void replace(const QByteArray &content) const
    {
        QFile target(file());
        QVERIFY(target.open(QIODevice::WriteOnly | QIODevice::Truncate));
        target.write(content);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_error;
    Error::Code m_code = Error::Code::Cancelled;
};

void TstVault::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TstVault::keepsSecretsByName_data()
{
    QTest::addColumn<bool>("inFile");
    QTest::addRow("memory") << false;
    QTest::addRow("file") << true;
}

void TstVault::keepsSecretsByName()
{
    QFETCH(bool, inFile);
    const std::unique_ptr<Vault> vault = inFile ? open() : makeMemoryVault();
    QVERIFY2(vault, qPrintable(m_error));
    VaultAnswers answers(*vault);
    const Result<Secret> nothing = answers.read(u"one"_s);
    QVERIFY(!nothing);
    QCOMPARE(nothing.error().code, Error::Code::BadInput);
    QCOMPARE(nothing.error().what, u"not found"_s);
    QVERIFY(answers.remove(u"one"_s));
    QByteArray every;
    for (int byte = 0; byte < 256; ++byte)
        every.append(static_cast<char>(byte));
    QVERIFY(answers.write(u"one"_s, every));
    QVERIFY(answers.write(u"two"_s, "2"));
    QVERIFY(answers.write(u"two"_s, ""));
    QCOMPARE(answers.text(u"one"_s), every);
    QCOMPARE(answers.text(u"two"_s), QByteArray());
    const QByteArray largest(limits::MaxSecretItem, 'x');
    QVERIFY(answers.write(u"two"_s, largest));
    const Result<Done> tooLarge = answers.write(u"two"_s, largest + 'x');
    QVERIFY(!tooLarge);
    QCOMPARE(tooLarge.error().code, Error::Code::BadInput);
    QCOMPARE(answers.text(u"two"_s), largest);
    QVERIFY(answers.remove(u"two"_s));
    QCOMPARE(answers.text(u"two"_s), QByteArray("error not found"));
    QCOMPARE(answers.text(u"one"_s), every);
    QCOMPARE(vault->description(), inFile ? file() : u"memory"_s);
}

void TstVault::answersOnceAndNeverAfterTheContext_data()
{
    keepsSecretsByName_data();
}

void TstVault::answersOnceAndNeverAfterTheContext()
{
    QFETCH(bool, inFile);
    std::unique_ptr<Vault> vault = inFile ? open() : makeMemoryVault();
    QVERIFY2(vault, qPrintable(m_error));
    int late = 0;
    int read = 0;
    int written = 0;
    QObject context;
    {
        QObject gone;
        vault->write(u"one"_s, Secret("1"), &gone, [&late](auto) { ++late; });
        vault->read(u"one"_s, &gone, [&late](auto) { ++late; });
        vault->remove(u"two"_s, &gone, [&late](auto) { ++late; });
    }
    vault->write(u"two"_s, Secret("2"), &context, [&written](auto) { ++written; });
    vault->read(u"one"_s, &context, [&read](const Result<Secret> &got) {
        read += got && got.value() == Secret("1") ? 1 : 100;
    });
    vault.reset(); // what was asked before is still answered
    QTRY_COMPARE(read, 1);
    QCOMPARE(written, 1);
    QCOMPARE(late, 0);
}

void TstVault::fileComesBackWithItsPassphrase()
{
    std::unique_ptr<Vault> vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    QVERIFY(!QFile::exists(file())); // opening changes nothing
    QVERIFY(VaultAnswers(*vault).write(u"one"_s, "first"));
    QVERIFY(VaultAnswers(*vault).write(u"two"_s, "second"));
    QVERIFY(VaultAnswers(*vault).remove(u"one"_s));
    vault.reset();
    vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    QCOMPARE(VaultAnswers(*vault).text(u"two"_s), QByteArray("second"));
    QCOMPARE(VaultAnswers(*vault).text(u"one"_s), QByteArray("error not found"));
}

void TstVault::fileShowsNothing()
{
    const std::unique_ptr<Vault> vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    QVERIFY(VaultAnswers(*vault).write(u"account/one"_s, "aorEXAMPLE"));
    const QByteArray first = bytes();
    for (const QByteArray &word : {QByteArray("account"), QByteArray("aorEXAMPLE"),
                                   QByteArray("aorEXAMPLE").toBase64(), QByteArray("passphrase")})
        QVERIFY2(!first.contains(word), word.constData());
    QVERIFY(VaultAnswers(*vault).write(u"account/one"_s, "aorEXAMPLE"));
    QVERIFY(bytes() != first); // a new nonce
#ifndef Q_OS_WIN
    const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    QVERIFY(!(QFile::permissions(file()) & others));
#endif
}

void TstVault::refusesAWrongPassphrase_data()
{
    QTest::addColumn<QByteArray>("passphrase");
    QTest::addRow("another") << QByteArray("Passphrase");
    QTest::addRow("the right one and more") << QByteArray("passphrase ");
    QTest::addRow("none") << QByteArray();
}

void TstVault::refusesAWrongPassphrase()
{
    QFETCH(QByteArray, passphrase);
    QVERIFY(VaultAnswers(*open()).write(u"one"_s, "first"));
    const QByteArray before = bytes();
    QVERIFY(!open(passphrase));
    QCOMPARE(m_code, Error::Code::Storage);
    QVERIFY(m_error.startsWith(file()));
    QCOMPARE(bytes(), before);
    QVERIFY(open());
}

void TstVault::refusesADamagedFile_data()
{
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("bit");
    // Magic 13, version 1, passes 8, memory 8, salt 16, nonce 24, then text and tag.
    QTest::addRow("magic") << 0 << 0;
    QTest::addRow("end of the magic") << 12 << 0;
    QTest::addRow("version") << 13 << 1;
    QTest::addRow("passes, more") << 14 << 0;
    QTest::addRow("passes, none") << 14 << 1;
    QTest::addRow("passes, absurd") << 21 << 7;
    QTest::addRow("memory, a little") << 24 << 0;
    QTest::addRow("memory, none") << 25 << 2;
    QTest::addRow("memory, absurd") << 29 << 7;
    QTest::addRow("salt") << 30 << 0;
    QTest::addRow("nonce") << 46 << 0;
    QTest::addRow("end of the nonce") << 69 << 7;
    QTest::addRow("text") << 70 << 0;
    QTest::addRow("tag") << -1 << 7;
}

void TstVault::refusesADamagedFile()
{
    QFETCH(int, at);
    QFETCH(int, bit);
    QVERIFY(VaultAnswers(*open()).write(u"one"_s, "first"));
    const QByteArray good = bytes();
    QByteArray damaged = good;
    const qsizetype place = at < 0 ? damaged.size() + at : at;
    damaged[place] = static_cast<char>(damaged.at(place) ^ (1 << bit));
    // The damage itself, the file up to the damage, and the file with that byte missing.
    for (const QByteArray &content :
         {damaged, good.first(place), good.first(place) + good.sliced(place + 1)}) {
        replace(content);
        QVERIFY(!open());
        QCOMPARE(m_code, Error::Code::Storage);
        QCOMPARE(bytes(), content);
    }
    replace(good + 'x');
    QVERIFY(!open());
    replace(good);
    QCOMPARE(VaultAnswers(*open()).text(u"one"_s), QByteArray("first"));
}

void TstVault::crashWhileWritingKeepsTheOldFile()
{
    QVERIFY(VaultAnswers(*open()).write(u"one"_s, "first"));
    // What a process leaves that dies between opening its temporary file and the rename.
    QFile half(file() + u".AbCdEf"_s);
    QVERIFY(half.open(QIODevice::WriteOnly));
    half.write(bytes().first(40));
    half.close();
    std::unique_ptr<Vault> vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    QCOMPARE(VaultAnswers(*vault).text(u"one"_s), QByteArray("first"));
    QVERIFY(VaultAnswers(*vault).write(u"one"_s, "second"));
    vault.reset();
    QCOMPARE(VaultAnswers(*open()).text(u"one"_s), QByteArray("second"));
}

void TstVault::failedWriteIsToldAndForgotten()
{
    const std::unique_ptr<Vault> vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    VaultAnswers answers(*vault);
    QVERIFY(answers.write(u"one"_s, "first"));
    const QString away = m_folder->path() + u"-away"_s;
    QVERIFY(QDir().rename(m_folder->path(), away));
    for (const Result<Done> &result :
         {answers.write(u"one"_s, "second"), answers.remove(u"one"_s)}) {
        QVERIFY(!result);
        QCOMPARE(result.error().code, Error::Code::Storage);
    }
    QVERIFY(QDir().rename(away, m_folder->path()));
    QCOMPARE(answers.text(u"one"_s), QByteArray("first"));
    QVERIFY(answers.write(u"two"_s, "third"));
}

void TstVault::refusesASecondProgram()
{
    std::unique_ptr<Vault> vault = open();
    QVERIFY2(vault, qPrintable(m_error));
    QVERIFY(!open());
    QCOMPARE(m_code, Error::Code::Storage);
    QVERIFY2(m_error.contains(u"in use"), qPrintable(m_error));
    vault.reset();
    QVERIFY(open());
}

void TstVault::pendingAnswerReportsItsEnd()
{
    QObject context;
    int answers = 0;
    std::optional<Error::Code> code;
    const auto done = [&](const Result<Done> &result) {
        ++answers;
        code = result ? std::nullopt : std::optional(result.error().code);
    };
    {
        PendingAnswer<Done> dropped(&context, done);
        QVERIFY(dropped.isOpen());
    }
    QTRY_COMPARE(answers, 1);
    QCOMPARE(code, Error::Code::Cancelled);
    {
        PendingAnswer<Done> first(&context, done);
        PendingAnswer<Done> second(std::move(first));
        second.give(Done {});
        second.give(Error {Error::Code::Storage, u"too late"_s});
        QVERIFY(!second.isOpen());
        QCOMPARE(answers, 1); // queued
    }
    QTRY_COMPARE(answers, 2);
    QCOMPARE(code, std::nullopt);
    QCoreApplication::processEvents();
    QCOMPARE(answers, 2);
}

QTEST_GUILESS_MAIN(TstVault)
#include "tst_vault.moc"
