// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/net/networkwatch.h"
#include "tests/tokenkeeperbench.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace kirotray;

/// When TokenKeeper renews without being asked for a token: because a person says so, after sleep,
/// when the network returns, and whatever the clock does.
class TstTokenTime : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void renewsOnDemandWhatIsStillGood();
    void renewalOnDemandJoinsTheOneUnderWay();
    void renewalOnDemandHoldsNobodyUp();
    void renewalOnDemandTellsWhyItFailed_data();
    void renewalOnDemandTellsWhyItFailed();
    void renewalOnDemandTriesADeadAccountAgain();
    void renewsAllOneAfterTheOther();
    void whoAsksMeanwhileGetsTheSameOutcomes();
    void renewingNoneIsAnAnswer();
    void endingInTheMiddleIsTold();
    void checksAfterASleep_data();
    void checksAfterASleep();
    void aClockPutForwardRenewsEachTokenOnce();
    void aClockPutBackDelaysNoRenewal();
    void aClockPutBackEndsNoPauseLate();
    void anEndBeyondReasonIsNone();
    void checksWhenTheNetworkReturns();
    void theWatchTellsOfAReturnOnly();

private:
    using Outcome = std::optional<Result<Done>>;
    std::shared_ptr<Outcome> refresh(const AccountId &id)
    {
        auto outcome = std::make_shared<Outcome>();
        m_keeper->refresh(id, this,
                          [outcome](const Result<Done> &result) { outcome->emplace(result); });
        return outcome;
    }
    int codeOf(const std::shared_ptr<Outcome> &outcome)
    {
        [[maybe_unused]] const bool came =
            QTest::qWaitFor([&outcome] { return outcome->has_value(); }, 30'000);
        return !outcome->has_value() ? -2 : **outcome ? -1 : int((*outcome)->error().code);
    }
    using Outcomes = Result<std::vector<RefreshOutcome>>;
    std::shared_ptr<std::optional<Outcomes>> refreshAll()
    {
        auto outcomes = std::make_shared<std::optional<Outcomes>>();
        m_keeper->refreshAll(this,
                             [outcomes](const Outcomes &result) { outcomes->emplace(result); });
        return outcomes;
    }
    void settle()
    {
        QTRY_VERIFY(!m_keeper->isBusy());
        QTest::qWait(20);
    }
    void later(std::chrono::seconds time) { m_now = m_now.addSecs(time.count()); }

    static constexpr int Succeeded = -1;
};

void TstTokenTime::renewsOnDemandWhatIsStillGood()
{
    const Account account = addAccount(Valid);
    m_peer->next(grant("aoaNEW"));
    QCOMPARE(codeOf(refresh(account.id)), Succeeded);
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    m_peer->next(grant("aoaNEWER", "aorNEWER"));
    QCOMPARE(codeOf(refresh(account.id)), Succeeded);
    QCOMPARE(sentRefreshToken(1), QByteArray("aorNEW"));
}

void TstTokenTime::renewalOnDemandJoinsTheOneUnderWay()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    const auto asked = ask(account);
    const auto first = refresh(account.id);
    const auto second = refresh(account.id);
    QCOMPARE(codeOf(first), Succeeded);
    QCOMPARE(codeOf(second), Succeeded);
    QTRY_COMPARE(textOf(*asked), QByteArray("aoaNEW"));
    QCOMPARE(m_peer->requestCount(), 1);
}

void TstTokenTime::renewalOnDemandHoldsNobodyUp()
{
    const Account account = addAccount(Valid);
    m_peer->always(PeerScript().hold());
    const auto outcome = refresh(account.id);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QVERIFY(!outcome->has_value());
}

void TstTokenTime::renewalOnDemandTellsWhyItFailed_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("code");
    QTest::addRow("too many") << 429 << int(Error::Code::RateLimited);
    QTest::addRow("service down") << 503 << int(Error::Code::Upstream);
    QTest::addRow("dead token") << 401 << int(Error::Code::Unauthorized);
}

void TstTokenTime::renewalOnDemandTellsWhyItFailed()
{
    QFETCH(int, status);
    QFETCH(int, code);
    const Account account = addAccount(Valid);
    m_peer->always(PeerScript::reply(status, "{}"));
    QCOMPARE(codeOf(refresh(account.id)), code);
    QCOMPARE(codeOf(refresh({u"nobody"_s})), int(Error::Code::BadInput));
    const Account key = addAccount(Valid, AccountKind::ApiKey);
    QCOMPARE(codeOf(refresh(key.id)), int(Error::Code::BadInput));
    QCOMPARE(askAndWait(key), QByteArray("aoaOLD"));
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD")); // still good until it ends
}

void TstTokenTime::renewalOnDemandTriesADeadAccountAgain()
{
    const Account account = addAccount(Expired);
    m_peer->next(invalidGrant());
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    QCOMPARE(m_peer->requestCount(), 1);
    m_peer->next(grant("aoaNEW"));
    QCOMPARE(codeOf(refresh(account.id)), Succeeded);
    QVERIFY(isUsable(*m_store->find(account.id)));
}

void TstTokenTime::renewsAllOneAfterTheOther()
{
    const Account first = addAccount(Valid);
    Account disabled = addAccount(Valid);
    disabled.enabled = false;
    QVERIFY(m_store->put(disabled));
    addAccount(Valid, AccountKind::ApiKey);
    const Account last = addAccount(Valid);
    m_peer->next(grant("aoaNEW"));
    m_peer->next(PeerScript::reply(500, "{}"));
    QElapsedTimer time;
    time.start();
    const auto outcomes = refreshAll();
    QTRY_VERIFY(outcomes->has_value());
    QVERIFY(std::chrono::milliseconds(time.elapsed()) > limits::RefreshStagger * 9 / 10);
    QVERIFY(outcomes->value());
    const std::vector<RefreshOutcome> &all = outcomes->value().value();
    QCOMPARE(all.size(), 2U);
    QVERIFY(all[0].id == first.id && all[0].result);
    QVERIFY(all[1].id == last.id && !all[1].result);
    QCOMPARE(m_peer->requestCount(), 2);
}

void TstTokenTime::whoAsksMeanwhileGetsTheSameOutcomes()
{
    addAccount(Valid);
    m_peer->always(grant("aoaNEW"));
    const auto first = refreshAll();
    const auto second = refreshAll();
    QTRY_VERIFY(first->has_value() && second->has_value());
    QCOMPARE(second->value().value().size(), 1U);
    QCOMPARE(m_peer->requestCount(), 1);
    const auto third = refreshAll(); // waits for the pause
    QTRY_VERIFY(third->has_value());
    QCOMPARE(m_peer->requestCount(), 2);
}

void TstTokenTime::renewingNoneIsAnAnswer()
{
    const auto outcomes = refreshAll();
    QTRY_VERIFY(outcomes->has_value());
    QVERIFY(outcomes->value() && outcomes->value().value().empty());
}

void TstTokenTime::endingInTheMiddleIsTold()
{
    const Account account = addAccount(Valid);
    m_peer->always(PeerScript().hold());
    const auto one = refresh(account.id);
    const auto all = refreshAll();
    QTRY_COMPARE(m_peer->requestCount(), 1);
    m_keeper.reset();
    QCOMPARE(codeOf(one), int(Error::Code::Cancelled));
    QTRY_VERIFY(all->has_value());
    QVERIFY(!all->value());
}

void TstTokenTime::checksAfterASleep_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("requests");
    const int beat = int(std::chrono::seconds(limits::WakeGap).count() / 4);
    QTest::addRow("an ordinary beat") << beat << 0;
    QTest::addRow("a late beat") << beat + 60 << 0;
    QTest::addRow("a short sleep") << beat + 125 << 1;
    QTest::addRow("a night") << 8 * 3600 << 1;
    QTest::addRow("a clock put back a little") << -60 << 0;
    QTest::addRow("a clock put back") << -7200 << 1;
}

void TstTokenTime::checksAfterASleep()
{
    QFETCH(int, seconds);
    QFETCH(int, requests);
    addAccount(Expired - 9000s);
    m_peer->always(grant("aoaNEW"));
    m_keeper->noteTime();
    later(std::chrono::seconds(seconds));
    m_keeper->noteTime();
    settle();
    QCOMPARE(m_peer->requestCount(), requests);
}

void TstTokenTime::aClockPutForwardRenewsEachTokenOnce()
{
    for (int i = 0; i < 2; ++i)
        QCOMPARE(askAndWait(addAccount(Valid)), QByteArray("aoaOLD"));
    m_peer->always(grant("aoaNEW"));
    m_keeper->noteTime();
    later(2h);
    for (int i = 0; i < 10; ++i) {
        m_keeper->noteTime();
        m_keeper->check();
        m_keeper->noteNetwork();
    }
    QTRY_COMPARE_WITH_TIMEOUT(m_peer->requestCount(), 2, 20'000);
    settle();
    for (int i = 0; i < 10; ++i)
        m_keeper->check();
    QTest::qWait(2500); // longer than between two of a round
    QCOMPARE(m_peer->requestCount(), 2);
}

void TstTokenTime::aClockPutBackDelaysNoRenewal()
{
    const Account account = addAccount(Valid);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    m_peer->always(grant("aoaNEW"));
    later(10min);
    m_keeper->noteTime();
    later(-2h);
    m_keeper->check(); // 50 minutes are left of the hour
    settle();
    QCOMPARE(m_peer->requestCount(), 0);
    later(40min);
    m_keeper->check();
    QTRY_COMPARE(m_peer->requestCount(), 1);
}

void TstTokenTime::aClockPutBackEndsNoPauseLate()
{
    addAccount(Expired);
    m_peer->always(PeerScript::reply(503, "{}"));
    m_keeper->check();
    settle();
    const int requests = m_peer->requestCount();
    QVERIFY(requests > 0);
    m_keeper->noteTime();
    later(-2h);
    m_keeper->noteTime();
    settle();
    QCOMPARE(m_peer->requestCount(), requests);
    later(limits::RefreshPause);
    QTRY_VERIFY((m_keeper->check(), m_peer->requestCount() > requests));
}

void TstTokenTime::anEndBeyondReasonIsNone()
{
    const Account account = addAccount(std::chrono::hours(24 * 365));
    m_peer->next(grant("aoaNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
}

void TstTokenTime::checksWhenTheNetworkReturns()
{
    const Account account = addAccount(10min);
    m_peer->always(PeerScript().reset());
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QTRY_COMPARE(m_peer->requestCount(), 1);
    settle();
    m_peer->always(grant("aoaNEW"));
    m_keeper->check();
    settle();
    QCOMPARE(m_peer->requestCount(), 1); // paused
    m_keeper->noteNetwork();
    QTRY_COMPARE(m_peer->requestCount(), 2);
    QTRY_VERIFY(stored(account).accessToken == Secret("aoaNEW"));
}

void TstTokenTime::theWatchTellsOfAReturnOnly()
{
    NetworkWatch watch;
    QSignalSpy returned(&watch, &NetworkWatch::returned);
    watch.note(true);
    QCOMPARE(returned.size(), 0);
    watch.note(false);
    watch.note(false);
    QCOMPARE(returned.size(), 0);
    watch.note(true);
    watch.note(true);
    QCOMPARE(returned.size(), 1);
    watch.start(); // whatever this system has to say
}

QTEST_GUILESS_MAIN(TstTokenTime)
#include "tst_tokentime.moc"
