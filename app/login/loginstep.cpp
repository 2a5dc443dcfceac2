// SPDX-License-Identifier: MIT
#include "app/login/loginstep.h"

namespace kirotray {

namespace {

QString linkText(const QUrl &url)
{
    return url.toString(QUrl::FullyEncoded);
}

QString stepLine(const loginstep::Working &step)
{
    using What = loginstep::Working::What;
    switch (step.what) {
    case What::Registering:
        return u"Registering this program for the sign-in…"_s;
    case What::RequestingCode:
        return u"Asking for a code…"_s;
    case What::Exchanging:
        return u"Fetching the tokens…"_s;
    case What::CheckingSession:
        return u"Checking the session…"_s;
    case What::Discovering:
        return u"Asking the identity provider for its addresses…"_s;
    }
    return {};
}

QString stepLine(const loginstep::OpenBrowser &step)
{
    QString text = u"Open this link in a browser and sign in: "_s + linkText(step.url);
    if (step.endsInRedirect)
        text += u"\nThen paste the address that the browser ends on."_s;
    return text;
}

QString stepLine(const loginstep::ShowCode &step)
{
    QString text =
        u"Open %1 and enter the code %2"_s.arg(linkText(step.verificationUri), step.userCode);
    if (!step.verificationUriComplete.isEmpty())
        text += u"\nOr open "_s + linkText(step.verificationUriComplete);
    return text;
}

QString stepLine(const loginstep::AskInput &step)
{
    using What = loginstep::AskInput::What;
    switch (step.what) {
    case What::StartUrl:
        return u"Enter the start URL of the organisation."_s;
    case What::Region:
        return u"Enter the region of the organisation's Identity Center, such as us-east-1."_s;
    case What::ApiKey:
        return u"Enter the API key."_s;
    case What::SessionToken:
        return u"Paste the session token."_s;
    case What::TokensOrUrl:
        return u"Paste the tokens, or the address that the browser ended on."_s;
    }
    return {};
}

} // namespace

QString describe(const LoginStep &step)
{
    return std::visit([](const auto &one) { return stepLine(one); }, step);
}

} // namespace kirotray
