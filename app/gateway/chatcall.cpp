// SPDX-License-Identifier: MIT
#include "app/gateway/chatcall.h"

#include "app/accounts/keylimits.h"
#include "app/base/limits.h"
#include "app/gateway/accountrefusal.h"
#include "app/gateway/answerstore.h"
#include "app/gateway/clientprogram.h"
#include "app/gateway/poolwork.h"
#include "app/gateway/remoteimages.h"
#include "app/gateway/requestcompletion.h"

#include <utility>

namespace kirotray {

namespace {

constexpr qsizetype MaxOutcome = 500; ///< characters; in the log too

using Decoded = std::variant<ChatRequest, ChatError>;

/// A header value may not hold what is not printable ASCII; a model's name may.
QByteArray headerText(const QString &text)
{
    QByteArray safe = text.toUtf8().left(limits::MaxToolName * 2);
    for (char &letter : safe)
        if (letter < 0x20 || letter > 0x7e)
            letter = '?';
    return safe;
}

} // namespace

ChatCall::ChatCall(Services services, const Route &route, HttpExchange exchange, QObject *parent)
    : QObject(parent)
    , m_services(services)
    , m_dialectId(route.dialect)
    , m_dialect(dialect(route.dialect))
    , m_target(route.target)
    , m_isBuffered(route.isBuffered)
    , m_exchange(std::move(exchange))
    , m_preparation {services.config, services.models, route.dialect}
    , m_account(services.accounts, services.models, services.starts, m_flow)
{
    m_clock.start();
    const HttpRequestHead &head = m_exchange.request().head;
    m_stamp = stampFor(head);
    m_sessionHeader = sessionIn(head.headers);
    m_flow.id = m_stamp.flowId;
    m_flow.startedAt = QDateTime::currentDateTimeUtc();
    m_flow.dialect = QString::fromLatin1(m_dialect.name());
    m_flow.route = QString::fromLatin1(head.method + ' ' + head.path);
    noteCaller(head);
    connect(&m_pingTimer, &QTimer::timeout, this, &ChatCall::ping);
    connect(m_exchange.events(), &HttpExchangeEvents::clientGone, this,
            [this] { finish(0, u"client-gone"_s); });
    connect(m_exchange.events(), &HttpExchangeEvents::drained, this, [this] {
        if (m_turns)
            m_turns->resume();
    });
}

ChatCall::~ChatCall() = default;

/// Who asks; an administrator may ask for an account, to send a recorded request again.
void ChatCall::noteCaller(const HttpRequestHead &head)
{
    m_flow.client = clientProgram(head.headers);
    const std::optional<ClientGuard::Caller> caller = m_services.guard.callerOf(head);
    if (caller)
        m_flow.clientKey = caller->name;
    if (!caller || !caller->isAdmin)
        return;
    m_askedAccount = QString::fromUtf8(head.headers.value("x-kirotray-use-account"));
    m_flow.replayOf = QString::fromUtf8(head.headers.value("x-kirotray-replay-of"));
}

void ChatCall::start()
{
    std::string body = m_exchange.takeRequest().body;
    if (m_services.config.policy.recordsBodies)
        m_capture = std::make_shared<FlowCapture>(body);
    if (static_cast<qsizetype>(body.size()) <= limits::PrepareInline) {
        onDecoded(decodeCall(std::move(body), m_dialect, m_target));
        return;
    }
    auto text = std::make_shared<std::string>(std::move(body));
    runOnPool<Decoded>(
        this,
        [text, &api = m_dialect, target = m_target] {
            return decodeCall(std::move(*text), api, target);
        },
        [this](Decoded &decoded) { onDecoded(std::move(decoded)); });
}

FlowBodiesPtr ChatCall::takeBodies()
{
    return m_capture ? m_capture->take() : nullptr;
}

void ChatCall::onDecoded(Decoded decoded)
{
    if (m_isOver)
        return;
    if (const auto *refusal = std::get_if<ChatError>(&decoded)) {
        fail(*refusal);
        return;
    }
    m_call->request = std::move(std::get<ChatRequest>(decoded));
    ChatRequest &request = m_call->request;
    if (request.sessionKey.empty())
        request.sessionKey = m_sessionHeader;
    m_flow.stream = request.stream;
    m_flow.modelAsked = QString::fromStdString(request.model).left(limits::MaxModelName);
    if (request.model.size() > limits::MaxModelName) {
        fail({ChatError::Kind::InvalidRequest,
              "the model's name is longer than " + std::to_string(limits::MaxModelName) + " bytes",
              "model",
              {}});
        return;
    }
    if (const std::optional<ChatError> refusal = overLimit()) {
        fail(*refusal);
        return;
    }
    const std::size_t ownMessages = request.messages.size();
    if (const std::optional<ChatError> refusal =
            inheritConversation(m_services.answers, request, m_call->inheritedConversation)) {
        fail(*refusal);
        return;
    }
    m_hasInherited = request.messages.size() > ownMessages;
    if (request.state.store) // before anything is added, marked or cut
        m_ownMessages.assign(request.messages.end() - std::ptrdiff_t(ownMessages),
                             request.messages.end());
    if (m_services.config.fetchesRemoteImages && hasRemoteImages(request))
        fetchImages();
    else
        choose();
}

std::optional<ChatError> ChatCall::overLimit()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const auto refusal = m_services.keyLimits.admit(m_flow.clientKey, m_flow.modelAsked, now);
    m_isAdmitted = !refusal;
    return refusal ? std::optional(keyRefusal(*refusal, now)) : std::nullopt;
}

void ChatCall::fetchImages()
{
    fetchRemoteImages(m_services.http, m_services.config.proxy, m_call->request, this,
                      [this](const std::optional<ChatError> &refusal) {
                          if (m_isOver)
                              return;
                          if (refusal)
                              fail(*refusal);
                          else
                              choose();
                      });
}

void ChatCall::choose()
{
    ChatRequest &request = m_call->request;
    m_flow.conversation = QString::fromStdString(conversationIdFor(request));
    if (const std::optional<ChatError> refusal =
            m_account.choose({m_flow.conversation,
                              m_preparation.likelyModel(m_flow.modelAsked),
                              {},
                              m_askedAccount})) {
        fail(*refusal);
        return;
    }
    m_preparation.settle(*m_call, m_account.account(), m_flow);
    stamp();
    m_context = std::make_unique<CallContext>(
        CallContext::Services {upstream(), m_preparation, m_services.summaries,
                               m_services.config.policy.context},
        m_account, m_call, m_flow, nullptr);
    m_context->start([this] { prepareSearch(); });
}

void ChatCall::prepareSearch()
{
    ChatRequest &request = m_call->request;
    if (request.webSearch) {
        m_search = std::make_unique<SearchRounds>(*request.webSearch);
        m_search->prepare(request);
    }
    build();
}

void ChatCall::build()
{
    const KiroTablesPtr &own = m_account.account().ownTables;
    buildCall(this, m_call, own ? own : m_services.config.tables,
              [this](const std::optional<ChatError> &refusal) { onBuilt(refusal); });
}

void ChatCall::stamp()
{
    const AccountSnapshot &account = m_account.account();
    m_stamp.model = headerText(m_flow.modelAsked + u" -> "_s + m_flow.modelUsed);
    m_stamp.account =
        accountHash(account.label.isEmpty() ? account.identity.accountId : account.label);
    if (m_delivery)
        m_delivery->setStamp(m_stamp);
}

void ChatCall::onBuilt(const std::optional<ChatError> &refusal)
{
    if (m_isOver)
        return;
    if (refusal) {
        ChatError error = *refusal;
        if (error.param == "messages") // the neutral name
            error.param = m_dialect.messagesMember();
        fail(error);
        return;
    }
    const ChatRequest &request = m_call->request;
    recordChanges(*m_call, m_flow.changes);
    const bool isBuffered = m_isBuffered && request.stream;
    m_filters = std::make_unique<AnswerFilters>(request, m_preparation.thinkingStyle(),
                                                hidesThoughts(), m_call->promptTokens);
    m_delivery = std::make_unique<AnswerDelivery>(m_exchange, m_dialect, m_stamp, m_capture);
    m_answerId = newAnswerId();
    m_delivery->prepare(request,
                        {m_answerId, QDateTime::currentSecsSinceEpoch(), m_call->promptTokens},
                        isBuffered           ? AnswerDelivery::Mode::Buffered
                            : request.stream ? AnswerDelivery::Mode::Streamed
                                             : AnswerDelivery::Mode::Whole);
    m_pingTimer.start(isBuffered ? m_services.config.timing.bufferedPing / 2
                                 : m_services.config.timing.ping / 2);
    startTurns();
}

/// The upstream thinks by itself; the Messages API shows thoughts to those who ask for them, and
/// scripts take the first block for the answer.
bool ChatCall::hidesThoughts() const
{
    const Reasoning::Mode mode = m_call->request.reasoning.mode;
    return m_dialectId == DialectId::AnthropicMessages
        && (mode == Reasoning::Mode::Default || mode == Reasoning::Mode::Off);
}

UpstreamTurn::Services ChatCall::upstream() const
{
    const GatewayConfig &config = m_services.config;
    return {m_services.http, m_services.accounts, m_services.models,
            config.tables,   config.proxy,        config.timing};
}

void ChatCall::startTurns()
{
    UpstreamTurn::Services services = upstream();
    services.tap = m_capture; // not of a summary's call
    m_turns =
        std::make_unique<AnswerTurns>(AnswerTurns::Services {services, m_preparation, *m_context},
                                      m_account, m_call, std::move(m_search), m_flow, nullptr);
    connect(m_turns.get(), &AnswerTurns::accountChanged, this, &ChatCall::stamp);
    connect(m_turns.get(), &AnswerTurns::events, this, &ChatCall::onEvents);
    connect(m_turns.get(), &AnswerTurns::failed, this, &ChatCall::fail);
    m_turns->start();
}

void ChatCall::onEvents(const std::vector<ChatEvent> &events)
{
    if (m_isOver)
        return;
    if (m_flow.firstByteMs < 0) {
        m_flow.firstByteMs = m_clock.elapsed();
        m_account.answered();
    }
    if (m_call->built && m_turns->isRequestDone())
        releaseRequest();
    for (const ChatEvent &event : events) {
        if (m_filters->isPassive()) {
            deliver(event);
            continue;
        }
        m_filtered.clear();
        const bool goOn = m_filters->add(event, m_filtered);
        for (const ChatEvent &passed : m_filtered)
            deliver(passed);
        if (!goOn || m_isOver)
            break;
    }
    if (!m_isOver)
        flush();
}

/// No retry any more: a thousand long answers must not hold a thousand long prompts.
void ChatCall::releaseRequest()
{
    m_call->built.reset();
    ChatRequest &request = m_call->request;
    request.messages = {};
    request.tools = {};
    request.system = {};
}

void ChatCall::deliver(const ChatEvent &event)
{
    if (m_isOver)
        return;
    if (!m_delivery->add(event)) {
        fail({ChatError::Kind::Upstream,
              "the answer is too large to be sent in one piece; use stream",
              "",
              {}});
        return;
    }
    if (const auto *end = std::get_if<Finished>(&event))
        conclude(*end);
}

void ChatCall::flush()
{
    m_delivery->flush();
    if (m_turns && m_exchange.unsentBytes() > limits::ClientBacklogHigh)
        m_turns->pause();
}

void ChatCall::ping()
{
    // Two ticks make one interval: an answer that is writing needs no ping.
    if (m_isOver || m_delivery->takeWrote() || m_clock.elapsed() < 2 * m_pingTimer.interval())
        return;
    m_delivery->ping();
}

void ChatCall::conclude(const Finished &end)
{
    m_turns->keepWhatWasLearnt();
    m_account.succeeded();
    m_flow.inputTokens = end.usage.promptTokens();
    m_flow.cachedTokens = end.usage.cacheReadTokens;
    m_flow.outputTokens = end.usage.outputTokens;
    m_flow.isUsageEstimated = end.usage.isEstimate;
    m_flow.credits = end.usage.credits;
    m_delivery->finish();
    storeAnswer();
    finish(200, u"ok"_s);
}

void ChatCall::storeAnswer()
{
    ChatRequest &request = m_call->request;
    std::string document = m_delivery->takeDocument();
    if (!request.state.store || document.empty() || !m_delivery->answer())
        return;
    std::vector<Message> own = std::move(m_ownMessages);
    for (Message &message : messagesOf(*m_delivery->answer()))
        own.push_back(std::move(message));
    StoredAnswer stored {
        std::move(document),      request.state.inputItems,
        request.state.systemText, m_call->options.conversationId,
        std::move(own),           m_hasInherited ? request.state.previousId : std::string()};
    m_services.answers.put("resp_" + m_answerId, std::move(stored));
}

void ChatCall::fail(const ChatError &error)
{
    if (m_isOver)
        return;
    const int status = m_delivery
        ? m_delivery->refuse(error)
        : AnswerDelivery(m_exchange, m_dialect, m_stamp, m_capture).refuse(error);
    finish(status, QString::fromStdString(error.message));
}

void ChatCall::finish(int status, const QString &outcome)
{
    if (m_isOver)
        return;
    m_isOver = true;
    m_pingTimer.stop();
    // It may be the sender of the signal that led here: it must outlive this call.
    if (m_turns) {
        m_turns->disconnect(this);
        m_turns->stop();
        m_turns.release()->deleteLater();
    }
    if (m_context) {
        if (const std::optional<double> credits = m_context->credits())
            m_flow.credits = m_flow.credits.value_or(0) + *credits;
        m_context->stop();
        m_context.release()->deleteLater();
    }
    m_account.release();
    m_flow.status = status;
    m_flow.outcome = outcome.left(MaxOutcome);
    m_flow.totalMs = m_clock.elapsed();
    if (std::exchange(m_isAdmitted, false))
        m_services.keyLimits.ended(m_flow, QDateTime::currentDateTimeUtc());
    emit finished(m_flow);
}

} // namespace kirotray
