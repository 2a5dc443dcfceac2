// SPDX-License-Identifier: MIT
#include "app/accounts/waitingline.h"
#include "app/base/result.h"

#include <QStringList>
#include <QTest>

#include <algorithm>
#include <map>
#include <random>

using namespace kirotray;
using namespace std::chrono_literals;

class TstWaitingLine : public QObject
{
    Q_OBJECT

private slots:
    void orderTakesTurns_data();
    void orderTakesTurns();
    void turnsGoOnAfterAStart();
    void fullLineRefuses();
    void placeIsCountedFromOne();
    void longWaitersAreTakenOut();
    void refusedClientIsToldWhenToComeBack_data();
    void refusedClientIsToldWhenToComeBack();
    void thousandsWaitCheaply();
    void nobodyStarves_data();
    void nobodyStarves();
};

namespace {

using Ticket = WaitingLine::Ticket;

const WaitingLine::Time Noon {1000h};

/// Puts requests such as "cursor/1" into a line; the order of words is that of coming.
class LineBench
{
public:
    explicit LineBench(const QString &requests = {})
    {
        line.setLimits(1000, 60s);
        for (const QString &word : requests.split(u' ', Qt::SkipEmptyParts))
            join(word);
    }
    Ticket join(const QString &word)
    {
        const Ticket ticket =
            line.join(word.section(u'/', 0, 0), word.section(u'/', 1), Noon).value_or(0);
        names[ticket] = word;
        return ticket;
    }
    QString order() const
    {
        QStringList words;
        for (const Ticket ticket : line.order())
            words.append(names.at(ticket));
        return words.join(u' ');
    }
    QString startNext()
    {
        const Ticket ticket = line.order().front();
        line.start(ticket);
        return names.at(ticket);
    }

    WaitingLine line;
    std::map<Ticket, QString> names;
};

} // namespace

void TstWaitingLine::orderTakesTurns_data()
{
    QTest::addColumn<QString>("coming");
    QTest::addColumn<QString>("order");

    QTest::newRow("nobody") << u""_s << u""_s;
    QTest::newRow("one conversation: as it came") << u"a/1 a/1 a/1"_s << u"a/1 a/1 a/1"_s;
    QTest::newRow("clients take turns")
        << u"a/1 a/1 a/1 b/1 b/1 c/1"_s << u"a/1 b/1 c/1 a/1 b/1 a/1"_s;
    QTest::newRow("conversations of a client take turns")
        << u"a/1 a/1 a/1 a/2 a/2 a/3"_s << u"a/1 a/2 a/3 a/1 a/2 a/1"_s;
    QTest::newRow("many conversations are no more than one client")
        << u"a/1 a/2 a/3 a/4 b/1 b/1"_s << u"a/1 b/1 a/2 b/1 a/3 a/4"_s;
    QTest::newRow("the same conversation name of two clients")
        << u"a/1 a/1 b/1"_s << u"a/1 b/1 a/1"_s;
}

void TstWaitingLine::orderTakesTurns()
{
    QFETCH(QString, coming);
    LineBench bench(coming);
    QTEST(bench.order(), "order");
    QStringList started;
    while (bench.line.size() > 0)
        started.append(bench.startNext());
    QTEST(started.join(u' '), "order"); // what was said is what happens
}

void TstWaitingLine::turnsGoOnAfterAStart()
{
    LineBench bench(u"a/1 a/1 a/1 b/1 b/1"_s);
    QCOMPARE(bench.startNext(), u"a/1"_s);
    QCOMPARE(bench.order(), u"b/1 a/1 b/1 a/1"_s);
    const Ticket newcomer = bench.join(u"c/1"_s); // behind those who wait for their turn
    QCOMPARE(bench.order(), u"b/1 a/1 c/1 b/1 a/1"_s);
    bench.line.leave(newcomer);
    // Someone further back may start first: its account is free.
    bench.line.start(bench.line.order()[1]);
    QCOMPARE(bench.order(), u"b/1 a/1 b/1"_s);
    bench.line.start(4711);
    bench.line.leave(newcomer);
    QCOMPARE(bench.line.size(), 3);
}

void TstWaitingLine::fullLineRefuses()
{
    LineBench bench;
    bench.line.setLimits(2, 60s);
    QVERIFY(bench.join(u"a/1"_s) != 0);
    QVERIFY(bench.join(u"a/1"_s) != 0);
    QCOMPARE(bench.join(u"b/1"_s), 0U);
    QCOMPARE(bench.line.size(), 2);
    bench.line.setLimits(0, 60s);
    QCOMPARE(bench.line.size(), 2); // who waits stays
    bench.startNext();
    bench.startNext();
    QCOMPARE(bench.join(u"b/1"_s), 0U);
}

void TstWaitingLine::placeIsCountedFromOne()
{
    LineBench bench(u"a/1 a/1 a/1"_s);
    const Ticket last = bench.join(u"b/1"_s);
    QCOMPARE(bench.line.place(last), 2);
    bench.startNext();
    QCOMPARE(bench.line.place(last), 1);
    bench.line.start(last);
    QCOMPARE(bench.line.place(last), 0);
}

void TstWaitingLine::longWaitersAreTakenOut()
{
    WaitingLine line;
    line.setLimits(10, 60s);
    QVERIFY(!line.nextExpiry());
    const Ticket first = line.join(u"a"_s, {}, Noon).value_or(0);
    const Ticket second = line.join(u"b"_s, {}, Noon + 1s).value_or(0);
    line.join(u"c"_s, {}, Noon + 2s);
    QCOMPARE(*line.nextExpiry(), Noon + 60s);
    QVERIFY(line.takeExpired(Noon + 59'999ms).empty());
    QCOMPARE(line.takeExpired(Noon + 61s), (std::vector<Ticket> {first, second}));
    QCOMPARE(line.size(), 1);
    QCOMPARE(*line.nextExpiry(), Noon + 62s);
}

void TstWaitingLine::refusedClientIsToldWhenToComeBack_data()
{
    QTest::addColumn<int>("waiting");
    QTest::addColumn<int>("pace");
    QTest::addColumn<int>("seconds");

    QTest::newRow("an empty line") << 0 << 60 << 1;
    QTest::newRow("one a second") << 20 << 60 << 20;
    QTest::newRow("rounded up") << 5 << 40 << 8;
    QTest::newRow("no longer than the wait limit") << 64 << 1 << 60;
    QTest::newRow("no pace at all") << 2 << 0 << 60;
}

void TstWaitingLine::refusedClientIsToldWhenToComeBack()
{
    QFETCH(int, waiting);
    QFETCH(int, pace);
    QFETCH(int, seconds);
    LineBench bench;
    for (int i = 0; i < waiting; ++i)
        bench.join(u"a/1"_s);
    QCOMPARE(bench.line.retryAfter(pace), std::chrono::seconds(seconds));
}

void TstWaitingLine::thousandsWaitCheaply()
{
    LineBench bench;
    for (int i = 0; i < 1000; ++i)
        bench.join(u"client%1/talk%2"_s.arg(i % 7).arg(i % 31));
    QBENCHMARK
    {
        QCOMPARE(bench.line.order().size(), 1000U);
    }
}

void TstWaitingLine::nobodyStarves_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 30; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// One client asks without end, in many conversations; others now and then. The first request that
/// one of those has in the line never waits for more starts than there are clients, and the first
/// of a conversation for more than clients times conversations.
void TstWaitingLine::nobodyStarves()
{
    QFETCH(unsigned, seed);
    constexpr int Clients = 4;
    constexpr int Talks = 5;
    constexpr int Length = 64;
    std::mt19937 dice(seed);
    const auto below = [&dice](int end) {
        return static_cast<int>(dice() % static_cast<unsigned>(end));
    };
    struct Waiter
    {
        QString client;
        int starts = 0; ///< of others since it came
        int bound = 0;
    };
    WaitingLine line;
    line.setLimits(Length, 60s);
    std::map<Ticket, Waiter> waiters;
    const auto waitingOf = [&waiters](const QString &client) {
        return std::count_if(waiters.begin(), waiters.end(),
                             [&client](const auto &one) { return one.second.client == client; });
    };
    WaitingLine::Time now = Noon;
    for (int step = 0; step < 4000; ++step) {
        now += 10ms;
        // The busy one leaves room for the others: how full the line may be is not what is asked.
        const bool isBusy = below(3) > 0;
        const QString client = isBusy ? u"busy"_s : QString::number(below(Clients - 1));
        const bool mayJoin = isBusy ? waitingOf(client) < Length / 2 : waitingOf(client) == 0;
        if (mayJoin) {
            const QString talk = QString::number(below(Talks));
            const std::optional<Ticket> ticket = line.join(client, talk, now);
            QVERIFY(ticket);
            waiters[*ticket] = {client, 0, isBusy ? Length * Clients : Clients};
        }
        QVERIFY(line.size() <= Length);
        if (line.size() == 0 || below(2) == 0)
            continue;
        const std::vector<Ticket> order = line.order();
        QCOMPARE(order.size(), waiters.size());
        const Ticket ticket = order.front();
        QCOMPARE(line.place(ticket), 1);
        line.start(ticket);
        waiters.erase(ticket);
        for (auto &[other, waiter] : waiters)
            QVERIFY(++waiter.starts <= waiter.bound);
    }
}

QTEST_GUILESS_MAIN(TstWaitingLine)
#include "tst_waitingline.moc"
