// SPDX-License-Identifier: MIT
#include "app/context/contextfit.h"

#include "app/chat/utf8.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr int MaxShortenings = 3; ///< of one request: an eighth of what may go is left
constexpr int MaxSummariesAsked = 2; ///< of one request
/// Of a summary's request; about 100,000 tokens, which every model takes.
constexpr std::size_t MaxSummaryInput = 256 * std::size_t(limits::KiB);
constexpr const char *RoundsLeftOut =
    "(Earlier steps of this work were left out because of their length.)";

std::string boundedSummary(std::string text)
{
    if (text.size() > std::size_t(limits::MaxSummaryBytes))
        text.resize(std::size_t(limits::MaxSummaryBytes));
    text.resize(text.size() - unfinishedCharacter(text));
    return text;
}

bool isBlankSummary(const std::string &text)
{
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

} // namespace

ContextFit::ContextFit(Services services, ContextSettings settings, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_settings(settings)
{
    m_timer.setSingleShot(true);
}

CutSituation ContextFit::situation() const
{
    return {m_settings, m_subject.window, m_refusals};
}

void ContextFit::start(Subject subject, Done done)
{
    m_subject = std::move(subject);
    m_done = std::move(done);
    if (isAnyOn(situation()))
        plan();
    else
        finish(false);
}

bool ContextFit::shortenAfterRefusal(Done done)
{
    const bool isWanted = m_settings.retry == ContextRetry::All
        || (m_settings.retry == ContextRetry::Others && !compactsByItself(m_subject.client));
    if (!isWanted || m_refusals >= MaxShortenings)
        return false;
    ++m_refusals;
    m_done = std::move(done);
    plan();
    return true;
}

void ContextFit::plan()
{
    if (m_wordAt) {
        std::vector<Message> &messages = m_subject.request->messages;
        const auto place = messages.begin() + std::ptrdiff_t(*m_wordAt);
        m_word = std::move(*place);
        messages.erase(place);
    }
    auto plan = std::make_shared<CutPlan>();
    m_services.offload(
        this,
        [plan, request = m_subject.request, settings = m_settings, window = m_subject.window,
         refusals = m_refusals, gone = m_gone] {
            *plan = planCut(*request, {settings, window, refusals}, gone, settings.summarises);
        },
        [this, plan] { onPlanned(*plan); });
}

void ContextFit::onPlanned(const CutPlan &plan)
{
    if (plan.count == 0) {
        keepAsItIs();
        return;
    }
    if (m_cacheKey.isEmpty())
        m_cacheKey = m_subject.conversation + u'/' + QString::number(plan.start, 16);
    if (!m_settings.summarises) {
        cut(plan, plan.count, "cut");
        return;
    }
    if (cutByCache(plan))
        return;
    const auto now = std::chrono::steady_clock::now();
    if (m_asked >= MaxSummariesAsked || m_services.cache.hasFailedLately(m_cacheKey, now))
        cut(plan, plan.count, "cut");
    else
        askForSummary(plan);
}

bool ContextFit::cutByCache(const CutPlan &plan)
{
    if (!m_settings.cachesSummaries)
        return false;
    const Summary *cached = m_services.cache.find(m_cacheKey, std::chrono::steady_clock::now(),
                                                  m_settings.summaryMaxAge);
    if (cached == nullptr)
        return false;
    const std::optional<std::size_t> groups =
        reusableFor(*cached, plan, m_settings, m_refusals > 0);
    if (!groups)
        return false;
    m_summary = cached->text;
    cut(plan, *groups,
        "replaced by a summary made before, of " + countText(codePoints(m_summary))
            + " characters");
    return true;
}

void ContextFit::askForSummary(const CutPlan &plan)
{
    std::string before = m_summary;
    std::size_t first = 0;
    const Summary *cached = m_settings.cachesSummaries
        ? m_services.cache.find(m_cacheKey, std::chrono::steady_clock::now(),
                                m_settings.summaryMaxAge)
        : nullptr;
    if (cached != nullptr && coveredGroups(*cached, plan) > 0) {
        before = cached->text;
        first = coveredGroups(*cached, plan);
    }
    SummaryAsk ask =
        summaryAskFor(*m_subject.request, plan.groups, first, plan.count, before, MaxSummaryInput);
    const int number = ++m_asked;
    const auto answered = [self = QPointer(this), plan, number](const Result<std::string> &text) {
        if (self && self->m_asked == number && self->m_timer.isActive())
            self->onSummary(plan, text);
    };
    m_timer.disconnect(this);
    m_timer.callOnTimeout(this, [this, plan] {
        onSummary(plan, Error {Error::Code::Timeout, u"the model took too long"_s, {}});
    });
    m_timer.start(m_services.summaryTimeout);
    m_services.ask(std::move(ask), answered);
}

void ContextFit::onSummary(const CutPlan &plan, const Result<std::string> &summary)
{
    m_timer.stop();
    const auto now = std::chrono::steady_clock::now();
    if (!summary || isBlankSummary(summary.value())) {
        m_services.cache.noteFailure(m_cacheKey, now);
        m_subject.request->notes.push_back(
            "no summary: "
            + (summary ? std::string("the model wrote none") : summary.error().what.toStdString()));
        cut(plan, plan.count, "cut");
        return;
    }
    m_summary = boundedSummary(summary.value());
    if (m_settings.cachesSummaries)
        m_services.cache.put(m_cacheKey, {m_summary, plan.prefixes[plan.count - 1]}, now);
    cut(plan, plan.count,
        "replaced by a summary of " + countText(codePoints(m_summary)) + " characters");
}

void ContextFit::cut(const CutPlan &plan, std::size_t count, const std::string &how)
{
    ChatRequest &request = *m_subject.request;
    const CutPrefix load = loadOfGroups(request, plan.groups, count);
    std::string word = !m_summary.empty() ? summaryWord(m_summary)
        : cutsRounds(plan.groups, count)  ? RoundsLeftOut
                                          : std::string();
    m_wordAt = cutGroups(request, plan.groups, count, std::move(word));
    m_gone.messages += load.messages;
    m_gone.characters += load.characters;
    if (!plan.prefixes.empty())
        m_gone.fingerprint = plan.prefixes[count - 1].fingerprint;
    const bool isOne = load.messages == 1;
    request.notes.push_back(countText(load.messages) + (isOne ? " message (" : " messages (")
                            + countText(load.characters) + " characters) "
                            + (isOne ? "was " : "were ") + how + ": " + plan.why);
    finish(true);
}

/// Nothing more may go: the word on what went before stands where it stood.
void ContextFit::keepAsItIs()
{
    if (m_wordAt) {
        std::vector<Message> &messages = m_subject.request->messages;
        messages.insert(messages.begin() + std::ptrdiff_t(*m_wordAt), std::move(m_word));
    }
    finish(false);
}

void ContextFit::finish(bool changed)
{
    std::exchange(m_done, {})(changed);
}

} // namespace kirotray
