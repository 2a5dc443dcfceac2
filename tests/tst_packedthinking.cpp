// SPDX-License-Identifier: MIT
#include "app/dialects/packedthinking.h"

#include <QTest>

using namespace kirotray;

class TstPackedThinking : public QObject
{
    Q_OBJECT
private slots:
    void unpacksWhatItPacked_data();
    void unpacksWhatItPacked();
    void keepsSeveralInTheirOrder();
    void readsTheAlphabetForUrls();
    void refusesThoughtsOfOthers_data();
    void refusesThoughtsOfOthers();
    void takesAllOrNothing();
};

void TstPackedThinking::unpacksWhatItPacked_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("signature");
    QTest::addColumn<QByteArray>("redacted");
    QTest::addRow("signed") << QByteArray("a \"b\"\n\xE4\xBD\xA0") << QByteArray("c2ln")
                            << QByteArray();
    QTest::addRow("signature alone") << QByteArray() << QByteArray("c2ln") << QByteArray();
    QTest::addRow("redacted") << QByteArray() << QByteArray() << QByteArray("UkVE");
}

void TstPackedThinking::unpacksWhatItPacked()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, signature);
    QFETCH(QByteArray, redacted);
    const ThinkingPart part {text.toStdString(), signature.toStdString(), redacted.toStdString()};
    const std::vector<ThinkingPart> back = unpackThinking(packThinking({&part, 1}));
    QCOMPARE(back.size(), std::size_t(1));
    QCOMPARE(back.front(), part);
}

void TstPackedThinking::keepsSeveralInTheirOrder()
{
    const std::vector<ThinkingPart> parts {{"first", "A", {}}, {{}, {}, "UkVE"}, {"last", "B", {}}};
    QCOMPARE(unpackThinking(packThinking(parts)), parts);
}

void TstPackedThinking::readsTheAlphabetForUrls()
{
    const ThinkingPart part {">>>\xC3\xBF\xC3\xBE~~~", "s", {}};
    QByteArray packed = QByteArray::fromStdString(packThinking({&part, 1}));
    QVERIFY(packed.contains('/') || packed.contains('+'));
    packed.replace('+', '-').replace('/', '_');
    QCOMPARE(unpackThinking(packed.toStdString()), std::vector<ThinkingPart> {part});
}

void TstPackedThinking::refusesThoughtsOfOthers_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addRow("OpenAI's own") << QByteArray("gAAAAABmZm9yZWlnbg==");
    QTest::addRow("no base64") << QByteArray("{\"kirotray\":1}");
    QTest::addRow("other JSON") << QByteArray("{\"text\":\"a\"}").toBase64();
    QTest::addRow("another form of ours")
        << QByteArray("{\"kirotray\":2,\"text\":\"a\"}").toBase64();
    QTest::addRow("no object") << QByteArray("[1]").toBase64();
    QTest::addRow("empty") << QByteArray();
}

void TstPackedThinking::refusesThoughtsOfOthers()
{
    QFETCH(QByteArray, content);
    QVERIFY(unpackThinking(content.toStdString()).empty());
}

/// One block less would make the upstream refuse the others.
void TstPackedThinking::takesAllOrNothing()
{
    const QByteArray good = R"({"text":"a","signature":"A"})";
    const auto unpacked = [](const QByteArray &list) {
        const QByteArray json = R"({"kirotray":[)" + list + "]}";
        return unpackThinking(json.toBase64().toStdString()).size();
    };
    QCOMPARE(unpacked(good + "," + good), std::size_t(2));
    QCOMPARE(unpacked(good + R"(,{"text":"unsigned"})"), std::size_t(0));
    QCOMPARE(unpacked(good + ",5"), std::size_t(0));
}

QTEST_APPLESS_MAIN(TstPackedThinking)
#include "tst_packedthinking.moc"
