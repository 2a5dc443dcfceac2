// SPDX-License-Identifier: MIT
#include "app/login/loginredirect.h"

#include "app/base/limits.h"
#include "app/http/httpmessage.h"
#include "app/net/proxychoice.h"

#include <QUrl>

namespace kirotray {

namespace {

constexpr qsizetype LongestRefusalText = 300; ///< characters of a description that are shown

QString shownRefusal(const QString &text)
{
    return redacted(text.left(LongestRefusalText).simplified());
}

} // namespace

QByteArray LoginRedirect::value(QByteArrayView name) const
{
    return queryValue(query, name);
}

QString LoginRedirect::text(QByteArrayView name) const
{
    return QString::fromUtf8(queryValue(QByteArray(query).replace('+', ' '), name));
}

bool LoginRedirect::hasState(const QByteArray &state) const
{
    return !state.isEmpty() && Secret(state).constantTimeEquals(value("state"));
}

std::optional<Error> LoginRedirect::failure() const
{
    const QString error = text("error");
    if (error.isEmpty())
        return std::nullopt;
    Error failure;
    failure.code = error == "access_denied"_L1 ? Error::Code::Unauthorized : Error::Code::Upstream;
    failure.what = u"the sign-in was refused: "_s + shownRefusal(error);
    if (const QString why = text("error_description"); !why.isEmpty())
        failure.what += u", "_s + shownRefusal(why);
    return failure;
}

Result<LoginRedirect> pastedRedirect(const Secret &text)
{
    const auto bad = [](const QString &what) { return Error {Error::Code::BadInput, what}; };
    if (text.reveal().size() > limits::MaxLoginInput)
        return bad(u"the address is too long"_s);
    const QUrl url = QUrl::fromEncoded(text.reveal().trimmed(), QUrl::StrictMode);
    const bool isOurs = (url.scheme() == "http"_L1 && isLoopbackTarget(url))
        || (url.scheme() == "kiro"_L1 && !url.host().isEmpty());
    if (!url.isValid() || !isOurs || !url.hasQuery())
        return bad(u"this is not the address that the browser ends on"_s);
    LoginRedirect redirect;
    redirect.path = url.path(QUrl::FullyEncoded).toLatin1();
    if (redirect.path.isEmpty())
        redirect.path = "/";
    redirect.query = url.query(QUrl::FullyEncoded).toLatin1();
    return redirect;
}

} // namespace kirotray
