// SPDX-License-Identifier: MIT
#include "app/gateway/gatewaymodels.h"
#include "tests/controlbench.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

const QString Id = u"account-1"_s;
const QString OtherId = u"account-2"_s;

AccountSnapshot account(const QString &id)
{
    AccountSnapshot snapshot;
    snapshot.identity.accountId = id;
    snapshot.identity.machineId = QString(64, u'a');
    return snapshot;
}

PeerScript listReply(const char *modelId)
{
    return PeerScript::reply(200, QByteArray("{\"models\":[{\"modelId\":\"") + modelId + "\"}]}");
}

GatewayModels::Timing longTiming()
{
    return {1h, 1h, 1h, 1h};
}

} // namespace

class TstGatewayModels : public ControlBench
{
    Q_OBJECT

private slots:
    void init()
    {
        renew();
        make(longTiming());
    }
    void cleanup() { m_models.reset(); }

    void theListIsFetchedOnceAndKept()
    {
        m_peer->always(listReply("brand-new-7"));
        QVERIFY(m_models->listOf(Id)->empty());
        QVERIFY(m_models->wantsRefresh(Id));
        refresh();
        QVERIFY(!m_models->wantsRefresh(Id));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        QCOMPARE(m_models->listOf(Id)->front().info.id, std::string("brand-new-7"));
        QVERIFY(!m_models->wantsRefresh(Id));
        refresh();
        QCOMPARE(m_http->activeCalls(), 0);
        QCOMPARE(m_peer->requestCount(), 1);
        QCOMPARE(m_peer->requests().front().field("authorization"), QByteArray("Bearer aoaTOKEN"));
        QVERIFY(m_models->listOf(OtherId)->empty());
    }

    void eachAccountHasItsOwn()
    {
        m_peer->next(listReply("a"));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        m_peer->next(listReply("b"));
        m_models->refresh(account(OtherId), Secret("t"), {});
        QTRY_COMPARE(m_models->listOf(OtherId)->size(), 1U);
        QCOMPARE(m_models->listOf(Id)->front().info.id, std::string("a"));
        QCOMPARE(m_models->listOf(OtherId)->front().info.id, std::string("b"));
    }

    void anOldListIsRenewedAndStaysMeanwhile()
    {
        GatewayModels::Timing timing = longTiming();
        timing.lifetime = 0ms;
        make(timing);
        m_peer->next(listReply("a"));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        QVERIFY(m_models->wantsRefresh(Id));
        m_peer->next(listReply("b"));
        refresh();
        QCOMPARE(m_models->listOf(Id)->front().info.id, std::string("a"));
        QTRY_COMPARE(m_models->listOf(Id)->front().info.id, std::string("b"));
    }

    void aFailureIsNotRepeatedAtOnceAndKeepsTheOldList()
    {
        GatewayModels::Timing timing = longTiming();
        timing.lifetime = 0ms;
        make(timing);
        m_peer->next(listReply("a"));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        m_peer->always(PeerScript::reply(403, "{}"));
        QSignalSpy spy(m_models.get(), &GatewayModels::listed);
        refresh();
        QTRY_COMPARE(m_peer->requestCount(), 2);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QTRY_VERIFY(waited());
        QVERIFY(!m_models->wantsRefresh(Id));
        QCOMPARE(m_models->listOf(Id)->front().info.id, std::string("a"));
        QCOMPARE(spy.count(), 0);
    }

    void aFailureIsRepeatedAfterAWhile()
    {
        GatewayModels::Timing timing = longTiming();
        timing.retry = 0ms;
        make(timing);
        m_peer->next(PeerScript::reply(500, "oops"));
        m_peer->next(listReply("a"));
        refresh();
        QTRY_VERIFY(m_models->wantsRefresh(Id));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
    }

    void waitersAreCalledWhenTheListIsThere()
    {
        m_peer->always(PeerScript().hold().send(
            "HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"models\":[{\"modelId\":\"a\"}]} "));
        refresh();
        int calls = 0;
        bool hadList = false;
        for (int i = 0; i < 2; ++i)
            m_models->whenListed(Id, this, [&] {
                ++calls;
                hadList = m_models->listOf(Id)->size() == 1;
            });
        QTRY_COMPARE(m_peer->requestCount(), 1);
        QCOMPARE(calls, 0);
        m_peer->release();
        QTRY_COMPARE(calls, 2);
        QVERIFY(hadList);
    }

    void nobodyWaitsWithoutAFetch()
    {
        int calls = 0;
        m_models->whenListed(Id, this, [&calls] { ++calls; });
        m_models->whenListed(u"unknown"_s, this, [&calls] { ++calls; });
        QCOMPARE(calls, 0); // always from the event loop
        QTRY_COMPARE(calls, 2);
    }

    void nobodyWaitsForLong()
    {
        GatewayModels::Timing timing = longTiming();
        timing.wait = 1ms;
        make(timing);
        m_peer->always(PeerScript().hold());
        refresh();
        int calls = 0;
        m_models->whenListed(Id, this, [&calls] { ++calls; });
        QTRY_COMPARE(calls, 1);
        QVERIFY(m_models->listOf(Id)->empty());
        m_models->setAccounts({}); // ends the fetch: nobody is called twice
        QVERIFY(waited());
        QCOMPARE(calls, 1);
    }

    void aWaiterThatIsGoneIsNotCalled()
    {
        m_peer->always(PeerScript().hold());
        refresh();
        bool isCalled = false;
        auto context = std::make_unique<QObject>();
        m_models->whenListed(Id, context.get(), [&isCalled] { isCalled = true; });
        context.reset();
        m_models->setAccounts({});
        QVERIFY(waited());
        QVERIFY(!isCalled);
    }

    void anAccountThatIsGoneIsForgotten()
    {
        m_peer->next(listReply("a"));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        m_models->noteRefused(Id, u"m"_s);
        m_models->setAccounts({account(OtherId)});
        QVERIFY(m_models->listOf(Id)->empty());
        QVERIFY(!m_models->wantsRefresh(Id));
        QVERIFY(!m_models->isRefused(Id, u"m"_s));
        refresh();
        QVERIFY(waited());
        QCOMPARE(m_peer->requestCount(), 1);
    }

    void aFetchEndsWithItsAccount()
    {
        m_peer->always(PeerScript().hold());
        refresh();
        int calls = 0;
        m_models->whenListed(Id, this, [&calls] { ++calls; });
        QTRY_COMPARE(m_peer->requestCount(), 1);
        m_models->setAccounts({account(OtherId)});
        QTRY_COMPARE(calls, 1);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QVERIFY(m_models->listOf(Id)->empty());
    }

    void theListStaysWithTheSameIdentityOnly()
    {
        m_peer->always(listReply("a"));
        refresh();
        QTRY_COMPARE(m_models->listOf(Id)->size(), 1U);
        AccountSnapshot changed = account(Id);
        changed.label = u"new name"_s;
        changed.usable = false;
        m_models->setAccounts({changed});
        QCOMPARE(m_models->listOf(Id)->size(), 1U);
        changed.identity.profileArn =
            u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EXAMPLE1"_s;
        m_models->setAccounts({changed});
        QVERIFY(m_models->listOf(Id)->empty());
        QVERIFY(m_models->wantsRefresh(Id));
    }

    void aRefusedModelIsRememberedForTheAccount()
    {
        m_models->noteRefused(Id, u"claude-opus-5"_s);
        const std::vector<KiroModel> offered = m_models->offered(Id);
        QVERIFY(!offered.empty());
        QVERIFY(std::none_of(offered.begin(), offered.end(), [](const KiroModel &model) {
            return model.info.id == "claude-opus-5";
        }));
        QVERIFY(m_models->isRefused(Id, u"claude-opus-5"_s));
        QVERIFY(!m_models->isRefused(Id, u"claude-opus-4.8"_s));
        QVERIFY(!m_models->isRefused(OtherId, u"claude-opus-5"_s));
        GatewayModels::Timing timing = longTiming();
        timing.refusal = 0ms;
        make(timing);
        m_models->noteRefused(Id, u"claude-opus-5"_s);
        QVERIFY(!m_models->isRefused(Id, u"claude-opus-5"_s));
    }

    void clientsCannotFillTheMemory()
    {
        for (int i = 0; i < 1100; ++i)
            m_models->noteRefused(Id, QString::number(i));
        QVERIFY(m_models->isRefused(Id, u"0"_s));
        QVERIFY(m_models->isRefused(Id, u"999"_s));
        QVERIFY(!m_models->isRefused(Id, u"1000"_s));
    }

    void refusedFieldsAreLeftOutFromThenOn()
    {
        KiroModel model {{"m", "M"}};
        model.fields.efforts = {"low"};
        const auto row = std::make_shared<const KiroModel>(model);
        QCOMPARE(m_models->usable(row), row);
        m_models->noteFieldsRefused(u"m"_s);
        const auto usable = m_models->usable(row);
        QVERIFY(usable->fields.isEmpty());
        QVERIFY(usable->info == row->info);
        QVERIFY(!row->fields.isEmpty());
        QVERIFY(m_models->usable(nullptr) == nullptr);
    }

private:
    void make(GatewayModels::Timing timing)
    {
        m_models = std::make_unique<GatewayModels>(*m_http, tables(), timing);
        m_models->setAccounts({account(Id), account(OtherId)});
    }
    void refresh() { m_models->refresh(account(Id), Secret("aoaTOKEN"), {}); }
    /// Everything that was queued before has run.
    static bool waited()
    {
        bool isDone = false;
        QObject context;
        QMetaObject::invokeMethod(
            &context, [&isDone] { isDone = true; }, Qt::QueuedConnection);
        return QTest::qWaitFor([&isDone] { return isDone; });
    }

    std::unique_ptr<GatewayModels> m_models;
};

QTEST_GUILESS_MAIN(TstGatewayModels)
#include "tst_gatewaymodels.moc"
