// SPDX-License-Identifier: MIT
#include "app/login/remotelinks.h"

#include "app/base/limits.h"
#include "app/http/httpmessage.h"
#include "app/login/loginpage.h"

namespace kirotray {

namespace {

using RemotePage = LoginSessions::RemotePage;

constexpr int LinkSecretBytes = 32; ///< 43 characters
constexpr int RefreshWhileWaiting = 3; ///< seconds
/// Long enough to copy and paste: a reload would empty the field.
constexpr int RefreshWithForm = 30; ///< seconds
constexpr QLatin1StringView LinkPrefix {"/login/"};

RemotePage remotePageOf(int status, const LoginPage &page)
{
    return {status, renderLoginPage(page)};
}

RemotePage deadPage(const QString &language)
{
    return remotePageOf(
        404,
        {inLanguage(language, "This link is not valid", "此链接无效"),
         inLanguage(language, "<p>It has been used or has expired. Ask for a new one.</p>",
                    "<p>该链接已被使用或已过期，请索取新的链接。</p>"),
         language});
}

QString linkHtml(const QUrl &url)
{
    const bool isWeb = url.scheme() == "https"_L1 || url.scheme() == "http"_L1;
    const QString text = url.toString(QUrl::FullyEncoded).toHtmlEscaped();
    if (!isWeb)
        return u"<p>"_s + text + u"</p>"_s;
    return u"<p><a href=\"%1\" target=\"_blank\" rel=\"noopener noreferrer\">%1</a></p>"_s.arg(
        text);
}

QString pasteForm(const QString &language)
{
    return inLanguage(
        language,
        "<p>The browser ends on an address that begins with <b>http://localhost</b> or "
        "<b>kiro://</b> and may show an error there. Copy that address and paste it here:</p>"
        "<form method=\"post\"><input name=\"text\" autocomplete=\"off\" autofocus>"
        "<button>Finish the sign-in</button></form>",
        "<p>浏览器最后会跳转到以 <b>http://localhost</b> 或 <b>kiro://</b> "
        "开头的地址，可能会显示错误。请复制该地址并粘贴到这里：</p>"
        "<form method=\"post\"><input name=\"text\" autocomplete=\"off\" autofocus>"
        "<button>完成登录</button></form>");
}

QString stepHtml(const loginstep::OpenBrowser &step, const QString &language)
{
    return inLanguage(language, "<p>1. Open this link and sign in:</p>",
                      "<p>1. 打开此链接并登录：</p>")
        + linkHtml(step.url) + u"<p>2. </p>"_s + pasteForm(language);
}

QString stepHtml(const loginstep::ShowCode &step, const QString &language)
{
    const QUrl &url = step.verificationUriComplete.isEmpty() ? step.verificationUri
                                                             : step.verificationUriComplete;
    return inLanguage(language, "<p>Open this link:</p>", "<p>打开此链接：</p>") + linkHtml(url)
        + inLanguage(language, "<p>and confirm this code:</p>", "<p>并确认此代码：</p>")
        + u"<p><code>"_s + step.userCode.toHtmlEscaped() + u"</code></p>"_s;
}

QString stepHtml(const loginstep::Working & /*step*/, const QString &language)
{
    return inLanguage(language, "<p>One moment…</p>", "<p>请稍候……</p>");
}

QString stepHtml(const loginstep::AskInput & /*step*/, const QString &language)
{
    return pasteForm(language);
}

bool asksForText(const LoginStep &step)
{
    return std::holds_alternative<loginstep::OpenBrowser>(step)
        || std::holds_alternative<loginstep::AskInput>(step);
}

/// What the person has to do now, or that there is nothing to do.
RemotePage waitingPage(const LoginStatus &status, const QString &problem, const QString &language)
{
    QString body;
    if (!problem.isEmpty())
        body = u"<p><b>"_s + problem.toHtmlEscaped() + u"</b></p>"_s;
    const LoginStep step =
        status.steps.empty() ? LoginStep(loginstep::Working {}) : status.steps.back();
    body += std::visit([&language](const auto &one) { return stepHtml(one, language); }, step);
    return remotePageOf(200,
                        {inLanguage(language, "Sign in to Kiro", "登录 Kiro"), body, language,
                         asksForText(step) ? RefreshWithForm : RefreshWhileWaiting});
}

RemotePage endedPage(const LoginStatus &status, const QString &language)
{
    if (status.state == LoginStatus::State::Done)
        return remotePageOf(200,
                            {inLanguage(language, "Signed in", "登录成功"),
                             inLanguage(language, "<p>All is done. You can close this page.</p>",
                                        "<p>全部完成，您可以关闭此页面。</p>"),
                             language});
    const QString why = status.error ? describe(*status.error) : QString();
    return remotePageOf(200,
                        {inLanguage(language, "Sign-in failed", "登录失败"),
                         u"<p>"_s + why.toHtmlEscaped() + u"</p>"_s
                             + inLanguage(language, "<p>Ask for a new link to try again.</p>",
                                          "<p>如需重试，请索取新的链接。</p>"),
                         language});
}

QByteArray fieldOf(const QByteArray &form, QByteArrayView name)
{
    return queryValue(QByteArray(form).replace('+', ' '), name);
}

} // namespace

Result<QString> RemoteLinks::make(LoginSessions &sessions, const QString &provider,
                                  const LoginInput &input, const QDateTime &now)
{
    forgetExpired(sessions, now);
    if (m_links.size() >= static_cast<std::size_t>(limits::MaxLogins))
        return Error {Error::Code::BadInput, u"too many sign-in links are open"_s, {}};
    Link link;
    link.secret = Secret(randomToken(LinkSecretBytes));
    link.provider = provider;
    link.input = input;
    link.expiresAt = now.addSecs(std::chrono::seconds(limits::RemoteLoginLifetime).count());
    m_links.push_back(link);
    return LinkPrefix + QString::fromLatin1(link.secret.reveal());
}

/// All are compared, each in constant time.
RemoteLinks::Link *RemoteLinks::find(const QString &path)
{
    if (!path.startsWith(LinkPrefix))
        return nullptr;
    const QByteArray given = path.mid(LinkPrefix.size()).toLatin1();
    Link *found = nullptr;
    for (Link &link : m_links)
        if (link.secret.constantTimeEquals(given))
            found = &link;
    return found;
}

/// A sign-in that nobody can finish by its link any more is given up.
void RemoteLinks::forgetExpired(LoginSessions &sessions, const QDateTime &now)
{
    std::erase_if(m_links, [&](const Link &link) {
        if (link.expiresAt > now)
            return false;
        if (!link.session.isEmpty())
            sessions.cancel(link.session);
        return true;
    });
}

RemotePage RemoteLinks::page(LoginSessions &sessions, const Visit &visit)
{
    forgetExpired(sessions, visit.now);
    Link *link = find(visit.path);
    if (link == nullptr)
        return deadPage(visit.language);
    if (link->session.isEmpty()) {
        const Result<QString> started = sessions.start(link->provider, link->input);
        if (!started)
            return waitingPage({}, describe(started.error()), visit.language);
        link->session = started.value();
    }
    QString problem;
    if (!visit.form.isEmpty()) {
        const Result<Done> taken =
            sessions.input(link->session, Secret(fieldOf(visit.form, "text")));
        if (!taken)
            problem = describe(taken.error());
    }
    const std::optional<LoginStatus> status = sessions.status(link->session);
    if (status && status->state == LoginStatus::State::Running)
        return waitingPage(*status, problem, visit.language);
    const QByteArray used = link->secret.reveal();
    std::erase_if(m_links,
                  [&used](const Link &one) { return one.secret.constantTimeEquals(used); });
    return status ? endedPage(*status, visit.language) : deadPage(visit.language);
}

} // namespace kirotray
