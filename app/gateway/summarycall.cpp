// SPDX-License-Identifier: MIT
#include "app/gateway/summarycall.h"

#include "app/base/limits.h"

#include <utility>

namespace kirotray {

namespace {

constexpr int SummaryAttempts = 2; ///< plain trimming is a good second best

} // namespace

SummaryCall::SummaryCall(UpstreamTurn::Services services, const CallPreparation &preparation,
                         const AccountSnapshot &account, FlowRecord &flow, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_preparation(preparation)
    , m_account(account)
    , m_flow(flow)
{
    m_ownFlow.id = flow.id;
}

SummaryCall::~SummaryCall() = default;

void SummaryCall::start(SummaryAsk ask, SummaryDone done)
{
    m_done = std::move(done);
    m_call->request = std::move(ask.request);
    if (!m_services.tables->defaultModel.isEmpty())
        m_call->request.model = m_services.tables->defaultModel.toStdString();
    m_ownFlow.modelAsked = QString::fromStdString(m_call->request.model);
    m_preparation.settle(*m_call, m_account, m_ownFlow);
    buildCall(this, m_call, m_services.tables,
              [this](const std::optional<ChatError> &refusal) { onBuilt(refusal); });
}

void SummaryCall::onBuilt(const std::optional<ChatError> &refusal)
{
    if (!m_done)
        return;
    if (refusal) {
        finish(Error {Error::Code::BadInput, QString::fromStdString(refusal->message), {}});
        return;
    }
    m_turn = std::make_unique<UpstreamTurn>(m_services, m_account, m_call, SummaryAttempts,
                                            m_ownFlow, nullptr);
    connect(m_turn.get(), &UpstreamTurn::events, this, &SummaryCall::onEvents);
    connect(m_turn.get(), &UpstreamTurn::failed, this, [this](const UpstreamFailure &failure) {
        finish(Error {Error::Code::Upstream, QString::fromStdString(failure.error.message), {}});
    });
    m_turn->start();
}

void SummaryCall::onEvents(const std::vector<ChatEvent> &events)
{
    for (const ChatEvent &event : events) {
        if (const auto *delta = std::get_if<TextDelta>(&event))
            m_text += delta->text;
        const auto *end = std::get_if<Finished>(&event);
        if (end != nullptr)
            m_credits = end->usage.credits;
        if (end == nullptr && qsizetype(m_text.size()) <= limits::MaxSummaryBytes)
            continue;
        finish(m_text);
        return;
    }
}

void SummaryCall::stop()
{
    m_done = {};
    if (!m_turn)
        return;
    // It may be the sender of the signal that led here: it must outlive this call.
    m_turn->disconnect(this);
    m_turn->stop();
    m_turn.release()->deleteLater();
}

void SummaryCall::finish(const Result<std::string> &summary)
{
    const SummaryDone done = std::exchange(m_done, {});
    stop();
    QString note = u"a summary of the earlier messages was asked of %1"_s.arg(m_ownFlow.modelUsed);
    if (m_credits)
        note += u" (%1 credits)"_s.arg(*m_credits);
    m_flow.changes.append(note);
    done(summary);
}

} // namespace kirotray
