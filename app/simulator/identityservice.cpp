// SPDX-License-Identifier: MIT
#include "app/simulator/identityservice.h"

#include "app/base/secret.h"

#include <QCryptographicHash>
#include <QUrl>

namespace kirotray {

namespace {

using LoginOutcome = BrowserRules::Outcome;

constexpr qsizetype MaxLoginCodes = 1000; ///< a script may run for days
constexpr int LoginCodeBytes = 24;

HttpResponse loginError(int status, std::string_view error, std::string_view description)
{
    std::string body;
    JsonWriter(body)
        .beginObject()
        .member("error", error)
        .member("error_description", description)
        .endObject();
    return jsonResponse(status, QByteArray::fromStdString(body));
}

HttpResponse loginPageError(const QByteArray &text)
{
    HttpResponse response;
    response.status = 400;
    response.headers.append("Content-Type", "text/html; charset=utf-8");
    response.body = "<!doctype html><title>Simulator</title><p>" + text + "</p>";
    return response;
}

/// Form fields and query values: '+' is a space there.
QByteArray formValue(const QByteArray &form, QByteArrayView name)
{
    return queryValue(QByteArray(form).replace('+', ' '), name);
}

QByteArray jsonText(const JsonValue &object, std::string_view key)
{
    const std::string_view text = object[key].string();
    return {text.data(), static_cast<qsizetype>(text.size())};
}

QByteArray s256(const QByteArray &verifier)
{
    return QCryptographicHash::hash(verifier, QCryptographicHash::Sha256)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

/// The rule of §4.2 no. 2: this machine, or the IDE's own scheme.
bool isAllowedRedirect(const QByteArray &uri)
{
    const QUrl url = QUrl::fromEncoded(uri, QUrl::StrictMode);
    const bool isLocal = url.host() == u"localhost" || url.host() == u"127.0.0.1";
    return url.isValid() && ((url.scheme() == u"http" && isLocal) || url.scheme() == u"kiro");
}

bool hasPkceAndState(const QByteArray &query)
{
    return queryValue(query, "code_challenge").size() == 43
        && queryValue(query, "code_challenge_method") == "S256"
        && !queryValue(query, "state").isEmpty();
}

/// The scripted outcome, counted down.
LoginOutcome takeOutcome(BrowserRules &rules)
{
    if (rules.times == 0)
        return LoginOutcome::Grant;
    if (rules.times > 0)
        --rules.times;
    return rules.outcome;
}

std::optional<HttpResponse> takeFailure(BrowserRules &rules)
{
    for (BrowserRules::Failure &failure : rules.failures) {
        if (failure.times == 0)
            continue;
        if (failure.times > 0)
            --failure.times;
        return render(failure.answer);
    }
    return std::nullopt;
}

void readOutcome(const JsonValue &value, ScenarioReader &reader, BrowserRules &rules)
{
    rules.times = reader.integer(value, "times", -1, 1);
    const std::string outcome = reader.text(value, "outcome");
    if (outcome == "denied")
        rules.outcome = LoginOutcome::Denied;
    else if (outcome == "wrongState")
        rules.outcome = LoginOutcome::WrongState;
    else if (outcome == "usedCode")
        rules.outcome = LoginOutcome::UsedCode;
    else if (!outcome.empty() && outcome != "grant")
        reader.fail(value["outcome"], "expected grant, denied, wrongState or usedCode");
    for (const JsonValue each : reader.optionalArray(value, "failures")) {
        if (!reader.expect(each, JsonValue::Type::Object))
            return;
        BrowserRules::Failure failure;
        failure.answer = readHttpFailure(each, reader, {"times"});
        failure.times = reader.integer(each, "times", -1, 1);
        rules.failures.push_back(std::move(failure));
    }
}

void readPortal(const JsonValue &value, ScenarioReader &reader, LoginRules &rules)
{
    if (value.isAbsent()
        || !reader.objectWith(
            value, {"outcome", "times", "option", "issuerUrl", "region", "clientId", "scopes"}))
        return;
    readOutcome(value, reader, rules.portal);
    const auto readText = [&](std::string_view key, QByteArray &field) {
        if (!value[key].isAbsent())
            field = reader.bytes(value, key);
    };
    readText("option", rules.option);
    readText("issuerUrl", rules.issuerUrl);
    readText("region", rules.region);
    readText("clientId", rules.clientId);
    readText("scopes", rules.scopes);
}

/// Of the same length, so that only the comparison of all of it helps.
QByteArray otherState(const QByteArray &state)
{
    QByteArray other = state;
    other.back() = other.back() == 'x' ? 'y' : 'x';
    return other;
}

QByteArray queryText(const QByteArray &name, const QByteArray &value)
{
    return '&' + name + '=' + value.toPercentEncoding();
}

} // namespace

void readLoginRules(const JsonValue &logins, ScenarioReader &reader, LoginRules &rules)
{
    const JsonValue social = reader.optionalObject(logins, "social");
    if (!social.isAbsent() && reader.objectWith(social, {"outcome", "times", "failures"}))
        readOutcome(social, reader, rules.social);
    readPortal(reader.optionalObject(logins, "portal"), reader, rules);
    const JsonValue idp = reader.optionalObject(logins, "idp");
    if (idp.isAbsent() || !reader.objectWith(idp, {"outcome", "times", "failures", "discovery"}))
        return;
    readOutcome(idp, reader, rules.idp);
    if (const JsonValue document = idp["discovery"]; !document.isMissing())
        rules.discovery = ScenarioReader::toBytes(std::string(document.raw()));
}

std::optional<HttpResponse> IdentityService::answer(const HttpRequest &request, TokenBook &tokens,
                                                    Clock::time_point now)
{
    const HttpRequestHead &head = request.head;
    const bool isGet = head.method == "GET";
    const bool isPost = head.method == "POST";
    if (isGet && head.path == "/login")
        return socialLogin(request);
    if (isPost && head.path == "/oauth/token")
        return socialToken(request, tokens, now);
    if (isPost && head.path == "/logout")
        return logout(request, tokens);
    if (isGet && head.path == "/signin")
        return portal(request);
    if (isGet && head.path == "/idp/.well-known/openid-configuration")
        return discovery(request);
    if (isGet && head.path == "/idp/authorize")
        return idpAuthorize(request);
    if (isPost && head.path == "/idp/token")
        return idpToken(request, tokens, now);
    return std::nullopt;
}

HttpResponse IdentityService::socialLogin(const HttpRequest &request)
{
    const QByteArray &query = request.head.query;
    const QByteArray idp = queryValue(query, "idp");
    const QByteArray redirect = queryValue(query, "redirect_uri");
    if (idp != "Google" && idp != "Github")
        return loginPageError("Unknown identity provider.");
    if (!isAllowedRedirect(redirect))
        return loginPageError("redirect_uri must be localhost or a subdomain of app.kiro.dev.");
    if (!hasPkceAndState(query))
        return loginPageError("PKCE and state are required.");
    return sendBack(redirect, queryValue(query, "state"), takeOutcome(m_rules.social),
                    {Site::Social, queryValue(query, "code_challenge"), redirect, {}});
}

HttpResponse IdentityService::socialToken(const HttpRequest &request, TokenBook &tokens,
                                          Clock::time_point now)
{
    if (const auto failure = takeFailure(m_rules.social))
        return *failure;
    const Result<JsonDocument> document = JsonDocument::parse(request.body);
    if (!document)
        return loginError(400, "invalid_request", "Malformed body");
    const JsonValue root = document.value().root();
    const Presented presented {Site::Social,
                               jsonText(root, "code"),
                               jsonText(root, "code_verifier"),
                               jsonText(root, "redirect_uri"),
                               {}};
    if (const auto refused = refusedCode(presented))
        return *refused;
    return jsonResponse(200, tokens.grantSocial(now));
}

HttpResponse IdentityService::logout(const HttpRequest &request, TokenBook &tokens) const
{
    const Result<JsonDocument> document = JsonDocument::parse(request.body);
    const QByteArray token =
        document ? jsonText(document.value().root(), "refreshToken") : QByteArray();
    if (token.isEmpty())
        return render(improper("refreshToken: missing"));
    tokens.revoke(token);
    return {};
}

HttpResponse IdentityService::portal(const HttpRequest &request)
{
    const QByteArray &query = request.head.query;
    const QByteArray origin = queryValue(query, "redirect_uri");
    const QByteArray state = queryValue(query, "state");
    if (!isAllowedRedirect(origin) || !QUrl::fromEncoded(origin).path().isEmpty())
        return loginPageError("redirect_uri must be the bare origin of this machine.");
    if (!hasPkceAndState(query))
        return loginPageError("PKCE and state are required.");
    const QByteArray &option = m_rules.option;
    const LoginOutcome outcome = takeOutcome(m_rules.portal);
    if (option == "google" || option == "github") {
        const QByteArray target = origin + "/oauth/callback?login_option=" + option;
        return sendBack(target, state, outcome,
                        {Site::Social, queryValue(query, "code_challenge"), target, {}});
    }
    QByteArray target = origin + "/signin/callback?login_option=" + option;
    if (option == "external_idp") {
        const QByteArray own = "http://" + request.head.headers.value("Host") + "/idp";
        target += queryText("issuer_url", m_rules.issuerUrl.isEmpty() ? own : m_rules.issuerUrl)
            + queryText("client_id", m_rules.clientId) + queryText("scopes", m_rules.scopes)
            + queryText("login_hint", "ada@example.com");
    } else {
        target += queryText("issuer_url",
                            m_rules.issuerUrl.isEmpty() ? "https://view.awsapps.com/start"
                                                        : m_rules.issuerUrl)
            + queryText("idc_region", m_rules.region);
    }
    return sendBack(target, state, outcome, {});
}

HttpResponse IdentityService::discovery(const HttpRequest &request) const
{
    if (m_rules.discovery)
        return jsonResponse(200, *m_rules.discovery);
    const std::string issuer =
        "http://" + request.head.headers.value("Host").toStdString() + "/idp";
    std::string body;
    JsonWriter(body)
        .beginObject()
        .member("issuer", issuer)
        .member("authorization_endpoint", issuer + "/authorize")
        .member("token_endpoint", issuer + "/token")
        .endObject();
    return jsonResponse(200, QByteArray::fromStdString(body));
}

HttpResponse IdentityService::idpAuthorize(const HttpRequest &request)
{
    const QByteArray &query = request.head.query;
    const QByteArray redirect = queryValue(query, "redirect_uri");
    const QByteArray scope = formValue(query, "scope");
    if (queryValue(query, "client_id") != m_rules.clientId
        || queryValue(query, "response_type") != "code")
        return loginPageError("Unknown client.");
    if (!scope.split(' ').contains("offline_access"))
        return loginPageError("Without offline_access there is no refresh token.");
    if (!isAllowedRedirect(redirect) || !hasPkceAndState(query))
        return loginPageError("A loopback redirect_uri, PKCE and state are required.");
    return sendBack(redirect, queryValue(query, "state"), takeOutcome(m_rules.idp),
                    {Site::Idp, queryValue(query, "code_challenge"), redirect, m_rules.clientId});
}

HttpResponse IdentityService::idpToken(const HttpRequest &request, TokenBook &tokens,
                                       Clock::time_point now)
{
    if (const auto failure = takeFailure(m_rules.idp))
        return *failure;
    const QByteArray form = QByteArray::fromStdString(request.body);
    if (!request.head.headers.value("Content-Type").startsWith("application/x-www-form-urlencoded"))
        return loginError(400, "invalid_request", "Expected a form");
    const QByteArray grantType = formValue(form, "grant_type");
    if (grantType == "refresh_token") {
        if (formValue(form, "client_id") != m_rules.clientId)
            return loginError(401, "invalid_client", "Unknown client");
        return tokens.refreshStandard(formValue(form, "refresh_token"), now);
    }
    if (grantType != "authorization_code")
        return loginError(400, "unsupported_grant_type", "Unsupported grant type");
    const Presented presented {Site::Idp, formValue(form, "code"), formValue(form, "code_verifier"),
                               formValue(form, "redirect_uri"), formValue(form, "client_id")};
    if (const auto refused = refusedCode(presented))
        return *refused;
    return jsonResponse(200, tokens.grantStandard(now));
}

HttpResponse IdentityService::sendBack(const QByteArray &target, const QByteArray &state,
                                       LoginOutcome outcome, const Code &code)
{
    QByteArray location = target + (target.contains('?') ? '&' : '?') + "state="
        + (outcome == LoginOutcome::WrongState ? otherState(state) : state).toPercentEncoding();
    if (outcome == LoginOutcome::Denied) {
        location += "&error=access_denied&error_description=The+person+said+no";
    } else if (!code.challenge.isEmpty()) {
        if (m_codes.size() >= MaxLoginCodes)
            m_codes.clear();
        const QByteArray value = randomToken(LoginCodeBytes);
        Code issued = code;
        issued.used = outcome == LoginOutcome::UsedCode;
        m_codes.insert(value, issued);
        location += queryText("code", value);
    }
    HttpResponse response;
    response.status = 302;
    response.headers.append("Location", location);
    return response;
}

std::optional<HttpResponse> IdentityService::refusedCode(const Presented &presented)
{
    const auto found = m_codes.find(presented.code);
    const bool isGood = found != m_codes.end() && !found->used && found->site == presented.site
        && found->challenge == s256(presented.verifier)
        && found->redirectUri == presented.redirectUri && found->clientId == presented.clientId;
    if (found != m_codes.end())
        found->used = true; // RFC 6749 §4.1.2: once, even when it was presented wrongly
    if (isGood)
        return std::nullopt;
    return loginError(400, "invalid_grant", "Invalid authorization code");
}

} // namespace kirotray
