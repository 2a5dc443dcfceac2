// SPDX-License-Identifier: MIT
// Outbound calls over TLS, as they go to the real upstream: to a QSslServer with a certificate of
// the fixtures.
#include "app/net/httpclient.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QSslSocket>
#include <QTest>
#include <QTimer>

using namespace kirotray;

class TstHttpTls : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void readsAChunkedReply();
    void reportsAReplyThatIsCutBetweenChunks();
    void refusesACertificateItDoesNotTrust();

private:
    /// What one call came to: its bytes, and whether it was reported as complete.
    struct Ending
    {
        QByteArray body;
        bool isComplete = false;
        bool isOver = false;
    };
    Ending call(const QByteArray &reply);
    static QByteArray fixture(const QString &name);

    QSslServer m_server;
    QByteArray m_reply; ///< sent to each client, which is then disconnected
    int m_cutAfterMs = 0;
};

QByteArray TstHttpTls::fixture(const QString &name)
{
    QFile file(QStringLiteral(KIROTRAY_FIXTURES) + u"/tls/"_s + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TstHttpTls::initTestCase()
{
    if (!QSslSocket::supportsSsl())
        QSKIP("this Qt has no TLS");
    const QSslCertificate certificate(fixture(u"localhost.crt"_s));
    QVERIFY(!certificate.isNull());
    QSslConfiguration server = QSslConfiguration::defaultConfiguration();
    server.setLocalCertificate(certificate);
    server.setPrivateKey(QSslKey(fixture(u"localhost.key"_s), QSsl::Ec));
    m_server.setSslConfiguration(server);
    QVERIFY(m_server.listen(QHostAddress::LocalHost));
    connect(&m_server, &QSslServer::pendingConnectionAvailable, this, [this] {
        QTcpSocket *socket = m_server.nextPendingConnection();
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
            if (!socket->readAll().contains("\r\n\r\n"))
                return;
            socket->write(m_reply);
            QTimer::singleShot(m_cutAfterMs, socket, &QTcpSocket::disconnectFromHost);
        });
    });
    QSslConfiguration client = QSslConfiguration::defaultConfiguration();
    client.addCaCertificate(certificate);
    QSslConfiguration::setDefaultConfiguration(client);
}

TstHttpTls::Ending TstHttpTls::call(const QByteArray &reply)
{
    m_reply = reply;
    HttpClient client;
    OutboundRequest request;
    request.method = "GET";
    request.url = QUrl(u"https://127.0.0.1:%1/"_s.arg(m_server.serverPort()));
    request.proxy.kind = ProxyChoice::Kind::None;
    Ending ending;
    HttpCall *call = client.start(request, this);
    connect(call, &HttpCall::readyRead, this, [&] { ending.body += call->readAll(); });
    connect(call, &HttpCall::finished, this, [&](bool ok) {
        ending.isComplete = ok;
        ending.isOver = true;
    });
    const bool isOver = QTest::qWaitFor([&] { return ending.isOver; }, 10'000);
    delete call;
    return isOver ? ending : Ending();
}

void TstHttpTls::readsAChunkedReply()
{
    const Ending ending =
        call("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n");
    QVERIFY(ending.isComplete);
    QCOMPARE(ending.body, QByteArray("Hello"));
}

/// Over plain HTTP Qt 6.4 often calls such a reply complete. Here it must never do so.
void TstHttpTls::reportsAReplyThatIsCutBetweenChunks()
{
    for (int round = 0; round < 50; ++round) {
        m_cutAfterMs = round % 2 == 0 ? 0 : 20; // with the bytes, or after they were read
        const Ending ending =
            call("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n");
        QVERIFY(ending.isOver);
        QVERIFY2(!ending.isComplete, qPrintable(u"round %1"_s.arg(round)));
    }
}

void TstHttpTls::refusesACertificateItDoesNotTrust()
{
    const QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
    QSslConfiguration wary = trusting;
    wary.setCaCertificates({});
    QSslConfiguration::setDefaultConfiguration(wary);
    const Ending ending = call("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    QSslConfiguration::setDefaultConfiguration(trusting);
    QVERIFY(ending.isOver && !ending.isComplete);
}

QTEST_GUILESS_MAIN(TstHttpTls)
#include "tst_httptls.moc"
