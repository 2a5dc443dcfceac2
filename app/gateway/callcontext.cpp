// SPDX-License-Identifier: MIT
#include "app/gateway/callcontext.h"

#include "app/gateway/poolwork.h"

#include <utility>

namespace kirotray {

namespace {

/// As buildCall() does it.
ContextFit::Offload offloadOf(const PreparedCallPtr &call)
{
    return [call](QObject *context, const std::function<void()> &work,
                  const std::function<void()> &done) {
        if (translationBytes(call->request) <= limits::PrepareInline) {
            work();
            done();
            return;
        }
        runOnPool<bool>(
            context, [work] { return work(), true; }, [done](bool &) { done(); });
    };
}

} // namespace

CallContext::CallContext(Services services, CallAccount &account, PreparedCallPtr call,
                         FlowRecord &flow, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_account(account)
    , m_call(std::move(call))
    , m_flow(flow)
{
}

CallContext::~CallContext() = default;

void CallContext::start(std::function<void()> done)
{
    m_fit = std::make_unique<ContextFit>(
        ContextFit::Services {m_services.summaries,
                              [this](const SummaryAsk &summary, const SummaryDone &written) {
                                  ask(summary, written);
                              },
                              offloadOf(m_call)},
        m_services.settings, nullptr);
    const std::shared_ptr<ChatRequest> request(m_call, &m_call->request);
    m_fit->start({request, m_flow.conversation, m_call->contextWindow, m_flow.client},
                 [this, done = std::move(done)](bool) { finish(done); });
}

bool CallContext::shortenAfterRefusal(ContextFit::Done done)
{
    return m_fit->shortenAfterRefusal(
        [this, done = std::move(done)](bool changed) { finish([&] { done(changed); }); });
}

void CallContext::finish(const std::function<void()> &done)
{
    if (m_isStopped)
        return;
    endCall();
    done();
}

void CallContext::stop()
{
    m_isStopped = true;
    endCall();
}

/// It is a call like any other: it waits for its start.
void CallContext::ask(const SummaryAsk &ask, const SummaryDone &done)
{
    m_account.startTurn(this, [this, ask, done](const std::optional<ChatError> &refusal) {
        if (refusal)
            done(Error {Error::Code::RateLimited, QString::fromStdString(refusal->message), {}});
        else
            call(ask, done);
    });
}

void CallContext::call(const SummaryAsk &ask, const SummaryDone &done)
{
    UpstreamTurn::Services upstream = m_services.upstream;
    if (const KiroTablesPtr &own = m_account.account().ownTables)
        upstream.tables = own;
    m_summary = std::make_unique<SummaryCall>(std::move(upstream), m_services.preparation,
                                              m_account.account(), m_flow, nullptr);
    m_summary->start(ask, [this, done](const Result<std::string> &text) {
        if (const std::optional<double> credits = m_summary->credits())
            m_credits = m_credits.value_or(0) + *credits;
        done(text);
    });
}

/// It may be the sender of what led here: it must outlive this call.
void CallContext::endCall()
{
    m_account.endTurn(); // a place in the line is given up, too
    if (!m_summary)
        return;
    m_summary->stop();
    m_summary.release()->deleteLater();
}

} // namespace kirotray
