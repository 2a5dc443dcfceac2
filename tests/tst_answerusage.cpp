// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"
#include "tests/answerrun.h"
#include "tests/framebuilder.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

const Finished *finishedOf(const Events &events)
{
    return events.empty() ? nullptr : std::get_if<Finished>(&events.back());
}

} // namespace

class TstAnswerUsage : public QObject
{
    Q_OBJECT

private slots:
    void countsTokens_data();
    void countsTokens();
};

void TstAnswerUsage::countsTokens_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<QString>("usage");
    const std::string answer = "Hello there, this is an answer of some length.";
    const qint64 output = estimateTokens(answer);
    const auto add = [&answer](const char *name, Frames frames, const QString &usage) {
        frames.insert(frames.begin(), textFrame(answer));
        QTest::addRow("%s", name) << frames << usage;
    };
    const auto tokenUsage = [](const char *members) {
        return eventFrame("metadataEvent", R"({"tokenUsage":{)" + std::string(members) + "}}");
    };
    const std::string share = contextFrame(50);

    add("nothing reported", {}, u"77/%1 cache 0/0 estimated"_s.arg(output));
    add("the share of the window, less the answer", {share},
        u"%1/%2 cache 0/0 estimated"_s.arg(500 - output).arg(output));
    add("a share smaller than the answer", {contextFrame(0.01)},
        u"0/%1 cache 0/0 estimated"_s.arg(output));
    add("a share of nothing is no report", {contextFrame(0)},
        u"77/%1 cache 0/0 estimated"_s.arg(output));
    add("a share beyond all reason is no report", {contextFrame(1e300)},
        u"77/%1 cache 0/0 estimated"_s.arg(output));
    add("reported counts come before the share",
        {tokenUsage(R"("uncachedInputTokens":1200,"outputTokens":345,"totalTokens":5645,)"
                    R"("cacheReadInputTokens":4000,"cacheWriteInputTokens":100)"),
         share},
        u"1200/345 cache 4000/100 reported"_s);
    add("reported counts without cache",
        {tokenUsage(R"("uncachedInputTokens":10,"outputTokens":64000,"totalTokens":64010)")},
        u"10/64000 cache 0/0 reported"_s);
    add("the input as the rest of the total",
        {tokenUsage(R"("outputTokens":40,"totalTokens":1000,"cacheReadInputTokens":60)")},
        u"900/40 cache 60/0 reported"_s);
    add("only the output reported", {tokenUsage(R"("outputTokens":40)"), share},
        u"460/40 cache 0/0 estimated"_s);
    add("only the input reported", {tokenUsage(R"("uncachedInputTokens":9)")},
        u"9/%1 cache 0/0 estimated"_s.arg(output));
    add("the share within the reported usage", {tokenUsage(R"("contextUsagePercentage":50)")},
        u"%1/%2 cache 0/0 estimated"_s.arg(500 - output).arg(output));
    add("negative and broken counts are no report",
        {tokenUsage(R"("uncachedInputTokens":-1,"outputTokens":"x","totalTokens":null)")},
        u"77/%1 cache 0/0 estimated"_s.arg(output));
    add("zeros are no report",
        {tokenUsage(R"("uncachedInputTokens":0,"outputTokens":0,"totalTokens":0,)"
                    R"("cacheReadInputTokens":0,"cacheWriteInputTokens":0)"),
         share},
        u"%1/%2 cache 0/0 estimated"_s.arg(500 - output).arg(output));
    add("a prompt that was read from the cache whole",
        {tokenUsage(R"("uncachedInputTokens":0,"outputTokens":9,"cacheReadInputTokens":50)"),
         share},
        u"0/9 cache 50/0 reported"_s);
    add("the share less what was cached",
        {tokenUsage(R"("outputTokens":40,"cacheReadInputTokens":60,"cacheWriteInputTokens":100)"),
         share},
        u"300/40 cache 60/100 estimated"_s);
    add("the estimate less what was cached", {tokenUsage(R"("cacheReadInputTokens":60)")},
        u"17/%1 cache 60/0 estimated"_s.arg(output));
    add("whole numbers in scientific form",
        {tokenUsage(R"("uncachedInputTokens":1.2E3,"outputTokens":5.0)")},
        u"1200/5 cache 0/0 reported"_s);
    add("credits",
        {eventFrame("meteringEvent", R"({"unit":"credit","unitPlural":"credits","usage":0.5})")},
        u"77/%1 cache 0/0 estimated credits 0.5"_s.arg(output));
    add("another unit is no credits",
        {eventFrame("meteringEvent", R"({"unit":"cow","usage":0.5})")},
        u"77/%1 cache 0/0 estimated"_s.arg(output));
}

void TstAnswerUsage::countsTokens()
{
    QFETCH(const Frames, frames);
    QFETCH(const QString, usage);
    for (const std::size_t piece : Pieces) {
        const AnswerRun run = runAnswer(frames, piece);
        const Finished *finished = finishedOf(run.events);
        QVERIFY(finished);
        QCOMPARE(QString::fromStdString(describeUsage(finished->usage)), usage);
    }
}

QTEST_GUILESS_MAIN(TstAnswerUsage)
#include "tst_answerusage.moc"
