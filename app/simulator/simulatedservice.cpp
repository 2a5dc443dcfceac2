// SPDX-License-Identifier: MIT
#include "app/simulator/simulatedservice.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/simulator/answerstream.h"
#include "app/simulator/controlanswers.h"
#include "app/simulator/demoanswer.h"
#include "app/simulator/eventstreamencoder.h"
#include "app/simulator/rulematch.h"

#include <QTimer>
#include <QUuid>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

Refusal unknownOperation()
{
    return {404, "UnknownOperationException", {}, "Unknown operation.", "no such route"};
}

QByteArray bytesFrom(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// The plan with the first frame of the JSON 1.0 binding (kiro-protocol §1.2) put before it.
AnswerPlanPtr withInitialResponse(const AnswerPlan &plan, std::string_view conversationId)
{
    std::string payload;
    JsonWriter(payload).beginObject().member("conversationId", conversationId).endObject();
    auto result = std::make_shared<AnswerPlan>();
    result->credits = plan.credits;
    result->items.push_back(
        {PlanItem::Kind::Write, encodeEvent("initial-response", payload), {}, 1});
    result->items.insert(result->items.end(), plan.items.begin(), plan.items.end());
    return result;
}

struct ControlRoute
{
    std::string_view method;
    std::string_view path;
    ControlCall call;
};

constexpr std::array<ControlRoute, 8> ControlRoutes {
    {{"GET", "/getUsageLimits", ControlCall::Usage},
     {"GET", "/Get-Usage-Limits", ControlCall::Usage},
     {"GET", "/ListAvailableModels", ControlCall::Models},
     {"GET", "/List-Available-Models", ControlCall::Models},
     {"POST", "/ListAvailableProfiles", ControlCall::Profiles},
     {"POST", "/List-Available-Profiles", ControlCall::Profiles},
     {"POST", "/mcp", ControlCall::Mcp},
     {"POST", "/mcp/", ControlCall::Mcp}}};

constexpr std::array<std::pair<std::string_view, ControlCall>, 5> ControlTargets {
    {{"GetProfile", ControlCall::Profile},
     {"GetUsageLimits", ControlCall::Usage},
     {"ListAvailableModels", ControlCall::Models},
     {"ListAvailableProfiles", ControlCall::Profiles},
     {"InvokeMCP", ControlCall::Mcp}}};

} // namespace

SimulatedService::SimulatedService()
{
    setScenario({});
}

SimulatedService::~SimulatedService()
{
    close();
}

void SimulatedService::close()
{
    // Before the server: each gives its exchange back, which cuts the connection.
    qDeleteAll(findChildren<AnswerStream *>(QString(), Qt::FindDirectChildrenOnly));
    m_statistics.activeStreams = 0;
    m_http.reset();
}

Result<quint16> SimulatedService::listen(quint16 port)
{
    HttpServerLimits serverLimits;
    serverLimits.maxConnections = limits::SimulatorConnections;
    m_http = std::make_unique<HttpServer>(serverLimits);
    m_http->setHandler([this](HttpExchange exchange) { handle(std::move(exchange)); });
    m_http->setErrorRenderer([](const HttpRequestHead &, int status, const QByteArray &message) {
        return render(Refusal {status, {}, {}, message, "http"});
    });
    return m_http->listen(QHostAddress(QHostAddress::LocalHost), port);
}

void SimulatedService::setScenario(const Scenario &scenario)
{
    m_service = scenario.service;
    m_tokens.setRules(scenario.tokens);
    m_identity.setRules(scenario.logins);
    m_oidc.setRules(scenario.oidc);
    m_rules.clear();
    for (const ScenarioRule &rule : scenario.rules) {
        RuleState state {rule, rule.times, nullptr};
        if (rule.steps && isConstant(*rule.steps)) {
            const ChatAsk anyone;
            state.plan = planFor(&state, anyone);
        }
        m_rules.push_back(std::move(state));
    }
    m_controls.clear();
    for (const auto &[call, instead] : scenario.control)
        m_controls.push_back({call, instead, instead.times});
    m_accepted = 0;
    m_record = scenario.record;
    m_requests.clear();
}

std::vector<SimulatorRequest> SimulatedService::requests() const
{
    return m_requests;
}

SimulatorStatistics SimulatedService::statistics() const
{
    SimulatorStatistics statistics = m_statistics;
    statistics.graceRefreshes = m_tokens.graceRefreshes();
    return statistics;
}

void SimulatedService::handle(HttpExchange exchange)
{
    const HttpRequestHead &head = exchange.request().head;
    const bool post = head.method == "POST";
    if (post && head.path == "/generateAssistantResponse")
        return chat(std::move(exchange), false);
    if (post && head.path == "/refreshToken")
        return refresh(std::move(exchange), true);
    const auto now = TokenBook::Clock::now();
    if (const auto answer = m_identity.answer(exchange.request(), m_tokens, now))
        return exchange.respond(*answer);
    if (const auto answer = m_oidc.answer(exchange.request(), m_tokens, now))
        return exchange.respond(*answer);
    if (post && OidcIdentity::pathWithoutRegion(head.path) == "/token")
        return refresh(std::move(exchange), false);
    if (post && head.path == "/")
        return dispatchTarget(std::move(exchange));
    const auto route =
        std::find_if(ControlRoutes.begin(), ControlRoutes.end(), [&](const ControlRoute &known) {
            return head.method == bytesFrom(known.method) && head.path == bytesFrom(known.path);
        });
    if (route != ControlRoutes.end())
        return control(std::move(exchange), route->call);
    refuse(std::move(exchange), unknownOperation());
}

void SimulatedService::dispatchTarget(HttpExchange exchange)
{
    const QByteArray target = exchange.request().head.headers.value("X-Amz-Target");
    const QByteArray operation = target.mid(target.lastIndexOf('.') + 1);
    if (operation == "GenerateAssistantResponse")
        return chat(std::move(exchange), true);
    for (const auto &[name, call] : ControlTargets) {
        if (operation == bytesFrom(name))
            return control(std::move(exchange), call);
    }
    refuse(std::move(exchange), unknownOperation());
}

void SimulatedService::chat(HttpExchange exchange, bool rpcBinding)
{
    const HttpRequest &request = exchange.request();
    countChat(request);
    SimulatorRequest *recorded = record(SimulatorRequest::Call::Chat, request.body);
    const HttpHeaders &headers = request.head.headers;
    std::optional<Refusal> refusal = m_tokens.check(headers, TokenBook::Clock::now());
    CheckedRequest checked;
    if (!refusal) {
        checked = checkChatRequest(headers, request.body, m_service);
        refusal = checked.refusal;
    }
    if (refusal) {
        ++m_statistics.chatRefused;
        if (recorded != nullptr)
            recorded->refusal = refusal->cause;
        return refuse(std::move(exchange), *refusal);
    }
    ++m_accepted;
    const ChatAsk ask = readChatAsk(checked.document->root());
    RuleState *state = matchingRule(ask, TokenBook::bearer(headers));
    if (recorded != nullptr && state != nullptr)
        recorded->rule = QByteArray::fromStdString(state->rule.name);
    if (state != nullptr && state->rule.httpError) {
        ++m_statistics.chatRefused;
        return respondAfter(state->rule.firstByteDelay, std::move(exchange),
                            render(*state->rule.httpError));
    }
    AnswerPlanPtr plan = planFor(state, ask);
    if (rpcBinding)
        plan = withInitialResponse(*plan, ask.conversationId);
    play(std::move(exchange), ask, std::move(plan));
}

SimulatedService::RuleState *SimulatedService::matchingRule(const ChatAsk &ask,
                                                            const QByteArray &token)
{
    for (RuleState &state : m_rules) {
        if (state.left == 0 || !ruleMatches(state.rule.match, ask, token, m_accepted))
            continue;
        if (state.left > 0)
            --state.left;
        return &state;
    }
    return nullptr;
}

AnswerPlanPtr SimulatedService::planFor(RuleState *state, const ChatAsk &ask) const
{
    if (state != nullptr && state->plan)
        return state->plan;
    static const ServiceModel unlisted;
    const ServiceModel *model = findServiceModel(m_service.models, ask.model);
    const bool scripted = state != nullptr && state->rule.steps;
    AnswerPlan plan = compilePlan(scripted ? *state->rule.steps
                                           : demoAnswer(ask, model != nullptr ? *model : unlisted));
    if (state == nullptr)
        return std::make_shared<AnswerPlan>(std::move(plan));
    const ScenarioRule &rule = state->rule;
    if (rule.repeat > 1)
        plan = repeatedPlan(plan, rule.repeat);
    if (!rule.cut.empty())
        plan = cutPlan(plan, rule.cut, rule.cutInterval);
    if (rule.firstByteDelay.count() > 0)
        plan.items.insert(plan.items.begin(), {PlanItem::Kind::Wait, {}, rule.firstByteDelay, 1});
    return std::make_shared<AnswerPlan>(std::move(plan));
}

void SimulatedService::play(HttpExchange exchange, const ChatAsk &ask, AnswerPlanPtr plan)
{
    HttpHeaders headers;
    headers.append("Content-Type", "application/vnd.amazon.eventstream");
    headers.append("x-amzn-requestid", QUuid::createUuid().toByteArray(QUuid::WithoutBraces));
    headers.append("x-amzn-codewhisperer-conversation-id",
                   ask.conversationId.empty()
                       ? QUuid::createUuid().toByteArray(QUuid::WithoutBraces)
                       : bytesFrom(ask.conversationId));
    m_credits += plan->credits;
    auto *stream = new AnswerStream(std::move(exchange), std::move(headers), std::move(plan), this);
    ++m_statistics.activeStreams;
    m_statistics.peakStreams = std::max(m_statistics.peakStreams, m_statistics.activeStreams);
    connect(stream, &AnswerStream::ended, this, [this](bool aborted) {
        --m_statistics.activeStreams;
        m_statistics.chatAborted += aborted ? 1 : 0;
    });
    stream->start();
}

void SimulatedService::refresh(HttpExchange exchange, bool social)
{
    ++(social ? m_statistics.socialRefreshes : m_statistics.oidcRefreshes);
    const HttpRequest &request = exchange.request();
    if (!isJsonContentType(request.head.headers))
        return refuse(std::move(exchange), {415, {}, {}, "Unsupported media type.", "type"});
    const auto now = TokenBook::Clock::now();
    const HttpResponse response = social ? m_tokens.refreshSocial(request.body, now)
                                         : m_tokens.refreshOidc(request.body, now);
    respondAfter(m_tokens.rules().delay, std::move(exchange), response);
}

void SimulatedService::control(HttpExchange exchange, ControlCall call)
{
    ++m_statistics.controlRequests;
    const HttpRequest &request = exchange.request();
    if (call == ControlCall::Mcp)
        record(SimulatorRequest::Call::WebSearch, request.body);
    const HttpHeaders &headers = request.head.headers;
    if (const auto refusal = m_tokens.check(headers, TokenBook::Clock::now()))
        return refuse(std::move(exchange), *refusal);
    QByteArray arn = headers.value("x-amzn-kiro-profile-arn");
    if (arn.isEmpty())
        arn = queryValue(request.head.query, "profileArn");
    if (!arn.isEmpty()
        && !isServiceProfileArn(
            std::string_view(arn.constData(), static_cast<std::size_t>(arn.size()))))
        return refuse(std::move(exchange), invalid("REQUEST_BODY_INVALID", "malformed ARN"));
    const auto found =
        std::find_if(m_controls.begin(), m_controls.end(), [&](const Control &control) {
            return control.call == call && control.left != 0;
        });
    if (found == m_controls.end()) {
        const HttpResponse usual = usualControlAnswer(request, call);
        return exchange.respond(usual);
    }
    if (found->left > 0)
        --found->left;
    const ControlOverride &instead = found->instead;
    HttpResponse response;
    if (instead.httpError)
        response = render(*instead.httpError);
    else if (instead.json)
        response = jsonResponse(200, *instead.json);
    else
        response = usualControlAnswer(request, call);
    respondAfter(instead.delay, std::move(exchange), response);
}

HttpResponse SimulatedService::usualControlAnswer(const HttpRequest &request,
                                                  ControlCall call) const
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    switch (call) {
    case ControlCall::Usage:
        return jsonResponse(200, usageAnswer(m_credits, now));
    case ControlCall::Models:
        return jsonResponse(200, modelsAnswer(m_service.models));
    case ControlCall::Profiles:
        return jsonResponse(200, profilesAnswer());
    case ControlCall::Profile:
        return jsonResponse(200, profileAnswer());
    case ControlCall::Mcp:
        break;
    }
    return jsonResponse(200, mcpAnswer(request.body, now));
}

SimulatorRequest *SimulatedService::record(SimulatorRequest::Call call, const std::string &body)
{
    if (m_record <= 0)
        return nullptr;
    if (m_requests.size() >= static_cast<std::size_t>(m_record))
        m_requests.erase(m_requests.begin());
    m_requests.push_back({call, QByteArray::fromStdString(body), {}, {}});
    return &m_requests.back();
}

void SimulatedService::countChat(const HttpRequest &request)
{
    ++m_statistics.chatRequests;
    m_statistics.lastChatBody = QByteArray::fromStdString(request.body);
    m_statistics.lastChatHeaders.clear();
    for (const auto &[name, value] : request.head.headers.fields()) {
        const bool secret = name.compare("Authorization", Qt::CaseInsensitive) == 0;
        m_statistics.lastChatHeaders +=
            name + ": " + (secret ? QByteArray("Bearer ***") : value) + '\n';
    }
}

void SimulatedService::refuse(HttpExchange exchange, const Refusal &refusal)
{
    qCInfo(logSimulator).nospace()
        << "refused status=" << refusal.status << " reason=" << refusal.reason.constData()
        << " cause=" << refusal.cause.constData();
    exchange.respond(render(refusal));
}

void SimulatedService::respondAfter(std::chrono::milliseconds delay, HttpExchange exchange,
                                    const HttpResponse &response)
{
    if (delay.count() <= 0)
        return exchange.respond(response);
    // Shared only because a slot must be copyable.
    auto kept = std::make_shared<HttpExchange>(std::move(exchange));
    QTimer::singleShot(delay, this, [kept, response] { kept->respond(response); });
}

} // namespace kirotray
