// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"
#include "app/chat/tokenizer.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A text and what published tables count in it (fixtures/tokens/count.mjs).
struct Sample
{
    QString name;
    std::string text;
    qint64 claude = 0;
    qint64 o200k = 0;
};

std::vector<Sample> readSamples()
{
    const QString folder = QStringLiteral(KIROTRAY_FIXTURES "/tokens/");
    QFile counts(folder + u"counts.tsv"_s);
    if (!counts.open(QIODevice::ReadOnly))
        qFatal("no counts.tsv");
    std::vector<Sample> samples;
    counts.readLine();
    while (!counts.atEnd()) {
        const QList<QByteArray> row = counts.readLine().trimmed().split('\t');
        QFile text(folder + QString::fromUtf8(row.at(0)));
        if (!text.open(QIODevice::ReadOnly))
            qFatal("no %s", row.at(0).constData());
        samples.push_back({QString::fromUtf8(row.at(0)), text.readAll().toStdString(),
                           row.at(2).toLongLong(), row.at(3).toLongLong()});
    }
    return samples;
}

} // namespace

class TstTokenizer : public QObject
{
    Q_OBJECT
private slots:
    void countsLikeThePublishedProgram();
    void countsSmallTexts_data();
    void countsSmallTexts();
    void takesAnyBytes();
    void takesLinearTime_data();
    void takesLinearTime();
    void estimatesAreCloseAndNotTooLow();
};

void TstTokenizer::countsLikeThePublishedProgram()
{
    const Tokenizer tokenizer;
    QVERIFY(tokenizer.isValid());
    const std::vector<Sample> samples = readSamples();
    QVERIFY(samples.size() >= 15);
    for (const Sample &sample : samples)
        QVERIFY2(tokenizer.count(sample.text) == sample.claude,
                 qPrintable(u"%1: %2 instead of %3"_s.arg(sample.name)
                                .arg(tokenizer.count(sample.text))
                                .arg(sample.claude)));
}

void TstTokenizer::countsSmallTexts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("tokens");
    QTest::addRow("nothing") << QByteArray() << qint64(0);
    QTest::addRow("a letter") << QByteArray("a") << qint64(1);
    QTest::addRow("a blank") << QByteArray(" ") << qint64(1);
    QTest::addRow("two words") << QByteArray("hello world") << qint64(2);
    QTest::addRow("a contraction") << QByteArray("we'll") << qint64(2);
    QTest::addRow("an indented word") << QByteArray("\n        return") << qint64(2);
}

void TstTokenizer::countsSmallTexts()
{
    QFETCH(const QByteArray, text);
    QFETCH(const qint64, tokens);
    QCOMPARE(countTokens(text.toStdString()), tokens);
}

void TstTokenizer::takesAnyBytes()
{
    const Tokenizer tokenizer;
    std::string bytes;
    for (int i = 0; i < 20'000; ++i)
        bytes += static_cast<char>((i * 7919 + i / 256) & 0xFF);
    const qint64 tokens = tokenizer.count(bytes);
    QVERIFY(tokens > 5000 && tokens <= qint64(bytes.size()));
    QVERIFY(tokenizer.count("\xF0\x9F\x98") >= 1);
    QVERIFY(tokenizer.count("\xE4") == 1);
}

void TstTokenizer::takesLinearTime_data()
{
    QTest::addColumn<QByteArray>("unit");
    QTest::addRow("letters") << QByteArray("a");
    QTest::addRow("letters without a pattern") << QByteArray("qzxjvkwpbyghfmucldr");
    QTest::addRow("blanks") << QByteArray(" ");
    QTest::addRow("signs") << QByteArray("=-");
    QTest::addRow("Chinese") << QByteArray("清晨的港口总是比小镇醒得更早");
    QTest::addRow("emoji") << QByteArray("😀🚀");
}

void TstTokenizer::takesLinearTime()
{
    QFETCH(const QByteArray, unit);
    const Tokenizer tokenizer;
    const std::string text = unit.repeated(4'000'000 / unit.size()).toStdString();
    QElapsedTimer timer;
    timer.start();
    QVERIFY(tokenizer.count(text) > 0);
    const qint64 elapsed = timer.elapsed();
    qInfo("%.1f MB/s", double(text.size()) / 1e3 / double(std::max<qint64>(1, elapsed)));
    QVERIFY(elapsed < 60'000); // a quadratic one takes hours
}

void TstTokenizer::estimatesAreCloseAndNotTooLow()
{
    double sum = 0;
    double worst = 0;
    const std::vector<Sample> samples = readSamples();
    for (const Sample &sample : samples) {
        const auto estimate = static_cast<double>(estimateTokens(sample.text));
        const double wanted = 1.15 * static_cast<double>(sample.claude); // see VocabularyMargin
        const double error = estimate / wanted - 1;
        qInfo("%-20s %+5.1f %% of the vocabulary with its margin, %+6.1f %% of o200k_base",
              qPrintable(sample.name), 100 * error,
              100 * (estimate / static_cast<double>(sample.o200k) - 1));
        QVERIFY2(std::abs(error) < 0.07, qPrintable(sample.name));
        QVERIFY2(estimate > static_cast<double>(sample.claude), qPrintable(sample.name));
        QVERIFY2(estimate > 1.1 * static_cast<double>(sample.o200k), qPrintable(sample.name));
        sum += std::abs(error);
        worst = std::max(worst, std::abs(error));
    }
    qInfo("mean %.1f %%, worst %.1f %%", 100 * sum / static_cast<double>(samples.size()),
          100 * worst);
}

QTEST_APPLESS_MAIN(TstTokenizer)
#include "tst_tokenizer.moc"
