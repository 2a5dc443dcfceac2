// SPDX-License-Identifier: MIT
#include "app/admin/usagereply.h"
#include "app/base/json.h"

#include <QTest>

using namespace kirotray;

namespace {

const QDateTime Now(QDate(2026, 3, 15), QTime(12, 0), Qt::UTC);
const QDateTime MonthEnd(QDate(2026, 4, 1), QTime(0, 0), Qt::UTC);

UsageLine lineOf(const QString &hash, double used, double limit)
{
    UsageLine line;
    line.account.label = u"person@example.com"_s;
    line.account.email = u"person@example.com"_s;
    line.hash = hash;
    line.quota.usage.emplace();
    line.quota.usage->used = used;
    line.quota.usage->limit = limit;
    line.quota.usage->planTitle = u"KIRO PRO"_s;
    line.quota.usage->email = u"person@example.com"_s;
    line.quota.usage->nextReset = MonthEnd;
    line.quota.readAt = Now.addSecs(-60);
    return line;
}

} // namespace

class TstUsageReply : public QObject
{
    Q_OBJECT

private slots:
    void tellsTheSumAndEveryAccount();
    void aLineOfText_data();
    void aLineOfText();
    void namesNobody();
    void whatIsNotKnownIsNull();
    void countsUsableAccountsOnly();
    void theHardStopMakesAnAccountUnusable();
};

void TstUsageReply::tellsTheSumAndEveryAccount()
{
    UsageLine first = lineOf(u"a1"_s, 412.374, 1000);
    first.forecast = Forecast {50, Now.addDays(12), Now.addDays(10), Now.addDays(14)};
    UsageLine second = lineOf(u"b2"_s, 10, 50);
    second.quota.chargedSince = 2.5;
    second.quota.readAt = Now.addDays(-1);
    second.quota.usage->nextReset = MonthEnd.addDays(5);
    const std::string text = usageReplyJson({first, second}, Now);
    const std::string expected =
        "{\"total\":{\"used\":424.87,\"limit\":1050,\"remaining\":625.13,\"percent\":59.5,"
        "\"accounts\":2,\"stale\":true,\"resetAt\":\"2026-04-01T00:00:00Z\","
        "\"endsAt\":\"2026-03-28T00:03:38Z\"},\"accounts\":["
        "{\"account\":\"a1\",\"plan\":\"KIRO PRO\",\"usable\":true,\"used\":412.37,"
        "\"limit\":1000,\"remaining\":587.63,\"percent\":58.8,"
        "\"resetAt\":\"2026-04-01T00:00:00Z\",\"readAt\":\"2026-03-15T11:59:00Z\","
        "\"stale\":false,\"exhaustedUntil\":null,\"forecast\":{\"creditsPerDay\":50,"
        "\"endsAt\":\"2026-03-27T12:00:00Z\",\"earliest\":\"2026-03-25T12:00:00Z\","
        "\"latest\":\"2026-03-29T12:00:00Z\"}},"
        "{\"account\":\"b2\",\"plan\":\"KIRO PRO\",\"usable\":true,\"used\":12.5,\"limit\":50,"
        "\"remaining\":37.5,\"percent\":75,\"resetAt\":\"2026-04-06T00:00:00Z\","
        "\"readAt\":\"2026-03-14T12:00:00Z\",\"stale\":true,\"exhaustedUntil\":null,"
        "\"forecast\":null}]}";
    QCOMPARE(QByteArray::fromStdString(text), QByteArray::fromStdString(expected));
    QVERIFY(JsonDocument::parse(text));
}

void TstUsageReply::aLineOfText_data()
{
    QTest::addColumn<std::vector<UsageLine>>("lines");
    QTest::addColumn<QString>("text");
    using Lines = std::vector<UsageLine>;
    UsageLine line = lineOf(u"a1"_s, 412.37, 1000);
    QTest::addRow("no accounts") << Lines() << u"no accounts"_s;
    QTest::addRow("never read") << Lines {UsageLine()} << u"credits not known"_s;
    QTest::addRow("read") << Lines {line}
                          << u"588 of 1000 credits left (58.8%), resets 2026-04-01"_s;
    line.forecast = Forecast {100, Now.addDays(6), {}, {}};
    QTest::addRow("with its end")
        << Lines {line}
        << u"588 of 1000 credits left (58.8%), resets 2026-04-01, at this pace used up 2026-03-21"_s;
    line.forecast->creditsPerDay = 1;
    line.quota.readAt = Now.addDays(-1);
    line.quota.usage->nextReset = {};
    QTest::addRow("stale, reset unknown")
        << Lines {line} << u"588 of 1000 credits left (58.8%), stale"_s;
}

void TstUsageReply::aLineOfText()
{
    QFETCH(std::vector<UsageLine>, lines);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(usageReplyText(lines, Now)), text);
}

void TstUsageReply::namesNobody()
{
    const std::vector<UsageLine> lines {lineOf(u"a1"_s, 1, 2)};
    QVERIFY(usageReplyJson(lines, Now).find("example.com") == std::string::npos);
    QVERIFY(usageReplyText(lines, Now).find("example.com") == std::string::npos);
}

void TstUsageReply::whatIsNotKnownIsNull()
{
    UsageLine over = lineOf(u"a1"_s, 50, 50);
    over.quota.usage->nextReset = Now;
    UsageLine never;
    never.hash = u"b2"_s;
    const Result<JsonDocument> reply = JsonDocument::parse(usageReplyJson({over, never}, Now));
    QVERIFY(reply);
    for (const JsonValue account : reply.value().root()["accounts"]) {
        for (const char *name : {"used", "limit", "remaining", "percent", "forecast"})
            QVERIFY2(account[name].isNull(), name);
        QVERIFY2(account["usable"].boolean(), "the credits do not forbid it");
    }
    QCOMPARE(reply.value().root()["total"]["accounts"].integer(), std::optional<qint64>(0));
    QCOMPARE(reply.value().root()["total"]["percent"].integer(), std::optional<qint64>(0));
}

void TstUsageReply::countsUsableAccountsOnly()
{
    UsageLine disabled = lineOf(u"a1"_s, 1, 50);
    disabled.account.enabled = false;
    UsageLine suspended = lineOf(u"b2"_s, 1, 50);
    suspended.account.problem = AccountProblem::Suspended;
    const Result<JsonDocument> reply =
        JsonDocument::parse(usageReplyJson({disabled, suspended, lineOf(u"c3"_s, 1, 50)}, Now));
    QVERIFY(reply);
    const JsonValue root = reply.value().root();
    QCOMPARE(root["total"]["accounts"].integer(), std::optional<qint64>(1));
    QCOMPARE(root["total"]["limit"].number(), std::optional<double>(50));
    QCOMPARE(root["accounts"].size(), 3);
}

void TstUsageReply::theHardStopMakesAnAccountUnusable()
{
    UsageLine line = lineOf(u"a1"_s, 50, 50);
    line.quota.usage->overageEnabled = true;
    const auto usable = [&line] {
        const Result<JsonDocument> reply = JsonDocument::parse(usageReplyJson({line}, Now));
        for (const JsonValue account : reply.value().root()["accounts"])
            return account["usable"].boolean();
        return false;
    };
    QVERIFY(!usable());
    line.account.stopsBeforeOverage = false;
    QVERIFY(usable());
}

QTEST_APPLESS_MAIN(TstUsageReply)
#include "tst_usagereply.moc"
