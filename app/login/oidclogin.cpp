// SPDX-License-Identifier: MIT
#include "app/login/oidclogin.h"

#include "app/base/limits.h"

namespace kirotray {

namespace {

using Verdict = OidcTokenReply::Verdict;

KiroIdentity askingAs(const Account &account)
{
    KiroIdentity asking;
    asking.accountId = account.id.value;
    asking.machineId = account.machineId;
    asking.proxy = account.proxy;
    return asking;
}

/// What a person can do about it.
Error loginFailure(const OidcTokenReply &reply)
{
    switch (reply.verdict) {
    case Verdict::Expired:
        return {Error::Code::Timeout, u"the code has expired before it was entered"_s};
    case Verdict::Denied:
        return {Error::Code::Unauthorized, u"the sign-in was denied"_s};
    case Verdict::InvalidClient:
        return {Error::Code::Upstream,
                u"the service has forgotten this program: try again"_s,
                {},
                reply.error.httpStatus};
    default:
        return reply.error;
    }
}

/// The service words a wrong region and a wrong start URL alike (§4.4).
Error placeFailure(const Error &error, const OidcLoginPlan &plan)
{
    if (error.code != Error::Code::BadInput || plan.kind == AccountKind::BuilderId)
        return error;
    return {Error::Code::BadInput,
            u"the start URL is not known in the region %1: check both"_s.arg(plan.site.region),
            u"region"_s, error.httpStatus};
}

} // namespace

Result<OidcLoginPlan> oidcPlan(const LoginInput &input)
{
    OidcLoginPlan plan;
    plan.site.region = input.region.trimmed().toLower();
    if (plan.site.region.isEmpty())
        plan.site.region = u"us-east-1"_s;
    if (!isAwsRegion(plan.site.region))
        return Error {Error::Code::BadInput, u"is no AWS region, such as us-east-1"_s, u"region"_s};
    plan.site.startUrl = builderIdStartUrl();
    if (!input.startUrl.trimmed().isEmpty()) {
        const Result<QString> cleaned = cleanStartUrl(input.startUrl);
        if (!cleaned)
            return cleaned.error();
        plan.site.startUrl = cleaned.value();
    }
    plan.kind = plan.site.startUrl == builderIdStartUrl() ? AccountKind::BuilderId
                                                          : AccountKind::IdentityCenter;
    plan.grant = input.useDeviceCode ? OidcGrant::DeviceCode : OidcGrant::AuthorizationCode;
    return plan;
}

Result<std::unique_ptr<Login>> makeOidcLogin(const LoginServices &services, const LoginInput &input)
{
    const Result<OidcLoginPlan> plan = oidcPlan(input);
    if (!plan)
        return plan.error();
    return std::unique_ptr<Login>(std::make_unique<OidcLogin>(services, input, plan.value()));
}

OidcLogin::OidcLogin(const LoginServices &services, const LoginInput &input, OidcLoginPlan plan)
    : TimedLogin(services, input)
    , m_plan(std::move(plan))
    , m_account(newAccount(
          m_plan.kind, m_plan.kind == AccountKind::BuilderId ? u"BuilderId"_s : u"Enterprise"_s))
    , m_calls(services.http, services.tables, services.generalProxy, askingAs(m_account))
    , m_registrations(services.vault, m_calls, services.clock)
{
    m_account.ssoRegion = m_plan.site.region;
    m_account.startUrl = m_plan.site.startUrl;
    m_wait.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &OidcLogin::poll);
}

OidcLogin::~OidcLogin() = default;

Result<Done> OidcLogin::input(const Secret &text)
{
    if (!isRunning() || !m_listener || m_exchanging)
        return TimedLogin::input(text);
    const Result<LoginRedirect> redirect = pastedRedirect(text);
    if (!redirect)
        return redirect.error();
    if (!redirect.value().hasState(m_state))
        return Error {Error::Code::BadInput, u"this address belongs to another sign-in"_s};
    return takeRedirect(redirect.value());
}

void OidcLogin::begin()
{
    step(loginstep::Working {loginstep::Working::What::Registering});
    m_registrations.find(m_plan.site, m_plan.grant, calls(),
                         [this](const Result<Registrations::Found> &found) { registered(found); });
}

void OidcLogin::ended()
{
    m_wait.stop();
    m_plan.session = {};
    if (m_listener)
        m_listener.release()->deleteLater(); // its signal may be what ended the sign-in
}

void OidcLogin::registered(const Result<Registrations::Found> &found)
{
    if (!found) {
        fail(placeFailure(found.error(), m_plan));
        return;
    }
    m_registration = found.value().registration;
    m_isKept = found.value().isKept;
    if (m_plan.grant == OidcGrant::DeviceCode)
        requestDeviceCode();
    else
        openAuthorization();
}

/// The service has forgotten what the vault keeps: once more, with a new one.
void OidcLogin::renewRegistration()
{
    m_registrations.renew(m_plan.site, m_plan.grant, calls(),
                          [this](const Result<Registrations::Found> &found) { registered(found); });
}

void OidcLogin::requestDeviceCode()
{
    step(loginstep::Working {loginstep::Working::What::RequestingCode});
    m_calls.startDevice(
        m_plan.site, m_registration, calls(),
        [this](const Result<DeviceAuthorization> &started) { deviceStarted(started); });
}

void OidcLogin::deviceStarted(const Result<DeviceAuthorization> &started)
{
    if (!started) {
        if (started.error().code == Error::Code::Unauthorized && m_isKept)
            renewRegistration();
        else
            fail(placeFailure(started.error(), m_plan));
        return;
    }
    m_device = started.value();
    m_polling.emplace(m_device->interval, m_plan.pace);
    endBy(services().clock().addSecs(m_device->lifetime.count()));
    if (!m_plan.session.isEmpty()) {
        checkSession();
        return;
    }
    step(loginstep::ShowCode {m_device->userCode, m_device->verificationUri,
                              m_device->verificationUriComplete, deadline()});
    pollSoon(m_polling->interval());
}

void OidcLogin::pollSoon(std::chrono::milliseconds wait)
{
    if (isRunning())
        m_wait.start(wait);
}

void OidcLogin::poll()
{
    if (services().clock() >= deadline()) {
        fail(loginFailure({Verdict::Expired}));
        return;
    }
    m_calls.askDeviceToken(m_plan.site, m_registration, m_device->deviceCode, calls(),
                           [this](const OidcTokenReply &reply) { polled(reply); });
}

void OidcLogin::polled(const OidcTokenReply &reply)
{
    switch (reply.verdict) {
    case Verdict::Granted:
        accept(reply.grant);
        return;
    case Verdict::Pending:
    case Verdict::SlowDown:
    case Verdict::Failed:
        pollSoon(m_polling->waitAfter(reply.verdict));
        return;
    case Verdict::Expired:
    case Verdict::Denied:
    case Verdict::InvalidClient:
    case Verdict::Refused:
        refuse(reply);
        return;
    }
}

void OidcLogin::refuse(const OidcTokenReply &reply)
{
    if (reply.verdict == Verdict::InvalidClient)
        m_registrations.forget(m_plan.site, m_plan.grant, this);
    fail(loginFailure(reply));
}

void OidcLogin::checkSession()
{
    step(loginstep::Working {loginstep::Working::What::CheckingSession});
    m_calls.checkSession(m_plan.site, m_plan.session, calls(), [this](const Result<Done> &known) {
        if (!known) {
            fail(known.error());
            return;
        }
        m_calls.startDeviceSession(m_plan.site, m_plan.session, calls(),
                                   [this](const Result<Secret> &session) {
                                       if (session)
                                           approve(session.value());
                                       else
                                           fail(session.error());
                                   });
    });
}

void OidcLogin::approve(const Secret &userSession)
{
    m_plan.session = {};
    m_calls.acceptUserCode(m_plan.site, m_device->userCode, userSession, calls(),
                           [this, userSession](const Result<OidcDeviceContext> &device) {
                               if (!device) {
                                   fail(device.error());
                                   return;
                               }
                               m_calls.associateToken(m_plan.site, device.value(), userSession,
                                                      calls(), [this](const Result<Done> &result) {
                                                          if (result)
                                                              approved();
                                                          else
                                                              fail(result.error());
                                                      });
                           });
}

void OidcLogin::approved()
{
    step(loginstep::Working {loginstep::Working::What::Exchanging});
    poll();
}

void OidcLogin::openAuthorization()
{
    m_listener = std::make_unique<LoopbackListener>(given().language);
    const QList<quint16> &ports = services().ports;
    const Result<quint16> port = m_listener->listen(ports.isEmpty() ? QList<quint16> {0} : ports);
    if (!port) {
        fail(port.error());
        return;
    }
    m_pkce = makePkce();
    m_state = makeLoginState();
    m_redirectUri = u"http://127.0.0.1:%1/oauth/callback"_s.arg(port.value());
    const QUrl link =
        m_calls.authorizeUrl(m_plan.site, m_registration, m_redirectUri, m_state, m_pkce.challenge);
    if (!link.isValid()) {
        fail({Error::Code::BadInput, u"no host is configured for this sign-in"_s});
        return;
    }
    connect(m_listener.get(), &LoopbackListener::redirected, this,
            [this](const LoginRedirect &redirect) {
                if (!m_exchanging)
                    (void)takeRedirect(redirect); // what is wrong with it was told to the browser
            });
    m_listener->expect(m_state);
    step(loginstep::OpenBrowser {link, deadline(), true, false});
}

/// A redirect with the right state.
Result<Done> OidcLogin::takeRedirect(const LoginRedirect &redirect)
{
    if (const std::optional<Error> failure = redirect.failure()) {
        fail(*failure);
        return Done {};
    }
    const QByteArray code = redirect.value("code");
    if (code.isEmpty())
        return Error {Error::Code::BadInput, u"the address carries no code"_s};
    m_exchanging = true;
    step(loginstep::Working {loginstep::Working::What::Exchanging});
    m_calls.exchangeCode(m_plan.site, m_registration,
                         {Secret(code), m_pkce.verifier, m_redirectUri}, calls(),
                         [this](const OidcTokenReply &reply) { exchanged(reply); });
    return Done {};
}

void OidcLogin::exchanged(const OidcTokenReply &reply)
{
    // A code is good for one question.
    if (reply.verdict == Verdict::Granted)
        accept(reply.grant);
    else
        refuse(reply);
}

void OidcLogin::accept(const TokenGrant &grant)
{
    if (grant.refreshToken.isEmpty()) {
        fail({Error::Code::Upstream, u"the service gave no refresh token"_s});
        return;
    }
    m_account.registrationEndsAt = m_registration.endsAt;
    Credential credential;
    credential.accessToken = grant.accessToken;
    credential.refreshToken = grant.refreshToken;
    credential.expiresAt = grant.expiresAt;
    credential.clientId = m_registration.clientId;
    credential.clientSecret = m_registration.clientSecret;
    credential.clientSecretExpiresAt = m_registration.endsAt;
    succeed({ImportedAccount {m_account, credential}});
}

} // namespace kirotray
