// SPDX-License-Identifier: MIT
#include "app/accounts/splititems.h"
#include "app/base/limits.h"
#include "tests/fakeitems.h"

#include <QTest>

using namespace kirotray;

class TstSplitItems : public QObject
{
    Q_OBJECT

private slots:
    void keepsValuesOfAnySize_data();
    void keepsValuesOfAnySize();
    void crashAtAnyStepKeepsOldOrNewWhole_data();
    void crashAtAnyStepKeepsOldOrNewWhole();
    void crashWhileRemovingKeepsTheValueOrNothing();
    void refusesDamagedItems_data();
    void refusesDamagedItems();
    void failureBeforeTheSwitchKeepsTheOldValue();
    void failureAfterTheSwitchIsASuccess();
    void namesDoNotTouchEachOther();
};

namespace {

using Keychain = std::shared_ptr<FakeKeychain>;

Keychain newKeychain()
{
    return std::make_shared<FakeKeychain>();
}

SplitItems itemsOf(const Keychain &keychain)
{
    return SplitItems(std::make_unique<FakeItems>(keychain), keychain->itemLimit);
}

/// The value, or "error <what>", or "crashed" without an answer.
QByteArray readText(const Keychain &keychain, const QString &name)
{
    QByteArray text = "crashed";
    itemsOf(keychain).read(name, [&text](const Result<Secret> &got) {
        text = got ? got.value().reveal() : "error " + got.error().what.toUtf8();
    });
    return text;
}

QByteArray writeText(const Keychain &keychain, const QString &name, const QByteArray &value)
{
    QByteArray text = "crashed";
    itemsOf(keychain).write(name, Secret(value), [&text](const Result<Done> &got) {
        text = got ? "done" : "error " + got.error().what.toUtf8();
    });
    return text;
}

QByteArray removeText(const Keychain &keychain, const QString &name)
{
    QByteArray text = "crashed";
    itemsOf(keychain).remove(name, [&text](const Result<Done> &got) {
        text = got ? "done" : "error " + got.error().what.toUtf8();
    });
    return text;
}

QByteArray valueOf(qsizetype size, char first)
{
    QByteArray value(size, Qt::Uninitialized);
    for (qsizetype at = 0; at < size; ++at)
        value[at] = static_cast<char>(first + at % 251);
    return value;
}

std::size_t itemCountOf(qsizetype size)
{
    return 1 + static_cast<std::size_t>((size + 2559) / 2560);
}

} // namespace

void TstSplitItems::keepsValuesOfAnySize_data()
{
    QTest::addColumn<qsizetype>("size");
    for (const qsizetype size : {0, 1, 2559, 2560, 2561, 5120, 5121, 16'383, 16'384})
        QTest::addRow("%lld bytes", static_cast<long long>(size)) << size;
}

void TstSplitItems::keepsValuesOfAnySize()
{
    QFETCH(qsizetype, size);
    const Keychain keychain = newKeychain();
    QCOMPARE(readText(keychain, u"one"_s), QByteArray("error not found"));
    for (const char first : {'a', 'b', 'c'}) {
        QCOMPARE(writeText(keychain, u"one"_s, valueOf(size, first)), QByteArray("done"));
        QCOMPARE(readText(keychain, u"one"_s), valueOf(size, first));
        QCOMPARE(keychain->items.size(), itemCountOf(size));
    }
    QCOMPARE(writeText(keychain, u"one"_s, QByteArray(limits::MaxSecretItem + 1, 'x')),
             QByteArray("error the secret is too large"));
    QCOMPARE(readText(keychain, u"one"_s), valueOf(size, 'c'));
    QCOMPARE(removeText(keychain, u"one"_s), QByteArray("done"));
    QVERIFY(keychain->items.empty());
    QCOMPARE(removeText(keychain, u"one"_s), QByteArray("done"));
}

void TstSplitItems::crashAtAnyStepKeepsOldOrNewWhole_data()
{
    QTest::addColumn<qsizetype>("before"); // -1: nothing
    QTest::addColumn<qsizetype>("after");
    QTest::addRow("the first value") << qsizetype(-1) << qsizetype(16'384);
    QTest::addRow("growing") << qsizetype(100) << qsizetype(16'384);
    QTest::addRow("shrinking") << qsizetype(16'384) << qsizetype(100);
    QTest::addRow("to nothing") << qsizetype(6000) << qsizetype(0);
    QTest::addRow("same size") << qsizetype(6000) << qsizetype(6000);
}

void TstSplitItems::crashAtAnyStepKeepsOldOrNewWhole()
{
    QFETCH(qsizetype, before);
    QFETCH(qsizetype, after);
    const QByteArray second = valueOf(after, 'b');
    const QByteArray third = valueOf(9000, 'c');
    const auto withOld = [before] {
        const Keychain keychain = newKeychain();
        if (before >= 0)
            writeText(keychain, u"one"_s, valueOf(before, 'a'));
        return keychain;
    };
    const QByteArray first = readText(withOld(), u"one"_s);
    bool sawOld = false;
    bool isOver = false;
    for (int step = 0; !isOver; ++step) {
        const auto crashed = [&](int steps, int thirdSteps) {
            const Keychain keychain = withOld();
            keychain->stepsLeft = steps;
            isOver = writeText(keychain, u"one"_s, second) == "done";
            if (thirdSteps >= 0) {
                keychain->stepsLeft = thirdSteps;
                writeText(keychain, u"one"_s, third);
            }
            keychain->stepsLeft = -1;
            return keychain;
        };
        const QByteArray found = readText(crashed(step, -1), u"one"_s);
        QVERIFY2(found == first || found == second, QByteArray::number(step).constData());
        QVERIFY(!isOver || found == second);
        sawOld = sawOld || found == first;
        // A second crash, on top of what the first one left behind; then all is cleared up.
        for (int again = 0; again < 24; ++again) {
            const Keychain keychain = crashed(step, again);
            const QByteArray kept = readText(keychain, u"one"_s);
            QVERIFY(kept == found || kept == third);
            QCOMPARE(writeText(keychain, u"one"_s, second), QByteArray("done"));
            QCOMPARE(readText(keychain, u"one"_s), second);
            QCOMPARE(keychain->items.size(), itemCountOf(after));
        }
        QVERIFY2(step < 100, "the write never ends");
    }
    QVERIFY(sawOld || before < 0 || first == second);
}

void TstSplitItems::crashWhileRemovingKeepsTheValueOrNothing()
{
    bool isOver = false;
    for (int step = 0; !isOver; ++step) {
        const Keychain keychain = newKeychain();
        writeText(keychain, u"one"_s, valueOf(9000, 'a'));
        keychain->stepsLeft = step;
        isOver = removeText(keychain, u"one"_s) == "done";
        keychain->stepsLeft = -1;
        QCOMPARE(readText(keychain, u"one"_s),
                 step == 0 ? valueOf(9000, 'a') : QByteArray("error not found"));
        QCOMPARE(removeText(keychain, u"one"_s), QByteArray("done"));
        QVERIFY(keychain->items.empty());
        QVERIFY2(step < 100, "the removal never ends");
    }
}

void TstSplitItems::refusesDamagedItems_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("replacement"); // null: removed
    QTest::addRow("a part is gone") << u"one/a.1"_s << QByteArray();
    QTest::addRow("a part is another") << u"one/a.1"_s << QByteArray(2560, 'z');
    QTest::addRow("a part is shorter") << u"one/a.2"_s << QByteArray("z");
    QTest::addRow("pointer is empty") << u"one"_s << QByteArray("");
    QTest::addRow("pointer is a token") << u"one"_s << QByteArray("aorEXAMPLE");
    QTest::addRow("pointer names an unknown generation")
        << u"one"_s << QByteArray("kirotray-parts-1 c 1 1 0000000000000000");
    QTest::addRow("pointer with a negative count")
        << u"one"_s << QByteArray("kirotray-parts-1 a -1 1 0000000000000000");
    QTest::addRow("pointer with an absurd count")
        << u"one"_s << QByteArray("kirotray-parts-1 a 999999 16000 0000000000000000");
    QTest::addRow("pointer with an absurd size")
        << u"one"_s << QByteArray("kirotray-parts-1 a 1 99999999999999999999 0000000000000000");
    QTest::addRow("pointer with another checksum")
        << u"one"_s << QByteArray("kirotray-parts-1 a 3 6000 0000000000000000");
}

void TstSplitItems::refusesDamagedItems()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, replacement);
    const Keychain keychain = newKeychain();
    writeText(keychain, u"one"_s, valueOf(6000, 'a'));
    QVERIFY(keychain->items.contains(name));
    if (replacement.isNull())
        keychain->items.erase(name);
    else
        keychain->items[name] = replacement;
    const QByteArray text = readText(keychain, u"one"_s);
    QVERIFY2(text.startsWith("error ") && text != "error not found", text.constData());
    QCOMPARE(writeText(keychain, u"one"_s, "new"), QByteArray("done"));
    QCOMPARE(readText(keychain, u"one"_s), QByteArray("new"));
    QCOMPARE(keychain->items.size(), itemCountOf(3));
}

void TstSplitItems::failureBeforeTheSwitchKeepsTheOldValue()
{
    for (const QString &failing : {u"/b.0"_s, u"/b.1"_s, u"one"_s}) {
        const Keychain keychain = newKeychain();
        writeText(keychain, u"one"_s, "old");
        keychain->failing = failing;
        QVERIFY(writeText(keychain, u"one"_s, valueOf(6000, 'a')).startsWith("error "));
        keychain->failing.clear();
        QCOMPARE(readText(keychain, u"one"_s), QByteArray("old"));
    }
}

void TstSplitItems::failureAfterTheSwitchIsASuccess()
{
    const Keychain keychain = newKeychain();
    writeText(keychain, u"one"_s, "old");
    keychain->failing = u"/a."_s;
    QCOMPARE(writeText(keychain, u"one"_s, "new"), QByteArray("done"));
    keychain->failing.clear();
    QCOMPARE(readText(keychain, u"one"_s), QByteArray("new"));
}

void TstSplitItems::namesDoNotTouchEachOther()
{
    const Keychain keychain = newKeychain();
    writeText(keychain, u"one"_s, valueOf(6000, 'a'));
    writeText(keychain, u"two"_s, valueOf(6000, 'b'));
    writeText(keychain, u"one"_s, valueOf(3000, 'c'));
    QCOMPARE(readText(keychain, u"two"_s), valueOf(6000, 'b'));
    removeText(keychain, u"one"_s);
    QCOMPARE(readText(keychain, u"two"_s), valueOf(6000, 'b'));
}

QTEST_GUILESS_MAIN(TstSplitItems)
#include "tst_splititems.moc"
