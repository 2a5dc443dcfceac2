// SPDX-License-Identifier: MIT
#include "app/cli/adminclient.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"
#include "app/cli/stdinlines.h"
#include "app/platform/browsers.h"

#include <QTimer>

namespace kirotray {

namespace {

using namespace std::chrono_literals;
constexpr auto LoginPoll = 300ms;

/// The body that begins a sign-in; the secret of those that need one is asked for.
Result<std::string> loginBody(const CommandLine &line)
{
    std::string body;
    JsonWriter json(body);
    const QString provider = line.arguments.first();
    json.beginObject().member("provider", provider.toStdString());
    json.member("startUrl", line.options.value(u"start-url"_s).toStdString());
    json.member("region", line.options.value(u"region"_s).toStdString());
    json.memberBoolean("deviceCode", !line.has(u"no-device-code"_s));
    json.memberBoolean("acceptsRisk", line.has(u"accept-risk"_s));
    const QStringList withSecret {u"api-key"_s, u"sso-session"_s, u"tokens"_s};
    if (withSecret.contains(provider)) {
        const Result<Secret> secret = askSecret(u"Paste it, then Enter: "_s);
        if (!secret)
            return secret.error();
        json.member("secret", secret.value().reveal().toStdString());
    }
    json.endObject();
    return body;
}

/// Follows one sign-in until it ends: prints its steps, opens the browser, passes on what is typed.
class LoginFollower : public QObject
{
public:
    LoginFollower(AdminClient &client, const CommandLine &line, QString id)
        : QObject(&client)
        , m_client(client)
        , m_line(line)
        , m_id(std::move(id))
    {
        connect(&m_timer, &QTimer::timeout, this, &LoginFollower::ask);
        m_timer.start(LoginPoll);
    }

    void show(const JsonValue &login)
    {
        const JsonValue steps = login["steps"];
        int number = 0;
        for (const JsonValue step : steps)
            if (++number > m_shown)
                showStep(step);
        m_shown = number;
        const QString state = textAt(login, "state");
        if (state == u"running")
            return;
        m_timer.stop();
        if (state == u"failed") {
            printError(textAt(login["error"], "message"));
            return m_client.end(ExitCode::Failed);
        }
        for (const JsonValue id : login["accountIds"])
            printLine((m_line.json ? QString() : u"signed in: "_s)
                      + QString::fromStdString(std::string(id.string())));
        m_client.end(ExitCode::Ok);
    }

private:
    void ask()
    {
        if (m_isAsking)
            return;
        m_isAsking = true;
        m_client.call("GET", u"/api/logins/"_s + m_id, {}, [this](const AdminReply &reply) {
            m_isAsking = false;
            const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
            if (reply.status >= 400 || !answer) {
                m_timer.stop();
                return m_client.fail(reply);
            }
            show(answer.value().root());
        });
    }

    void showStep(const JsonValue &step)
    {
        const QString kind = textAt(step, "step");
        if (kind == u"working")
            return;
        printLine(textAt(step, "text"));
        const QString link =
            kind == u"open-browser" ? textAt(step, "url") : textAt(step, "verificationUriComplete");
        if (!link.isEmpty() && !m_line.has(u"no-browser"_s))
            openLink(QUrl(link));
        if (m_input == nullptr)
            listenToInput();
    }

    void openLink(const QUrl &url)
    {
        const Result<Done> opened =
            openInBrowser(url, m_line.options.value(u"browser"_s), m_line.has(u"private"_s));
        if (!opened)
            printError(opened.error().what + u"; open the link by hand"_s);
    }

    /// Lines of standard input are the redirected URL, a code, or what the step asks for.
    void listenToInput()
    {
        m_input = new StdinLines(this);
        connect(m_input, &StdinLines::line, this, &LoginFollower::give);
    }

    void give(const QByteArray &text)
    {
        std::string body;
        JsonWriter(body).beginObject().member("text", text.toStdString()).endObject();
        m_client.call("POST", u"/api/logins/"_s + m_id + u"/input"_s, body,
                      [](const AdminReply &reply) {
                          if (reply.status >= 400)
                              printError(errorLine(reply));
                      });
    }

    AdminClient &m_client;
    CommandLine m_line;
    QString m_id;
    QTimer m_timer;
    int m_shown = 0;
    bool m_isAsking = false;
    StdinLines *m_input = nullptr; ///< child
};

} // namespace

void runLogin(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const Result<std::string> body = loginBody(line);
    if (!body) {
        printError(describe(body.error()));
        return done(ExitCode::Usage);
    }
    AdminClient::open(line, owner, done, [line, body = body.value()](AdminClient &client) {
        client.call("POST", u"/api/logins"_s, body, [&client, line](const AdminReply &reply) {
            const Result<JsonDocument> login = JsonDocument::parse(reply.body.toStdString());
            if (reply.status >= 400 || !login)
                return client.fail(reply);
            const JsonValue root = login.value().root();
            (new LoginFollower(client, line, textAt(root, "id")))->show(root);
        });
    });
}

/// The other machine talks to a running proxy: without one there is nothing to link to.
void runRemoteLogin(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const Result<std::string> body = loginBody(line);
    if (!body) {
        printError(describe(body.error()));
        return done(ExitCode::Usage);
    }
    AdminClient::open(line, owner, done, [line, body = body.value()](AdminClient &client) {
        if (client.core() != nullptr) {
            printError(u"no proxy runs for this data folder; start one with: kirotrayctl serve"_s);
            return client.end(ExitCode::NotFound);
        }
        client.call(
            "POST", u"/api/logins/remote"_s, body, [&client, line](const AdminReply &reply) {
                const Result<JsonDocument> link = JsonDocument::parse(reply.body.toStdString());
                if (reply.status >= 400 || !link)
                    return client.fail(reply);
                const QString base = line.options.value(u"public-url"_s);
                const JsonValue root = link.value().root();
                printLine(base.isEmpty() ? textAt(root, "url") : base + textAt(root, "path"));
                client.end(ExitCode::Ok);
            });
    });
}

} // namespace kirotray
