// SPDX-License-Identifier: MIT
#include "app/login/registrations.h"
#include "tests/oidcbench.h"

using namespace kirotray;

class TstRegistrations : public OidcBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void oneIsMadeOnceAndKept()
    {
        const auto first = find(m_site);
        QVERIFY(first);
        QVERIFY(!first.value().isKept);
        const auto second = find(m_site);
        QVERIFY(second);
        QVERIFY(second.value().isKept);
        QCOMPARE(second.value().registration, first.value().registration);
    }

    void eachPlaceAndGrantHasItsOwn_data()
    {
        QTest::addColumn<QString>("region");
        QTest::addColumn<QString>("startUrl");
        QTest::addColumn<bool>("device");
        QTest::addRow("another region") << u"eu-west-1"_s << m_site.startUrl << true;
        QTest::addRow("another start URL")
            << m_site.region << u"https://d-2.awsapps.com/start"_s << true;
        QTest::addRow("another grant") << m_site.region << m_site.startUrl << false;
    }
    void eachPlaceAndGrantHasItsOwn()
    {
        QFETCH(QString, region);
        QFETCH(QString, startUrl);
        QFETCH(bool, device);
        const auto first = find(m_site);
        QVERIFY(first);
        const auto other =
            find({region, startUrl}, device ? OidcGrant::DeviceCode : OidcGrant::AuthorizationCode);
        QVERIFY(other);
        QVERIFY(!other.value().isKept);
        QVERIFY(other.value().registration.clientId != first.value().registration.clientId);
        QCOMPARE(m_storage->items.size(), std::size_t(2));
    }

    void oneThatEndsSoonIsReplaced_data()
    {
        QTest::addColumn<int>("days");
        QTest::addColumn<bool>("kept");
        QTest::addRow("long before its end") << 60 << true;
        QTest::addRow("within the warning") << 80 << false;
        QTest::addRow("after its end") << 100 << false;
    }
    void oneThatEndsSoonIsReplaced()
    {
        QFETCH(int, days);
        QFETCH(bool, kept);
        QVERIFY(find(m_site));
        m_now = m_now.addDays(days);
        const auto later = find(m_site);
        QVERIFY(later);
        QCOMPARE(later.value().isKept, kept);
    }

    void aVaultThatFailsCostsOnlyANewOne_data()
    {
        QTest::addColumn<bool>("reads");
        QTest::addRow("reading") << true;
        QTest::addRow("writing") << false;
    }
    void aVaultThatFailsCostsOnlyANewOne()
    {
        QFETCH(bool, reads);
        if (reads)
            QVERIFY(find(m_site));
        m_vault->failReads(reads);
        m_vault->failWrites(!reads);
        const auto found = find(m_site);
        QVERIFY(found);
        QVERIFY(!found.value().isKept);
        QVERIFY(!found.value().registration.clientId.isEmpty());
    }

    void aDamagedItemIsReplaced_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addRow("no JSON") << QByteArray("garbage");
        QTest::addRow("no members") << QByteArray("{}");
        QTest::addRow("no end") << QByteArray("{\"clientId\":\"c\",\"clientSecret\":\"s\"}");
        QTest::addRow("wrong types") << QByteArray("{\"clientId\":5,\"clientSecret\":\"s\"}");
    }
    void aDamagedItemIsReplaced()
    {
        QFETCH(QByteArray, text);
        m_storage->items[Registrations::key(m_site, OidcGrant::DeviceCode)] = Secret(text);
        const auto found = find(m_site);
        QVERIFY(found);
        QVERIFY(!found.value().isKept);
        QVERIFY(find(m_site).value().isKept);
    }

    void theServicesNoIsTheAnswer()
    {
        script("{\"failures\":[{\"on\":\"register\",\"status\":500}]}");
        const auto found = find(m_site);
        QVERIFY(!found);
        QCOMPARE(found.error().code, Error::Code::Upstream);
        QVERIFY(m_storage->items.empty());
    }

    void aForgottenOneIsNotKept()
    {
        QVERIFY(find(m_site));
        registrations().forget(m_site, OidcGrant::DeviceCode, this);
        QTRY_VERIFY(m_storage->items.empty());
    }

    void theItemsNameDoesNotShowTheOrganisation()
    {
        const QString key =
            Registrations::key({u"eu-west-1"_s, u"https://acme.example"_s}, OidcGrant::DeviceCode);
        QVERIFY(key.startsWith(u"registration/"));
        QVERIFY(!key.contains(u"acme"));
    }

private:
    Registrations registrations()
    {
        return {*m_vault, OidcCalls(*m_http, m_tables, {}, {}), [this] { return m_now; }};
    }
    Result<Registrations::Found> find(const OidcSite &site, OidcGrant grant = OidcGrant::DeviceCode)
    {
        std::optional<Result<Registrations::Found>> answer;
        registrations().find(site, grant, this, [&](const auto &found) { answer.emplace(found); });
        [&] { QTRY_VERIFY(answer); }();
        return answer.value_or(Error {Error::Code::Cancelled, u"no answer"_s});
    }

    OidcSite m_site {u"us-east-1"_s, u"https://d-1.awsapps.com/start"_s};
};

QTEST_GUILESS_MAIN(TstRegistrations)
#include "tst_registrations.moc"
