// SPDX-License-Identifier: MIT
#include "app/cli/adminclient.h"

#include "app/accounts/clientkeys.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"
#include "app/cli/console.h"
#include "app/coreservices.h"
#include "app/net/httpclient.h"
#include "app/platform/runfile.h"

#include <QDir>

namespace kirotray {

namespace {

OutboundRequest localRequest(const QByteArray &method, const QUrl &url)
{
    OutboundRequest request;
    request.method = method;
    request.url = url;
    request.proxy.kind = ProxyChoice::Kind::None;
    return request;
}

/// A failure of our own in the shape of the API's.
AdminReply networkReply(const QString &what)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("error").beginObject();
    json.member("code", "network").member("message", what.toStdString());
    json.endObject().endObject();
    return {502, "application/json", QByteArray::fromStdString(text)};
}

ExitCode exitCodeFor(const AdminReply &reply)
{
    switch (reply.status) {
    case 400:
        return ExitCode::Usage;
    case 401:
        return ExitCode::Vault;
    case 404:
        return ExitCode::NotFound;
    default:
        return ExitCode::Failed;
    }
}

} // namespace

QString errorLine(const AdminReply &reply)
{
    const Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    const JsonValue error = document ? document.value().root()["error"] : JsonValue();
    if (!error["message"].isString())
        return u"the program answered %1"_s.arg(reply.status);
    const QString path = QString::fromStdString(std::string(error["path"].string()));
    const QString message = QString::fromStdString(std::string(error["message"].string()));
    return path.isEmpty() ? message : path + u": "_s + message;
}

AdminClient::AdminClient(const CommandLine &line, QObject *owner, const CommandDone &done)
    : QObject(owner)
    , m_line(line)
    , m_done(done)
    , m_http(std::make_unique<HttpClient>())
{
}

AdminClient::~AdminClient() = default;

void AdminClient::open(const CommandLine &line, QObject *owner, const CommandDone &done,
                       std::function<void(AdminClient &)> then)
{
    auto *client = new AdminClient(line, owner, done);
    client->findProgram(then);
}

/// The run file is a hint: its writer may have crashed.
void AdminClient::findProgram(const std::function<void(AdminClient &)> &then)
{
    m_baseUrl = readRunFile(m_line.core.dataDir);
    if (m_baseUrl.isEmpty() || m_line.core.demo) {
        openOwnCore(then);
        return;
    }
    OutboundRequest request = localRequest("GET", m_baseUrl.resolved(QUrl(u"/health"_s)));
    request.firstByteTimeout = request.idleTimeout = request.totalTimeout = limits::StatusTimeout;
    m_http->fetch(request, this, [this, then](const Result<HttpReply> &reply) {
        if (reply && reply.value().status == 200)
            readToken(then);
        else
            openOwnCore(then);
    });
}

void AdminClient::readToken(const std::function<void(AdminClient &)> &then)
{
    m_token = Secret(environmentValue("KIROTRAY_ADMIN_TOKEN"));
    if (!m_token.isEmpty()) {
        then(*this);
        return;
    }
    Vault &secrets = vault();
    if (!m_hasVault) // the reason was printed
        return m_done(ExitCode::Vault);
    ensureAdminToken(secrets, this, [this, then](const Result<Secret> &token) {
        if (!token) {
            printError(describe(token.error()));
            return m_done(ExitCode::Vault);
        }
        m_token = token.value();
        then(*this);
    });
}

void AdminClient::openOwnCore(const std::function<void(AdminClient &)> &then)
{
    m_core = openCore(m_line, this, m_done);
    if (m_core == nullptr)
        return;
    m_core->loadKeys(this, [this, then](const Result<Done> &loaded) {
        if (loaded)
            return then(*this);
        printError(describe(loaded.error()));
        end(ExitCode::Vault);
    });
}

Vault &AdminClient::vault()
{
    if (m_core != nullptr)
        return *m_core->services().vault;
    if (m_line.core.vault == VaultKind::Keychain) {
        m_vault = makeKeychainVault(u"KiroTray"_s);
        return *m_vault;
    }
    CoreOptions options = m_line.core;
    options.vaultPassphrase = m_passphrase;
    Result<std::unique_ptr<Vault>> opened = Error {Error::Code::Storage, u"no passphrase"_s};
    if (!m_passphrase.isEmpty() || givePassphrase(options, [](ExitCode) {})) {
        m_passphrase = options.vaultPassphrase;
        opened = readFileVault(QDir(options.dataDir).filePath(u"vault.bin"_s), m_passphrase);
    }
    if (!opened)
        printError(describe(opened.error()));
    m_vault = opened ? std::move(opened).value() : makeMemoryVault();
    m_hasVault = bool(opened);
    return *m_vault;
}

void AdminClient::call(const QByteArray &method, const QString &path, const std::string &body,
                       Answer answer)
{
    if (m_core != nullptr) {
        AdminRequest request;
        const QUrl url(path);
        request.method = method;
        request.path = url.path().toUtf8();
        request.query = QUrlQuery(url);
        request.body = QByteArray::fromStdString(body);
        request.language = u"en"_s;
        m_core->administer(request, this, std::move(answer));
        return;
    }
    OutboundRequest request = localRequest(method, m_baseUrl.resolved(QUrl(path)));
    request.headers.push_back({"authorization", "Bearer " + m_token.reveal()});
    request.headers.push_back({"content-type", "application/json"});
    request.body = QByteArray::fromStdString(body);
    request.totalTimeout = limits::AdminTimeout + limits::StatusTimeout;
    request.firstByteTimeout = request.idleTimeout = request.totalTimeout;
    // Not fetch(): an export may be larger than what that takes.
    HttpCall *call = m_http->start(request, this);
    const auto read = std::make_shared<QByteArray>();
    connect(call, &HttpCall::readyRead, this, [call, read] {
        *read += call->readAll();
        if (read->size() > limits::MaxExportFile)
            call->abort();
    });
    connect(call, &HttpCall::finished, this, [call, read, answer = std::move(answer)](bool ok) {
        *read += call->readAll();
        const AdminReply reply {call->status(), call->header("content-type"), *read};
        const QString problem = ok ? QString() : describe(call->error());
        call->deleteLater();
        answer(ok ? reply : networkReply(problem));
    });
}

void AdminClient::end(ExitCode code)
{
    if (m_core != nullptr)
        endWith(code, *m_core, m_done);
    else
        m_done(code);
}

void AdminClient::fail(const AdminReply &reply)
{
    printError(errorLine(reply));
    end(exitCodeFor(reply));
}

} // namespace kirotray
