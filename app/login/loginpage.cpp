// SPDX-License-Identifier: MIT
#include "app/login/loginpage.h"

#include "app/base/result.h"

namespace kirotray {

namespace {

constexpr QLatin1StringView LoginPageStyle {
    "body{font:16px/1.5 system-ui,sans-serif;max-width:38em;margin:12vh auto;padding:0 1.5em;"
    "color:#1d2330;background:#f6f7f9}h1{font-size:1.4em}code{font-size:1.5em;letter-spacing:.1em}"
    "input{width:100%;box-sizing:border-box;font:inherit;padding:.5em}"
    "button{font:inherit;padding:.4em 1.2em;margin-top:.8em}a{word-break:break-all}"
    "@media(prefers-color-scheme:dark){body{color:#e4e7ee;background:#171a21}a{color:#8ab4ff}}"};

} // namespace

QString inLanguage(const QString &language, const char *english, const char *chinese)
{
    return QString::fromUtf8(language.startsWith("zh"_L1) ? chinese : english);
}

QByteArray renderLoginPage(const LoginPage &page)
{
    const QString language = inLanguage(page.language, "en", "zh-CN");
    const QString title = page.title.toHtmlEscaped();
    QString html = u"<!doctype html>\n<html lang=\""_s + language + u"\"><head>"_s;
    html += u"<meta charset=\"utf-8\">"_s;
    html += u"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"_s;
    html += u"<meta name=\"referrer\" content=\"no-referrer\">"_s;
    if (page.refreshSeconds > 0)
        html += u"<meta http-equiv=\"refresh\" content=\"%1\">"_s.arg(page.refreshSeconds);
    html += u"<title>"_s + title + u" – KiroTray</title><style>"_s + LoginPageStyle
        + u"</style></head><body><h1>"_s + title + u"</h1>\n"_s + page.body
        + u"\n</body></html>\n"_s;
    return html.toUtf8();
}

HttpHeaders loginPageHeaders()
{
    HttpHeaders headers;
    headers.append("Content-Type", "text/html; charset=utf-8");
    headers.append("Cache-Control", "no-store");
    headers.append("Referrer-Policy", "no-referrer");
    headers.append("X-Content-Type-Options", "nosniff");
    headers.append("X-Frame-Options", "DENY");
    headers.append("Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                   "base-uri 'none'; frame-ancestors 'none'");
    return headers;
}

HttpResponse loginPageResponse(int status, const LoginPage &page)
{
    HttpResponse response;
    response.status = status;
    response.headers = loginPageHeaders();
    response.body = renderLoginPage(page);
    return response;
}

} // namespace kirotray
