// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/login/loginsessions.h"
#include "tests/browserloginbench.h"

#include <QSet>
#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

class TstLoginSessions : public BrowserLoginBench
{
    Q_OBJECT
private slots:
    void init();
    void cleanup();

    void signInIsDoneWhenItsAccountsAreStored();
    void failureToStoreIsTheSignInsFailure();
    void cancelledSignInFails();
    void idsAreRandom();
    void inputThatCannotWorkIsRefused_data();
    void inputThatCannotWorkIsRefused();
    void onlySoManyAreUnderWay();
    void endedOnesAreForgottenAfterAWhile();
    void sessionsMayGoWhileAccountsAreStored();

    void linkLeadsThroughTheSignInAndDies();
    void linkShowsWhyItFailed();
    void linkTakesAnAddressThatHelpsOnly();
    void linkExpires();
    void linkStartsOneSignInOnly();
    void unknownLinkIsNotFound_data();
    void unknownLinkIsNotFound();
    void pageIsInTheVisitorsLanguageAndEscapesWhatItShows();
    void linkOfAWayThatNeedsThisMachineIsRefused();

private:
    LoginStatus status(const QString &id) const
    {
        return m_sessions->status(id).value_or(LoginStatus {});
    }
    QUrl linkOf(const QString &id) const;
    QString startGoogle();
    LoginSessions::RemotePage visit(const QString &path, const QByteArray &form = {},
                                    const QString &language = u"en"_s)
    {
        return m_sessions->remotePage(path, form, language);
    }
    QString remoteGoogle()
    {
        const Result<QString> path = m_sessions->makeRemoteLink(u"google"_s, {});
        return path ? path.value() : QString();
    }

    std::unique_ptr<LoginSessions> m_sessions;
    std::vector<ImportedAccount> m_stored;
    std::function<void(Result<QStringList>)> m_done; ///< of the taker's last call
};

void TstLoginSessions::init()
{
    prepare();
    m_stored.clear();
    m_done = {};
    m_sessions = std::make_unique<LoginSessions>(
        services(), [this](std::vector<ImportedAccount> accounts, auto done) {
            m_stored = std::move(accounts);
            m_done = std::move(done);
        });
}

void TstLoginSessions::cleanup()
{
    m_sessions.reset();
    tearDown();
}

QUrl TstLoginSessions::linkOf(const QString &id) const
{
    QUrl url;
    for (const LoginStep &step : status(id).steps)
        if (const auto *open = std::get_if<loginstep::OpenBrowser>(&step))
            url = open->url;
    return url;
}

QString TstLoginSessions::startGoogle()
{
    const Result<QString> id = m_sessions->start(u"google"_s, {});
    return id ? id.value() : QString();
}

void TstLoginSessions::signInIsDoneWhenItsAccountsAreStored()
{
    QSignalSpy changes(m_sessions.get(), &LoginSessions::changed);
    const QString id = startGoogle();
    QTRY_VERIFY(linkOf(id).isValid());
    QVERIFY(changes.count() >= 2);
    const Page sent = get(linkOf(id));
    QVERIFY(m_sessions->input(id, Secret(sent.location.toEncoded())));
    QTRY_COMPARE(m_stored.size(), size_t(1));
    QVERIFY(status(id).state == LoginStatus::State::Running);
    const auto before = changes.count();
    m_done(QStringList {u"account-1"_s});
    QCOMPARE(changes.count(), before + 1);
    QVERIFY(status(id).state == LoginStatus::State::Done);
    QCOMPARE(status(id).accountIds, QStringList {u"account-1"_s});
    QCOMPARE(status(id).provider, u"google"_s);
    QCOMPARE(status(id).startedAt, m_now);
    QVERIFY(!m_sessions->input(id, Secret("x")));
    m_done(Error {Error::Code::Storage, u"too late"_s}); // nothing changes after the end
    QVERIFY(status(id).state == LoginStatus::State::Done);
}

void TstLoginSessions::failureToStoreIsTheSignInsFailure()
{
    const QString id = startGoogle();
    QTRY_VERIFY(linkOf(id).isValid());
    QVERIFY(m_sessions->input(id, Secret(get(linkOf(id)).location.toEncoded())));
    QTRY_VERIFY(m_done);
    m_done(Error {Error::Code::Storage, u"the keychain is locked"_s});
    QVERIFY(status(id).state == LoginStatus::State::Failed);
    QCOMPARE(status(id).error->what, u"the keychain is locked"_s);
}

void TstLoginSessions::cancelledSignInFails()
{
    const QString id = startGoogle();
    m_sessions->cancel(id);
    QTRY_VERIFY(status(id).state == LoginStatus::State::Failed);
    QCOMPARE(status(id).error->code, Error::Code::Cancelled);
    QVERIFY(!m_done);
    m_sessions->cancel(id);
    m_sessions->cancel(u"nobody"_s);
}

void TstLoginSessions::idsAreRandom()
{
    QSet<QString> ids;
    for (int i = 0; i < limits::MaxLogins; ++i)
        ids.insert(startGoogle());
    QCOMPARE(ids.size(), limits::MaxLogins);
    for (const QString &id : ids)
        QVERIFY(id.size() >= 22);
}

void TstLoginSessions::inputThatCannotWorkIsRefused_data()
{
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("proxy");
    QTest::addColumn<QString>("path");
    QTest::newRow("unknown way") << u"myspace"_s << QString() << u"provider"_s;
    QTest::newRow("bad proxy") << u"google"_s << u"gopher://x"_s << u"proxy"_s;
}

void TstLoginSessions::inputThatCannotWorkIsRefused()
{
    QFETCH(QString, provider);
    QFETCH(QString, proxy);
    LoginInput input;
    input.proxy = proxy;
    const Result<QString> id = m_sessions->start(provider, input);
    QVERIFY(!id);
    QCOMPARE(id.error().code, Error::Code::BadInput);
    QTEST(id.error().path, "path");
    QVERIFY(m_sessions->all().empty());
}

void TstLoginSessions::onlySoManyAreUnderWay()
{
    QString first;
    for (int i = 0; i < limits::MaxLogins; ++i) {
        const QString id = startGoogle();
        QVERIFY(!id.isEmpty());
        if (first.isEmpty())
            first = id;
    }
    QVERIFY(startGoogle().isEmpty());
    m_sessions->cancel(first);
    QTRY_VERIFY(status(first).state == LoginStatus::State::Failed);
    QVERIFY(!startGoogle().isEmpty());
}

void TstLoginSessions::endedOnesAreForgottenAfterAWhile()
{
    const QString id = startGoogle();
    m_sessions->cancel(id);
    QTRY_VERIFY(status(id).state == LoginStatus::State::Failed);
    m_now = m_now.addSecs(120);
    QVERIFY(m_sessions->status(id));
    m_now = m_now.addSecs(3600);
    QVERIFY(!m_sessions->status(id));
    QVERIFY(m_sessions->all().empty());
}

void TstLoginSessions::sessionsMayGoWhileAccountsAreStored()
{
    const QString id = startGoogle();
    QTRY_VERIFY(linkOf(id).isValid());
    QVERIFY(m_sessions->input(id, Secret(get(linkOf(id)).location.toEncoded())));
    QTRY_VERIFY(m_done);
    m_sessions.reset();
    m_done(QStringList {u"account-1"_s}); // nobody is there to hear it
}

void TstLoginSessions::linkLeadsThroughTheSignInAndDies()
{
    const QString path = remoteGoogle();
    QVERIFY(path.startsWith(u"/login/"_s));
    QVERIFY(path.size() > 40);
    QVERIFY(m_sessions->all().empty()); // nothing starts before it is opened
    const LoginSessions::RemotePage first = visit(path);
    QCOMPARE(first.status, 200);
    QVERIFY(first.html.contains("http-equiv=\"refresh\""));
    QCOMPARE(m_sessions->all().size(), size_t(1));
    const QString id = m_sessions->all().front().id;
    QTRY_VERIFY(linkOf(id).isValid());
    const LoginSessions::RemotePage second = visit(path);
    QVERIFY(second.html.contains(linkOf(id).toString(QUrl::FullyEncoded).toHtmlEscaped().toUtf8()));
    QVERIFY(second.html.contains("<form method=\"post\">"));
    const QByteArray back = get(linkOf(id)).location.toEncoded();
    const LoginSessions::RemotePage third = visit(path, "text=" + back.toPercentEncoding());
    QCOMPARE(third.status, 200);
    QVERIFY(!third.html.contains("<form"));
    QTRY_VERIFY(m_done);
    m_done(QStringList {u"account-1"_s});
    const LoginSessions::RemotePage last = visit(path);
    QCOMPARE(last.status, 200);
    QVERIFY(last.html.contains("Signed in"));
    QVERIFY(!last.html.contains("http-equiv=\"refresh\""));
    QCOMPARE(visit(path).status, 404);
    QCOMPARE(m_sessions->all().size(), size_t(1)); // and starts nothing any more
}

void TstLoginSessions::linkShowsWhyItFailed()
{
    setScript("{\"logins\":{\"social\":{\"outcome\":\"denied\"}}}");
    const QString path = remoteGoogle();
    visit(path);
    const QString id = m_sessions->all().front().id;
    QTRY_VERIFY(linkOf(id).isValid());
    visit(path, "text=" + get(linkOf(id)).location.toEncoded().toPercentEncoding());
    QTRY_VERIFY(status(id).state == LoginStatus::State::Failed);
    const LoginSessions::RemotePage page = visit(path);
    QVERIFY(page.html.contains("Sign-in failed"));
    QVERIFY(page.html.contains("The person said no"));
    QCOMPARE(visit(path).status, 404);
}

void TstLoginSessions::linkTakesAnAddressThatHelpsOnly()
{
    const QString path = remoteGoogle();
    visit(path);
    const QString id = m_sessions->all().front().id;
    QTRY_VERIFY(linkOf(id).isValid());
    const LoginSessions::RemotePage page = visit(path, "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    QCOMPARE(page.status, 200);
    QVERIFY(page.html.contains("<form"));
    QVERIFY(page.html.contains("<b>")); // says what is wrong
    QVERIFY(!page.html.contains("<script"));
    QVERIFY(status(id).state == LoginStatus::State::Running);
    QCOMPARE(visit(path, "text=" + QByteArray(100'000, 'x')).status, 200);
    QVERIFY(status(id).state == LoginStatus::State::Running);
}

void TstLoginSessions::linkExpires()
{
    const QString unopened = remoteGoogle();
    const QString opened = remoteGoogle();
    visit(opened);
    const QString id = m_sessions->all().front().id;
    m_now = m_now.addSecs(std::chrono::seconds(limits::RemoteLoginLifetime).count());
    QCOMPARE(visit(unopened).status, 404);
    QCOMPARE(visit(opened).status, 404);
    QTRY_VERIFY(status(id).state == LoginStatus::State::Failed);
}

void TstLoginSessions::linkStartsOneSignInOnly()
{
    const QString path = remoteGoogle();
    for (int i = 0; i < 5; ++i)
        QCOMPARE(visit(path).status, 200);
    QCOMPARE(m_sessions->all().size(), size_t(1));
    for (int i = 1; i < limits::MaxLogins; ++i)
        QVERIFY(!remoteGoogle().isEmpty());
    QVERIFY(remoteGoogle().isEmpty()); // and there are only so many links
    m_now = m_now.addSecs(std::chrono::seconds(limits::RemoteLoginLifetime).count());
    QVERIFY(!remoteGoogle().isEmpty()); // until they have expired
}

void TstLoginSessions::unknownLinkIsNotFound_data()
{
    QTest::addColumn<QString>("path");
    QTest::newRow("no secret") << u"/login/"_s;
    QTest::newRow("another path") << u"/"_s;
    QTest::newRow("a wrong secret") << u"/login/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"_s;
    QTest::newRow("hardly a path") << QString();
}

void TstLoginSessions::unknownLinkIsNotFound()
{
    QFETCH(QString, path);
    remoteGoogle();
    QCOMPARE(visit(path).status, 404);
    QVERIFY(m_sessions->all().empty());
}

void TstLoginSessions::pageIsInTheVisitorsLanguageAndEscapesWhatItShows()
{
    setScript("{\"logins\":{\"social\":{\"outcome\":\"denied\"}}}");
    const QString path = remoteGoogle();
    QVERIFY(visit(path, {}, u"zh_CN"_s).html.contains("lang=\"zh-CN\""));
    const QString id = m_sessions->all().front().id;
    QTRY_VERIFY(linkOf(id).isValid());
    QVERIFY(QString::fromUtf8(visit(path, {}, u"zh_CN"_s).html).contains(u"打开此链接并登录"_s));
    const QByteArray evil =
        get(linkOf(id)).location.toEncoded().replace("The+person+said+no", "%3Cimg%20src%3Dx%3E");
    visit(path, "text=" + evil.toPercentEncoding());
    QTRY_VERIFY(status(id).state == LoginStatus::State::Failed);
    const QByteArray html = visit(path).html;
    QVERIFY(html.contains("&lt;img src"));
    QVERIFY(!html.contains("<img"));
}

void TstLoginSessions::linkOfAWayThatNeedsThisMachineIsRefused()
{
    QVERIFY(!m_sessions->makeRemoteLink(u"myspace"_s, {}));
    for (const LoginProvider &provider : loginProviders())
        if (!provider.worksRemotely)
            QVERIFY(!m_sessions->makeRemoteLink(QString::fromLatin1(provider.id), {}));
}

QTEST_GUILESS_MAIN(TstLoginSessions)
#include "tst_loginsessions.moc"
