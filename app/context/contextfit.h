// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/context/summaryask.h"
#include "app/context/summarycache.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace kirotray {

/// Fits one request to its model by the user's strategies (design §5 step 4): before the upstream
/// is asked, and again when it calls the request too long. What was cut is added to the request's
/// notes; the system text and the newest messages always stay. Never fails: what cannot be fitted
/// goes as it is, and the upstream judges. Gateway thread.
class ContextFit : public QObject
{
    Q_OBJECT
public:
    /// Runs `work` where it holds up nothing, then `done` on this thread, never after `context` is
    /// gone; both at once when the request is small.
    using Offload = std::function<void(QObject *context, std::function<void()> work,
                                       std::function<void()> done)>;
    struct Services
    {
        SummaryCache &cache; ///< outlives the fit
        AskForSummary ask;
        Offload offload;
        std::chrono::milliseconds summaryTimeout = limits::SummaryTimeout;
    };
    struct Subject
    {
        std::shared_ptr<ChatRequest> request; ///< changed in place, but not while `work` runs
        QString conversation; ///< tells conversations apart
        qint64 window = 0; ///< tokens the model takes
        QString client; ///< the program, as in FlowRecord::client
    };
    /// `changed`: build the request anew.
    using Done = std::function<void(bool changed)>;

    ContextFit(Services services, ContextSettings settings, QObject *parent);

    /// Once. At once when no strategy is on or nothing is too long.
    void start(Subject subject, Done done);
    /// After a refusal for length, before anything was answered: each time half of what may go,
    /// MaxShortenings times. False, and `done` will not come, when the user wants the client to be
    /// told instead, or when it was done that often.
    bool shortenAfterRefusal(Done done);

private:
    CutSituation situation() const;
    void plan();
    void onPlanned(const CutPlan &plan);
    bool cutByCache(const CutPlan &plan);
    void askForSummary(const CutPlan &plan);
    void onSummary(const CutPlan &plan, const Result<std::string> &summary);
    /// `how`: "cut", "replaced by …".
    void cut(const CutPlan &plan, std::size_t count, const std::string &how);
    void keepAsItIs();
    void finish(bool changed);

    Services m_services;
    ContextSettings m_settings;
    Subject m_subject;
    Done m_done;
    QTimer m_timer;
    int m_refusals = 0;
    int m_asked = 0; ///< summaries; answers to earlier ones are ignored
    QString m_cacheKey;
    CutPrefix m_gone; ///< cut so far
    std::string m_summary; ///< of what was cut; empty: none
    std::optional<std::size_t> m_wordAt; ///< of the message on what was cut
    Message m_word; ///< that message, while a further cut is planned
};

} // namespace kirotray
