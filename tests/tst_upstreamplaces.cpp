// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/kiro/upstreamplaces.h"

#include <QTest>
#include <QUrl>

using namespace kirotray;

namespace {

const QString OwnArn = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE1"_s;

KiroTablesPtr builtIn()
{
    return loadKiroTables(QString()).tables;
}

KiroIdentity identityOf(AccountKind kind, const QString &arn = {})
{
    KiroIdentity identity;
    identity.kind = kind;
    identity.profileArn = arn;
    return identity;
}

/// "runtime own", "q none": the host's first label and the profile.
QString placeText(const UpstreamPlaces &places)
{
    static const QStringList uses {u"none"_s, u"own"_s, u"shared"_s};
    return QUrl(places.baseUrl()).host().section(u'.', 0, 0) + u' '
        + uses.value(int(places.profileUse()));
}

UpstreamPlaces placesFor(const KiroIdentity &identity, UpstreamPlaces::Memory memory = {},
                         bool isThirdParty = false)
{
    return {builtIn(), identity, isThirdParty, std::move(memory)};
}

} // namespace

class TstUpstreamPlaces : public QObject
{
    Q_OBJECT

private slots:
    void goesFromHostToHost_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("arn");
        QTest::addColumn<bool>("isThirdParty");
        QTest::addColumn<QString>("wanted");
        const auto row = [](const char *name, AccountKind kind, const QString &arn,
                            bool isThirdParty, const QString &wanted) {
            QTest::addRow("%s", name) << int(kind) << arn << isThirdParty << wanted;
        };
        row("with a profile runtime.* comes first", AccountKind::IdentityCenter, OwnArn, false,
            u"runtime own, q own, codewhisperer own"_s);
        row("a free account begins at q.*", AccountKind::BuilderId, {}, false,
            u"q none, runtime shared, codewhisperer none"_s);
        row("social accounts share a profile", AccountKind::Social, {}, false,
            u"runtime shared, q shared, codewhisperer shared"_s);
        row("an external identity never shares one", AccountKind::ExternalIdp, {}, false,
            u"q none, runtime none, codewhisperer none"_s);
        row("a third-party model needs runtime.*", AccountKind::BuilderId, {}, true,
            u"runtime shared"_s);
        row("the old host serves one region", AccountKind::IdentityCenter,
            u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EXAMPLE1"_s, false,
            u"runtime own, q own"_s);
    }
    void goesFromHostToHost()
    {
        QFETCH(int, kind);
        QFETCH(QString, arn);
        QFETCH(bool, isThirdParty);
        UpstreamPlaces places = placesFor(identityOf(AccountKind(kind), arn), {}, isThirdParty);
        QStringList seen {placeText(places)};
        while (places.toNextHost())
            seen.append(placeText(places));
        QTEST(seen.join(u", "_s), "wanted");
    }

    void namesAProfileWhereOneIsRequired()
    {
        UpstreamPlaces free = placesFor(identityOf(AccountKind::BuilderId));
        QCOMPARE(placeText(free), u"q none"_s);
        QVERIFY(free.profileArn().isEmpty());
        QVERIFY(free.withProfile());
        QCOMPARE(placeText(free), u"q shared"_s);
        QCOMPARE(free.profileArn(), builtIn()->client.sharedBuilderIdArn);
        QVERIFY(!free.isUsual());
        // It did not help either: another host, once each.
        QVERIFY(free.withProfile());
        QCOMPARE(placeText(free), u"runtime shared"_s);
        QVERIFY(free.isUsual());

        UpstreamPlaces foreign = placesFor(identityOf(AccountKind::ExternalIdp));
        QVERIFY(foreign.withProfile());
        QCOMPARE(placeText(foreign), u"runtime none"_s);
    }

    void leavesTheProfileOutWhereItIsNotAuthorized()
    {
        UpstreamPlaces places = placesFor(identityOf(AccountKind::IdentityCenter, OwnArn));
        QVERIFY(places.withoutProfile());
        QCOMPARE(placeText(places), u"q none"_s);
        QVERIFY(places.withoutProfile());
        QCOMPARE(placeText(places), u"q own"_s);
        QVERIFY(places.withoutProfile());
        QCOMPARE(placeText(places), u"codewhisperer own"_s);
        QVERIFY(!places.withoutProfile());
        QCOMPARE(placeText(places), u"codewhisperer own"_s);
    }

    void beginsWhereTheAccountWasAnsweredBefore()
    {
        UpstreamPlaces::Memory memory;
        memory.lastHost = u"https://q.us-east-1.amazonaws.com"_s;
        memory.profileUse = [](const QString &baseUrl) {
            return baseUrl.contains(u"//q."_s) ? std::optional(ProfileUse::None) : std::nullopt;
        };
        UpstreamPlaces places = placesFor(identityOf(AccountKind::Social, OwnArn), memory);
        QCOMPARE(placeText(places), u"q none"_s);
        QVERIFY(!places.isUsual());
        QVERIFY(places.toNextHost());
        QCOMPARE(placeText(places), u"runtime own"_s);
    }

    void staysWhereThereIsNothingElse()
    {
        auto tables = std::make_shared<KiroTables>(*builtIn());
        const QStringList only {u"http://127.0.0.1:1"_s};
        tables->endpoints.chat = tables->endpoints.chatWithoutArn = only;
        UpstreamPlaces places(tables, identityOf(AccountKind::Social, OwnArn), true, {});
        QVERIFY(!places.toNextHost());
        QVERIFY(!places.withProfile());
        QVERIFY(!places.withoutProfile());
        QCOMPARE(places.baseUrl(), only.first());
    }
};

QTEST_APPLESS_MAIN(TstUpstreamPlaces)
#include "tst_upstreamplaces.moc"
